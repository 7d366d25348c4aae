"""Reports: asked for in time, late days asked again, forgotten when the right to keep them ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from channel.stage import AIR, NOW
from channel.stage import on_air as aired
from pasvu.channel import figures, queries
from pasvu.channel.clock import SetClock
from pasvu.channel.models import LiveCount, Publication
from pasvu.channel.values import ChannelFigures, DayReport, RemoteFigures, RemoteLive, ReportShare, VideoReport
from pasvu.publish.desk import Desk
from pasvu.publish.errors import NotConnected, PlatformRefused
from pasvu.publish.reporting import ReportTick

from .conftest import MARGIN, House

DAY = timedelta(days=1)


@dataclass
class Analyst:
    """A platform that tells of its audience; `fault` is raised instead."""

    clock: SetClock
    name: str = "youtube"
    asked: list[str] = field(default_factory=list)
    windows: list[tuple[date, date]] = field(default_factory=list)
    fault: Exception | None = None

    def video_report(self, video_id: str, first: date, last: date) -> VideoReport:
        if self.fault:
            raise self.fault
        self.asked.append(video_id)
        return VideoReport(first, last - 3 * DAY, (), 60.0, 42.0, ((0.5, 0.4),), (ReportShare("SUBSCRIBER", 3, 1),))

    def channel_days(self, first: date, last: date) -> list[DayReport]:
        if self.fault:
            raise self.fault
        self.windows.append((first, last))
        return [DayReport(last - 3 * DAY, 100, 80, 500, 3, 1)]


def setting(house: House) -> tuple[ReportTick, Analyst]:
    analyst = Analyst(house.clock)
    return ReportTick(Desk(house.record, house.clock, {"youtube": analyst}, MARGIN)), analyst  # type: ignore[dict-item]


def day_by_day(house: House, tick: ReportTick, days: int) -> None:
    for _ in range(days * 2):
        house.clock.sleep(43_200 + 60)
        tick.tick()


def test_young_videos_are_asked_daily_old_ones_before_thirty_days(house: House) -> None:
    with house.record.write() as session:
        young = aired(session, "Jeune", at=AIR, now=NOW)
        old = aired(session, "Ancien", at=AIR - 200 * DAY, now=NOW - 200 * DAY)
        names = {young.video_id or "": "young", old.video_id or "": "old"}
    tick, analyst = setting(house)
    day_by_day(house, tick, 60)
    told = [names[each] for each in analyst.asked]
    # Two days after air at the earliest; then about once a day.
    assert 50 <= told.count("young") <= 60
    assert told.count("old") == 3
    with house.record.read() as session:
        kept = figures.report_of(session, 1)
        assert kept is not None
        assert kept[0].sources == (ReportShare("SUBSCRIBER", 3, 1),)
        assert kept[0].retention == ((0.5, 0.4),)
    # Late days are asked for again, not the whole past.
    assert analyst.windows[0][1] - analyst.windows[0][0] == 90 * DAY
    assert analyst.windows[-1][1] - analyst.windows[-1][0] <= 9 * DAY


def test_without_the_right_it_is_asked_twice_a_day_and_nothing_is_lost(house: House) -> None:
    with house.record.write() as session:
        aired(session, "Jeune", at=AIR - 10 * DAY, now=NOW - 10 * DAY)
    tick, analyst = setting(house)
    tick.tick()
    analyst.fault = PlatformRefused("Il manque un droit.", reason="insufficientPermissions")
    day_by_day(house, tick, 20)
    with house.record.read() as session:
        assert figures.report_of(session, 1) is not None


def test_an_authorisation_that_was_withdrawn_takes_the_reports_with_it(house: House) -> None:
    with house.record.write() as session:
        aired(session, "Jeune", at=AIR - 10 * DAY, now=NOW - 10 * DAY)
    tick, analyst = setting(house)
    tick.tick()
    analyst.fault = NotConnected("Retirée.")
    with house.record.write() as session:
        figures.keep_channel(session, "youtube", ChannelFigures(1, 1, 1), house.clock.now())
    day_by_day(house, tick, 5)
    with house.record.read() as session:
        assert figures.report_of(session, 1) is not None
    # The product is started anew meanwhile: the week goes on.
    tick = ReportTick(tick._desk)
    day_by_day(house, tick, 4)
    with house.record.read() as session:
        assert figures.report_of(session, 1) is None
        assert figures.report_days(session, "youtube", date(2026, 1, 1), date(2027, 1, 1)) == []
        assert queries.history(session)[0].action == "reports.forgotten"


def test_a_video_that_is_gone_is_forgotten_too(house: House) -> None:
    with house.record.write() as session:
        gone = aired(session, "Supprimé", at=AIR - 10 * DAY, now=NOW - 10 * DAY).id
        there = aired(session, "Là", at=AIR - 10 * DAY, now=NOW - 10 * DAY).id
    tick, _analyst = setting(house)
    tick.tick()
    with house.record.write() as session:
        session.get_one(Publication, gone).missing_since = house.clock.now()
    day_by_day(house, tick, 6)
    with house.record.read() as session:
        assert figures.report_of(session, gone) is not None
    with house.record.write() as session:
        # Nobody asks for it any more: the platform said that it is not there.
        session.get_one(Publication, gone).video_id = None
    day_by_day(house, tick, 3)
    with house.record.read() as session:
        assert figures.report_of(session, gone) is None
        assert figures.report_of(session, there) is not None


def counted(house: House, title: str) -> int:
    """A video on air for ten days, counted by hand; its id."""
    with house.record.write() as session:
        publication = aired(session, title, at=AIR - 10 * DAY, now=NOW - 10 * DAY)
        for day in range(1, 11):
            told = RemoteFigures(publication.video_id or "", 100 * day, 1, 1)
            figures.keep(session, publication, told, AIR - (10 - day) * DAY)
        return publication.id


def test_counts_go_after_four_weeks_without_the_right_and_our_own_figures_stay(house: House) -> None:
    publication_id = counted(house, "Compté")
    tick, analyst = setting(house)
    with house.record.write() as session:
        figures.keep_channel(session, "youtube", ChannelFigures(1, 1, 1), house.clock.now())
        until = figures.counts_kept_until(session, "youtube")
    assert until is not None
    assert timedelta(days=28) < until - house.clock.now() < timedelta(days=30)
    analyst.fault = NotConnected("Retirée.")
    day_by_day(house, tick, 28)
    with house.record.read() as session:
        assert figures.curve(session, publication_id)
    day_by_day(house, tick, 2)
    with house.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        assert figures.curve(session, publication_id) == []
        assert (publication.views, publication.views_at) == (None, None)
        assert publication.day_gain is None
        assert [frozen.hours for frozen in publication.horizons] == [24, 72, 168]
        assert figures.newest_channel(session, "youtube") is None
        assert not figures.behind(session)
        assert [each.action for each in queries.history(session)].count("counts.forgotten") == 1


def test_counts_of_a_video_that_is_gone_go_alone(house: House) -> None:
    gone, there = counted(house, "Supprimé"), counted(house, "Là")
    with house.record.write() as session:
        publication = session.get_one(Publication, gone)
        seen = RemoteLive(publication.video_id or "", "Direct", AIR, None, AIR)
        figures.notice(session, "youtube", seen, AIR)
        session.add(LiveCount(live_id=1, taken_at=1, watching=4000))
        publication.missing_since = house.clock.now()
    tick, _analyst = setting(house)
    day_by_day(house, tick, 30)
    with house.record.read() as session:
        assert figures.curve(session, gone) == []
        assert session.query(LiveCount).count() == 0
        assert len(figures.curve(session, there)) == 10
