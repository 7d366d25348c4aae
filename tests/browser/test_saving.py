"""What is typed is saved by itself: alone, beside a colleague, without a network; and can be taken back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from browser.conftest import Enter, Panel
from browser.test_producer import arrived, read
from browser.test_screens import violations
from pasvu.channel import episodes, review
from pasvu.channel.values import Chapter, Span

pytestmark = pytest.mark.browser

__all__ = ["arrived"]


def test_typed_saved_counted_and_taken_back(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter(path=f"/e/{arrived}")
    before = read(panel, arrived).title
    page.get_by_label("Titre", exact=True).fill("Un four la nuit")
    expect(page.locator("#saved")).to_contain_text("Enregistré à 09:41")
    assert read(panel, arrived).title == "Un four la nuit"
    expect(page.locator("#sent")).to_contain_text("Un four la nuit")
    page.get_by_role("button", name=re.compile("Annuler.*titre")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(before)
    assert read(panel, arrived).title == before


def test_a_colleague_wrote_in_the_same_field(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter(path=f"/e/{arrived}")
    title = page.get_by_label("Titre", exact=True)
    title.focus()
    change(panel, arrived, title="Le titre de Jeanne", summary="Le résumé de Jeanne")
    title.fill("Le titre d’Inès")
    expect(page.locator("#conflict-title")).to_contain_text("Le titre de Jeanne")
    expect(page.locator("#saved")).to_contain_text("Pas enregistré")
    expect(title).to_have_value("Le titre d’Inès")
    page.get_by_role("button", name="Garder le mien").click()
    expect(page.locator("#saved")).to_contain_text("Enregistré à")
    episode = read(panel, arrived)
    assert (episode.title, episode.summary) == ("Le titre d’Inès", "Le résumé de Jeanne")


def test_a_cut_network_loses_nothing(enter: Enter, panel: Panel, arrived: str, noise: list[str]) -> None:
    noise.append("ERR_INTERNET_DISCONNECTED")
    page = enter(path=f"/e/{arrived}")
    gone = True

    def answer(route: Route) -> None:
        route.abort("internetdisconnected") if gone else route.continue_()

    page.route("**/fiche", answer)
    page.get_by_label("Résumé", exact=True).fill("Écrit pendant la coupure.")
    expect(page.locator("#saved")).to_contain_text("Le panneau ne répond pas")
    gone = False
    expect(page.locator("#saved")).to_contain_text("Enregistré à")
    assert read(panel, arrived).summary == "Écrit pendant la coupure."


def test_chapters_by_keyboard(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter(path=f"/e/{arrived}")
    page.get_by_role("button", name="Ajouter une ligne").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("0:12")
    page.keyboard.press("Tab")
    expect(page.locator("#saved")).to_contain_text("attend son nom")
    page.keyboard.type("Le pain")
    page.keyboard.press("Enter")
    page.keyboard.type("0:02")
    page.keyboard.press("Tab")
    page.keyboard.type("Le four")
    expect(page.locator("#chapter-count")).to_have_text("2")
    expect(page.locator("#saved")).to_contain_text("Enregistré à")
    # In the order of time, whatever the order of typing.
    assert [(mark.start_s, mark.title) for mark in read(panel, arrived).chapters] == [
        (2.0, "Le four"),
        (12.0, "Le pain"),
    ]
    page.locator("#chapter-list [name=at]").first.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    expect(page.locator("#chapter-list [name=at]").first).to_have_value("0:00:03")


def test_a_chapters_flag_is_dragged(enter: Enter, panel: Panel, arrived: str) -> None:
    with panel.channel.record.write() as session:
        now = panel.channel.clock.now()
        review.set_chapters(session, episodes.find(session, arrived), [Chapter(6.0, "Le four")], now, "Jeanne")
    page = enter(path=f"/e/{arrived}")
    box = page.locator("#wave").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 6 / 24, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 18 / 24, box["y"] + 8, steps=4)
    page.mouse.up()
    expect(page.locator("#chapter-list [name=at]")).to_have_value("0:00:18")
    # "Saved at", or the page has drawn itself anew since and offers to take it back.
    expect(page.locator("#saved")).to_contain_text(re.compile("Enregistré à|Annuler : chapitre"))
    assert read(panel, arrived).chapters[0].start_s == pytest.approx(18.0, abs=0.2)


def test_a_passage_is_taken_out_and_put_back(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter(path=f"/e/{arrived}")
    expect(page.locator("#film")).to_have_js_property("readyState", 4)
    page.evaluate("document.querySelector('#film').currentTime = 6")
    expect(page.locator("#now")).to_have_text("0:00:06")
    page.keyboard.press("x")
    expect(page.locator("[name=taken_from]")).to_have_value("0:00:06")
    # The new passage's end has the focus: arrows move it, as they move every handle.
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[name=taken_to]")).to_have_value("0:00:09")
    expect(page.locator(".taken-s")).to_have_text("−3,0 s")
    page.get_by_role("button", name="Enregistrer la coupe").click()
    expect(page.get_by_text("Coupe enregistrée")).to_be_visible()
    assert read(panel, arrived).removed == [[6.0, 9.0]]
    page.get_by_role("button", name="Remettre ce passage").click()
    page.get_by_role("button", name="Enregistrer la coupe").click()
    expect(page.locator(".history").first).to_contain_text("rien n’est plus retiré du milieu")
    assert read(panel, arrived).removed == []


def test_heard_as_the_public_will(enter: Enter, panel: Panel, arrived: str) -> None:
    with panel.channel.record.write() as session:
        episode = episodes.find(session, arrived)
        review.cut_out(session, episode, Span(4.0, 20.0), panel.channel.clock.now(), "Jeanne Rouvier")
    page = enter(path=f"/e/{arrived}")
    expect(page.locator("#film")).to_have_js_property("readyState", 4)
    page.get_by_label("Comme le public").check()
    page.evaluate("document.querySelector('#film').currentTime = 3.5")
    page.evaluate("document.querySelector('#film').play()")
    expect(page.locator("#now")).to_have_text(re.compile("0:00:2[0-2]"))


def test_a_caption_is_corrected_where_it_stands(enter: Enter, panel: Panel) -> None:
    page = enter(path=f"/e/{panel.ids['review']}/sous-titres/fr")
    line = page.locator("#l2")
    line.get_by_role("link").click()
    line.get_by_label("Texte de la ligne").fill("Les urgences ont fermé.")
    page.keyboard.press("Enter")
    expect(line.locator("p[lang]")).to_have_text("Les urgences ont fermé.")
    page.get_by_label("Chercher dans le texte").fill("ferme.")
    expect(page.locator(".cues li:visible")).to_have_count(1)
    # The next correction stands on the first one.
    line.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(line.get_by_label("Texte de la ligne")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Les urgences ferment.")
    page.keyboard.press("Enter")
    expect(line.locator("p[lang]")).to_have_text("Les urgences ferment.")


def test_approved_and_scheduled_with_a_thumb(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/e/{arrived}")
    # In sight without scrolling, whatever the length of the page.
    approve = page.get_by_role("button", name="Valider")
    expect(approve).to_be_in_viewport()
    approve.click()
    plan = page.get_by_role("link", name="Programmer…")
    expect(plan).to_be_in_viewport()
    plan.click()
    page.locator("#programmer .free-b").first.click()
    expect(page.get_by_role("link", name="Changer l’heure…")).to_be_in_viewport()
    assert read(panel, arrived).publications[0].scheduled_at is not None


def change(panel: Panel, ref: str, **fields: str) -> None:
    with panel.channel.record.write() as session:
        episodes.edit(session, episodes.find(session, ref), fields, panel.channel.clock.now(), "Jeanne Rouvier")


def test_several_errors_stand_by_their_fields_and_the_first_has_the_focus(
    enter: Enter, panel: Panel, arrived: str
) -> None:
    with panel.channel.record.write() as session:
        later = panel.channel.received(session, "La suite", "Terrain")
        panel.channel.measured(session, later, 24.0)
        panel.channel.cut(session, later)
        for number, episode in enumerate((episodes.find(session, arrived), later), start=1):
            episode.recording.parts[0].series, episode.recording.parts[0].number = "/depot|mp4|part|suite", number
    page = enter(path=f"/e/{arrived}")
    expect(page.locator(".notice", has_text="Une suite est arrivée plus tard")).to_be_visible()
    # A programme that someone deleted after this page was drawn.
    page.locator("#f-programme option").last.evaluate("(option) => option.setAttribute('value', 'partie')")
    page.get_by_label("Émission", exact=True).select_option("partie")
    page.locator("#f-title").fill("")
    page.locator("#f-title").press("Enter")
    expect(page.locator("#wrong-title")).to_contain_text("Le titre est vide")
    expect(page.locator("#wrong-programme")).not_to_be_empty()
    expect(page.locator("#saved")).to_contain_text("2 champs sont à corriger")
    expect(page.locator("#f-title")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Arrivé pour")
    assert violations(page) == []
    page.locator("#f-guests").fill("Ana Diaz, juriste")
    page.locator("#f-title").fill("L’hôpital qui ferme la nuit")
    page.get_by_label("Émission", exact=True).select_option("le-grand-angle")
    expect(page.locator("#saved")).to_contain_text("Enregistré à")
    expect(page.locator("[aria-invalid]")).to_have_count(0)
    expect(page.locator("#f-guests")).to_have_value("Ana Diaz, juriste")
