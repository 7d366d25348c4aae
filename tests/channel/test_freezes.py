"""Freeze periods: what they hold back, who lets something through, and what is written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from pasvu.channel import due, episodes, freezes, programmes, publications, queries, slots
from pasvu.channel.database import Record
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import JournalEntry
from pasvu.channel.schedule import FrozenPeriod, frozen_by

from .stage import AIR, NOW, PARIS, approved, held, scheduled

HOUR = timedelta(hours=1)
SILENCE = "Silence électoral"


@pytest.mark.parametrize(
    ("away", "held_back"), [(-2 * HOUR, False), (-HOUR, True), (timedelta(), True), (HOUR, False), (2 * HOUR, False)]
)
def test_a_period_holds_its_beginning_and_not_its_end(away: timedelta, held_back: bool) -> None:
    period = FrozenPeriod(1, AIR - HOUR, AIR + HOUR, SILENCE)
    assert (frozen_by([period], AIR + away, None) is not None) == held_back


def test_a_period_of_one_programme_leaves_the_others_alone_and_lets_through_by_name() -> None:
    period = FrozenPeriod(1, AIR - HOUR, AIR + HOUR, SILENCE, "debat", frozenset({7}))
    longer = FrozenPeriod(2, AIR - HOUR, AIR + 3 * HOUR, "Deuil")
    assert frozen_by([period], AIR, "debat") == period
    assert frozen_by([period], AIR, "autre") is None
    assert frozen_by([period], AIR, None) is None
    assert frozen_by([period], AIR, "debat", 7) is None
    assert frozen_by([longer, period], AIR, "debat") == longer
    assert frozen_by([], AIR, "debat") is None


def test_what_a_freeze_finds_is_told_to_its_platform_and_again_when_it_is_lifted(record: Record) -> None:
    with record.write() as session:
        inside, outside = held(session, "Dedans"), held(session, "Dehors", at=AIR + 5 * HOUR)
        made = freezes.add(session, AIR - HOUR, AIR + HOUR, SILENCE, NOW, "nadia")
        assert due.unsettled(session, NOW) == [inside]
        assert publications.wanted_instant(session, inside) is None
        assert publications.wanted_instant(session, outside) == AIR + 5 * HOUR
        inside.held_at, inside.settled = None, True
        assert freezes.lift(session, made, NOW, "admin") == [inside]
        assert publications.wanted_instant(session, inside) == AIR
        assert due.unsettled(session, NOW) == [inside]
        with pytest.raises(Refused, match="déjà terminé"):
            freezes.lift(session, made, NOW, "admin")
        lines = session.scalars(select(JournalEntry).where(JournalEntry.action.startswith("freeze."))).all()
        assert [(line.action, line.actor) for line in lines] == [("freeze.add", "nadia"), ("freeze.lift", "admin")]
        assert lines[0].after is not None
        assert lines[0].after["episodes"] == ["Dedans"]


def test_a_freeze_of_one_programme(record: Record) -> None:
    with record.write() as session:
        show = programmes.create(session, "Le Débat", NOW, "nadia")
        concerned, other = held(session, "A"), held(session, "B", at=AIR + timedelta(minutes=40))
        episodes.edit(session, concerned.episode, {"programme": "le-debat"}, NOW, "nadia")
        concerned.settled = True
        freezes.add(session, AIR - HOUR, AIR + HOUR, SILENCE, NOW, "nadia", programme=show)
        assert due.unsettled(session, NOW) == [concerned]
        assert publications.wanted_instant(session, other) == other.scheduled_at


def test_a_named_person_lets_one_publication_through(record: Record) -> None:
    with record.write() as session:
        publication, other = held(session, "A"), held(session, "B", at=AIR + timedelta(minutes=40))
        made = freezes.add(session, AIR - HOUR, AIR + HOUR, SILENCE, NOW, "nadia")
        with pytest.raises(Refused, match="Dites pourquoi"):
            freezes.override(session, made, publication, "  ", NOW, "nadia")
        freezes.override(session, made, publication, "Droit de réponse du conseil", NOW, "nadia")
        assert publications.wanted_instant(session, publication) == AIR
        assert publications.wanted_instant(session, other) is None
        with pytest.raises(Refused, match="déjà autorisé"):
            freezes.override(session, made, publication, "Encore", NOW, "nadia")
        line = session.scalars(select(JournalEntry).where(JournalEntry.action == "freeze.override")).one()
        assert (line.actor, line.episode_id) == ("nadia", publication.episode_id)
        assert line.after is not None
        assert line.after["reason"] == "Droit de réponse du conseil"
        publications.unschedule(session, other.episode, None, NOW, "nadia")
        with pytest.raises(Refused, match="ne retient pas"):
            freezes.override(session, made, other, "Pourquoi pas", NOW, "nadia")


def test_an_instant_inside_a_freeze_is_refused_unless_a_person_says_why(record: Record) -> None:
    with record.write() as session:
        freezes.add(session, AIR - HOUR, AIR + HOUR, SILENCE, NOW, "nadia")
        freezes.add(session, AIR - HOUR, AIR + 2 * HOUR, "Deuil", NOW, "nadia")
        episode = approved(session)
        with pytest.raises(Refused, match=r"Rien ne sort avant le 2026-11-23 à 21:00.*Deuil"):
            publications.schedule(session, episode, "youtube", AIR, PARIS, NOW, "nadia")
    with record.write() as session:
        episode = episodes.find(session, episode.id)
        assert not episode.publications
        planned = publications.schedule(
            session, episode, "youtube", AIR, PARIS, NOW, "nadia", despite_freeze="Droit de réponse"
        )
        assert publications.wanted_instant(session, planned) == AIR
        # Another instant of the same freeze is let through already; after it, nothing needs to be.
        publications.schedule(session, episode, "youtube", AIR + timedelta(minutes=5), PARIS, NOW, "nadia")


@pytest.mark.parametrize(
    ("since", "until", "reason", "words"),
    [
        (AIR, AIR, SILENCE, "finit avant"),
        (AIR, AIR - HOUR, SILENCE, "finit avant"),
        (NOW - 2 * HOUR, NOW, SILENCE, "déjà passée"),
        (AIR, AIR + HOUR, " ", "Dites pourquoi"),
    ],
)
def test_what_is_no_freeze(record: Record, since: object, until: object, reason: str, words: str) -> None:
    with record.write() as session, pytest.raises(Refused, match=words):
        freezes.add(session, since, until, reason, NOW, "nadia")  # type: ignore[arg-type]


def test_a_freeze_that_is_not_there(record: Record) -> None:
    with record.read() as session, pytest.raises(NotFound, match="Aucun gel n° 4"):
        freezes.find(session, 4)


def test_those_of_a_stretch_of_the_calendar(record: Record) -> None:
    with record.write() as session:
        first = freezes.add(session, AIR, AIR + HOUR, "A", NOW, "nadia")
        second = freezes.add(session, AIR + 5 * HOUR, AIR + 6 * HOUR, "B", NOW, "nadia")
        lifted = freezes.add(session, AIR, AIR + HOUR, "C", NOW, "nadia")
        freezes.lift(session, lifted, NOW, "nadia")
        assert queries.freezes_between(session, NOW) == [first, second]
        assert queries.freezes_between(session, AIR + HOUR) == [second]
        assert queries.freezes_between(session, NOW, AIR + 2 * HOUR) == [first]


def test_a_planned_publication_waits_for_no_platform(record: Record) -> None:
    with record.write() as session:
        publication = scheduled(session)
        freezes.add(session, AIR - HOUR, AIR + HOUR, SILENCE, NOW, "nadia")
        assert publication.settled
        # Its bytes may still be sent, in private: only its instant is held back.
        assert due.for_upload(session, NOW) == [publication]


def test_a_frozen_slot_is_not_free(record: Record) -> None:
    with record.write() as session:
        show = programmes.create(session, "Le Débat", NOW, "nadia")
        programmes.change(session, show, {"slots": ["3 19:00"]}, NOW, "nadia")
        episode = approved(session)
        first, second = slots.next_free(session, episode, NOW, PARIS, limit=2)
        freezes.add(session, first - HOUR, first + HOUR, SILENCE, NOW, "nadia")
        assert slots.first_free(session, episode, NOW, PARIS) == second
