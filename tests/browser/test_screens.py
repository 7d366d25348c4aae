"""Every screen, for everyone: accessible in both lights and both widths, valid, never wider than the window."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser.conftest import Enter, Panel
from pasvu.channel import intake, programmes

pytestmark = pytest.mark.browser

MODULES = Path(__file__).parents[2] / "node_modules"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCREENS = {
    "board": "/",
    "episode": "/e/{review}",
    "captions": "/e/{review}/sous-titres/fr?ligne=2",
    "working": "/e/{working}",
    "broken": "/e/{broken}",
    "there": "/e/{edited}?prevoir=1",
    "schedule": "/e/{ready}?dialogue=programmer",
    "calendar": "/calendrier",
    "agenda": "/calendrier?vue=agenda",
    "frozen": "/calendrier?du=2027-03-22",
    "deposit": "/deposer",
    "replays": "/directs",
    "audience": "/audience",
    "audience of an episode": "/audience/episode/{Le village sans médecin}?fin=672",
    "audience in depth": "/audience/episode/{L’eau du plateau}",
    "audience of a programme": "/audience/emission/le-grand-angle?jours=90",
    "audience of a week": "/audience/semaine?du=2026-11-18",
    "audience of lives": "/audience/directs",
    "audience of a live": "/audience/direct/k2Lm0aXw9tE",
    "audience outputs": "/audience/sorties",
    "audience compared": "/audience/comparer?e={Le village sans médecin}&e={Sortie d’usine}",
    "programmes": "/reglages/emissions?e=terrain",
    "accounts": "/reglages/comptes",
    "platforms": "/reglages/plateformes",
    "jobs": "/reglages/travaux",
    "health": "/reglages/systeme",
    "folders": "/reglages/dossiers",
    "about": "/reglages/a-propos",
    "journal": "/reglages/journal",
    "me": "/reglages/moi",
    "guest": "/apercu/{guest}/",
    "guest waiting": "/apercu/{guest waiting}/",
    "guest expired": "/apercu/{guest expired}/",
    "guest revoked": "/apercu/{guest revoked}/",
}
CLOSED = ("guest expired", "guest revoked")
HTML_RULES = {
    "root": True,
    "extends": ["html-validate:recommended"],
    "rules": {
        "long-title": "off",
        "no-trailing-whitespace": "off",
        "no-raw-characters": "off",
        "doctype-style": ["error", {"style": "lowercase"}],
        # Lists of lines, such as chapters, repeat a name on purpose.
        "form-dup-name": "off",
        "prefer-native-element": ["error", {"exclude": ["button"]}],
    },
}


CONTRAST = {"type": "rule", "values": ["color-contrast"]}
EVERYTHING = {"type": "tag", "values": RULES}


def violations(page: Page, rules: dict[str, object] = EVERYTHING) -> list[object]:
    if not page.evaluate("'axe' in window"):
        # Through the debugger: the page's own policy need not allow it.
        page.evaluate((MODULES / "axe-core/axe.min.js").read_text() + ";0")
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
    return [
        (wrong["id"], wrong["impact"], [node["target"][0] for node in wrong["nodes"]][:5])
        for wrong in found["violations"]
    ]


@pytest.fixture(scope="module")
def page(context: BrowserContext) -> Iterator[Page]:
    """One tab for all screens: they are only looked at."""
    page = context.new_page()
    yield page
    page.close()


@pytest.fixture(autouse=True)
def wide_and_light(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("name", SCREENS)
def test_accessible_in_both_lights_and_widths(enter: Enter, panel: Panel, name: str, noise: list[str]) -> None:
    # A closed link answers 410, which browsers write into the console by themselves.
    noise.extend(["410 (GONE)", "410 (Gone)"] if name in CLOSED else [])
    page = enter("Ada Minh", SCREENS[name].format(**panel.ids))
    page.wait_for_load_state("load")
    found = {}
    found["light"] = violations(page)
    # Colours are all that the dark changes; the narrow window changes the layout too.
    page.emulate_media(color_scheme="dark")
    found["dark"] = violations(page, CONTRAST)
    page.set_viewport_size({"width": 390, "height": 844})
    found["dark 390"] = violations(page, CONTRAST)
    page.emulate_media(color_scheme="light")
    found["light 390"] = violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the window"
    assert not any(found.values()), json.dumps(found, ensure_ascii=False, indent=1)


def outsized(panel: Panel) -> dict[str, str]:
    """Words longer than a line wherever a title, a programme's name or a reason stands; the pages that show them."""
    channel, word = panel.channel, "Anticonstitutionnellement_" * 3 + "rushes_du_soir_v2"
    with channel.record.write() as session:
        now = channel.clock.now()
        show = programmes.create(session, "Les grandes conférences gesticulées du dimanche en public", now, "test").slug
        channel.approved(session, word, show, "Malik Kone")
        channel.scheduled(session, word, show, "Malik Kone", now + timedelta(days=29))
        broken = channel.received(session, word, show)
        intake.quarantine(session, broken, f"« {word}.mov » n’est pas entier : relancez la copie. " * 6, now)
        return {
            "outsized board": "/?q=anticonstitutionnellement",
            "outsized episode": f"/e/{broken.id}",
            "outsized calendar": "/calendrier",
            "outsized agenda": "/calendrier?vue=agenda",
            "outsized journal": f"/reglages/journal?q={word}",
        }


def test_no_word_is_wider_than_the_window(enter: Enter, panel: Panel) -> None:
    page, paths = enter("Ada Minh"), outsized(panel)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for name, path in paths.items():
            page.goto(path, wait_until="domcontentloaded")
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name} at {width}"


def test_settings_fit_a_phone(enter: Enter, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    enter("Ada Minh", "/reglages/travaux")
    expect(page.locator(".rules-tabs [aria-current]")).to_be_in_viewport(ratio=1)
    for button in page.locator(".list .btn").all():
        expect(button).to_be_in_viewport(ratio=1)


def test_the_door_is_accessible(clean: Page) -> None:
    clean.goto("/connexion")
    assert violations(clean) == []


def test_html_is_valid(enter: Enter, panel: Panel, tmp_path: Path) -> None:
    page = enter("Ada Minh")
    for name, path in {**SCREENS, "door": "/connexion"}.items():
        (tmp_path / f"{name}.html").write_bytes(page.request.get(path.format(**panel.ids)).body())
    (tmp_path / ".htmlvalidate.json").write_text(json.dumps(HTML_RULES))
    node = shutil.which("node")
    assert node is not None
    checked = subprocess.run(
        [node, MODULES / ".bin/html-validate", *sorted(tmp_path.glob("*.html"))],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-6000:]


def test_a_refusal_is_a_page_in_words(enter: Enter, page: Page) -> None:
    enter("Yann Le Goff")
    reply = page.request.get("/reglages/comptes")
    assert reply.status == 403
    page.set_content(reply.text())
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas avec votre rôle")
    expect(page.get_by_role("link", name="Revenir aux épisodes")).to_be_visible()
