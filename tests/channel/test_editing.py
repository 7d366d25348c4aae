"""The episode's form, finding an episode, programmes, and what ingest writes down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pasvu.channel import accounts, episodes, incoming, intake, programmes, queries
from pasvu.channel.database import Record
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Episode, Incoming, JournalEntry, Part, Programme
from pasvu.channel.states import EpisodeState
from pasvu.channel.values import Chapter, Still, Trim

from .stage import NOW, in_review, received


def test_every_field_is_written_read_and_journaled(record: Record) -> None:
    with record.write() as session:
        programmes.create(session, "Le Débat", NOW, "nadia")
        owner = accounts.create(session, "Karim", "producer", None, NOW, "nadia")
        episode = in_review(session)
        session.flush()
        changes: dict[str, Any] = {
            "title": "  Un   titre ",
            "summary": "Une\r\nligne ",
            "tags": "paix, climat ,, paix",
            "language": "en",
            "guests": "Ana Diaz: juriste, Bo",
            "recorded_on": "2026-11-20",
            "programme": "le-debat",
            "owner": owner.id,
        }
        episodes.edit(session, episode, changes, NOW, "nadia")
    with record.read() as session:
        found = session.scalars(select(Episode)).one()
        assert (found.title, found.summary, found.tags) == ("Un titre", "Une\nligne", ["paix", "climat"])
        assert (found.language, found.recorded_on) == ("en", "2026-11-20")
        assert [(guest.name, guest.role) for guest in found.guests] == [("Ana Diaz", "juriste"), ("Bo", "")]
        assert found.programme is not None
        assert found.owner is not None
        assert (found.programme.name, found.owner.shown_name) == ("Le Débat", "Karim")
        line = session.scalars(select(JournalEntry).where(JournalEntry.action == "episode.edit")).one()
        assert line.before is not None
        assert line.after is not None
        assert (line.before["title"], line.after["title"]) == ("Le grand débat", "Un titre")
        assert line.after["programme"] == "le-debat"
        assert line.after["guests"] == [["Ana Diaz", "juriste"], ["Bo", ""]]


def test_a_form_that_changes_nothing_leaves_no_trace(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        version = episode.version
        episodes.edit(session, episode, {"title": "Le grand débat", "tags": [], "summary": ""}, NOW, "nadia")
        assert episode.version == version
        assert not session.scalars(select(JournalEntry).where(JournalEntry.action == "episode.edit")).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "  "}, "titre est vide"),
        ({"titre": "x"}, "n’est pas un champ de la fiche"),
        ({"state": "on_air"}, "n’est pas un champ de la fiche"),
        ({"recorded_on": "20/11/2026"}, "n’est pas une date"),
        ({"programme": "inconnue"}, "Aucune émission"),
        ({"owner": "inconnu"}, "Aucun compte"),
        ({"title": "Gardé ?", "recorded_on": "hier"}, "n’est pas une date"),
    ],
)
def test_a_field_that_cannot_be_is_refused_and_nothing_is_kept(
    record: Record, changes: dict[str, str], words: str
) -> None:
    with record.write() as session:
        in_review(session)
    with pytest.raises(Refused, match=words), record.write() as session:
        episodes.edit(session, session.scalars(select(Episode)).one(), changes, NOW, "nadia")
    with record.read() as session:
        assert session.scalars(select(Episode)).one().title == "Le grand débat"


def test_fields_may_be_emptied(record: Record) -> None:
    with record.write() as session:
        programmes.create(session, "Le Débat", NOW, "nadia")
        episode = in_review(session)
        episodes.edit(session, episode, {"programme": "le-debat", "recorded_on": "2026-11-20"}, NOW, "nadia")
        episodes.edit(session, episode, {"programme": None, "recorded_on": "", "owner": ""}, NOW, "nadia")
    with record.read() as session:
        found = session.scalars(select(Episode)).one()
        assert (found.programme_id, found.recorded_on, found.owner_id) == (None, None, None)


def test_a_title_too_long_for_any_screen_is_cut(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        episodes.edit(session, episode, {"title": "é" * 1000}, NOW, "nadia")
        assert len(episode.title) == 300


def test_an_episode_is_found_by_id_slug_or_beginning(record: Record) -> None:
    with record.write() as session:
        one, two = received(session, "Le débat"), received(session, "Le débat")
        other = received(session, "100 % vrai")
        assert (one.slug, two.slug, other.slug) == ("le-debat", "le-debat-2", "100-vrai")
        assert episodes.find(session, one.id) is one
        assert episodes.find(session, "le-debat") is one
        assert episodes.find(session, "le-debat-") is two
        assert episodes.find(session, "100") is other
        with pytest.raises(NotFound, match="plusieurs épisodes"):
            episodes.find(session, "le-d")
        for nothing in ("", "absent", "%", "_"):
            with pytest.raises(NotFound, match="pasvu episodes"):
                episodes.find(session, nothing)


def test_search_finds_by_title_guest_tag_and_programme_without_accents(record: Record) -> None:
    with record.write() as session:
        programmes.create(session, "Œil ouvert", NOW, "nadia")
        episode = in_review(session, "L’été à Nîmes")
        in_review(session, "Autre chose")
        changes = {"guests": "Zoé Müller", "tags": "énergie", "programme": "oeil-ouvert"}
        episodes.edit(session, episode, changes, NOW, "nadia")
    with record.read() as session:
        for words in ("ete nimes", "ÉTÉ", "zoe MULLER", "energie", "œil", "oeil ouvert nîmes"):
            board = queries.board(session, queries.Filters(words=words), NOW)
            assert [card.episode.title for card in board.columns[queries.Column.TO_REVIEW]] == ["L’été à Nîmes"], words
        for words in ("%", "_", "nimes paris"):
            assert queries.board(session, queries.Filters(words=words), NOW).counts[queries.Column.TO_REVIEW] == 0


def test_programmes_have_their_slugs_colours_and_slots(record: Record) -> None:
    with record.write() as session:
        made = [programmes.create(session, name, NOW, "nadia") for name in ("Le Débat", "Le débat !", "Autre")]
        assert [each.slug for each in made] == ["le-debat", "le-debat-2", "autre"]
        assert [each.colour for each in made] == [1, 2, 3]
        programmes.change(session, made[0], {"slots": ["3 19:00", "6 02:30"], "category_id": "22"}, NOW, "nadia")
    with record.write() as session:
        slots = programmes.usual_slots(session)
        assert [(slot.weekday, slot.at.isoformat()) for slot in slots] == [(3, "19:00:00"), (6, "02:30:00")]
        one = session.scalars(select(Programme).where(Programme.slug == "le-debat")).one()
        programmes.change(session, one, {"slots": ["0 08:00"]}, NOW, "nadia")
    with record.read() as session:
        assert [(slot.weekday, slot.at.hour) for slot in programmes.usual_slots(session)] == [(0, 8)]
        lines = session.scalars(select(JournalEntry).where(JournalEntry.action == "programme.change")).all()
        assert lines[-1].before == {"slots": ["3 19:00", "6 02:30"]}
        assert [each.name for each in programmes.all_of(session)] == ["Autre", "Le Débat", "Le débat !"]


@pytest.mark.parametrize("slot", ["7 19:00", "3 24:00", "3 19:60", "jeudi 19:00", "3", ""])
def test_a_slot_that_cannot_be_is_refused(record: Record, slot: str) -> None:
    with record.write() as session:
        made = programmes.create(session, "Le Débat", NOW, "nadia")
        with pytest.raises(Refused, match="n’est pas un créneau"):
            programmes.change(session, made, {"slots": [slot]}, NOW, "nadia")


def test_a_programme_that_cannot_be_is_refused(record: Record) -> None:
    with record.write() as session:
        made = programmes.create(session, "Le Débat", NOW, "nadia")
        with pytest.raises(Refused, match="existe déjà"):
            programmes.create(session, " Le  Débat ", NOW, "nadia")
        with pytest.raises(Refused, match="Donnez un nom"):
            programmes.create(session, "  ", NOW, "nadia")
        with pytest.raises(Refused, match="n’est pas un réglage"):
            programmes.change(session, made, {"slug": "x"}, NOW, "nadia")


def test_a_folder_of_the_depot_is_its_programme(record: Record) -> None:
    with record.write() as session:
        kept = programmes.create(session, "Le Débat", NOW, "nadia")
        assert programmes.by_folder(session, "le-debat", NOW) is kept
        assert programmes.by_folder(session, "Le Débat", NOW) is kept
        made = programmes.by_folder(session, "vu_d-ailleurs", NOW)
        assert (made.name, made.slug) == ("Vu d ailleurs", "vu-d-ailleurs")
        assert programmes.by_folder(session, "vu_d-ailleurs", NOW) is made


def test_a_name_of_any_bytes_is_kept_as_it_came(record: Record) -> None:
    name = b"\xff\xfe " + "été 🎬\n".encode()
    file = intake.Received(name, "shown", b"/depot/" + name, Path("/vault/x"), 2**40)
    with record.write() as session:
        intake.receive(
            session, "r1", [file], origin="watch", title="Étrange", now=NOW, guests=["Ana"], recorded_on="2026-11-20"
        )
    with record.read() as session:
        part = session.scalars(select(Part)).one()
        assert (part.name, part.source, part.bytes) == (name, b"/depot/" + name, 2**40)
        assert intake.unclaimed(session) == [part]
        assert "ana" in session.scalars(select(Episode)).one().search


def test_a_twin_is_found_unless_its_episode_is_out(record: Record) -> None:
    with record.write() as session:
        one, two = in_review(session, "Un"), in_review(session, "Deux")
        first, second = one.recording.parts[0], two.recording.parts[0]
        assert intake.twin(session, second) is None
        second.sha256 = first.sha256
        session.flush()
        assert intake.twin(session, second) is first
        assert intake.twin(session, first) is None
        one.state = EpisodeState.WITHDRAWN
        session.flush()
        assert intake.twin(session, second) is None


def test_what_a_person_chose_stays_when_the_machine_proposes_again(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        chosen = [still.path for still in episode.thumbnails if still.chosen]
        stills = [Still(Path("/new.jpg"), 1.0, 99.0)]
        intake.propose(episode, Trim(1.0, 2.0, "x"), [Chapter(0, "Machine")], stills, chapters_why="Entendu.")
        assert [mark.title for mark in episode.chapters] == ["Machine"]
        assert episodes.chapters_why(episode) == "Entendu."
        intake.propose(episode, Trim(1.0, 2.0, "x"), [Chapter(0, "Encore")], [])
        assert [mark.title for mark in episode.chapters] == ["Machine"]
        assert chosen == [still.path for still in episode.thumbnails if still.chosen] == ["/renditions/still-3.jpg"]
        # What a person wrote has no reason of the machine's.
        episode.chapters[0].title = "Ana"
        assert episodes.chapters_why(episode) is None


def test_copies_in_progress_are_shown_as_they_are_now(record: Record) -> None:
    def arriving(name: str, size: int) -> incoming.Arriving:
        return incoming.Arriving(name.encode(), name, size, f"{name}:{size}", "settle")

    with record.write() as session:
        incoming.show(session, [arriving("a", 1), arriving("b", 1)], NOW)
    with record.write() as session:
        incoming.show(session, [arriving("b", 2)], NOW.replace(hour=13))
    with record.read() as session:
        row = session.scalars(select(Incoming)).one()
        assert (row.shown_name, row.bytes, row.first_seen_at, row.steady_since.hour) == ("b", 2, NOW, 13)
