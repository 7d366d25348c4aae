"""Counting: on time whatever happens, by few calls, and nothing written that is not known."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from channel.stage import AIR, NOW, PARIS
from channel.stage import on_air as aired
from pasvu.channel import figures
from pasvu.channel.audience import USUAL_CADENCE
from pasvu.channel.clock import SetClock
from pasvu.channel.models import AlignedCurve, ViewDay
from pasvu.channel.values import ChannelFigures, RemoteFigures
from pasvu.publish.counting import CountTick, count
from pasvu.publish.errors import OutOfQuota, PlatformBusy

from .conftest import House
from .test_looking import on_air


def views(count: int | None) -> RemoteFigures:
    return RemoteFigures("video-1", count, 3, None)


def test_a_day_on_air_is_frozen_and_never_rewritten(house: House) -> None:
    publication_id = on_air(house)
    house.clock.set(AIR + timedelta(hours=22))
    while house.clock.now() < AIR + timedelta(hours=26):
        age_s = (house.clock.now() - AIR).total_seconds()
        house.platform.figures_now["video-1"] = views(int(age_s // 100))
        house.counting.tick()
        kept = house.get(publication_id)
        assert kept.next_snapshot_at is not None
        # The product wakes a little late, as it does.
        house.clock.set(kept.next_snapshot_at + timedelta(seconds=20))
    (frozen,) = house.get(publication_id).horizons
    assert frozen.hours == 24
    assert abs(frozen.views - 864) <= frozen.error_views <= 40
    assert AIR + timedelta(hours=24) <= frozen.measured_at <= AIR + timedelta(hours=24, minutes=20)
    house.platform.figures_now["video-1"] = views(5)
    house.clock.sleep(86400)
    house.counting.tick()
    again = house.get(publication_id)
    assert [(each.views, each.measured_at) for each in again.horizons] == [(frozen.views, frozen.measured_at)]
    assert again.views == 5


def test_a_count_that_the_platform_hides_is_not_a_zero(house: House) -> None:
    publication_id = on_air(house)
    house.platform.figures_now["video-1"] = views(None)
    house.clock.sleep(600)
    house.counting.tick()
    kept = house.get(publication_id)
    assert (kept.views, kept.views_at) == (None, None)
    assert kept.next_snapshot_at == AIR + timedelta(minutes=15)


def test_a_video_without_figures_is_asked_again_soon_and_said_to_be_missing(house: House) -> None:
    publication_id = on_air(house)
    house.clock.sleep(600)
    house.counting.tick()
    kept = house.get(publication_id)
    assert (kept.next_snapshot_at, kept.missing_since) == (AIR + timedelta(minutes=15), house.clock.now())
    since = kept.missing_since
    house.clock.set(AIR + timedelta(days=40))
    house.counting.tick()
    # Old videos are looked at once a day, but what was missed is asked again soon.
    kept = house.get(publication_id)
    assert (kept.next_snapshot_at, kept.missing_since) == (house.clock.now() + timedelta(minutes=5), since)
    house.platform.figures_now["video-1"] = views(70)
    house.clock.sleep(300)
    house.counting.tick()
    assert (house.get(publication_id).views, house.get(publication_id).missing_since) == (70, None)


def test_counting_on_request_counts_everything_on_air_now(house: House) -> None:
    publication_id = on_air(house)
    house.hold_later = house.schedule("Pas encore", at=AIR + timedelta(days=1))  # type: ignore[attr-defined]
    house.platform.figures_now["video-1"] = views(7)
    house.clock.sleep(1)
    assert count(house.desk, house.clock.now()) == 1
    assert count(house.desk, house.clock.now()) == 0
    house.clock.sleep(1)
    assert count(house.desk, house.clock.now(), everything=True) == 1
    assert count(house.desk, house.clock.now(), everything=True) == 1
    kept = house.get(publication_id)
    assert (kept.views, kept.likes, kept.comments, kept.views_at) == (7, 3, None, house.clock.now())


def test_days_off_leave_a_gap_that_is_shared_over_the_days_and_said(house: House) -> None:
    publication_id = on_air(house)
    for age, seen in ((timedelta(minutes=10), 100), (timedelta(days=4), 500)):
        house.clock.set(AIR + age)
        house.platform.figures_now["video-1"] = views(seen)
        # A process that starts anew, as after days off.
        CountTick(house.desk, USUAL_CADENCE, PARIS).tick()
    with house.record.read() as session:
        days = {row.day: (row.gained, row.estimated) for row in session.query(ViewDay)}
        # What nobody looked at is not made up: no snapshot, and no aligned point.
        assert len(figures.curve(session, publication_id)) == 2
        (curve,) = figures.aligned(session, [publication_id]).values()
        # 15 minutes after air lies in the gap, like every other age until the second look.
        assert set(curve[:-1]) == {None}
    assert sum(gained for gained, _ in days.values()) == 500
    assert sum(estimated for _, estimated in days.values()) == 400
    whole, estimated = days[date(2026, 11, 25)]
    # A whole day of the four: a quarter of what was gained meanwhile.
    assert whole == estimated == pytest.approx(100, abs=1)
    # Frozen all the same, with the error that such a gap allows.
    (first, second) = house.get(publication_id).horizons
    assert (first.hours, second.hours) == (24, 72)
    assert first.error_views > 200


class Steady(SetClock):
    """A clock whose seconds are real ones."""

    def real_s(self, seconds: float) -> float:
        return seconds


def with_real_seconds(house: House) -> tuple[CountTick, Steady, list[float]]:
    """A tick whose clock can be held against an uptime that only the test moves."""
    clock, uptime = Steady(house.clock.now()), [1000.0]
    desk = type(house.desk)(house.record, clock, house.desk.platforms, house.desk.margin)
    return CountTick(desk, USUAL_CADENCE, PARIS, monotonic=lambda: uptime[0]), clock, uptime


def test_a_clock_that_jumped_writes_nothing_until_it_agrees_with_the_platform(house: House) -> None:
    publication_id = on_air(house)
    house.platform.figures_now["video-1"] = views(10)
    tick, clock, uptime = with_real_seconds(house)
    tick.tick()
    assert house.get(publication_id).views == 10
    # Ten minutes pass, and the clock says two days: the horizons of one and of two days would be frozen for ever.
    house.platform.figures_now["video-1"] = views(20)
    uptime[0] += 600
    clock.sleep(2 * 86400)
    house.platform.gap_s = 2 * 86400 - 600.0
    tick.tick()
    assert (house.get(publication_id).views, house.get(publication_id).horizons) == (10, [])
    # Set right again: counting goes on at once, whatever pause was reckoned meanwhile.
    house.platform.gap_s = 0.4
    clock.set(AIR + timedelta(minutes=12))
    uptime[0] += 60
    tick.tick()
    assert (house.get(publication_id).views, house.get(publication_id).horizons) == (20, [])


def test_a_clock_set_back_a_little_never_writes_a_curve_that_runs_backwards(house: House) -> None:
    publication_id = on_air(house)
    house.platform.figures_now["video-1"] = views(10)
    house.clock.set(AIR + timedelta(minutes=10))
    house.counting.tick()
    house.platform.figures_now["video-1"] = views(12)
    count(house.desk, house.clock.now(), everything=True)
    house.clock.set(AIR + timedelta(minutes=9))
    count(house.desk, house.clock.now(), everything=True)
    with house.record.read() as session:
        assert [each.views for each in figures.curve(session, publication_id)] == [10]


def test_a_silent_platform_is_asked_less_and_less(house: House) -> None:
    on_air(house)
    asked = []

    def busy() -> None:
        asked.append(house.clock.now())
        raise PlatformBusy("YouTube ne répond pas.")

    house.platform.at["counting"] = busy
    until = house.clock.now() + timedelta(hours=2)
    while house.clock.now() < until:
        house.counting.tick()
        house.clock.sleep(1)
    apart = [(b - a).total_seconds() for a, b in itertools.pairwise(asked)]
    assert apart[:4] == [30, 60, 120, 240]
    assert max(apart) == 900
    assert len(asked) < 15
    del house.platform.at["counting"]
    house.platform.figures_now["video-1"] = views(4)
    house.clock.sleep(900)
    house.counting.tick()
    assert house.get(1).views == 4


def test_a_spent_quota_waits_for_its_reset(house: House) -> None:
    on_air(house)
    reset = house.clock.now() + timedelta(hours=7)
    house.platform.always("counting", OutOfQuota("Le quota est épuisé.", until=reset))
    house.counting.tick()
    del house.platform.at["counting"]
    house.platform.figures_now["video-1"] = views(9)
    house.clock.set(reset - timedelta(seconds=1))
    house.counting.tick()
    assert house.get(1).views is None
    house.clock.set(reset)
    house.counting.tick()
    assert house.get(1).views == 9


def test_the_channel_is_counted_each_hour(house: House) -> None:
    on_air(house)
    for minutes in (0, 30, 61):
        house.clock.set(AIR + timedelta(minutes=minutes, seconds=30))
        house.platform.channel_now = ChannelFigures(12_300 + minutes, None, 87)
        house.counting.tick()
    with house.record.read() as session:
        newest = figures.newest_channel(session, "youtube")
        assert newest is not None
        assert (newest.subscribers, newest.views, newest.videos) == (12_361, None, 87)


@pytest.mark.parametrize("videos", [50, 120])
def test_many_videos_go_into_few_calls(house: House, videos: int) -> None:
    calls = []
    house.platform.at["counting"] = lambda: calls.append(house.clock.now())
    with house.record.write() as session:
        for number in range(videos):
            publication = aired(session, f"Épisode {number}", at=NOW - timedelta(days=40), now=NOW - timedelta(days=41))
            house.platform.figures_now[publication.video_id or ""] = RemoteFigures(publication.video_id or "", 5, 1, 1)
    house.clock.set(datetime(2026, 11, 24, tzinfo=UTC))
    for _ in range(3):
        house.counting.tick()
        house.clock.sleep(5)
    # A day later, still together.
    house.clock.set(datetime(2026, 11, 25, tzinfo=UTC))
    house.counting.tick()
    assert len(calls) == 2 * -(-videos // 50)


def test_records_older_than_curves_and_days_get_them_from_their_snapshots(house: House) -> None:
    """A month of counts with a night off, a long absence and a count set back: made again, it is what it was."""
    first, second = house.hold("Le premier"), house.hold("Le second")
    house.clock.set(AIR + timedelta(seconds=5))
    house.tick.tick()
    ids = [house.get(each).video_id or "" for each in (first, second)]
    for step in range(110):
        age = timedelta(minutes=7) + timedelta(hours=5) * step / 2 if step < 30 else timedelta(hours=60 + 6.1 * step)
        if step in (12, 13, 14, *range(60, 70)):
            continue
        house.clock.set(AIR + age)
        for place, video_id in enumerate(ids):
            grown = round(900 * (step + 1) ** 0.7) - (400 if step > 80 else 0) + place
            house.platform.figures_now[video_id] = RemoteFigures(video_id, grown, 3, None)
        count(house.desk, house.clock.now(), everything=True, zone=PARIS)

    def kept() -> tuple[dict[int, object], dict[date, tuple[int, int]]]:
        with house.record.read() as session:
            assert not figures.behind(session)
            days = {row.day: (row.gained, row.estimated) for row in session.query(ViewDay)}
            return dict(figures.aligned(session, [first, second])), days

    curves, days = kept()
    assert any(estimated for _, estimated in days.values())
    with house.record.write() as session:
        session.query(ViewDay).delete()
        session.query(AlignedCurve).filter_by(publication_id=first).delete()
        assert figures.behind(session)
    assert figures.rebuild(house.record, PARIS)
    assert kept() == (curves, days)
    with house.record.write() as session:
        session.query(AlignedCurve).delete()
        assert figures.behind(session)
    assert figures.rebuild(house.record, PARIS)
    assert kept() == (curves, days)
