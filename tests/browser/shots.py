"""Pictures of every screen, both widths and both lights, into `shots/`: to be looked at, not compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Enter, Panel
from browser.test_screens import CLOSED, SCREENS, outsized

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parents[2] / "shots"
WIDTHS = {"1440": {"width": 1440, "height": 1000}, "390": {"width": 390, "height": 844}}
LIGHTS = {"light": "light", "dark": "dark"}
LOOK_AT_ALL = """Promise.all([...document.images].map((one) => {
    one.loading = 'eager';
    return one.decode().catch(() => null);
}))"""


@pytest.fixture(scope="module", autouse=True)
def folder() -> None:
    FOLDER.mkdir(exist_ok=True)


@pytest.mark.parametrize("name", SCREENS)
def test_screen(enter: Enter, panel: Panel, name: str, noise: list[str]) -> None:
    noise.extend(["410 (GONE)", "410 (Gone)"] if name in CLOSED else [])
    shoot(enter("Ada Minh", SCREENS[name].format(**panel.ids)), name)


@pytest.mark.parametrize(("name", "path"), [("door", "/connexion"), ("lost", "/nulle-part")])
def test_screen_for_strangers(page: Page, name: str, path: str) -> None:
    page.goto(path)
    shoot(page, name)


def shoot(page: Page, name: str) -> None:
    for width, size in WIDTHS.items():
        page.set_viewport_size(size)
        for light in LIGHTS:
            page.emulate_media(color_scheme=light)
            # Stills below the window wait until they are looked at; a picture of the whole page looks at them all.
            page.evaluate(LOOK_AT_ALL)
            page.wait_for_load_state("load")
            page.screenshot(path=FOLDER / f"{name}-{width}-{light}.png", full_page=True)


def test_a_cut_being_made(enter: Enter, panel: Panel) -> None:
    channel = panel.channel
    with channel.record.write() as session:
        made = channel.received(session, "Au bord du fleuve", "Terrain")
        channel.measured(session, made, 24.0)
        channel.cut(session, made)
        ref = made.id
    page = enter(path=f"/e/{ref}")
    page.locator("#film").evaluate("(film) => (film.currentTime = 12)")
    page.get_by_role("button", name="Enlever ici").click()
    for canvas in page.locator("#coupe .edge canvas").all():
        expect(canvas).to_have_attribute("data-shown", re.compile(r"\d"))
    shoot(page, "episode-cut")


def test_words_longer_than_a_line(enter: Enter, panel: Panel) -> None:
    page = enter("Ada Minh")
    for name, path in outsized(panel).items():
        page.goto(path)
        shoot(page, name)


def test_a_selection(enter: Enter) -> None:
    page = enter()
    for card in page.locator("#c-to_review .card, #c-ready .card").all():
        card.locator(".pick input").check()
    shoot(page, "board-selection")


def test_files_on_their_way(enter: Enter, panel: Panel, tmp_path: Path) -> None:
    page = enter("Malik Kone", "/deposer").context.new_page()
    page.goto("/deposer")
    # One that comes through, one that hangs on the way, one that is refused.
    page.route("**/deposer/envois/*", lambda route: None if "reportage" in held else route.continue_())
    held: list[str] = []
    for name, size in [("micro-ouvert_2026-11-21.mp3", 4000), ("film.mp4.part", 5)]:
        path = tmp_path / name
        path.write_bytes(b"\0" * size)
        page.locator("#deposit-files").set_input_files(path)
        page.locator(".sent-done, .sent-wrong").first.wait_for()
    held.append("reportage")
    path = tmp_path / "2026-11-20_terrain_reportage-de-nuit-a-la-gare-de-triage_p1.mov"
    path.write_bytes(b"\0" * 12_000_000)
    page.locator("#deposit-files").set_input_files(path)
    page.locator(".sent").nth(2).wait_for()
    shoot(page, "deposit-sending")
