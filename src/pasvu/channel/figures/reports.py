"""What analytics said, in the record: kept whole and replaced, forgotten when the right to it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from pasvu.channel.models import Publication, ReportDay, VideoReportRow
from pasvu.channel.states import PublicationState
from pasvu.channel.values import DayReport, ReportShare, VideoReport

# A young video changes each day; an old one is asked for again before the thirty days that the rules allow are over
# (YouTube API Services, Developer Policies III.E.4).
YOUNG, YOUNG_EVERY, OLD_EVERY = timedelta(days=90), timedelta(hours=20), timedelta(days=25)


def reports_due(session: Session, now: datetime, limit: int) -> list[Publication]:
    """Publications whose report is missing or old, youngest first."""
    known = select(VideoReportRow.fetched_at).where(VideoReportRow.publication_id == Publication.id).scalar_subquery()
    rows = (
        select(Publication)
        .where(
            Publication.state == PublicationState.ON_AIR,
            Publication.video_id.is_not(None),
            Publication.air_at < now - timedelta(days=2),
            or_(
                known.is_(None),
                known < now - OLD_EVERY,
                (Publication.air_at > now - YOUNG) & (known < now - YOUNG_EVERY),
            ),
        )
        .order_by(Publication.air_at.desc())
        .limit(limit)
    )
    return list(session.scalars(rows))


def keep_report(session: Session, publication_id: int, report: VideoReport, now: datetime) -> None:
    """Write what was said of a video in the place of what was said before."""
    row = session.get(VideoReportRow, publication_id) or VideoReportRow(publication_id=publication_id)
    row.fetched_at, row.first_day, row.last_day = now, report.first_day, report.last_day
    row.told = _written(report)
    session.add(row)


def report_of(session: Session, publication_id: int) -> tuple[VideoReport, datetime] | None:
    """What was last said of a video, and when it was asked."""
    row = session.get(VideoReportRow, publication_id)
    return (_read(row), row.fetched_at) if row is not None else None


def keep_report_days(session: Session, platform: str, days: Iterable[DayReport]) -> None:
    """Write the channel's days in the place of what was said of them before: late ones change."""
    for each in days:
        row = session.get(ReportDay, (platform, each.day)) or ReportDay(platform=platform, day=each.day)
        row.views, row.engaged_views, row.minutes_watched = each.views, each.engaged_views, each.minutes_watched
        row.subscribers_gained, row.subscribers_lost = each.subscribers_gained, each.subscribers_lost
        session.add(row)


def report_days(session: Session, platform: str, first: date, last: date) -> list[ReportDay]:
    """The channel's days that were told, oldest first."""
    return list(
        session.scalars(
            select(ReportDay)
            .where(ReportDay.platform == platform, ReportDay.day.between(first, last))
            .order_by(ReportDay.day)
        )
    )


def forget_reports(session: Session, platform: str, publication_ids: Iterable[int] | None = None) -> int:
    """Delete what analytics said: of some publications, or of the platform whole; how many reports went."""
    ours = select(Publication.id).where(Publication.platform == platform)
    if publication_ids is not None:
        ours = ours.where(Publication.id.in_(list(publication_ids)))
    else:
        session.execute(delete(ReportDay).where(ReportDay.platform == platform))
    gone = session.execute(delete(VideoReportRow).where(VideoReportRow.publication_id.in_(ours)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _written(report: VideoReport) -> dict[str, Any]:
    plain = asdict(replace(report, days=()))
    plain["days"] = [{**asdict(each), "day": each.day.isoformat()} for each in report.days]
    for name in ("first_day", "last_day"):
        del plain[name]
    return plain


def _read(row: VideoReportRow) -> VideoReport:
    told = row.told

    def shares(name: str) -> tuple[ReportShare, ...]:
        return tuple(ReportShare(**each) for each in told[name])

    return VideoReport(
        first_day=row.first_day,
        last_day=row.last_day,
        days=tuple(DayReport(**{**each, "day": date.fromisoformat(each["day"])}) for each in told["days"]),
        average_view_s=told["average_view_s"],
        average_view_percent=told["average_view_percent"],
        retention=tuple((share, watching) for share, watching in told["retention"]),
        sources=shares("sources"),
        countries=shares("countries"),
        devices=shares("devices"),
        live=shares("live"),
    )
