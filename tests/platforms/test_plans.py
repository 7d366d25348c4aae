"""Ten thousand plans over six zones: none goes public early, none is shifted by an hour.

What the platform is told is compared with an oracle that knows nothing of our code: every offset there is, tried.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasvu.channel.errors import Refused
from pasvu.channel.schedule import keep_wall_time, read_instant, resolve
from pasvu.channel.values import Privacy
from pasvu.publish.errors import PlatformRefused
from pasvu.publish.platform import Change
from pasvu.publish.youtube import translate

# Summer time in the north, in the south, by half an hour, and three lands of the team's that have none.
ZONES = (
    *("Europe/Paris", "America/New_York", "Australia/Lord_Howe"),
    *("Indian/Reunion", "Pacific/Noumea", "America/Martinique"),
)
PLANS = 12_000
OFFSETS = [timedelta(minutes=30 * half) for half in range(-12 * 2, 14 * 2 + 1)]
# Nights on which clocks change somewhere: drawn more often than others.
CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2026, 11, 1), date(2027, 3, 14)]
CHANGES += [date(2026, 10, 4), date(2027, 4, 4), date(2027, 10, 3)]


def readings(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """Every instant at which the clocks of `zone` show `wall`."""
    found = [(wall - offset).replace(tzinfo=UTC) for offset in OFFSETS]
    return [instant for instant in found if instant.astimezone(zone).replace(tzinfo=None) == wall]


def told(at: datetime, now: datetime) -> datetime:
    """The instant that YouTube reads in what we send for `at`."""
    held = {"id": "v", "snippet": {}, "status": {"privacyStatus": "private"}}
    body = translate.update_body(held, Change(privacy=Privacy.PRIVATE, publish_at=at), now)
    text = body["status"]["publishAt"]
    assert text.endswith("Z")
    # Read as a stranger would: by its parts, and not by our own reader.
    moment, fraction = text[:-1].split(".")
    assert fraction == "000"
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)


def planned(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """What we make of a wall-clock time; `None` when it is refused."""
    try:
        return read_instant(wall.isoformat(timespec="minutes"), zone)
    except Refused:
        return None


def draw(chance: random.Random) -> datetime:
    if chance.random() < 0.5:
        day = chance.choice(CHANGES) + timedelta(days=chance.choice([-1, 0, 0, 0, 1]))
        hour = chance.randrange(0, 5)
    else:
        day = date(2026, 1, 1) + timedelta(days=chance.randrange(0, 3000))
        hour = chance.randrange(0, 24)
    return datetime.combine(day, time(hour, chance.randrange(0, 60)))


@pytest.mark.parametrize("name", ZONES)
def test_what_a_person_reads_on_the_wall_is_when_it_goes_public(name: str) -> None:
    zone, chance, seen = ZoneInfo(name), random.Random(name), Counter[str]()
    now = datetime(2025, 12, 1, tzinfo=UTC)
    for _ in range(PLANS // len(ZONES)):
        wall = draw(chance)
        possible = readings(wall, zone)
        at = planned(wall, zone)
        if at is None:
            assert len(possible) != 1, f"{wall} in {name} was refused"
            seen["refused, with both readings"] += 1
            continue
        assert possible == [at], f"{wall} in {name} is {possible}, not {at}"
        public_at = told(at, now)
        assert public_at >= at, "early"
        assert public_at.astimezone(zone).replace(tzinfo=None) == wall, "shifted"
        assert read_instant(public_at.isoformat(), zone) == at
        seen["told"] += 1
    assert seen["told"] > PLANS // len(ZONES) * 0.9
    if name in ZONES[:3]:
        assert seen["refused, with both readings"] > 10


def test_a_series_keeps_its_hour_on_the_wall_whatever_the_clocks_do() -> None:
    """« Seven days later » in UTC would air an hour off after each change of the clocks."""
    for name in ZONES:
        zone = ZoneInfo(name)
        first = resolve(datetime.fromisoformat("2026-01-07T19:00"), zone)
        for week in range(104):
            day = date(2026, 1, 7) + timedelta(weeks=week)
            at = keep_wall_time(first, day, zone)
            assert at.astimezone(zone).time() == time(19)
            assert told(at, datetime(2025, 12, 1, tzinfo=UTC)) == at


@given(
    at=st.datetimes(min_value=datetime.fromisoformat("2000-01-01"), max_value=datetime.fromisoformat("2100-01-01")),
    ahead_s=st.integers(-86_400, 86_400),
)
def test_nothing_past_is_ever_told(at: datetime, ahead_s: int) -> None:
    """A platform that is told a past instant publishes at once."""
    instant = at.replace(microsecond=0, tzinfo=UTC)
    now = instant - timedelta(seconds=ahead_s)
    if ahead_s > 0:
        assert told(instant, now) == instant
        return
    with pytest.raises(PlatformRefused):
        told(instant, now)


def test_the_oracle_sees_a_naive_plan_go_wrong() -> None:
    """The control: read as UTC, or moved by whole days of UTC, plans are shifted, and this suite says so."""
    zone = ZoneInfo("Europe/Paris")
    wall = datetime.fromisoformat("2026-10-26T19:00")
    assert readings(wall, zone) != [wall.replace(tzinfo=UTC)]
    week_before = resolve(wall - timedelta(days=7), zone)
    assert readings(wall, zone) != [week_before + timedelta(days=7)]
