"""The live log: broadcasts nobody announced are noticed, counted look by look, and closed, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pasvu.channel import audience, figures
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.figures import LoggedLive
from pasvu.channel.models import Publication
from pasvu.channel.values import LiveAudience, RemoteLive
from pasvu.publish.desk import Desk
from pasvu.publish.errors import PlatformBusy, PlatformRefused
from pasvu.publish.lives import AFTER_REFUSAL, LiveTick
from platforms.stages import Stage, youtube_on_the_sandbox

from .conftest import House
from .fake import FakePlatform

MINUTE = timedelta(minutes=1)
PLENTY: Mapping[str, int] = {"general": 10_000}


class Broadcasting(FakePlatform):
    """A platform in memory whose broadcasts are scripted."""

    def __init__(self, clock: SetClock) -> None:
        super().__init__(clock)
        self.on: list[RemoteLive] = []
        self.told: dict[str, LiveAudience] = {}
        self.found_at: list[datetime] = []
        self.counted_at: list[datetime] = []

    def lives(self) -> list[RemoteLive]:
        self.found_at.append(self.clock.now())
        self.reach("finding")
        return self.on

    def live_audience(self, ids: list[str]) -> dict[str, LiveAudience]:
        self.counted_at.append(self.clock.now())
        self.reach("watching")
        return {each: self.told[each] for each in ids if each in self.told}

    def goes_live(self, video_id: str, people: int | None) -> None:
        started_at = self.clock.now()
        self.on.append(RemoteLive(video_id, f"Direct {video_id}", started_at, None, started_at))
        self.told[video_id] = LiveAudience(video_id, people, started_at, None)


@pytest.fixture
def there(house: House) -> Broadcasting:
    return Broadcasting(house.clock)


def ticking(house: House, there: FakePlatform, left: Mapping[str, int] = PLENTY, find_s: int = 120) -> LiveTick:
    desk = Desk(house.record, house.clock, {"youtube": there}, timedelta(0))
    return LiveTick(desk, timedelta(seconds=find_s), MINUTE, lambda: left)


def run(tick: LiveTick, clock: SetClock, minutes: float) -> None:
    until = clock.now() + timedelta(minutes=minutes)
    while clock.now() < until:
        tick.tick()
        clock.sleep(20)


def log(record: Record) -> list[LoggedLive]:
    with record.read() as session:
        return figures.logged(session, "youtube")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with youtube_on_the_sandbox(tmp_path / "sandbox") as made:
        yield made


def test_an_unannounced_live_is_noticed_in_two_minutes_and_its_audience_is_the_truth(
    record: Record, stage: Stage
) -> None:
    tick = LiveTick(
        Desk(record, stage.clock, {"youtube": stage.platform}, timedelta(0)),
        timedelta(minutes=2), MINUTE, lambda: PLENTY,
    )  # fmt: skip
    run(tick, stage.clock, 3)
    assert log(record) == []
    assert stage.begin_live is not None
    begun = stage.clock.now()
    video_id = stage.begin_live("Direct surprise", 4000, 30, False)
    run(tick, stage.clock, 33)
    (found,) = log(record)
    assert (found.live.video_id, found.live.title, found.announced) == (video_id, "Direct surprise", False)
    assert found.live.noticed_at - begun <= 2 * MINUTE
    assert found.live.ended_at == begun + 30 * MINUTE
    tally = found.tally
    assert tally.peak == pytest.approx(4000, rel=0.02)
    assert tally.peak_at is not None
    assert abs(datetime.fromtimestamp(tally.peak_at, UTC) - (begun + 13.5 * MINUTE)) <= MINUTE
    # The area under the sandbox's own curve, over its thirty minutes.
    truth = 4000 * (0.1 * 0.375 + 0.35 * 0.8 + 0.35 * 0.9 + 0.2 * 0.55)
    # The first minutes, before it was noticed, are not made up: few had come by then.
    assert tally.average == pytest.approx(truth, rel=0.05)
    with record.read() as session:
        looks = figures.looks(session, found.live.id)
        assert 28 <= len(looks) <= 30
        assert audience.silences(looks, found.live.started_at, begun + 30 * MINUTE, MINUTE) == []


def test_watching_costs_what_is_said(house: House, there: Broadcasting) -> None:
    tick = ticking(house, there)
    run(tick, house.clock, 30)
    assert (len(there.found_at), len(there.counted_at)) == (15, 0)
    there.goes_live("one", 10)
    run(tick, house.clock, 30)
    assert len(there.found_at) == 30
    assert 29 <= len(there.counted_at) <= 31


def test_nothing_is_asked_when_it_is_off_or_not_offered_or_needed_for_publishing(
    house: House, there: Broadcasting
) -> None:
    there.goes_live("one", 10)
    run(ticking(house, there, find_s=0), house.clock, 5)
    run(ticking(house, there, left={"general": 999}), house.clock, 5)
    run(ticking(house, house.platform), house.clock, 5)
    assert (there.found_at, log(house.record)) == ([], [])


def test_an_outage_and_a_restart_leave_a_gap_and_the_end_is_still_learnt(house: House, there: Broadcasting) -> None:
    there.goes_live("one", 1000)
    begun = house.clock.now()
    run(ticking(house, there), house.clock, 10)
    there.always("finding", PlatformBusy("YouTube ne répond pas."))
    there.always("watching", PlatformBusy("YouTube ne répond pas."))
    run(ticking(house, there), house.clock, 30)
    there.at.clear()
    run(ticking(house, there), house.clock, 5)
    # The product is off when it ends.
    house.clock.sleep(3600)
    there.on.clear()
    there.told["one"] = LiveAudience("one", None, begun, begun + timedelta(hours=1))
    run(ticking(house, there), house.clock, 5)
    (found,) = log(house.record)
    assert found.live.ended_at == begun + timedelta(hours=1)
    with house.record.read() as session:
        looks = figures.looks(session, found.live.id)
    silent = audience.silences(looks, begun, found.live.ended_at, MINUTE)
    assert [gap.length / MINUTE for gap in silent] == [pytest.approx(31, abs=1), pytest.approx(16, abs=1)]
    assert found.tally.average == 1000
    assert found.tally.counted_s < 15 * 60


def test_hidden_people_are_not_zero_and_a_deleted_live_ends_where_it_was_last_seen(
    house: House, there: Broadcasting
) -> None:
    there.goes_live("one", None)
    tick = ticking(house, there)
    run(tick, house.clock, 3)
    (hidden,) = log(house.record)
    assert (hidden.tally.peak, hidden.tally.average, hidden.on) == (None, None, True)
    assert hidden.live.last_at is not None
    there.told.clear()
    there.on.clear()
    run(tick, house.clock, 5)
    (gone,) = log(house.record)
    assert gone.live.vanished
    assert gone.live.ended_at == datetime.fromtimestamp(gone.live.last_at or 0, UTC)
    assert gone.live.last_at - hidden.live.last_at <= 60


def test_a_live_that_is_no_longer_listed_is_over_even_if_its_end_is_not_said(house: House, there: Broadcasting) -> None:
    there.goes_live("one", 5)
    tick = ticking(house, there)
    run(tick, house.clock, 5)
    on = list(there.on)
    there.on.clear()
    there.told["one"] = LiveAudience("one", None, None, None)
    run(tick, house.clock, 5)
    (over,) = log(house.record)
    assert not over.on
    asked = len(there.counted_at)
    run(tick, house.clock, 5)
    assert len(there.counted_at) == asked
    # Listed again after all: the log goes on where it was.
    there.on.extend(on)
    there.told["one"] = LiveAudience("one", 7, None, None)
    run(tick, house.clock, 3)
    (again,) = log(house.record)
    assert (again.on, again.tally.peak, again.live.id) == (True, 7, over.live.id)


def test_a_channel_that_may_not_broadcast_is_left_alone_for_half_a_day(house: House, there: Broadcasting) -> None:
    there.always("finding", PlatformRefused("Pas de direct sur cette chaîne.", reason="liveStreamingNotEnabled"))
    tick = ticking(house, there)
    run(tick, house.clock, 60)
    assert len(there.found_at) == 1
    house.clock.sleep(AFTER_REFUSAL.total_seconds())
    run(tick, house.clock, 1)
    assert len(there.found_at) == 2


def test_a_clock_that_is_wrong_dates_no_look(house: House, there: Broadcasting) -> None:
    there.goes_live("one", 5)
    there.gap_s = 3600.0
    wrong = ticking(house, there)
    house.clock.real_s = lambda seconds: seconds  # type: ignore[method-assign]
    wrong.tick()
    assert log(house.record) == []
    there.gap_s = 0.0
    run(ticking(house, there), house.clock, 5)
    assert len(log(house.record)) == 1


def test_the_log_knows_the_episode_that_a_replay_became(house: House, there: Broadcasting) -> None:
    publication_id = house.hold()
    with house.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.video_id = "one"
    there.goes_live("one", 5)
    run(ticking(house, there), house.clock, 1)
    (found,) = log(house.record)
    assert found.episode is not None
    assert found.episode.title == "Le grand débat"
