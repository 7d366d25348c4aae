"""The producer's day, whole, by mouse and by keyboard: a real product receives, cuts, sends and puts on air."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect

from pasvu.channel import accounts, migrations, programmes
from pasvu.channel.clock import WallClock
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState
from pasvu.demo.footage import make_footage
from pasvu.ingest.tools import find_tools
from road.product import PATIENCE_S, Home, Running

pytestmark = [pytest.mark.browser, pytest.mark.media]

RATE = 20
"""Seconds of the channel in a real one: an hour typed to the minute is a few seconds away."""
NAME, PASSWORD = "Inès Belkacem", "une phrase bien longue"
SHOW = "Le Grand Angle"
PATIENCE_MS = 1000 * PATIENCE_S
PARIS = ZoneInfo("Europe/Paris")
FILMS = {"souris": "2026-11-20_Une nuit aux urgences.mp4", "clavier": "2026-11-21_Le four du village.mp4"}
SETTINGS = {
    "clock_rate": str(RATE),
    "settle_s": "6",
    "poll_s": "0.4",
    "publish_margin_s": "5",
    "free_disk_gib": "0",
    "port": "0",
}


class Day:
    """The product at work, and the record it leaves."""

    def __init__(self, home: Home, running: Running) -> None:
        self.home = home
        self.address = _said(running, "Panneau")
        self.sandbox = _said(running, "Répétition")

    def now(self) -> datetime:
        """The channel's time: the stand-in follows it and says it in `Date`."""
        with urlopen(f"{self.sandbox}/", timeout=10) as answer:
            return parsedate_to_datetime(answer.headers["Date"])

    def soon(self) -> datetime:
        """The next whole minute that leaves time to be sent before."""
        return (self.now() + timedelta(seconds=330)).replace(second=0, microsecond=0).astimezone(PARIS)

    def episode(self, which: str) -> Episode:
        found = self.home.received(FILMS[which])
        assert found is not None
        return found


def _said(running: Running, word: str) -> str:
    found = re.search(rf"{word}\s+(http\S+?)/?\s", running.said)
    assert found is not None, running.said
    return found[1]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("day")
    home = Home(folder / "home", **SETTINGS)
    migrations.upgrade(f"sqlite:///{home.path / 'pasvu.db'}", home.path / "run")
    with home.record.write() as session:
        now = WallClock().now()
        accounts.create(session, NAME, "producer", PASSWORD, now, "test")
        programmes.create(session, SHOW, now, "test")
    raw = folder / "raw.mp4"
    make_footage(find_tools(), raw, seconds=60, size=(160, 90), talks=1)
    with home.running("run") as running:
        running.ready()
        for number, name in enumerate(FILMS.values()):
            # Not the same bytes twice: the same recording received again would be set aside.
            home.drop(raw.read_bytes() + b"\0\0\0\x0cfree" + bytes([number] * 4), name, "le-grand-angle")
        yield Day(home, running)
        assert running.end() == 0


@pytest.fixture
def pages(browser: Browser) -> Iterator[tuple[Page, Page]]:
    """Two people at their screens; neither console may say anything."""
    contexts = [browser.new_context(locale="fr-FR", viewport={"width": 1440, "height": 1000}) for _ in range(2)]
    there = contexts[0].new_page(), contexts[1].new_page()
    said: list[str] = []
    for page in there:
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
    yield there
    for context in contexts:
        context.close()
    assert said == []


def test_two_days_from_arrival_to_the_air(pages: tuple[Page, Page], day: Day) -> None:
    """One episode by mouse, one by keyboard alone; each is on air at its minute, on the page left open."""
    mouse, keyboard = pages
    first_at = _by_mouse(mouse, day)
    second_at = _by_keyboard(keyboard, day)
    expect(mouse.locator(".onair")).to_contain_text("La nuit des fourneaux", timeout=PATIENCE_MS)
    expect(keyboard.locator(".dock-say")).to_contain_text("En ligne depuis", timeout=PATIENCE_MS)
    for which, title, at in (
        ("souris", "La nuit des fourneaux", first_at),
        ("clavier", "Le four, au clavier", second_at),
    ):
        episode = day.episode(which)
        assert (episode.title, episode.state) == (title, EpisodeState.ON_AIR)
        assert (episode.trim_start_s or 0) > (episode.proposed_start_s or 0)
        assert len(episode.removed) == 1
        _check_platform(day, episode, at)


def _by_mouse(page: Page, day: Day) -> datetime:
    page.goto(f"{day.address}/")
    page.get_by_label("Nom", exact=True).fill(NAME)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Entrer").click()
    # It arrives by itself, under the eyes of whoever looks.
    page.locator("#c-to_review").get_by_role("link", name="Une nuit aux urgences").click(timeout=PATIENCE_MS)

    page.get_by_label("Titre", exact=True).fill("La nuit des fourneaux")
    page.get_by_label("Résumé", exact=True).fill("Un four, douze heures.")
    expect(page.locator("#saved")).to_contain_text("Enregistré à")
    page.locator(".vig label").nth(1).click()
    _chapters_by_mouse(page)
    _drag(page, page.get_by_role("slider", name="Début de l’épisode"), 30)
    _click_wave(page, 0.5)
    page.get_by_role("button", name="Enlever ici").click()
    expect(page.locator("#taken li")).to_have_count(1)
    page.get_by_role("button", name="Enregistrer la coupe").click()
    expect(page.get_by_text("Coupe enregistrée")).to_be_visible()

    page.get_by_role("button", name="Valider").click(timeout=PATIENCE_MS)
    page.get_by_role("link", name="Programmer…").click()
    at = None
    while at is None:
        soon = day.soon()
        page.get_by_label("Jour", exact=True).fill(f"{soon:%Y-%m-%d}")
        page.get_by_label("Heure", exact=True).fill(f"{soon:%H:%M}")
        with page.expect_navigation():
            page.get_by_role("button", name="Programmer", exact=True).click()
        at = _taken(page, soon)
    page.get_by_role("link", name="Épisodes").first.click()
    expect(page.locator("#c-scheduled")).to_contain_text("La nuit des fourneaux")
    return at


def _chapters_by_mouse(page: Page) -> None:
    for place, (share, title) in enumerate([(0.1, "Le four"), (0.42, "La nuit"), (0.7, "L’aube")], 1):
        _click_wave(page, share)
        page.get_by_role("button", name=re.compile("Chapitre ici")).click()
        page.get_by_label(f"Nom du chapitre {place}", exact=True).fill(title)
    expect(page.locator("#chapter-count")).to_have_text("3")


def _click_wave(page: Page, share: float) -> None:
    wave = page.locator("#wave")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] * share, "y": 80})


def _drag(page: Page, handle: Locator, by: int) -> None:
    # A mouse goes where it is told, in view or not.
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y, steps=3)
    page.mouse.up()


def _by_keyboard(page: Page, day: Day) -> datetime:
    keys = page.keyboard
    page.goto(f"{day.address}/connexion")
    _tab_to(page, page.get_by_label("Nom", exact=True))
    keys.type(NAME)
    _tab_to(page, page.get_by_label("Mot de passe"))
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Épisodes")
    expect(page.locator("html.js")).to_be_visible()
    keys.press("/")
    expect(page.get_by_label("Rechercher un épisode")).to_be_focused()
    keys.type("four du village")
    page.wait_for_url(re.compile("q=four"))
    expect(page.locator("#c-to_review .card")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator(".card")).to_have_count(1)
    # Out of the search field, to the only card, and into it.
    _tab_to(page, page.locator(".card h3 a"))
    keys.press("Enter")
    page.wait_for_url(re.compile("/e/"))

    # Once its handles lie on the wave, the page hears its keys.
    expect(page.get_by_role("slider", name="Début de l’épisode")).to_have_attribute("style", re.compile("left"))
    # The film: its start two seconds later, a passage out, chapters where the film stands.
    _tab_to(page, page.get_by_role("slider", name="Début de l’épisode"))
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    for title, seconds in (("Le four", 15), ("La nuit", 10), ("L’aube", 5)):
        keys.press("m")
        keys.type(title)
        # Out of the text field, so that keys are shortcuts again.
        keys.press("Tab")
        for _ in range(seconds // 5):
            keys.press("l")
    keys.press("x")
    expect(page.get_by_role("slider", name=re.compile("Fin du passage retiré"))).to_be_focused()
    keys.press("ArrowLeft")
    expect(page.locator("#chapter-count")).to_have_text("3")
    _tab_to(page, page.get_by_role("button", name="Enregistrer la coupe"))
    keys.press("Enter")
    expect(page.get_by_text("Coupe enregistrée")).to_be_visible()
    _tab_to(page, page.get_by_label("Titre", exact=True))
    keys.press("ControlOrMeta+a")
    keys.type("Le four, au clavier")
    _tab_to(page, page.get_by_label("Résumé", exact=True))
    keys.type("Un four, douze heures.")
    _tab_to(page, page.locator("input[name=still]").first)
    keys.press("ArrowDown")
    expect(page.locator("#saved")).to_contain_text("Enregistré à")

    approve = page.get_by_role("button", name="Valider")
    expect(approve).to_be_enabled(timeout=PATIENCE_MS)
    _tab_to(page, approve)
    keys.press("Enter")
    _tab_to(page, page.get_by_role("link", name="Programmer…"))
    keys.press("Enter")
    at = None
    while at is None:
        soon = day.soon()
        # Day or month first, twelve hours or twenty-four: these fields speak the browser's language, not the page's.
        day_field, hour_field = page.get_by_label("Jour", exact=True), page.get_by_label("Heure", exact=True)
        _type_field(page, day_field, f"{soon:%Y-%m-%d}", f"{soon:%d%m%Y}", f"{soon:%m%d%Y}")
        _type_field(page, hour_field, f"{soon:%H:%M}", f"{soon:%H%M}", f"{soon:%I%M%p}")
        with page.expect_navigation():
            keys.press("Enter")
        at = _taken(page, soon)
    return at


def _taken(page: Page, at: datetime) -> datetime | None:
    """The hour typed, once the page shows it; `None` where a slow machine let it go by and the dialogue asks again."""
    when = page.locator(".dock .when")
    gone = page.get_by_role("dialog").get_by_text("Cet instant est déjà passé")
    expect(when.or_(gone)).to_be_visible()
    if gone.is_visible():
        return None
    expect(when).to_contain_text(f"{at:%H:%M}")
    return at


def _check_platform(day: Day, episode: Episode, at: datetime) -> None:
    """It shows what was meant, since the minute that was meant, and never before."""
    video: dict[str, Any] = day.home.held(f"videos/{episode.publications[0].video_id}")
    *before, last = video["history"]
    assert {moment["privacy"] for moment in before} == {"private"}
    assert last["privacy"] == "public"
    assert 0 <= (datetime.fromisoformat(last["at"]) - at).total_seconds() <= 2
    master = episode.rendition("master")
    assert master is not None
    assert video["sha256"] == master.sha256


def _type_field(page: Page, field: Locator, wanted: str, *ways: str) -> None:
    """Type a day or an hour until the field holds what is wanted."""
    _tab_to(page, field)
    for way in ways:
        for _ in range(3):
            page.keyboard.press("ArrowLeft")
        page.keyboard.type(way)
        if field.input_value() == wanted:
            return
    raise AssertionError(f"no way to type {wanted} into this field: {field.input_value()}")


def _tab_to(page: Page, wanted: Locator, most: int = 120) -> None:
    """Nothing but Tab, as often as it takes: what cannot be reached so is not there for some people."""
    expect(wanted).to_be_visible()
    for _ in range(most):
        try:
            if wanted.evaluate("(element) => element === document.activeElement"):
                return
        except Error:
            # The page drew itself anew: the cut it waited for is there.
            expect(wanted).to_be_visible()
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached with {most} times Tab: {wanted}")
