"""Réglages: watched folders as they are, the journal narrowed by its address, what is installed."""

from __future__ import annotations

import shutil

import pytest
from flask import Flask

from pasvu.channel import episodes, programmes
from pasvu.channel.settings import Settings
from web.channel import Channel
from web.conftest import Come, Visitor, open_app


@pytest.fixture
def ada(app: Flask, come: Come) -> Visitor:
    return come(app, "Ada Minh")


def test_folders_say_what_waits_and_what_is_wrong(fresh: Channel, come: Come) -> None:
    good, gone = fresh.settings.home / "depot", fresh.settings.home / "parti"
    (good / "Le Grand Angle").mkdir(parents=True)
    (good / "inconnu").mkdir()
    fresh.settings = Settings(home=fresh.settings.home, watch_dir=f"{good},{gone}")
    page = come(open_app(fresh), "Inès Belkacem").page("/reglages/dossiers")
    assert str(good) in page
    assert "n’existe pas" in page
    assert 'class="em em-1">Le Grand Angle' in page
    assert "créera l’émission" in page
    shutil.rmtree(good)


@pytest.mark.parametrize(
    ("query", "there", "away"),
    [
        ("qui=Malik Kone", "a laissé une remarque", "a validé"),
        ("quoi=account", "a ouvert le compte", "a laissé une remarque"),
        ("q=hopital", "L’hôpital qui ferme la nuit", "Une forêt sous contrat"),
        ("du=2026-11-23&au=2026-11-23", "a laissé une remarque", "Rien de tel"),
        ("au=2020-01-01", "Rien de tel", "a laissé une remarque"),
        ("du=demain&quoi=rm", "a laissé une remarque", "Rien de tel"),
    ],
)
def test_the_journal_is_narrowed(ada: Visitor, query: str, there: str, away: str) -> None:
    page = ada.page(f"/reglages/journal?{query}")
    listed = page[page.index('class="sheet"') :]
    assert there in listed
    assert away not in listed


def test_the_journal_has_older_pages_that_keep_the_filters(ada: Visitor) -> None:
    page = ada.page("/reglages/journal?quoi=episode")
    assert "quoi=episode&amp;page=2" in page
    assert "Plus récent" in ada.page("/reglages/journal?quoi=episode&page=2")


def test_about_names_what_is_installed(ada: Visitor) -> None:
    page = ada.page("/reglages/a-propos")
    assert "AGPL" in page
    assert "SQLite" in page


def test_a_programmes_defaults_and_style(fresh: Channel, come: Come) -> None:
    ada = come(open_app(fresh), "Ada Minh")
    sent = {
        "name": "Terrain",
        "colour": 3,
        "title_template": "{programme} : {title}",
        "category_id": "27",
        "license": "creativeCommon",
        "language": "en",
        "still_style": "poster",
        "intro": " générique_2026.mov ",
        "outro": "",
        "podcast": "no",
    }
    assert ada.post("/reglages/emissions/terrain", sent).status_code == 303
    with fresh.record.read() as session:
        show = episodes.programme(session, "terrain")
        assert (show.category_id, show.license, show.language, show.still_style) == (
            "27",
            "creativeCommon",
            "en",
            "poster",
        )
        assert (show.intro, show.outro, show.podcast) == ("générique_2026.mov", None, False)
    page = ada.page("/reglages/emissions?e=terrain")
    assert 'value="générique_2026.mov"' in page
    assert "ne les monte pas encore" in page
    assert 'value="no" selected' in page
    assert "générique de début" in ada.page("/reglages/journal")
    ada.post("/reglages/emissions/terrain", {**sent, "still_style": "neon"})
    assert "n’est pas un style de vignette" in ada.page("/reglages/emissions")
    assert programmes.STILL_STYLES == ("band", "poster")


def test_templates_being_typed_are_tried_and_not_kept(ada: Visitor) -> None:
    typed = {"title_template": "Essai | {title}", "description_template": "De {programme}."}
    tried = ada.post("/reglages/emissions/terrain/essai", typed)
    said = tried.get_data(as_text=True)
    assert "<b>Essai | " in said
    assert "De Terrain." in said
    assert "Essai |" not in ada.page("/reglages/emissions")
