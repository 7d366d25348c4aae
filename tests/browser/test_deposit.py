"""Sending files through the browser: a cut, a closed page, a refusal; what arrives is byte for byte the same."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from browser.conftest import Enter, Panel

pytestmark = pytest.mark.browser

# Three pieces of 8 MiB: enough to be cut in the middle.
SIZE = 20 * 1024 * 1024


@pytest.fixture
def film(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / f"{request.node.name}.mp4"
    path.write_bytes(os.urandom(SIZE))
    return path


def arrived(panel: Panel, film: Path, programme: str) -> bool:
    landed = panel.channel.settings.watch_dirs[0] / programme / film.name
    return hashlib.sha256(landed.read_bytes()).digest() == hashlib.sha256(film.read_bytes()).digest()


def cut_after_the_first_piece(page: Page) -> list[int]:
    """The line goes dead once one piece is through; returns the offsets that were sent, to be emptied to mend it."""
    sent: list[int] = []

    def answer(route: Route) -> None:
        if route.request.method == "PATCH":
            at = int(route.request.headers["upload-offset"])
            if at > 0:
                sent.append(at)
                route.abort("internetdisconnected")
                return
        route.continue_()

    page.route("**/deposer/envois/*", answer)
    return sent


def test_a_cut_line_is_no_loss(page: Page, enter: Enter, panel: Panel, film: Path) -> None:
    # The browser itself says of each refused request that it failed: this page's console is not looked at.
    enter("Malik Kone", "/deposer")
    lonely = page.context.new_page()
    lonely.goto("/deposer")
    cuts = cut_after_the_first_piece(lonely)
    lonely.get_by_label("Émission", exact=True).select_option("terrain")
    lonely.locator("#deposit-files").set_input_files(film)
    expect(lonely.locator(".sent-said")).to_contain_text("Réseau coupé")
    assert set(cuts) == {8 * 1024 * 1024}
    # Another day, another page: the same file chosen again goes on where it was.
    lonely.close(run_before_unload=False)
    page.reload()
    expect(page.locator("#waiting")).to_contain_text(film.name)
    expect(page.locator("#waiting")).to_contain_text("Choisissez le même fichier pour continuer.")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.locator("#deposit-files").set_input_files(film)
    expect(page.locator(".sent-said")).to_contain_text("Reçu en entier")
    assert "POST" not in sent, "it was continued, not begun anew"
    assert arrived(panel, film, "terrain")


def test_paused_and_taken_up_again(enter: Enter, panel: Panel, film: Path) -> None:
    page = enter("Malik Kone", "/deposer")
    held: list[Route] = []
    page.route("**/deposer/envois/*", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request(lambda request: request.method == "PATCH"):
        page.locator("#deposit-files").set_input_files(film)
    page.get_by_role("button", name="Mettre en pause").click()
    expect(page.locator(".sent-said")).to_contain_text("En pause")
    page.get_by_role("button", name="Reprendre").click()
    expect(page.locator(".sent-said")).to_contain_text("Reçu en entier")
    assert arrived(panel, film, "")


def test_a_refusal_is_said_beside_the_file(page: Page, enter: Enter, tmp_path: Path) -> None:
    enter("Malik Kone", "/deposer")
    lonely = page.context.new_page()
    lonely.goto("/deposer")
    unfinished = tmp_path / "film.mp4.part"
    unfinished.write_bytes(b"abc")
    lonely.locator("#deposit-files").set_input_files(unfinished)
    expect(lonely.locator(".sent-wrong")).to_contain_text("renommez-le et recommencez")
    expect(lonely.locator(".sent-wrong").get_by_role("button"), "it would be refused for ever").to_have_count(0)
