"""The quota ledger: written before each request, summed by the platform's own day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from channel.stage import AIR, PARIS, scheduled
from pasvu.channel import queries
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.models import Publication, QuotaEntry
from pasvu.channel.states import PublicationState
from pasvu.publish.errors import OutOfQuota
from pasvu.publish.ledger import Ledger, protecting, spending_for
from pasvu.publish.youtube import quota

from .conftest import House
from .test_holding_decisions import LATER, reschedule, retitle, send_back, unschedule, withdraw


class Small:
    """A small allowance that fills again at Pacific midnight."""

    LIMITS = {"general": 100, "insert": 2}  # noqa: RUF012

    def next_reset(self, instant: datetime) -> datetime:
        return quota.next_reset(instant)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ledger_at(record: Record, at: str) -> tuple[Ledger, SetClock]:
    clock = SetClock(utc(at))
    return Ledger(record, clock, "youtube", Small()), clock


def test_each_request_is_written_with_what_it_is_for(record: Record) -> None:
    spend, clock = ledger_at(record, "2026-11-23T12:00")
    with spending_for(7):
        spend("insert", 1, "videos.insert")
    spend("general", 50, "videos.update")
    with record.read() as session:
        rows = list(session.scalars(select(QuotaEntry).order_by(QuotaEntry.id)))
    assert [(row.bucket, row.units, row.method, row.publication_id) for row in rows] == [
        ("insert", 1, "videos.insert", 7),
        ("general", 50, "videos.update", None),
    ]
    assert rows[0].at == clock.now()
    assert spend.left() == {"general": 50, "insert": 1}


def test_what_cannot_be_paid_is_refused_until_the_reset_and_not_written(record: Record) -> None:
    spend, clock = ledger_at(record, "2026-11-23T12:00")
    spend("general", 60, "a")
    with pytest.raises(OutOfQuota, match="40 restants, 50 nécessaires") as refused:
        spend("general", 50, "b")
    assert refused.value.until == utc("2026-11-24T08:00")
    spend("general", 40, "c")
    assert spend.left()["general"] == 0
    clock.set(utc("2026-11-24T07:59:59"))
    assert spend.left()["general"] == 0
    clock.set(refused.value.until)
    assert spend.left()["general"] == 100


@pytest.mark.parametrize(
    ("first", "last", "reset"),
    [
        ("2026-11-23T08:00", "2026-11-24T07:59:59", "2026-11-24T08:00"),
        # 2026-11-01 has 25 hours in California, 2027-03-14 has 23.
        ("2026-11-01T07:00", "2026-11-02T07:59:59", "2026-11-02T08:00"),
        ("2027-03-14T08:00", "2027-03-15T06:59:59", "2027-03-15T07:00"),
        ("2026-07-01T07:00", "2026-07-02T06:59:59", "2026-07-02T07:00"),
    ],
)
def test_a_pacific_day_is_summed_whole_whatever_its_length(record: Record, first: str, last: str, reset: str) -> None:
    spend, clock = ledger_at(record, first)
    clock.set(utc(first) - timedelta(seconds=1))
    spend("general", 70, "yesterday")
    clock.set(utc(first))
    spend("general", 30, "first of the day")
    clock.set(utc(last))
    spend("general", 30, "last of the day")
    assert spend.left()["general"] == 40
    with pytest.raises(OutOfQuota) as refused:
        spend("general", 41, "too much")
    assert refused.value.until == utc(reset)


def test_another_platforms_spending_is_its_own(record: Record) -> None:
    spend, clock = ledger_at(record, "2026-11-23T12:00")
    Ledger(record, clock, "other", Small())("general", 100, "a")
    assert spend.left()["general"] == 100


def test_the_day_by_bucket_the_cost_of_an_episode_and_what_tomorrow_needs(record: Record) -> None:
    spend, clock = ledger_at(record, "2026-11-23T12:00")
    spend("general", 90, "videos.update")  # yesterday, in California
    clock.set(utc("2026-11-24T12:00"))
    with record.write() as session:
        dear, cheap = (
            scheduled(session, "Cher", now=clock.now(), at=utc("2026-11-24T20:00")),
            scheduled(session, "Sobre", now=clock.now(), at=utc("2026-11-25T20:00")),
        )
        scheduled(session, "Bien plus tard", now=clock.now(), at=utc("2026-12-24T20:00"))
        ids = dear.id, cheap.id
    for publication_id, units in zip(ids, (60, 10), strict=True):
        with spending_for(publication_id):
            spend("general", units, "captions.insert")
            spend("insert", 1, "videos.insert")
    with record.read() as session:
        general, insert = spend.buckets(session)
        # Midnight in California is nine in the morning in Paris.
        assert general == queries.Bucket("general", 70, 100, utc("2026-11-25T08:00"))
        assert (general.left, insert.left) == (30, 0)
        cost = queries.spending(session, utc("2026-11-01T00:00"))
        assert [(row.episode.title, row.units, row.requests) for row in cost] == [("Cher", 61, 2), ("Sobre", 11, 2)]
        ahead = spend.forecast(session)
    # Nothing was sent yet: an episode is taken to cost what one with everything costs.
    assert (ahead.uploads, ahead.fits) == (2, False)
    assert ahead.until == utc("2026-11-26T08:00")
    with record.write() as session:
        for publication_id in ids:
            session.get_one(Publication, publication_id).sent_at = clock.now()
    with record.read() as session:
        assert spend.forecast(session).units == 2 * 35
        assert spend.forecast(session).fits


RESERVE = {"general": 60}


def test_only_what_protects_is_paid_from_the_reserve(record: Record) -> None:
    clock = SetClock(utc("2026-11-23T12:00"))
    spend = Ledger(record, clock, "youtube", Small(), RESERVE)
    spend("general", 40, "thumbnails.set")
    with pytest.raises(OutOfQuota, match="0 restants, réserve de 60 mise à part, 1 nécessaires"):
        spend("general", 1, "videos.list")
    spend("insert", 1, "videos.insert")
    assert spend.left() == {"general": 0, "insert": 1}
    with protecting():
        spend("general", 50, "videos.update")
        with pytest.raises(OutOfQuota, match="10 restants, 50 nécessaires"):
            spend("general", 50, "videos.update")
    with record.read() as session:
        general = spend.buckets(session)[0]
        assert (general.spent, general.left, general.reserve_left) == (90, 0, 10)
        assert not spend.forecast(session).units
    clock.set(utc("2026-11-24T08:00"))
    assert spend.left()["general"] == 40


@pytest.mark.parametrize("decision", [unschedule, withdraw, send_back, reschedule(LATER)])
def test_an_instant_is_taken_back_though_ordinary_work_has_spent_all_it_may(
    house: House, decision: Callable[[Any, Publication], None]
) -> None:
    publication_id = house.hold()
    spend = Ledger(house.record, house.clock, "youtube", Small(), RESERVE)
    spend("general", 40, "captions.insert")
    house.platform.at["changing"] = lambda: spend("general", 50, "videos.update")
    house.platform.at["withdrawing"] = house.platform.at["changing"]
    house.decides(publication_id, retitle)
    house.tick.tick()
    assert "réserve" in (house.get(publication_id).state_reason or "")
    house.decides(publication_id, decision)
    house.tick.tick()
    assert house.platform.only_video().publish_at in (None, LATER)


def test_a_video_is_looked_at_when_it_shall_be_public_though_ordinary_work_has_spent_all_it_may(house: House) -> None:
    publication_id = house.hold()
    spend = Ledger(house.record, house.clock, "youtube", Small(), RESERVE)
    spend("general", 40, "captions.insert")
    house.platform.at["looking"] = lambda: spend("general", 1, "videos.list")
    house.tick.tick()
    assert house.get(publication_id).checked_at is None
    house.clock.set(AIR + timedelta(seconds=1))
    house.tick.tick()
    assert house.get(publication_id).state == PublicationState.ON_AIR


def test_what_is_spent_shows_the_reset_in_paris_time() -> None:
    reset = quota.next_reset(utc("2026-11-24T12:00"))
    assert f"{reset.astimezone(PARIS):%H:%M}" == "09:00"
    # Between the two changes of clocks it is eight.
    assert f"{quota.next_reset(utc('2026-10-27T12:00')).astimezone(PARIS):%H:%M}" == "08:00"
