"""Reports: what analytics say days later, asked for in time; and what must be forgotten when the right to it ends.

YouTube API Services, Developer Policies III.E.4: data are refreshed or deleted within thirty days; authorised
statistics may be kept as long as the authorisation and the video's existence are checked as often.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import figures, journal
from pasvu.channel.errors import PasVuError
from pasvu.channel.models import Publication
from pasvu.publish.desk import Desk
from pasvu.publish.errors import NotConnected, PlatformRefused
from pasvu.publish.platform import Analytics

log = logging.getLogger(__name__)

# Days of the Analytics API are Pacific ones.
DAYS_OF = ZoneInfo("America/Los_Angeles")
EVERY, AFTER_TROUBLE, AFTER_REFUSAL = timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=12)
AT_ONCE = 10
# The newest days come late and change: they are asked for again.
LATE_DAYS = 5
FIRST_DAYS = 90
CHANNEL_EVERY = timedelta(hours=6)
NIGHTLY = timedelta(days=1)
# After the authorisation was withdrawn, thirty days at most. Reports can be asked for again: a week of grace is enough.
REPORTS_KEPT = timedelta(days=7)


class ReportTick:
    """Asks for reports a few at a time, and once a night forgets what may no longer be kept."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._next_at: datetime | None = None
        self._channel_at: datetime | None = None
        self._night_at: datetime | None = None
        self._refused_since: datetime | None = None

    def tick(self) -> None:
        """One round, when it is time."""
        now = self._desk.clock.now()
        if self._next_at is not None and self._next_at - AFTER_REFUSAL <= now < self._next_at:
            return
        self._next_at = now + EVERY
        try:
            for name, platform in self._desk.platforms.items():
                if hasattr(platform, "video_report"):
                    self._round(name, cast(Analytics, platform), now)
            self._refused_since = None
        except NotConnected as ended:
            self._refused_since = self._refused_since or self._answered(now)
            self._next_at = now + AFTER_REFUSAL
            log.warning("no reports: %s", ended)
            self._forget_platforms(now - self._refused_since, now)
        except PlatformRefused as refused:
            # Without the statistics scope only the detailed audience is missing.
            self._next_at = now + AFTER_REFUSAL
            log.warning("no reports: %s", refused)
        except PasVuError as passing:
            self._next_at = now + AFTER_TROUBLE
            log.warning("reports wait: %s", passing)
        if self._night_at is None or now - self._night_at >= NIGHTLY:
            self._night_at = now
            self._forget_missing(now)

    def _round(self, name: str, platform: Analytics, now: datetime) -> None:
        today = now.astimezone(DAYS_OF).date()
        if self._channel_at is None or now - self._channel_at >= CHANNEL_EVERY:
            with self._desk.record.read() as session:
                known = figures.report_days(session, name, today - timedelta(days=FIRST_DAYS), today)
            since = known[-1].day - timedelta(days=LATE_DAYS) if known else today - timedelta(days=FIRST_DAYS)
            told = platform.channel_days(since, today)
            with self._desk.record.write() as session:
                figures.keep_report_days(session, name, told)
            self._channel_at = now
        with self._desk.record.read() as session:
            due = [
                (each.id, each.video_id, each.air_at)
                for each in figures.reports_due(session, now, AT_ONCE)
                if each.platform == name
            ]
        for publication_id, video_id, air_at in due:
            assert video_id is not None
            assert air_at is not None
            report = platform.video_report(video_id, _pacific(air_at), today)
            with self._desk.record.write() as session:
                figures.keep_report(session, publication_id, report, now)

    def _answered(self, now: datetime) -> datetime:
        """When a platform last told anything: a restart must not begin the week of grace anew."""
        with self._desk.record.read() as session:
            last = [figures.newest_channel(session, name) for name in self._desk.platforms]
        known = [figures.instant(each.taken_at) for each in last if each is not None]
        return min(now, max(known, default=now))

    def _forget_platforms(self, since: timedelta, now: datetime) -> None:
        """What was told under an authorisation that ended so long ago."""
        with self._desk.record.write() as session:
            for name in self._desk.platforms:
                said = {"why": "authorisation", "platform": name}
                if since >= REPORTS_KEPT and figures.forget_reports(session, name):
                    journal.write(session, now, "pasvu", "reports.forgotten", after=said)
                if since >= figures.COUNTS_KEPT and (videos := figures.forget_counts(session, name)):
                    journal.write(session, now, "pasvu", "counts.forgotten", after={**said, "videos": videos})

    def _forget_missing(self, now: datetime) -> None:
        """What was told of videos that are no longer there: counted as missing so long, or seen deleted."""
        with self._desk.record.write() as session:
            for name in self._desk.platforms:
                said = {"why": "missing", "platform": name}
                gone = _missing(session, name, now - REPORTS_KEPT)
                if gone and figures.forget_reports(session, name, gone):
                    journal.write(session, now, "pasvu", "reports.forgotten", after={**said, "videos": len(gone)})
                gone = _missing(session, name, now - figures.COUNTS_KEPT)
                if gone and (videos := figures.forget_counts(session, name, gone)):
                    journal.write(session, now, "pasvu", "counts.forgotten", after={**said, "videos": videos})


def _missing(session: Session, platform: str, before: datetime) -> list[int]:
    wanted = select(Publication.id).where(Publication.platform == platform, Publication.missing_since < before)
    return list(session.scalars(wanted))


def _pacific(at: datetime) -> date:
    return at.astimezone(DAYS_OF).date()
