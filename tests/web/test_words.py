"""French as printers set it, English complete."""

from __future__ import annotations

import ast
import re
import runpy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from pasvu.channel import errors
from pasvu.web import formats, words
from pasvu.web.deeds import DEEDS
from pasvu.web.typography import french
from web.channel import Channel
from web.conftest import Come, open_app

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("plain", "set_right"),
    [
        ("Vraiment ?", "Vraiment\u202f?"),
        ("« Oui »", "«\u202fOui\u202f»"),
        ("Titre : suite ; fin !", "Titre\u202f: suite\u202f; fin\u202f!"),
        ("38 %", "38\u202f%"),
        ("à -14 LUFS", "à -14\u202fLUFS"),
        ("l'heure d'été", "l’heure d’été"),
        ("Depuis %(when)s", "Depuis %(when)s"),
        ("à 19:00", "à 19:00"),
        ("8,4 Go · copie en cours", "8,4\u202fGo\u00a0· copie en cours"),
    ],
)
def test_french_typography(plain: str, set_right: str) -> None:
    assert french(plain) == set_right


def test_the_first_of_a_month_is_said_as_people_say_it(app: Flask) -> None:
    with app.test_request_context("/?langue=fr"):
        assert formats.day("2026-12-01", "EEEE d MMMM") == "mardi 1er décembre"
        assert formats.day("2026-12-21", "EEE d MMM") == "lun. 21 déc."
        assert formats.instant(datetime(2027, 4, 1, 17, tzinfo=UTC)) == "jeu. 1er avr.\u00a0· 19:00"
    with app.test_request_context("/?langue=en"):
        assert formats.day("2026-12-01", "EEE d MMM") == "Tue 1 Dec"


def test_names_of_files_break_after_their_underscores() -> None:
    assert formats.breaks("Rushes_<b>_cam2") == "Rushes_<wbr>&lt;b&gt;_<wbr>cam2"


def test_every_act_of_the_journal_has_its_words() -> None:
    written = set()
    for path in (ROOT / "src/pasvu").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] in ("write", "note", "_note"):
                said = [each.value for each in call.args if isinstance(each, ast.Constant)]
                written |= {each for each in said if re.fullmatch(r"[a-z]+\.[a-z_]+", str(each))}
    assert len(written) > 60
    assert written <= set(DEEDS), written - set(DEEDS)


def test_every_sentence_is_translated() -> None:
    check = runpy.run_path(str(ROOT / "scripts/check_translations.py"))
    template = check["gather"]()
    assert len(template) > 400
    assert list(check["wrong"]("en", template)) == []


def test_errors_speak_the_readers_language(app: Flask) -> None:
    error = errors.Refused("« {title} » n’est pas programmé.", title="Rails")
    moved = errors.Refused("Un épisode « {now} » ne peut pas devenir « {to} ».", now="à relire", to="en ligne")
    with app.test_request_context("/?langue=fr"):
        assert words.say(error) == "«\u202fRails\u202f» n’est pas programmé."
    with app.test_request_context("/?langue=en"):
        assert words.say(error) == "“Rails” is not scheduled."
        assert "to review" in words.say(moved)


def test_the_whole_panel_in_english(app: Flask, channel: Channel, come: Come) -> None:
    ada = come(app, "Ada Minh")
    ada.post("/langue", {"language": "en"})
    for path, said in [
        ("/", "Episodes"),
        (f"/e/{channel.ids['review']}", "Before scheduling"),
        ("/calendrier", "Calendar"),
        ("/audience", "Audience"),
        ("/reglages/comptes", "Accounts"),
    ]:
        page = ada.page(path)
        assert '<html lang="en">' in page
        assert said in page
        assert "Épisodes</" not in page


def test_the_house_language_greets_strangers(fresh: Channel) -> None:
    from pasvu.channel.settings import Settings

    fresh.settings = Settings(home=fresh.settings.home, language="en")
    assert '<html lang="en">' in open_app(fresh).test_client().get("/connexion").get_data(as_text=True)


def test_counting_in_french_and_english(app: Flask) -> None:
    from pasvu.web.formats import counted

    with app.test_request_context("/?langue=fr"):
        assert [counted(n, "{n} jour", "{n} jours") for n in (0, 1, 2)] == ["0 jour", "1 jour", "2 jours"]
    with app.test_request_context("/?langue=en"):
        assert [counted(n, "{n} jour", "{n} jours") for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
