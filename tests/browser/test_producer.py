"""The producer's day, by mouse and by keyboard, through real pages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.conftest import Enter, Panel
from pasvu.channel import accounts, episodes
from pasvu.channel.models import Episode, JobProgress
from pasvu.channel.settings import Settings
from pasvu.channel.states import EpisodeState
from pasvu.web.serve import serve
from web.channel import NOW, PASSWORD
from web.conftest import open_app
from web.identity import provided

pytestmark = pytest.mark.browser


@pytest.fixture
def arrived(panel: Panel, request: pytest.FixtureRequest) -> str:
    """An episode of this test's own, to review; its film and its recording have the same length."""
    channel = panel.channel
    with channel.record.write() as session:
        made = channel.received(session, f"Arrivé pour {request.node.name}", "Terrain")
        channel.measured(session, made, 24.0)
        channel.cut(session, made)
        return made.id


def read(panel: Panel, ref: str) -> Episode:
    with panel.channel.record.read() as session:
        episode = episodes.find(session, ref)
        _ = [episode.publications, episode.chapters, episode.remarks]
        return episode


def recut(panel: Panel, ref: str) -> None:
    """What ingest does once a cut was asked for."""
    with panel.channel.record.write() as session:
        panel.channel.cut(session, episodes.find(session, ref))


def test_from_arrival_to_the_calendar(clean: Page, panel: Panel, arrived: str) -> None:
    page = clean
    page.goto("/")
    page.get_by_label("Nom", exact=True).fill("Inès Belkacem")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Entrer").click()
    page.locator(f"#c-to_review #e{arrived} h3 a").click()
    page.get_by_label("Titre", exact=True).fill("La nuit des fourneaux")
    page.get_by_label("Résumé", exact=True).fill("Un four, douze heures.")
    expect(page.locator("#saved")).to_contain_text("Enregistré à")
    expect(page.get_by_role("heading", level=1)).to_contain_text("La nuit des fourneaux")
    handle = page.get_by_role("slider", name="Début de l’épisode")
    before = handle.get_attribute("aria-valuetext")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(handle).not_to_have_attribute("aria-valuetext", before or "")
    page.get_by_role("button", name="Enregistrer la coupe").click()
    expect(page.get_by_text("Coupe enregistrée")).to_be_visible()
    assert read(panel, arrived).title == "La nuit des fourneaux"
    expect(page.get_by_role("button", name="Valider")).to_have_count(0)
    assert read(panel, arrived).trim_start_s == pytest.approx(24 * 0.04 + 2, abs=0.01)
    recut(panel, arrived)
    page.get_by_role("button", name="Valider").click(timeout=15000)
    page.get_by_role("link", name="Programmer…").click()
    page.get_by_label("Jour", exact=True).fill("2026-12-10")
    page.get_by_label("Heure", exact=True).fill("21:15")
    page.get_by_role("button", name="Programmer", exact=True).click()
    expect(page.locator(".dock .when")).to_contain_text("jeu. 10 déc. · 21:15")
    episode = read(panel, arrived)
    assert (episode.state, episode.publications[0].wall_time) == (
        EpisodeState.APPROVED,
        "2026-12-10T21:15 Europe/Paris",
    )
    page.goto("/")
    expect(page.locator(f"#c-scheduled #e{arrived}")).to_contain_text("La nuit des fourneaux")


def test_in_through_the_organisation_and_out(clean: Page, panel: Panel) -> None:
    with provided() as provider:
        with panel.channel.record.write() as session:
            accounts.bind_subject(session, accounts.find(session, "Malik Kone"), provider.subject, NOW, "Malik Kone")
        known = {"oidc_issuer": provider.address, "oidc_client_id": "pasvu", "oidc_name": "Nextcloud"}
        settings = Settings(home=panel.channel.settings.home, **known)
        server = serve(open_app(replace(panel.channel, settings=settings)), "127.0.0.1", 0)
        page = clean
        page.goto(f"http://127.0.0.1:{server.port}/calendrier")
        page.get_by_role("link", name="Entrer par Nextcloud").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Calendrier")
        expect(page.locator(".me-name")).to_contain_text("Malik Kone")
        page.get_by_role("button", name="Se déconnecter").click()
        expect(page.get_by_role("link", name="Entrer par Nextcloud")).to_be_visible()
        page.goto(f"http://127.0.0.1:{server.port}/calendrier")
        expect(page.get_by_label("Mot de passe")).to_be_visible()
        server.close()


def test_the_same_by_keyboard_alone(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter()
    page.keyboard.press("/")
    expect(page.get_by_label("Rechercher un épisode")).to_be_focused()
    page.keyboard.type("keyboard_alone")
    page.wait_for_url(re.compile("q=keyboard_alone"))
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_label("Rechercher un épisode").blur()
    page.keyboard.press("j")
    expect(page.locator(f"#e{arrived}")).to_be_focused()
    page.keyboard.press("e")
    page.get_by_label("Titre", exact=True).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Au clavier seul")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Au clavier seul")
    # At once: what is typed is saved before what is decided.
    page.get_by_role("button", name="Valider").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Programmer…").focus()
    page.keyboard.press("Enter")
    # The first free place has the focus.
    expect(page.locator("#programmer .free-b").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".dock .when")).to_be_visible()
    assert read(panel, arrived).publications[0].scheduled_at is not None


def test_marks_follow_the_film(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter(path=f"/e/{arrived}")
    expect(page.locator("#film")).to_have_js_property("readyState", 4)
    page.evaluate("document.querySelector('#film').currentTime = 10")
    expect(page.locator("#now")).to_have_text("0:00:10")
    page.keyboard.press("i")
    expect(page.get_by_role("slider", name="Début de l’épisode")).to_have_attribute("aria-valuetext", "0:00:10")
    # The last picture that falls out and the first that stays, half a frame on each side of the cut.
    for place, shown in enumerate(("9.980", "10.020")):
        expect(page.locator("[data-edge=start] canvas").nth(place)).to_have_attribute("data-shown", shown)
    page.keyboard.press("m")
    page.keyboard.type("Le four")
    expect(page.locator("#saved")).to_contain_text("Enregistré à")
    # The cut is not saved yet: the chapters went alone, and the cut is still there.
    expect(page.locator("#coupe [name=start]")).to_have_value("0:00:10")
    expect(page.locator("#chapter-rules")).to_contain_text("au moins trois chapitres")
    assert [(mark.start_s, mark.title) for mark in read(panel, arrived).chapters] == [(10.0, "Le four")]
    # Fewer than ten seconds: said under the line at fault, and of its fields.
    page.evaluate("document.querySelector('#film').currentTime = 14")
    expect(page.locator("#now")).to_have_text("0:00:14")
    page.get_by_role("button", name=re.compile("Chapitre ici")).click()
    page.keyboard.type("La braise")
    field = page.get_by_label("Nom du chapitre 1", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile("Le four.*moins de dix secondes"))
    expect(page.locator("#chapter-list li").nth(0).locator(".ch-said")).to_contain_text("moins de dix secondes")
    page.get_by_role("button", name="Supprimer le chapitre 2").click()
    expect(field).not_to_have_accessible_description(re.compile("moins de dix secondes"))
    page.get_by_role("button", name="Valider").click()
    expect(page.locator(".toast-wrong")).to_contain_text("Enregistrez d’abord")
    page.get_by_role("button", name="Enregistrer la coupe").click()
    expect(page.get_by_text("Coupe enregistrée")).to_be_visible()
    assert read(panel, arrived).trim_start_s == 10.0


def test_a_remark_at_this_moment_of_the_film(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter("Malik Kone", f"/e/{arrived}")
    expect(page.locator("#film")).to_have_js_property("readyState", 4)
    page.evaluate("document.querySelector('#film').currentTime = 7")
    expect(page.locator("#now")).to_have_text("0:00:07")
    page.keyboard.press("r")
    page.keyboard.type("Le son sature.")
    page.get_by_role("button", name="Ajouter", exact=True).click()
    expect(page.locator(".rq")).to_contain_text("Le son sature.")
    assert read(panel, arrived).remarks[0].time_s == 7.0
    mark = page.get_by_role("button", name="Remarque de Malik Kone à 0:07")
    expect(mark).to_have_attribute("title", "Le son sature.")
    expect(mark).to_have_attribute("style", re.compile("left"))
    drawn, wave = mark.bounding_box(), page.locator("#wave").bounding_box()
    assert drawn is not None
    assert wave is not None
    length = float(page.locator("#coupe").get_attribute("data-length") or 0)
    assert drawn["x"] + drawn["width"] / 2 == pytest.approx(wave["x"] + wave["width"] * 7 / length, abs=1)
    mark.click()
    expect(page.locator("#now")).to_have_text("0:00:07")


def test_live_progress(enter: Enter, panel: Panel) -> None:
    page = enter()
    bar = page.locator(f"#e{panel.ids['working']} progress")
    expect(bar).to_have_attribute("value", "38")
    with panel.channel.record.write() as session:
        row = session.get(JobProgress, f"ingest:{panel.ids['working']}:1")
        assert row is not None
        row.share = 0.71
    expect(bar).to_have_attribute("value", "71")
    expect(page.locator(f"#e{panel.ids['working']} .prog b")).to_have_text("71\u202f%")


def test_filters_stand_in_the_address(enter: Enter) -> None:
    page = enter()
    page.get_by_label("Rechercher un épisode").fill("foret")
    page.wait_for_url(re.compile("q=foret"))
    expect(page.locator(".card")).to_have_count(1)
    page.go_back()
    expect(page.locator(".card")).not_to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("Épisodes")


def test_a_card_is_dragged_and_taken_back(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter()
    page.locator(f"#e{arrived} h3 a").drag_to(page.locator("#c-ready .cards"), target_position={"x": 90, "y": 30})
    expect(page.locator(".toast")).to_contain_text(
        "passe dans « Prêts »".replace("« ", "«\u202f").replace(" »", "\u202f»")
    )
    expect(page.locator(f"#c-ready #e{arrived}")).to_be_visible()
    assert read(panel, arrived).state == EpisodeState.APPROVED
    page.locator(".toast button").click()
    expect(page.locator(f"#c-to_review #e{arrived}")).to_be_visible()
    assert read(panel, arrived).state == EpisodeState.IN_REVIEW


class Finger:
    """One finger on a phone's glass, as the browser gets it from the system."""

    def __init__(self, page: Page) -> None:
        page.set_viewport_size({"width": 390, "height": 844})
        self.page = page
        self.glass = page.context.new_cdp_session(page)
        self.glass.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def _says(self, kind: str, *points: tuple[float, float]) -> None:
        self.glass.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    def down(self, on: Locator) -> tuple[float, float]:
        on.evaluate("(element) => element.scrollIntoView({block: 'center'})")
        at = middle(on)
        self._says("touchStart", at)
        return at

    def move(self, *way: tuple[float, float]) -> None:
        for point in way:
            self._says("touchMove", point)

    def up(self) -> None:
        self._says("touchEnd")

    def gone(self) -> None:
        # As when a call comes in: the page does not coast on.
        self._says("touchCancel")


def middle(of: Locator) -> tuple[float, float]:
    box = of.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_finger_carries_after_a_long_press_and_scrolls_without(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter(path="/?q=finger_carries")
    finger = Finger(page)
    card, carried = page.locator(f"#e{arrived}"), page.locator(".carried")

    # A finger that rests takes the card; lifted where no place takes it, it goes back.
    x, y = finger.down(card)
    expect(carried).to_have_count(1)
    expect(page.locator(".tabs a:visible")).to_have_count(2)
    finger.move((x, y + 40), (x, y + 60))
    assert middle(card) == pytest.approx((x, y), abs=1)
    finger.up()
    expect(carried).to_have_count(0)
    assert middle(card) == pytest.approx((x, y), abs=1)
    assert read(panel, arrived).state == EpisodeState.IN_REVIEW

    finger.down(card)
    expect(carried).to_have_count(1)
    tab = page.locator(".tabs a[href='#c-ready']")
    finger.move(middle(tab), middle(tab))
    expect(tab).to_have_class(re.compile("over"))
    finger.up()
    expect(page.locator(f"#c-ready #e{arrived}")).to_be_visible()
    expect(page.locator(".toast")).to_contain_text("Prêts")
    assert read(panel, arrived).state == EpisodeState.APPROVED

    page.goto("/calendrier")
    card = page.locator(f"#ev-{arrived}")
    # One that moves at once scrolls, as anywhere.
    x, y = finger.down(card)
    finger.move(*((x, y - step) for step in range(40, 420, 40)))
    expect(card).not_to_be_in_viewport(ratio=0.9)
    finger.gone()
    expect(carried).to_have_count(0)

    finger.down(card.locator("small"))
    expect(carried).to_have_count(1)
    # What lies below comes nearer while the finger rests at the edge, and days without anything are there too.
    finger.move((200, 700), (200, 830))
    expect(page.locator('.cal .drop[data-date="2026-12-03"]')).to_be_in_viewport()
    finger.move((200, 400))
    over = page.locator(".drop.over")
    expect(over).to_have_count(1)
    day = over.get_attribute("data-date") or ""
    finger.up()
    expect(page.locator(".toast")).to_contain_text("est programmé")
    expect(page.locator(f'.drop[data-date="{day}"] #ev-{arrived}')).to_be_visible()
    assert (read(panel, arrived).publications[0].wall_time or "").startswith(day)


def test_a_card_is_moved_by_its_list(enter: Enter, panel: Panel, arrived: str) -> None:
    page = enter()
    page.locator(f"#e{arrived}").focus()
    page.locator(f"#e{arrived} select").select_option("to_mend")
    page.locator(f"#e{arrived}").get_by_role("button", name="Déplacer").click()
    page.get_by_label("Remarque").fill("Refaire la fin.")
    page.get_by_role("button", name="Renvoyer", exact=True).click()
    expect(page.locator(f"#c-to_mend #e{arrived}")).to_be_visible()
    assert read(panel, arrived).remarks[0].text == "Refaire la fin."


def test_the_calendar_by_keyboard(enter: Enter, panel: Panel) -> None:
    page = enter(path="/calendrier")
    page.locator(f"#ev-{panel.ids['ready']} .grip").focus()
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("#say")).to_contain_text("3 décembre")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("jeu. 3 déc. · 18:30")
    expect(page.locator('.drop[data-date="2026-12-03"] .ev')).to_have_count(2)
    page.locator(".toast button").click()
    expect(page.locator(".tray").get_by_role("link", name="Rails")).to_be_visible()
    assert read(panel, panel.ids["ready"]).publications[0].scheduled_at is None


def test_the_agenda_by_keyboard_and_by_mouse(enter: Enter, panel: Panel) -> None:
    page = enter(path="/calendrier?vue=agenda")
    bare = page.locator('.drop[data-date="2026-11-25"]')
    expect(bare).to_be_hidden()
    page.locator(f"#ev-{panel.ids['ready']} .grip").focus()
    page.keyboard.press("Enter")
    expect(bare).to_be_visible()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#say")).to_contain_text("25 novembre")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("mer. 25 nov.")
    page.locator(".toast button").click()
    # By mouse: the days without anything come between the others once the card is in the hand.
    page.locator(".ag-row", has_text="Loyers").hover()
    page.mouse.down()
    page.mouse.move(700, 400)
    expect(bare).to_be_visible()
    page.locator('.drop[data-date="2026-11-29"]').hover()
    page.mouse.up()
    expect(page.locator(".toast").last).to_contain_text("dim. 29 nov. · 19:00")
    page.locator(".toast button").last.click()
    expect(page.locator('.drop[data-date="2026-11-26"]')).to_contain_text("Loyers")


def test_the_calendar_by_mouse(enter: Enter, panel: Panel) -> None:
    page = enter(path="/calendrier")
    page.locator(".ev", has_text="Loyers").drag_to(page.locator('.drop[data-date="2026-12-11"]'))
    expect(page.locator(".toast")).to_contain_text("ven. 11 déc. · 19:00")
    page.locator(".toast button").click()
    expect(page.locator('.drop[data-date="2026-11-26"]')).to_contain_text("Loyers")


def test_the_curve_and_its_figures(enter: Enter) -> None:
    page = enter("Yann Le Goff", "/audience")
    expect(page.locator(".uplot")).to_have_count(2)
    page.get_by_text("Voir les chiffres").first.click()
    expect(page.get_by_role("rowheader", name="24\u202fh")).to_be_visible()
    page.locator(".top").get_by_role("link", name="Sortie d’usine").click()
    expect(page.get_by_role("heading", level=1, name="Sortie d’usine")).to_be_visible()
    # What is under the pointer is said in words.
    page.locator(".u-over").hover()
    expect(page.locator(".readout")).to_contain_text("Cet épisode")


def test_a_click_on_the_curve_of_those_who_stay_shows_the_moment(enter: Enter, panel: Panel) -> None:
    page = enter("Yann Le Goff", f"/audience/episode/{panel.ids['L’eau du plateau']}")
    curve = page.locator("#retention .u-over")
    curve.scroll_into_view_if_needed()
    box = curve.bounding_box()
    assert box is not None
    curve.click(position={"x": box["width"] * 0.3, "y": 30})
    expect(page.locator("#ret-film")).not_to_have_js_property("currentTime", 0)


def test_a_template_is_seen_filled_while_it_is_typed(enter: Enter) -> None:
    page = enter("Ada Minh", "/reglages/emissions?e=terrain")
    show = page.locator("#e-terrain")
    show.get_by_text("Ce que lira le public").click()
    show.get_by_label("Modèle de titre").fill("Terrain, toujours : {title}")
    expect(show.locator(".sent b")).to_contain_text("Terrain, toujours")


def test_the_sheet_of_shortcuts(enter: Enter) -> None:
    page = enter()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Raccourcis clavier")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("Calendrier")
