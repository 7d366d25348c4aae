"""« Sur YouTube »: what someone changed there, what is planned, and the buttons that decide."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest

from pasvu.channel import episodes
from pasvu.channel.models import Publication
from web.channel import NOW, Channel, edited
from web.conftest import Come, Visitor, open_app
from web.test_episode_page import Objecting

INES = "Inès Belkacem"


@pytest.fixture
def one(fresh: Channel) -> str:
    with fresh.record.write() as session:
        aired = NOW - timedelta(days=4)
        episode = fresh.on_air(session, "Le village sans médecin", "Le Grand Angle", INES, aired, 100)
        edited(session, fresh, episode)
        return episode.id


@pytest.fixture
def ines(fresh: Channel, come: Come) -> Visitor:
    return come(open_app(fresh, platforms={"youtube": Objecting()}), INES)


def now_is(channel: Channel, ref: str) -> Publication:
    with channel.record.read() as session:
        found = episodes.find(session, ref).publications[0]
        _ = [found.episode.texts, found.planned_changes]
        return found


def test_what_was_changed_there_is_shown_field_by_field(ines: Visitor, one: str) -> None:
    page = html.unescape(ines.page(f"/e/{one}"))
    part = page[page.index('id="sur-youtube"') : page.index('id="vignette"')]
    assert "Quelqu’un a changé la vidéo" in part
    for shown in ("trois ans d’attente", "santé, ruralité", "version longue", "Trois ans sans médecin.", "Publique"):
        assert shown in part
    assert "https://exemple.test/" in part
    # Undoing is offered once it is decided what to do about theirs.
    assert "Annuler ce changement" not in part


def test_one_field_is_kept_and_the_other_put_back(fresh: Channel, ines: Visitor, one: str) -> None:
    assert ines.post(f"/e/{one}/sur/youtube/choisir", {"quoi": "la-bas", "champ": ["title"]}).status_code == 303
    found = now_is(fresh, one)
    assert set(found.drift or {}) == {"tags"}
    assert (found.episode.texts or {})["youtube"]["title"].endswith("trois ans d’attente")
    ines.post(f"/e/{one}/sur/youtube/choisir", {"quoi": "ici", "champ": ["tags"]})
    found = now_is(fresh, one)
    assert (found.drift, found.settled) == (None, False)
    page = html.unescape(ines.page(f"/e/{one}"))
    assert "Notre version repart vers YouTube" in page
    # The last change is now shown, with its button.
    assert "Annuler ce changement" in page
    assert ines.post(f"/e/{one}/sur/youtube/annuler").status_code == 303
    assert "description" not in (now_is(fresh, one).episode.texts or {})["youtube"]
    assert "Cochez au moins un champ" in html.unescape(
        ines.post(f"/e/{one}/sur/youtube/choisir", {"quoi": "ici"}, follow_redirects=True).get_data(as_text=True)
    )


def test_changes_now_later_and_cancelled(fresh: Channel, ines: Visitor, one: str) -> None:
    url = f"/e/{one}/sur/youtube/changer"
    ines.post(url, {"champ": "title", "valeur": "Autre titre", "quand": "maintenant"})
    assert (now_is(fresh, one).episode.texts or {})["youtube"]["title"] == "Autre titre"
    ines.post(url, {"champ": "title", "valeur": "", "quand": "maintenant"})
    assert "title" not in (now_is(fresh, one).episode.texts or {})["youtube"]
    later = {"champ": "visibility", "visibilite": "private", "quand": "le", "jour": "2026-12-24", "heure": "18:00"}
    ines.post(url, later)
    made = now_is(fresh, one).planned_changes[-1]
    assert (made.changes, made.wall_time) == ({"visibility": "private"}, "2026-12-24T18:00 Europe/Paris")
    ines.post(url, {"champ": "tags", "valeur": "a, b", "quand": "apres", "delai": "45", "unite": "j"})
    assert now_is(fresh, one).planned_changes[-1].after_s == 45 * 86400
    assert ines.post(f"/e/{one}/sur/youtube/prevu/{made.id}/annuler").status_code == 303
    assert next(each for each in now_is(fresh, one).planned_changes if each.id == made.id).cancelled_at is not None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"champ": "title", "valeur": "Cri !!!", "quand": "maintenant"}, "Le titre crie."),
        ({"champ": "title", "valeur": "Cri !!!", "quand": "apres", "delai": "45"}, "Le titre crie."),
        ({"champ": "title", "valeur": "x", "quand": "le", "jour": "", "heure": ""}, "n’est pas un instant"),
        ({"champ": "title", "valeur": "x", "quand": "apres", "delai": "bientôt"}, "n’est pas un délai"),
        ({"champ": "state", "valeur": "x", "quand": "maintenant"}, "texte de plateforme"),
    ],
)
def test_what_cannot_be_is_said(ines: Visitor, one: str, fields: dict[str, str], why: str) -> None:
    reply = ines.post(f"/e/{one}/sur/youtube/changer", dict(fields), follow_redirects=True)
    assert why in html.unescape(reply.get_data(as_text=True)).replace("\u202f", " ")


def test_others_look_and_do_not_decide(fresh: Channel, come: Come, one: str) -> None:
    malik = come(open_app(fresh, platforms={"youtube": Objecting()}), "Malik Kone")
    page = html.unescape(malik.page(f"/e/{one}"))
    assert "trois ans d’attente" in page
    assert "/sur/youtube/" not in page
    for act in ("choisir", "annuler", "changer", "prevu/1/annuler"):
        assert malik.post(f"/e/{one}/sur/youtube/{act}").status_code == 403


def test_an_unknown_platform(ines: Visitor, one: str) -> None:
    reply = ines.post(f"/e/{one}/sur/vimeo/changer", {"champ": "title", "valeur": "x"}, follow_redirects=True)
    assert "n’existe pas ici" in html.unescape(reply.get_data(as_text=True))
