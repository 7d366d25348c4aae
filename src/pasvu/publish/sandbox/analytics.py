"""Answers of the Analytics API's `reports.query`: series, sums, shares and retention, three days late."""

from __future__ import annotations

import math
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


_SHARES: dict[str, dict[str, float]] = {
    "insightTrafficSourceType": {
        "SUBSCRIBER": 0.34,
        "RELATED_VIDEO": 0.22,
        "YT_SEARCH": 0.17,
        "EXT_URL": 0.13,
        "NO_LINK_OTHER": 0.09,
        "PLAYLIST": 0.05,
    },
    "country": {"FR": 0.81, "BE": 0.07, "CH": 0.04, "CA": 0.03, "MA": 0.02},
    "deviceType": {"MOBILE": 0.52, "DESKTOP": 0.29, "TV": 0.14, "TABLET": 0.05},
    "liveOrOnDemand": {"ON_DEMAND": 1.0},
}
"""How views are shared out, the same for every video: enough to draw, and the shares are known to the tests."""


def query(call: Call) -> Json:
    """`reports.query` whole, by `day`, `video` or the shares above, or retention; else 400 as the platform words it.

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
    if dimension == "elapsedVideoTimeRatio":
        return _retention(call, metrics, start, end)
    if not all(metric in _METRICS for metric in metrics) or dimension not in ("", "day", "video", *_SHARES):
        raise _unsupported()
    last_day = call.now.astimezone(PACIFIC).date() - timedelta(days=_DELAY_DAYS)
    chosen = _filtered(call)
    totals = _totals(chosen, "" if dimension in _SHARES else dimension, start, min(end, last_day))
    if dimension in _SHARES:
        totals = ((([key]), _part(total, share)) for _, total in totals for key, share in _SHARES[dimension].items())
    rows = [[*key, *(_METRICS[metric][1](total) for metric in metrics)] for key, total in totals]
    names = [*([dimension] if dimension else []), *metrics]
    rows = _ordered(call, rows, names, needs_sort=dimension == "video")
    headers = [{"name": dimension, "columnType": "DIMENSION", "dataType": "STRING"}] if dimension else []
    headers += [{"name": name, "columnType": "METRIC", "dataType": _METRICS[name][0]} for name in metrics]
    answer: Json = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers}
    return answer | ({"rows": rows} if rows else {})


def _retention(call: Call, metrics: list[str], start: date, end: date) -> Json:
    """A hundred points of exactly one video: people leave at first, some watch again near three quarters."""
    chosen = _filtered(call)
    if not set(metrics) <= {"audienceWatchRatio", "relativeRetentionPerformance"} or "video==" not in (
        call.one("filters") or ""
    ):
        raise _unsupported()
    if len((call.one("filters") or "").split(",")) != 1:
        raise _unsupported()
    last_day = call.now.astimezone(PACIFIC).date() - timedelta(days=_DELAY_DAYS)
    headers = [{"name": "elapsedVideoTimeRatio", "columnType": "DIMENSION", "dataType": "FLOAT"}]
    headers += [{"name": name, "columnType": "METRIC", "dataType": "FLOAT"} for name in metrics]
    answer: Json = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers}
    if not chosen or min(end, last_day) < start or not _between(chosen[0], start, min(end, last_day)).views:
        return answer
    rows: list[Row] = []
    for place in range(1, 101):
        share = place / 100
        watching = 0.35 + 0.75 * math.exp(-8 * share) + 0.12 * math.exp(-(((share - 0.74) / 0.03) ** 2)) - 0.15 * share
        values = {"audienceWatchRatio": round(watching, 4), "relativeRetentionPerformance": 0.5}
        rows.append([share, *(values[metric] for metric in metrics)])
    return answer | {"rows": rows}


def _part(total: _Sum, share: float) -> _Sum:
    """A share of what happened."""
    return _Sum(
        int(total.views * share),
        int(total.likes * share),
        int(total.comments * share),
        total.minutes * share,
        total.length_s,
    )


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
