"""The promise of an instant: until when to approve, and whether what is left to do fits before it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasvu.channel import queries, review
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.promise import (
    FIRST_BYTES_S,
    Hours,
    Light,
    Rates,
    Sent,
    Terms,
    Work,
    approve_by,
    promise,
    rates,
    ready_at,
    sent_after,
)
from pasvu.channel.settings import load

from .stage import AIR, NOW, PARIS, held, in_review, scheduled

MINUTE = timedelta(minutes=1)
TERMS = Terms(MINUTE)
# A minute of sending, and 180 s + 60 s of processing: 5 minutes from approval to ready.
RATES = Rates(bytes_s=1_000_000, processing=0.1, measured=9)
WORK = Work(approved=True, bytes_left=60_000_000, duration_s=600.0)
NEEDED = 5 * MINUTE


def test_what_is_left_to_do_is_sending_then_processing() -> None:
    assert ready_at(WORK, NOW, RATES, TERMS) == NOW + NEEDED
    behind = Work(approved=True, bytes_left=60_000_000, bytes_ahead=120_000_000, duration_s=600.0)
    assert ready_at(behind, NOW, RATES, TERMS) == NOW + NEEDED + 2 * MINUTE
    slow = Terms(MINUTE, limit_bytes_s=500_000)
    assert ready_at(WORK, NOW, RATES, slow) == NOW + NEEDED + MINUTE
    there = Work(approved=True, bytes_left=0, duration_s=600.0, sent_at=NOW - MINUTE)
    assert ready_at(there, NOW, RATES, TERMS) == NOW + 3 * MINUTE
    waits = Work(approved=True, bytes_left=60_000_000, duration_s=600.0, waits_until=NOW + 9 * MINUTE)
    assert ready_at(waits, NOW, RATES, TERMS) == NOW + NEEDED + 9 * MINUTE
    assert ready_at(Work(approved=True, bytes_left=0, processed=True), NOW, RATES, TERMS) == NOW


@pytest.mark.parametrize(
    ("ahead", "light"),
    [
        (NEEDED, Light.LATE),  # the margin is missing
        (NEEDED + MINUTE, Light.AT_RISK),
        (NEEDED + 15 * MINUTE, Light.AT_RISK),
        (NEEDED + 16 * MINUTE, Light.GO),
    ],
)
def test_the_light_follows_the_room_that_is_left(ahead: timedelta, light: Light) -> None:
    found = promise(WORK, NOW + ahead, NOW, RATES, TERMS)
    assert (found.light, found.ready_at, found.approve_by) == (light, NOW + NEEDED, None)


def test_an_episode_to_approve_says_until_when() -> None:
    to_approve = Work(approved=False, bytes_left=60_000_000, duration_s=600.0)
    found = promise(to_approve, AIR, NOW, RATES, TERMS)
    assert (found.light, found.approve_by) == (Light.GO, AIR - MINUTE - NEEDED)
    assert promise(to_approve, AIR, AIR - MINUTE - NEEDED, RATES, TERMS).light == Light.AT_RISK
    assert promise(to_approve, AIR, AIR - NEEDED, RATES, TERMS).light == Light.LATE


def test_what_is_there_and_processed_may_be_approved_until_the_margin() -> None:
    sent_back = Work(approved=False, bytes_left=0, duration_s=600.0, sent_at=NOW, processed=True)
    assert promise(sent_back, AIR, NOW, RATES, TERMS).approve_by == AIR - MINUTE
    ready = Work(approved=True, bytes_left=0, processed=True)
    assert promise(ready, AIR, AIR - timedelta(seconds=1), RATES, TERMS).light == Light.GO


def test_what_stopped_is_a_risk_and_then_late() -> None:
    stopped = Work(approved=True, bytes_left=10, stopped=True)
    assert promise(stopped, AIR, NOW, RATES, TERMS).light == Light.AT_RISK
    assert promise(stopped, AIR, AIR, RATES, TERMS).light == Light.LATE
    assert promise(stopped, AIR, NOW, RATES, TERMS).ready_at is None


NIGHT = Hours(time(22), time(7), PARIS)


@pytest.mark.parametrize(
    ("wall", "allowed", "next_change"),
    [
        ("2026-11-23T21:59", False, "2026-11-23T22:00"),
        ("2026-11-23T22:00", True, "2026-11-24T07:00"),
        ("2026-11-24T06:59", True, "2026-11-24T07:00"),
        ("2026-11-24T07:00", False, "2026-11-24T22:00"),
        # The night the clocks go back has one hour more.
        ("2026-10-24T23:00", True, "2026-10-25T07:00"),
    ],
)
def test_allowed_hours_are_on_the_channels_wall(wall: str, allowed: bool, next_change: str) -> None:
    at = datetime.fromisoformat(wall).replace(tzinfo=PARIS).astimezone(UTC)
    assert NIGHT.allow(at) == allowed
    assert NIGHT.next_change(at) == datetime.fromisoformat(next_change).replace(tzinfo=PARIS).astimezone(UTC)


def test_sending_pauses_outside_the_allowed_hours() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=PARIS).astimezone(UTC)
    ten_hours = RATES.bytes_s * 36000
    sent = sent_after(noon, ten_hours, RATES, Terms(MINUTE, hours=NIGHT))
    # Nine hours of the first night, and the last one of the next.
    assert sent == datetime(2026, 11, 24, 23, tzinfo=PARIS).astimezone(UTC)
    day = Hours(time(9), time(17), PARIS)
    assert sent_after(noon, RATES.bytes_s * 3600, RATES, Terms(MINUTE, hours=day)) == noon + timedelta(hours=1)


@given(
    bytes_left=st.integers(0, 10**11),
    duration_s=st.floats(0, 40_000),
    away=st.integers(-3_000, 30_000),
    since=st.integers(0, 1439),
    length=st.integers(15, 1439),
    limited=st.booleans(),
)
def test_approved_by_then_it_is_ready_and_a_little_later_it_is_not(
    bytes_left: int, duration_s: float, away: int, since: int, length: int, limited: bool
) -> None:
    until = (since + length) % 1440
    hours = Hours(time(since // 60, since % 60), time(until // 60, until % 60), PARIS) if limited else None
    terms = Terms(MINUTE, hours=hours)
    at = NOW + away * MINUTE
    work = Work(approved=False, bytes_left=bytes_left, duration_s=duration_s)
    latest = approve_by(work, at, NOW, RATES, terms)
    if latest > at - timedelta(days=13):
        assert ready_at(work, latest, RATES, terms) <= at - MINUTE
    # Rounding to the second apart, one minute later is one minute too late, or sending was not allowed yet anyway.
    if hours is None:
        assert ready_at(work, latest + MINUTE, RATES, terms) > at - MINUTE


def test_rates_are_those_of_bad_days() -> None:
    assert rates([]) == Rates()
    assert rates([Sent(100, 0.0, None, None)]) == Rates()
    few = rates([Sent(10_000_000, 10.0, 180.0 + 60.0, 600.0), Sent(10_000_000, 5.0, None, None)])
    assert (few.bytes_s, few.processing, few.measured) == (1_000_000, 0.1, 2)
    many = rates([Sent(1_000_000, 1.0 + number / 10, 180.0, 600.0) for number in range(12)])
    assert 1_000_000 / 2.1 < many.bytes_s < 1_000_000 / 1.6
    assert many.processing == 0.0


def test_settings_speak_of_bits_and_walls() -> None:
    terms = load(environ={"PASVU_UPLOAD_LIMIT_MBIT_S": "8", "PASVU_UPLOAD_HOURS": "22:00-7:00"}).terms
    assert terms == Terms(timedelta(seconds=60), 1_000_000.0, Hours(time(22), time(7), ZoneInfo("Europe/Paris")))
    assert load(environ={}).terms == Terms(timedelta(seconds=60))
    for wrong in ("22h", "22:00", "25:00-07:00", "7:00-7:00"):
        with pytest.raises(Refused, match="22:00-07:00"):
            load(environ={"PASVU_UPLOAD_HOURS": wrong})


def test_the_calendars_promises_come_from_the_record(record: Record) -> None:
    with record.write() as session:
        first, second = scheduled(session, "A"), scheduled(session, "B", at=AIR + timedelta(hours=1))
        for each in (first, second):
            made = each.episode.rendition("master")
            assert made is not None
            # Two hours and a half each, on an unmeasured line.
            made.bytes = int(FIRST_BYTES_S * 9000)
        session.flush()
        found = queries.promises(session, [first, second], NOW, TERMS)
        assert found[first.id].light == Light.GO
        # The one that airs first is sent first.
        assert found[second.id].ready_at == found[first.id].ready_at + timedelta(hours=2.5)  # type: ignore[operator]
        assert found[second.id].light == Light.AT_RISK
        episode = in_review(session, "C")
        early = queries.promise_for(session, episode, AIR - timedelta(hours=1), NOW, TERMS)
        assert early.approve_by is not None
        assert NOW < early.approve_by < AIR - timedelta(hours=1)
        review.withdraw(session, first.episode, NOW, "nadia")
        assert first.id not in queries.promises(session, [first], NOW, TERMS)


def test_what_was_measured_is_what_is_promised(record: Record) -> None:
    with record.write() as session:
        publication = held(session)
        publication.total_bytes, publication.sending_s = 30_000_000, 10.0
        publication.sent_at, publication.processed_at = NOW, NOW + timedelta(seconds=180 + 348.8)
        session.flush()
        measured = queries.measured_rates(session)
        assert (measured.bytes_s, round(measured.processing, 3), measured.measured) == (3_000_000, 0.1, 1)
        assert queries.promises(session, [publication], NOW, TERMS)[publication.id].light == Light.GO


def test_a_film_that_is_not_made_yet_is_guessed_from_its_length(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        for made in episode.renditions:
            session.delete(made)
        session.flush()
        session.expire(episode)
        guessed = queries.promise_for(session, episode, AIR, NOW, TERMS)
        assert guessed.ready_at is not None
        assert guessed.ready_at > NOW + timedelta(seconds=3600)
