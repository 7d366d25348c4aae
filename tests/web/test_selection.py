"""Decisions for a whole selection, as the server takes them."""

from __future__ import annotations

import html
import re

import pytest

from pasvu.channel import accounts, episodes, intake
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState
from web.channel import Channel
from web.conftest import Come, Visitor, open_app

FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def ines(fresh: Channel, come: Come) -> Visitor:
    return come(open_app(fresh), "Inès Belkacem")


def read(channel: Channel, ref: str) -> Episode:
    with channel.record.read() as session:
        episode = episodes.find(session, ref)
        _ = episode.publications
        return episode


def sent(visitor: Visitor, path: str, refs: list[str], **fields: object) -> str:
    reply = visitor.post(path, {"ref": refs, **fields}, headers=FETCH)
    assert reply.status_code == 200, reply.get_data(as_text=True)
    return html.unescape(reply.get_data(as_text=True)).replace("\u202f", " ")


def test_the_next_free_slots_are_taken_one_by_one(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        refs = [fresh.approved(session, f"Terrain {n}", "Terrain", "Malik Kone").id for n in (1, 2, 3)]
        unready = fresh.to_review(session, "Pas relu", "Terrain").id
    said = sent(ines, "/selection/programmer", [*refs, unready])
    assert "3 épisodes programmés dans les créneaux libres." in said
    assert "« Pas relu » n’est pas validé" in said
    # Terrain airs on Tuesdays at 18:30: three Tuesdays in a row, none twice.
    planned = [read(fresh, ref).publications[0].wall_time for ref in refs]
    assert planned == [f"2026-{day}T18:30 Europe/Paris" for day in ("11-24", "12-01", "12-08")]
    assert "1 épisode retiré du calendrier." in sent(ines, "/selection/deprogrammer", refs[:1])
    assert read(fresh, refs[0]).publications[0].scheduled_at is None


def test_those_already_planned_stay_where_they_are(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        ref = fresh.approved(session, "Terrain 1", "Terrain", "Malik Kone").id
    sent(ines, "/selection/programmer", [ref])
    before = read(fresh, ref).publications[0].scheduled_at
    assert "1 épisode l’était déjà." in sent(ines, "/selection/programmer", [ref])
    assert read(fresh, ref).publications[0].scheduled_at == before


def test_a_selection_is_assigned_and_given_to_nobody(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        refs = [fresh.to_review(session, f"Sans personne {n}", None).id for n in (1, 2)]
        malik = accounts.find(session, "Malik Kone").id
    assert "2 épisodes attribués." in sent(ines, "/selection/attribuer", refs, resp=malik)
    assert {read(fresh, ref).owner_id for ref in refs} == {malik}
    sent(ines, "/selection/attribuer", refs, resp="personne")
    assert {read(fresh, ref).owner_id for ref in refs} == {None}


def test_an_assignment_is_taken_back_to_each_former_owner(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        refs = [fresh.to_review(session, f"Terrain {n}", "Terrain").id for n in (1, 2)]
        fresh.told(session, episodes.find(session, refs[0]), "Malik Kone")
    before = [read(fresh, ref).owner_id for ref in refs]
    assert before[0]
    assert before[1] is None
    with fresh.record.read() as session:
        jeanne = accounts.find(session, "Jeanne Rouvier").id
    said = sent(ines, "/selection/attribuer", refs, resp=jeanne)
    assert re.findall(r'name="resp" value="([^"]*)"', said) == [before[0], ""]
    assert "2 épisodes rendus." in sent(ines, "/selection/rendre", refs, resp=[before[0], ""])
    assert [read(fresh, ref).owner_id for ref in refs] == before


def test_a_selection_is_tried_again_and_withdrawn(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        broken = fresh.received(session, "Rushes", "Terrain")
        intake.quarantine(session, broken, "Pas entier.", fresh.clock.now(), "cut_short")
        well = fresh.to_review(session, "Terrain 1", "Terrain").id
        refs = [broken.id, well]
    said = sent(ines, "/selection/relancer", refs)
    assert "1 épisode relancé." in said
    assert "Rien à relancer pour « Terrain 1 »" in said
    assert read(fresh, refs[0]).state == EpisodeState.RECEIVED
    assert "2 épisodes retirés." in sent(ines, "/selection/retirer", refs)
    assert {read(fresh, ref).state for ref in refs} == {EpisodeState.WITHDRAWN}
    assert "2 épisodes l’étaient déjà." in sent(ines, "/selection/retirer", refs)


def test_keywords_are_added_once_and_taken_back(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        ref = fresh.approved(session, "Étiqueté", "Terrain", "Malik Kone").id
    sent(ines, "/selection/etiqueter", [ref], mots="rentrée, enquête")
    assert read(fresh, ref).tags == ["enquête", "santé publique", "rentrée"]
    assert read(fresh, ref).state == EpisodeState.APPROVED, "a correction by who may approve keeps the approval"
    sent(ines, "/selection/retirer-mots", [ref], mots="rentrée")
    assert read(fresh, ref).tags == ["enquête", "santé publique"]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/selection/valider", {}),
        ("/selection/etiqueter", {"ref": ["01"], "mots": " , "}),
        ("/selection/attribuer", {"ref": ["01"], "resp": ""}),
        ("/selection/attribuer", {"ref": ["01"], "resp": "inconnue"}),
        ("/selection/valider", {"ref": [str(n) for n in range(201)]}),
        ("/selection/valider", {"ref": ["inconnu"]}),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(ines: Visitor, path: str, fields: dict[str, object]) -> None:
    assert ines.post(path, fields, headers=FETCH).status_code == 422


def test_without_script_the_page_comes_back_with_its_notices(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        ref = fresh.to_review(session, "Sans script", "Terrain").id
    assert ines.post("/selection/valider", {"ref": [ref]}).status_code == 303
    assert "1 épisode validé." in ines.page("/").replace("\u202f", " ")
