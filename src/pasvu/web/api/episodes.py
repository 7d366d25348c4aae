"""Episodes, programmes and days as JSON; nothing here writes."""

from __future__ import annotations

from flask import jsonify, request
from werkzeug.wrappers import Response

from pasvu.channel import figures, queries
from pasvu.channel.documents import instant, views_document
from pasvu.channel.episodes import find
from pasvu.channel.errors import NotFound
from pasvu.web.api.description import description
from pasvu.web.api.place import api, keyed, refusal
from pasvu.web.guard import public
from pasvu.web.house import house

PAGE = 100


@api.get("/api/v1/openapi.json")
@public
def describe() -> Response:
    """What the API offers (OpenAPI 3.1)."""
    reply: Response = jsonify(description(request.host_url.rstrip("/")))
    return reply


@api.get("/api/v1/episodes")
@keyed
def list_episodes() -> Response:
    """Episodes that have aired, newest first, by pages."""
    after = request.args.get("after")
    asked = min(max(request.args.get("limit", PAGE, int), 1), PAGE)
    with house().record.read() as session:
        rows, following = queries.audience.aired(session, house().platform_names[0], after, asked)
        reply: Response = jsonify(
            {
                "episodes": [
                    {
                        "id": row.episode_id,
                        "title": row.episode.title,
                        "programme": row.episode.programme.slug if row.episode.programme else None,
                        "platform": row.platform,
                        "video_id": row.video_id,
                        "air_at": instant(row.air_at),
                        "views": row.views,
                        "likes": row.likes,
                        "comments": row.comments,
                        "measured_at": instant(row.views_at),
                        "gained_24h": row.day_gain,
                        "horizons": [
                            {
                                "hours": kept.hours,
                                "views": kept.views,
                                "error_views": kept.error_views,
                                "measured_at": instant(kept.measured_at),
                            }
                            for kept in row.horizons
                        ],
                    }
                    for row in rows
                ],
                "next": following,
            }
        )
    return reply


@api.get("/api/v1/episodes/<reference>")
@keyed
def one_episode(reference: str) -> Response:
    """One episode's figures: `pasvu views show --json`."""
    with house().record.read() as session:
        try:
            reply: Response = jsonify(views_document(session, find(session, reference)))
        except NotFound:
            return refusal(404, "No such episode.")
    return reply


@api.get("/api/v1/episodes/<reference>/snapshots")
@keyed
def snapshots(reference: str) -> Response:
    """Every count of one episode, as it was taken."""
    with house().record.read() as session:
        try:
            found = find(session, reference)
        except NotFound:
            return refusal(404, "No such episode.")
        told = [
            {
                "platform": each.platform,
                "snapshots": [
                    {"taken_at": instant(figures.instant(count.taken_at)), "views": count.views}
                    for count in figures.curve(session, each.id)
                ],
            }
            for each in found.publications
            if each.air_at is not None
        ]
    reply: Response = jsonify({"episode": found.id, "publications": told})
    return reply


@api.get("/api/v1/days")
@keyed
def days() -> Response:
    """Views gained by the channel, by day of its zone."""
    here = house()
    asked = min(max(request.args.get("days", 28, int), 1), 730)
    with here.record.read() as session:
        today = here.now.astimezone(here.zone).date()
        found = queries.audience.days_of(session, here.platform_names[0], today, asked)
    reply: Response = jsonify(
        {
            "timezone": here.zone.key,
            "days": [
                {"day": each.day.isoformat(), "gained": each.gained, "estimated": each.estimated} for each in found
            ],
        }
    )
    return reply
