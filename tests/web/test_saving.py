"""What a script saves as one types: by field, quietly, and never over what someone else wrote."""

from __future__ import annotations

import html
import re

import pytest

from pasvu.channel import episodes
from web.channel import Channel
from web.conftest import Come, Visitor, open_app
from web.test_episode_page import INES, Objecting, read, version

ASIDE = {"X-Requested-With": "fetch"}


@pytest.fixture
def one(fresh: Channel) -> str:
    with fresh.record.write() as session:
        return fresh.to_review(session, "L’hôpital qui ferme la nuit", "Le Grand Angle").id


@pytest.fixture
def ines(fresh: Channel, come: Come) -> Visitor:
    return come(open_app(fresh, platforms={"youtube": Objecting()}), INES)


def test_a_field_is_saved_and_the_page_follows(fresh: Channel, ines: Visitor, one: str) -> None:
    ines.page(f"/e/{one}")
    sent = {"title": "Scandale !!!", "seen_title": "L’hôpital qui ferme la nuit"}
    reply = ines.post(f"/e/{one}/fiche", sent, headers=ASIDE)
    parts = html.unescape(reply.get_data(as_text=True))
    assert reply.status_code == 200
    assert reply.headers["X-Version"] == str(read(fresh, one).version)
    assert "Enregistré à 09:41" in parts
    assert "Annuler\u202f: titre" in parts
    assert "YouTube\u202f: Le titre crie." in parts, "what blocks is said at once"
    assert re.search(r'data-used="12" data-most="100"', parts)


def test_two_people_write_on_one_card(fresh: Channel, ines: Visitor, one: str) -> None:
    old = version(ines.page(f"/e/{one}"))
    with fresh.record.write() as session:
        episodes.edit(session, episodes.find(session, one), {"summary": "De Jeanne"}, fresh.clock.now(), "Jeanne")
    sent = {"title": "D’Inès", "seen_title": "L’hôpital qui ferme la nuit", "version": old}
    assert ines.post(f"/e/{one}/fiche", sent, headers=ASIDE).status_code == 200
    assert (read(fresh, one).title, read(fresh, one).summary) == ("D’Inès", "De Jeanne")


def test_the_same_field_asks_which_of_both(fresh: Channel, ines: Visitor, one: str) -> None:
    with fresh.record.write() as session:
        episodes.edit(session, episodes.find(session, one), {"title": "De Jeanne"}, fresh.clock.now(), "Jeanne")
    sent = {"title": "D’Inès", "seen_title": "L’hôpital qui ferme la nuit"}
    reply = ines.post(f"/e/{one}/fiche", sent, headers=ASIDE)
    parts = html.unescape(reply.get_data(as_text=True))
    assert reply.headers["X-Refused"] == "Conflict"
    assert 'id="conflict-title" data-theirs="De Jeanne"' in parts
    assert read(fresh, one).title == "De Jeanne"
    assert ines.post(f"/e/{one}/fiche", {**sent, "seen_title": "De Jeanne"}, headers=ASIDE).status_code == 200
    assert read(fresh, one).title == "D’Inès"


def test_chapters_of_someone_else_are_not_overwritten(fresh: Channel, ines: Visitor, one: str) -> None:
    page = ines.page(f"/e/{one}")
    drawn = re.search(r'id="chapters-drawn" value="(\w+)"', page)[1]  # type: ignore[index]
    old = version(page)
    with fresh.record.write() as session:
        episodes.edit(session, episodes.find(session, one), {"title": "De Jeanne"}, fresh.clock.now(), "Jeanne")
    sent = {"at": ["0:10"], "chapter": ["Début"], "drawn": drawn, "version": old}
    assert ines.post(f"/e/{one}/chapitres", sent, headers=ASIDE).status_code == 200
    reply = ines.post(f"/e/{one}/chapitres", {**sent, "chapter": ["Autre"]}, headers=ASIDE)
    assert reply.headers["X-Refused"] == "Stale"
    assert [mark.title for mark in read(fresh, one).chapters] == ["Début"]


def test_the_last_change_is_taken_back(fresh: Channel, ines: Visitor, one: str) -> None:
    ines.post(f"/e/{one}/fiche", {"title": "Faute", "seen_title": "L’hôpital qui ferme la nuit"}, headers=ASIDE)
    assert ines.post(f"/e/{one}/annuler").status_code == 303
    assert read(fresh, one).title == "L’hôpital qui ferme la nuit"
    page = ines.page(f"/e/{one}")
    assert "Annulé\u202f: titre." in page
    assert "a annulé sa dernière modification" in page


def test_an_ended_session_is_not_taken_for_a_save(ines: Visitor, one: str) -> None:
    ines.post("/deconnexion")
    reply = ines.post(f"/e/{one}/fiche", {"title": "Perdu ?"}, headers=ASIDE)
    assert reply.status_code == 401


def test_chapters_as_text_in_the_episodes_own_time(fresh: Channel, ines: Visitor, one: str) -> None:
    start_s = read(fresh, one).proposed_start_s
    text = "0:00 Générique\n\n1:00 Le service\n12:30 « Et demain ? »"
    old = version(ines.page(f"/e/{one}"))
    assert ines.post(f"/e/{one}/chapitres/texte", {"text": text, "temps": "episode", "version": old}).status_code == 303
    marks = [(mark.start_s, mark.title) for mark in read(fresh, one).chapters]
    assert marks == [(start_s, "Générique"), (start_s + 60, "Le service"), (start_s + 750, "« Et demain ? »")]
    kept = ines.get(f"/e/{one}/chapitres.txt")
    assert kept.get_data(as_text=True) == text.replace("\n\n", "\n") + "\n"
    assert "attachment" in kept.headers["Content-Disposition"]
    wrong = ines.post(f"/e/{one}/chapitres/texte", {"text": "début Générique", "temps": "episode"})
    assert wrong.status_code == 409
    assert "début Générique" in html.unescape(wrong.get_data(as_text=True))
    ines.post(f"/e/{one}/chapitres/texte", {"text": "10 Un", "temps": "enregistrement"})
    assert [mark.start_s for mark in read(fresh, one).chapters] == [10.0]


def test_passages_are_taken_out_of_the_middle(fresh: Channel, ines: Visitor, one: str) -> None:
    sent = {"start": "10", "end": "600", "taken_from": ["1:00", "2:00"], "taken_to": ["1:30", "2:10.5"]}
    assert ines.post(f"/e/{one}/coupe", sent).status_code == 303
    episode = read(fresh, one)
    assert episode.removed == [[60.0, 90.0], [120.0, 130.5]]
    page = ines.page(f"/e/{one}")
    assert "retiré\u202f: 0:01:00–0:01:30, 0:02:00–0:02:10.500" in page
    assert 'name="taken_to" value="0:02:10.500"' in page
    assert ">9:09<" in page, "590 s less 40.5 are kept"
    wrong = ines.post(f"/e/{one}/coupe", {**sent, "taken_to": ["vers la fin", "2:10"]})
    assert wrong.status_code == 409
    assert 'value="vers la fin"' in wrong.get_data(as_text=True)
    # Chapters typed in the episode's time know what is missing before them.
    ines.post(f"/e/{one}/chapitres/texte", {"text": "0:00 Un\n1:00 Deux", "temps": "episode"})
    assert [mark.start_s for mark in read(fresh, one).chapters] == [10.0, 100.0]


WRONG = {"title": " ", "programme": "nulle-part", "recorded_on": "hier", "guests": "Ana Diaz, juriste"}


def test_all_that_is_wrong_is_said_at_once_each_by_its_field(fresh: Channel, ines: Visitor, one: str) -> None:
    page = html.unescape(ines.post(f"/e/{one}/fiche", WRONG).get_data(as_text=True))
    said = dict(re.findall(r'id="wrong-(\w+)">([^<]+)</p>', page))
    assert list(said) == ["title", "programme", "recorded_on"]
    assert said["title"] == "Le titre est vide\u202f: donnez-en un."
    assert "3 champs sont à corriger." in page
    assert all(f'href="#f-{field}"' in page for field in said)
    assert re.findall(r'id="f-(\w+)"[^>]* aria-invalid="true"', page) == list(said)
    assert re.findall(r'id="f-(\w+)"[^>]* autofocus', page) == ["title"]
    assert "Ana Diaz, juriste" in page, "nothing typed is lost"
    assert read(fresh, one).title == "L’hôpital qui ferme la nuit", "and nothing is kept by halves"


def test_as_one_types_what_is_wrong_stands_by_its_field_until_it_is_mended(ines: Visitor, one: str) -> None:
    parts = html.unescape(ines.post(f"/e/{one}/fiche", WRONG, headers=ASIDE).get_data(as_text=True))
    assert "Pas enregistré. 3 champs sont à corriger." in parts
    assert 'id="wrong-recorded_on">«\u202fhier\u202f» n’est pas une date' in parts
    assert 'id="wrong-guests"></p>' in parts
    other = ines.post(f"/e/{one}/chapitres", {}, headers=ASIDE).get_data(as_text=True)
    assert "wrong-title" not in other, "another form's save says nothing of this one"
    mended = ines.post(f"/e/{one}/fiche", {"title": "Rails"}, headers=ASIDE).get_data(as_text=True)
    assert 'id="wrong-title"></p>' in mended
