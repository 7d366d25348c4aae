"""Wall-clock times: both Paris clock changes, zones without any, usual slots, clashes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pasvu.channel.errors import Refused
from pasvu.channel.schedule import (
    UsualSlot,
    clash,
    clock_change,
    free_slots,
    keep_wall_time,
    read_instant,
    resolve,
)

PARIS = ZoneInfo("Europe/Paris")
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Paris",
        "Indian/Reunion",
        "Pacific/Noumea",
        "America/Montreal",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
    )
]
AUTUMN, SPRING = date(2026, 10, 25), date(2027, 3, 28)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Europe/Paris", "2026-11-26T18:00"),
        ("Indian/Reunion", "2026-11-26T15:00"),
        ("Pacific/Noumea", "2026-11-26T08:00"),
        ("America/Montreal", "2026-11-27T00:00"),
        ("Asia/Kathmandu", "2026-11-26T13:15"),
        ("Australia/Lord_Howe", "2026-11-26T08:00"),
    ],
)
def test_seven_in_the_evening_in_six_zones(zone: str, instant: str) -> None:
    assert read_instant("2026-11-26T19:00", ZoneInfo(zone)) == utc(instant)


def test_the_hour_that_comes_twice_is_refused_with_both_readings() -> None:
    with pytest.raises(Refused) as refused:
        resolve(datetime.fromisoformat("2026-10-25T02:30"), PARIS)
    assert "arrive deux fois" in str(refused.value)
    assert "2026-10-25T02:30+01:00 ou 2026-10-25T02:30+02:00" in str(refused.value)


def test_the_hour_that_does_not_exist_is_refused_with_both_readings() -> None:
    with pytest.raises(Refused) as refused:
        read_instant("2027-03-28T02:30", PARIS)
    assert "n’existe pas" in str(refused.value)
    assert "2027-03-28T01:30+01:00 ou 2027-03-28T03:30+02:00" in str(refused.value)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2026-10-25T01:59", "2026-10-24T23:59"),
        ("2026-10-25T03:00", "2026-10-25T02:00"),
        ("2027-03-28T01:59", "2027-03-28T00:59"),
        ("2027-03-28T03:00", "2027-03-28T01:00"),
    ],
)
def test_the_hours_around_both_changes_are_plain(wall: str, instant: str) -> None:
    assert read_instant(wall, PARIS) == utc(instant)


def test_an_offset_says_which_of_the_two_is_meant() -> None:
    assert read_instant("2026-10-25T02:30+02:00", PARIS) == utc("2026-10-25T00:30")
    assert read_instant("2026-10-25T02:30+01:00", PARIS) == utc("2026-10-25T01:30")
    assert read_instant("2026-11-26T18:00Z", ZoneInfo("Pacific/Noumea")) == utc("2026-11-26T18:00")


@pytest.mark.parametrize(
    "text", ["", "demain", "2026-11-26", "20261126", " 2026-11-26 ", "2026-13-01T10:00", "0001-01-01T00:00+01:00"]
)
def test_what_is_not_an_instant_is_refused_in_words(text: str) -> None:
    with pytest.raises(Refused, match="écrivez"):
        read_instant(text, PARIS)


@given(st.sampled_from(ZONES), st.integers(0, 3 * 365 * 24 * 60))
@example(PARIS, 297 * 24 * 60 + 30)
def test_a_wall_time_leads_back_to_its_instant_or_is_refused_with_it(zone: ZoneInfo, minutes: int) -> None:
    instant = utc("2026-01-01T00:00") + timedelta(minutes=minutes)
    local = instant.astimezone(zone)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    if not twice:
        assert resolve(local.replace(tzinfo=None), zone) == instant
    else:
        with pytest.raises(Refused, match=local.isoformat(timespec="minutes").replace("+", "[+]")):
            resolve(local.replace(tzinfo=None, fold=0), zone)


def test_clock_changes_are_told_by_day() -> None:
    assert clock_change(AUTUMN, PARIS) == -1
    assert clock_change(SPRING, PARIS) == 1
    assert clock_change(AUTUMN + timedelta(days=1), PARIS) == 0
    assert [clock_change(day, ZoneInfo("Indian/Reunion")) for day in (AUTUMN, SPRING)] == [0, 0]
    assert [clock_change(day, ZoneInfo("Pacific/Noumea")) for day in (AUTUMN, SPRING)] == [0, 0]


@pytest.mark.parametrize("change", [AUTUMN, SPRING])
def test_moving_to_another_day_keeps_the_wall_time_across_a_change(change: date) -> None:
    before = resolve(datetime.combine(change - timedelta(days=3), time(19)), PARIS)
    moved = keep_wall_time(before, change + timedelta(days=3), PARIS)
    assert moved.astimezone(PARIS).time() == time(19)
    assert moved - before != timedelta(days=6)
    noumea = ZoneInfo("Pacific/Noumea")
    assert keep_wall_time(before, (before + timedelta(days=6)).astimezone(noumea).date(), noumea) - before == timedelta(
        days=6
    )


def test_moving_onto_a_time_that_does_not_exist_is_refused() -> None:
    before = resolve(datetime.fromisoformat("2027-03-27T02:30"), PARIS)
    with pytest.raises(Refused):
        keep_wall_time(before, SPRING, PARIS)


def test_the_second_reading_of_an_hour_keeps_its_wall_time_elsewhere() -> None:
    second = read_instant("2026-10-25T02:30+01:00", PARIS)
    assert keep_wall_time(second, date(2026, 10, 26), PARIS).astimezone(PARIS).time() == time(2, 30)


THURSDAY = UsualSlot("debat", 3, time(19))
SUNDAY_NIGHT = UsualSlot("nuit", 6, time(2, 30))


def test_free_slots_are_those_ahead_that_nothing_occupies() -> None:
    since = utc("2026-11-23T12:00")
    taken = [utc("2026-11-26T18:29")]
    found = free_slots([THURSDAY], taken, since, 21, PARIS)
    assert [slot.at for slot in found] == [utc("2026-12-03T18:00"), utc("2026-12-10T18:00")]


def test_half_an_hour_away_leaves_a_slot_free() -> None:
    found = free_slots([THURSDAY], [utc("2026-11-26T18:30")], utc("2026-11-23T12:00"), 7, PARIS)
    assert [slot.at for slot in found] == [utc("2026-11-26T18:00")]


def test_a_slot_of_today_that_has_passed_is_not_offered() -> None:
    assert free_slots([THURSDAY], [], utc("2026-11-26T18:00"), 7, PARIS) == []
    assert len(free_slots([THURSDAY], [], utc("2026-11-26T17:59"), 7, PARIS)) == 1


def test_slots_keep_their_wall_time_over_a_change_and_skip_the_impossible_night() -> None:
    found = free_slots([SUNDAY_NIGHT, THURSDAY], [], utc("2026-10-21T00:00"), 14, PARIS)
    assert [(slot.programme_id, slot.at) for slot in found] == [
        ("debat", utc("2026-10-22T17:00")),
        ("debat", utc("2026-10-29T18:00")),
        ("nuit", utc("2026-11-01T01:30")),
    ]


def test_a_clash_names_the_nearest() -> None:
    at = utc("2026-11-26T18:00")
    others = [at - timedelta(minutes=29), at + timedelta(minutes=10), at + timedelta(hours=2)]
    assert clash(at, others) == others[1]
    assert clash(at, [at + timedelta(minutes=30)]) is None
    assert clash(at, []) is None
