"""The Analytics API: what is asked, and its tables as our values; pure but for the asking.

Rules of developers.google.com/youtube/analytics: days are Pacific, the newest two or three are missing, no data is no
`rows` key, retention takes one video, a combination that is not foreseen is 400 "The query is not supported.".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from pasvu.channel.values import DayReport, ReportShare, VideoReport
from pasvu.publish.errors import PlatformRefused

Ask = Callable[..., Any]

DAY_METRICS = "views,engagedViews,estimatedMinutesWatched,subscribersGained,subscribersLost"
MOST_SHARES = 25


def channel_days(ask: Ask, first: date, last: date) -> list[DayReport]:
    """The channel's days, oldest first."""
    return _days(ask(**_window(first, last), dimensions="day", metrics=DAY_METRICS, sort="day"))


def video_report(ask: Ask, video_id: str, first: date, last: date) -> VideoReport:
    """All that is told of one video, in seven queries; a breakdown that the API does not support is left empty."""
    one = {**_window(first, last), "filters": f"video=={video_id}"}
    days = _days(ask(**one, dimensions="day", metrics=DAY_METRICS, sort="day"))
    whole = _rows(ask(**one, metrics="averageViewDuration,averageViewPercentage"))
    retention = _rows(ask(**one, dimensions="elapsedVideoTimeRatio", metrics="audienceWatchRatio"))

    def shares(dimension: str) -> tuple[ReportShare, ...]:
        metrics = "views,estimatedMinutesWatched"
        try:
            found = _rows(ask(**one, dimensions=dimension, metrics=metrics, sort="-views", maxResults=MOST_SHARES))
        except PlatformRefused as refused:
            if refused.reason != "badRequest":
                raise
            return ()
        return tuple(
            ReportShare(str(row[dimension]), int(row["views"]), int(row["estimatedMinutesWatched"])) for row in found
        )

    return VideoReport(
        first_day=first,
        last_day=days[-1].day if days else None,
        days=tuple(days),
        average_view_s=float(whole[0]["averageViewDuration"]) if whole else None,
        average_view_percent=float(whole[0]["averageViewPercentage"]) if whole else None,
        retention=tuple((float(row["elapsedVideoTimeRatio"]), float(row["audienceWatchRatio"])) for row in retention),
        sources=shares("insightTrafficSourceType"),
        countries=shares("country"),
        devices=shares("deviceType"),
        live=shares("liveOrOnDemand"),
    )


def _window(first: date, last: date) -> dict[str, str]:
    return {"startDate": first.isoformat(), "endDate": last.isoformat()}


def _days(table: Mapping[str, Any]) -> list[DayReport]:
    return [
        DayReport(
            date.fromisoformat(row["day"]),
            int(row["views"]),
            int(row["engagedViews"]),
            int(row["estimatedMinutesWatched"]),
            int(row["subscribersGained"]),
            int(row["subscribersLost"]),
        )
        for row in _rows(table)
    ]


def _rows(table: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    names = [header["name"] for header in table.get("columnHeaders", [])]
    return [dict(zip(names, row, strict=True)) for row in table.get("rows", [])]
