"""What the API offers, as OpenAPI 3.1. Pure."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def _maybe(kind: str, **more: Any) -> Schema:
    return {"type": [kind, "null"], **more}


INSTANT = {"type": "string", "format": "date-time"}
MAYBE_INSTANT = _maybe("string", format="date-time")
COUNT = {"type": "integer"}
MAYBE_COUNT = _maybe("integer", description="absent is not known, never 0")


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


LIVE = _object(
    video_id={"type": "string"},
    platform={"type": "string"},
    title={"type": "string"},
    started_at=INSTANT,
    ended_at=_maybe("string", format="date-time", description="null while it is on"),
    noticed_at=INSTANT,
    announced={"type": "boolean", "description": "an hour was planned, on a page made 15 minutes before the start"},
    peak=_maybe("integer", description="most people at once, of those counted"),
    peak_at=MAYBE_INSTANT,
    average=_maybe("integer", description="people at once, by time, over `counted_s`; reckoned here"),
    counted_s={"type": "integer", "description": "seconds of the broadcast that the counts cover"},
    watching=_maybe("integer", description="at the last count"),
    measured_at=MAYBE_INSTANT,
    episode=_maybe("string", description="id of the episode that the replay became"),
)

SCHEMAS: dict[str, Schema] = {
    "Horizon": _object(
        hours={"type": "integer", "enum": [24, 72, 168, 672]},
        views=COUNT,
        error_views={**COUNT, "description": "how far the truth may lie from `views`"},
        measured_at=INSTANT,
    ),
    "EpisodeRow": _object(
        id={"type": "string"},
        title={"type": "string"},
        programme=_maybe("string"),
        platform={"type": "string"},
        video_id=_maybe("string"),
        air_at=MAYBE_INSTANT,
        views=MAYBE_COUNT,
        likes=MAYBE_COUNT,
        comments=MAYBE_COUNT,
        measured_at=MAYBE_INSTANT,
        gained_24h=MAYBE_COUNT,
        horizons=_list(_named("Horizon")),
    ),
    "Episodes": _object(episodes=_list(_named("EpisodeRow")), next=_maybe("string")),
    "Figures": _object(
        episode={"type": "string"},
        publications=_list(
            _object(
                platform={"type": "string"},
                video_id=_maybe("string"),
                air_at=MAYBE_INSTANT,
                latest={"type": ["object", "null"]},
                horizons=_list(_named("Horizon")),
                typical={"type": ["object", "null"]},
            )
        ),
    ),
    "Snapshots": _object(
        episode={"type": "string"},
        publications=_list(
            _object(platform={"type": "string"}, snapshots=_list(_object(taken_at=INSTANT, views=COUNT)))
        ),
    ),
    "Days": _object(
        timezone={"type": "string"},
        days=_list(
            _object(
                day={"type": "string", "format": "date"},
                gained=COUNT,
                estimated={**COUNT, "description": "spread over days in which nobody counted"},
            )
        ),
    ),
    "Live": LIVE,
    "Lives": _object(lives=_list(_named("Live"))),
    "LiveCounts": _object(
        live=_named("Live"),
        counts=_list(
            _object(
                taken_at=INSTANT,
                watching=_maybe("integer", description="null when asked and the platform said nothing"),
            )
        ),
    ),
    "Problem": {
        "type": "object",
        "properties": {"type": {"type": "string"}, "status": {"type": "integer"}, "title": {"type": "string"}},
    },
}


def description(url: str) -> dict[str, Any]:
    """The whole description, for a panel at `url`."""
    one = [
        {"name": "reference", "in": "path", "required": True, "schema": {"type": "string"}, "description": "id or slug"}
    ]
    live = [{"name": "video_id", "in": "path", "required": True, "schema": {"type": "string"}}]
    paging = [
        _query("limit", "integer", "rows of a page, 100 at most"),
        _query("after", "string", "`next` of the page before"),
    ]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pas vu à la télé: figures",
            "version": "1",
            "description": "Read only. Views are the platform's; horizons, typical ranges and gains are reckoned here.",
        },
        "servers": [{"url": url}],
        "security": [{"key": []}],
        "paths": {
            "/api/v1/episodes": _get("Episodes that have aired, newest first", "Episodes", paging),
            "/api/v1/episodes/{reference}": _get("One episode's figures", "Figures", one, missing="episode"),
            "/api/v1/episodes/{reference}/snapshots": _get(
                "Every count, as taken", "Snapshots", one, missing="episode"
            ),
            "/api/v1/lives": _get(
                "Broadcasts and who watched them while they were on, newest first; replays are apart",
                "Lives",
                [_query("days", "integer", "28 when not given, 730 at most")],
            ),
            "/api/v1/lives/{video_id}": _get("Every count of one broadcast", "LiveCounts", live, missing="broadcast"),
            "/api/v1/days": _get(
                "Views by day of the channel's zone", "Days", [_query("days", "integer", "730 at most")]
            ),
        },
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "made under Audience › Sorties"}
            },
        },
    }


def _query(name: str, kind: str, said: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}, "description": said}


def _get(summary: str, schema: str, parameters: list[Schema], *, missing: str = "") -> Schema:
    problem = {"content": {"application/problem+json": {"schema": _named("Problem")}}}
    replies: Schema = {
        "200": {"description": "as asked", "content": {"application/json": {"schema": _named(schema)}}},
        "401": {"description": "no key, or one that was taken back", **problem},
    }
    if missing:
        replies["404"] = {"description": f"no such {missing}", **problem}
    return {"get": {"summary": summary, "parameters": parameters, "responses": replies}}
