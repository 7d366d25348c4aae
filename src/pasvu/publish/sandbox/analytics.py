"""Answers of the Analytics API's `reports.query`: daily series and per-video sums, three days late."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from pasvu.publish.sandbox import videos
from pasvu.publish.sandbox.answers import ApiError, Json
from pasvu.publish.sandbox.quota import PACIFIC
from pasvu.publish.sandbox.videos import Video
from pasvu.publish.sandbox.world import Call

Row = list[Any]
_DELAY_DAYS = 3
_WATCHED_SHARE = 0.42
_LARGEST = 200


@dataclass(frozen=True)
class _Sum:
    """What happened to one video between two instants."""

    views: int
    likes: int
    comments: int
    minutes: float
    length_s: float


_METRICS: dict[str, tuple[str, Callable[[_Sum], float]]] = {
    "views": ("INTEGER", lambda one: one.views),
    "engagedViews": ("INTEGER", lambda one: one.views * 4 // 5),
    "estimatedMinutesWatched": ("INTEGER", lambda one: int(one.minutes)),
    "averageViewDuration": ("INTEGER", lambda one: int(one.minutes * 60 / one.views) if one.views else 0),
    "averageViewPercentage": (
        "FLOAT",
        lambda one: round(6000 * one.minutes / one.views / one.length_s, 2) if one.views and one.length_s else 0.0,
    ),
    "likes": ("INTEGER", lambda one: one.likes),
    "comments": ("INTEGER", lambda one: one.comments),
    "shares": ("INTEGER", lambda one: one.views // 200),
    "subscribersGained": ("INTEGER", lambda one: one.views // 150),
    "subscribersLost": ("INTEGER", lambda one: one.views // 900),
}


def query(call: Call) -> Json:
    """`reports.query` without dimension, by `day` or by `video`; anything else is 400 as the platform words it.

    Days are Pacific. The last three days are not there yet. No data: no `rows` key.
    """
    call.caller.must_own()
    if call.one("ids") not in ("channel==MINE", f"channel=={call.world.channel_id}"):
        raise ApiError(403, "forbidden", "Forbidden", domain="youtubeAnalytics")
    start, end = _day(call, "startDate"), _day(call, "endDate")
    if end < start:
        raise ApiError(400, "badRequest", "endDate is before startDate.", location="endDate")
    metrics = (call.one("metrics") or "").split(",")
    dimension = call.one("dimensions") or ""
    if not all(metric in _METRICS for metric in metrics) or dimension not in ("", "day", "video"):
        raise _unsupported()
    last_day = call.now.astimezone(PACIFIC).date() - timedelta(days=_DELAY_DAYS)
    chosen = _filtered(call)
    rows = [
        [*key, *(_METRICS[metric][1](total) for metric in metrics)]
        for key, total in _totals(chosen, dimension, start, min(end, last_day))
    ]
    names = [*([dimension] if dimension else []), *metrics]
    rows = _ordered(call, rows, names, needs_sort=dimension == "video")
    headers = [{"name": dimension, "columnType": "DIMENSION", "dataType": "STRING"}] if dimension else []
    headers += [{"name": name, "columnType": "METRIC", "dataType": _METRICS[name][0]} for name in metrics]
    answer: Json = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers}
    return answer | ({"rows": rows} if rows else {})


def _totals(chosen: list[Video], dimension: str, start: date, end: date) -> Iterator[tuple[list[str], _Sum]]:
    if end < start:
        return
    if dimension == "day":
        for number in range((end - start).days + 1):
            day = start + timedelta(days=number)
            sums = [_between(video, day, day) for video in chosen]
            if any(one.views for one in sums):
                yield [day.isoformat()], _together(sums)
    elif dimension == "video":
        for video in chosen:
            one = _between(video, start, end)
            if one.views:
                yield [video.id], one
    else:
        total = _together([_between(video, start, end) for video in chosen])
        if total.views:
            yield [], total


def _between(video: Video, first: date, last: date) -> _Sum:
    before, after = video.counts(_midnight(first)), video.counts(_midnight(last + timedelta(days=1)))
    views = after.views - before.views
    length_s = video.duration_s or 0.0
    return _Sum(
        views,
        after.likes - before.likes,
        after.comments - before.comments,
        views * length_s * _WATCHED_SHARE / 60,
        length_s,
    )


def _together(sums: list[_Sum]) -> _Sum:
    views = sum(one.views for one in sums)
    return _Sum(
        views,
        sum(one.likes for one in sums),
        sum(one.comments for one in sums),
        sum(one.minutes for one in sums),
        sum(one.length_s * one.views for one in sums) / views if views else 0.0,
    )


def _filtered(call: Call) -> list[Video]:
    found = videos.newest_first(call.db, call.now)
    for one in filter(None, (call.one("filters") or "").split(";")):
        name, _, value = one.partition("==")
        if name != "video" or not value:
            raise _unsupported()
        found = [video for video in found if video.id in value.split(",")]
    return found


def _ordered(call: Call, rows: list[Row], names: list[str], *, needs_sort: bool) -> list[Row]:
    sort = call.one("sort")
    asked = int(call.one("maxResults") or _LARGEST)
    if needs_sort and (not sort or not sort.startswith("-") or asked > _LARGEST):
        raise _unsupported()
    for one in reversed((sort or "").split(",") if sort else []):
        name = one.removeprefix("-")
        if name not in names:
            raise _unsupported()
        rows = sorted(rows, key=itemgetter(names.index(name)), reverse=one.startswith("-"))
    first = int(call.one("startIndex") or 1) - 1
    return rows[first : first + asked] if call.one("maxResults") or needs_sort else rows[first:]


def _day(call: Call, name: str) -> date:
    text = call.one(name) or ""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ApiError(400, "badRequest", f"{name} must be a date like 2026-01-31.", location=name)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=PACIFIC)


def _unsupported() -> ApiError:
    return ApiError(400, "badRequest", "The query is not supported. Check the documentation for supported queries.")
