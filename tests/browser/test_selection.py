"""Choosing many cards, and deciding for all of them at once: by mouse, by keys, and what is refused is said."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.conftest import Enter, Panel
from browser.test_producer import read
from browser.test_screens import violations
from pasvu.channel.states import EpisodeState

pytestmark = pytest.mark.browser


@pytest.fixture
def three(panel: Panel, request: pytest.FixtureRequest) -> list[str]:
    """Three episodes of this test's own to review; the last one waits for its cut."""
    channel = panel.channel
    with channel.record.write() as session:
        made = [channel.to_review(session, f"{request.node.name} {n}", "Terrain") for n in (1, 2, 3)]
        made[2].wanted_cut += 1
        return [episode.id for episode in made]


def test_a_selection_is_approved_and_what_is_refused_is_said(enter: Enter, panel: Panel, three: list[str]) -> None:
    page = enter(path="/?q=selection is approved".replace(" ", "_"))
    for ref in three:
        page.locator(f"#e{ref} .pick input").check()
    expect(page.locator("#bulk")).to_contain_text("3 épisodes choisis")
    assert violations(page) == []
    page.get_by_role("button", name="Valider").click()
    expect(page.locator(".toast").first).to_contain_text("2 épisodes validés.")
    expect(page.locator(".toast-wrong")).to_contain_text("n’est pas prêt")
    expect(page.locator(f"#c-ready #e{three[0]}")).to_be_visible()
    expect(page.locator("#bulk")).to_be_hidden()
    assert [read(panel, ref).state for ref in three] == [
        EpisodeState.APPROVED,
        EpisodeState.APPROVED,
        EpisodeState.IN_REVIEW,
    ]
    page.locator(".toast").get_by_role("button", name="Annuler").click()
    expect(page.locator(f"#c-to_review #e{three[0]}")).to_be_visible()
    assert read(panel, three[1]).state == EpisodeState.IN_REVIEW


def test_a_selection_by_keys_outlives_the_redrawing(enter: Enter, panel: Panel, three: list[str]) -> None:
    page = enter(path="/?q=selection_by_keys")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("#bulk")).to_contain_text("3 épisodes choisis")
    with panel.channel.record.write() as session:
        panel.channel.to_review(session, "selection_by_keys 4", "Terrain")
    expect(page.locator(".card")).to_have_count(4)
    expect(page.locator("#bulk")).to_contain_text("3 épisodes choisis")
    expect(page.locator(".card.chosen .pick input:checked")).to_have_count(3)
    page.get_by_label("Mots-clés à ajouter").fill("rentrée")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").first).to_contain_text("Mots-clés ajoutés à 3 épisodes.")
    assert all("rentrée" in read(panel, ref).tags for ref in three)
    page.keyboard.press("Escape")


def test_the_tray_places_an_episode_in_its_next_free_slot(enter: Enter, panel: Panel) -> None:
    with panel.channel.record.write() as session:
        ref = panel.channel.approved(session, "Au prochain créneau", "Hors champ", "Malik Kone").id
    page = enter(path="/calendrier")
    page.locator(f"#ev-{ref} .next-free").click()
    expect(page.locator(".toast")).to_contain_text("est programmé")
    expect(page.locator(f".cal #ev-{ref}")).to_be_visible()
    assert read(panel, ref).publications[0].scheduled_at is not None
    page.locator(f".cal #ev-{ref} .grip").focus()
    page.keyboard.press("Delete")
    expect(page.locator(".toast").last).to_contain_text("est retiré du calendrier")
    expect(page.locator(f".tray #ev-{ref}")).to_be_visible()
    assert read(panel, ref).publications[0].scheduled_at is None


def test_an_episode_passes_a_freeze_in_someones_name(enter: Enter, panel: Panel) -> None:
    page = enter(path="/calendrier?du=2027-03-29")
    expect(page.locator(".frozen-ev")).to_contain_text("retenu par le gel")
    page.get_by_text("Laisser passer…").click()
    page.get_by_label("Pourquoi malgré le gel ?").fill("Droit de réponse")
    page.get_by_role("button", name="Laisser passer en mon nom").click()
    expect(page.locator(".freeze")).to_contain_text("Inès Belkacem a laissé passer un épisode")
    expect(page.locator(".frozen-ev")).to_have_count(0)
