"""The board, the calendar and the audience as the server draws them."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from pasvu.channel import accounts, episodes, intake, programmes
from pasvu.channel.queries import Column, Filters, board
from pasvu.channel.states import EpisodeState
from pasvu.web.cards import Kept
from web.channel import NOW, Channel
from web.conftest import Come, open_app


@pytest.mark.parametrize(
    ("query", "count"), [("foret", 1), ("FORÊT", 1), ("ines", 0), ("le port", 1), ("sante publique", 9), ("rien", 0)]
)
def test_search_ignores_accents_and_case(app: Flask, come: Come, query: str, count: int) -> None:
    page = come(app, "Inès Belkacem").page(f"/?q={query}")
    assert page.count('<li class="card') == count


def test_filters_stand_in_the_address(app: Flask, come: Come) -> None:
    page = come(app, "Inès Belkacem").page("/?emission=terrain")
    assert 'value="terrain" selected' in page
    assert {"Terrain"} == set(re.findall(r'<p class="em em-\d">([^<]+)</p>', page))


def test_a_poll_gets_nothing_while_nothing_changes(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        ref = fresh.to_review(session, "Une forêt sous contrat", "Terrain").id
    ines = come(open_app(fresh), "Inès Belkacem")
    live = html.unescape(re.search(r'data-live="([^"]+)"', ines.page("/"))[1])  # type: ignore[index]
    partial = {"HX-Request": "true", "HX-Request-Type": "partial"}
    assert ines.get(live, headers=partial).status_code == 204
    with fresh.record.write() as session:
        episodes.edit(session, episodes.find(session, ref), {"title": "Une forêt"}, fresh.clock.now(), "Jeanne")
    reply = ines.get(live, headers=partial)
    assert reply.status_code == 200
    assert "<html" not in reply.get_data(as_text=True)


def test_a_poll_after_the_session_ended_goes_to_the_door(app: Flask, come: Come) -> None:
    reply = come(app).get("/", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert (reply.status_code, reply.headers["HX-Redirect"]) == (204, "/connexion")


@pytest.mark.parametrize(
    ("start", "target", "state", "code"),
    [
        ("review", "ready", EpisodeState.APPROVED, 200),
        ("review", "to_mend", EpisodeState.CHANGES_REQUESTED, 200),
        ("ready", "to_review", EpisodeState.IN_REVIEW, 200),
        ("ready", "scheduled", EpisodeState.APPROVED, 204),
        ("review", "scheduled", EpisodeState.IN_REVIEW, 422),
        ("review", "arriving", EpisodeState.IN_REVIEW, 422),
        ("review", "nowhere", EpisodeState.IN_REVIEW, 422),
    ],
)
def test_cards_move_where_the_road_goes(
    fresh: Channel, come: Come, start: str, target: str, state: EpisodeState, code: int
) -> None:
    with fresh.record.write() as session:
        make = fresh.to_review if start == "review" else lambda *named: fresh.approved(*named, "Inès Belkacem")
        ref = make(session, "Une forêt sous contrat", "Terrain").id
    ines = come(open_app(fresh), "Inès Belkacem")
    headers = {"X-Requested-With": "fetch"}
    reply = ines.post(f"/e/{ref}/etape", {"vers": target, "note": "Refaire."}, headers=headers)
    assert reply.status_code == code
    if code == 204:
        assert reply.headers["HX-Redirect"] == f"/e/{ref}?dialogue=programmer"
    with fresh.record.read() as session:
        assert episodes.find(session, ref).state == state


def test_nobody_without_the_right_is_offered_a_move(app: Flask, come: Come) -> None:
    assert "data-move" not in come(app, "Malik Kone").page("/")
    assert "data-move" in come(app, "Inès Belkacem").page("/")


def test_a_quiet_house_is_not_asked_anything(app: Flask, channel: Channel, come: Come) -> None:
    ines, partial = come(app, "Inès Belkacem"), {"HX-Request-Type": "partial"}
    live = html.unescape(re.findall(r'data-live="([^"]+)"', ines.page("/"))[0])
    asked: list[str] = []
    event.listen(channel.record.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert ines.get(live, headers=partial).status_code == 204
    assert asked == []


def test_many_on_air_are_paged(app: Flask, channel: Channel, come: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pasvu.channel.queries.board_page.ON_AIR_PAGE", 3)
    monkeypatch.setattr("pasvu.web.pages.board._KEPT", Kept())
    ines = come(app, "Inès Belkacem")
    shown = [re.findall(r'<li id="o(\w+)"', ines.page(f"/?page={page}")) for page in (1, 2, 3)]
    assert [len(page) for page in shown] == [3, 3, 2]
    assert len({ref for page in shown for ref in page}) == 8


def test_an_empty_board_says_what_will_appear(fresh: Channel, come: Come) -> None:
    page = come(open_app(fresh), "Inès Belkacem").page("/")
    assert "Tout commence par un fichier." in page
    assert "Envoyer un fichier d’ici" in page
    far = come(open_app(fresh), "Inès Belkacem").page("/calendrier?vue=agenda&du=2020-01-06")
    assert "Rien de prévu ces cinq semaines." in far
    assert str(fresh.settings.watch_dirs[0]) in page
    assert "Rien en ligne pour l’instant." in page
    far_weeks = come(open_app(fresh), "Inès Belkacem").page("/calendrier?du=2020-01-06")
    assert "Case habituelle encore libre" not in far_weeks, "a key to what is not drawn"


def test_a_day_keeps_the_wall_clock_across_summer_time(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        ref = fresh.approved(session, "Ce que la mer rend", "Le Grand Angle", "Malik Kone").id
    ines = come(open_app(fresh), "Inès Belkacem")
    ines.post(f"/e/{ref}/jour", {"jour": "2027-03-25"})
    reply = ines.post(f"/e/{ref}/jour", {"jour": "2027-04-01"})
    assert "jeu. 1er avr.\u00a0· 19:00" in reply.get_data(as_text=True)
    assert 'value="2027-03-25T18:00:00Z"' in reply.get_data(as_text=True), "the notice can undo it"
    with fresh.record.read() as session:
        at = episodes.find(session, ref).publications[0].scheduled_at
        assert at is not None
        assert at.isoformat() == "2027-04-01T17:00:00+00:00"
        assert board(session, Filters(), fresh.clock.now()).counts[Column.SCHEDULED] == 1
    assert "retiré du calendrier" in ines.post(
        f"/e/{ref}/jour", {"jour": ""}, headers={"X-Requested-With": "fetch"}
    ).get_data(as_text=True)


@pytest.mark.parametrize(("monday", "note"), [("2027-03-22", "À 2 h il sera 3 h"), ("2027-10-25", "À 3 h il sera 2 h")])
def test_clock_changes_are_said(app: Flask, come: Come, monday: str, note: str) -> None:
    page = come(app, "Inès Belkacem").page(f"/calendrier?du={monday}").replace("\u202f", " ")
    assert page.count(note) == 1


def test_the_calendar_shows_free_places_and_takes_bad_dates(app: Flask, come: Come) -> None:
    ines = come(app, "Inès Belkacem")
    page = ines.page("/calendrier")
    assert page.count('class="slot em-') == 11
    assert "Case habituelle encore libre" in page
    assert 'class="cal"' in ines.page("/calendrier?du=demain")


def test_rehearsal_is_said_on_every_page(app: Flask, channel: Channel, come: Come) -> None:
    ada = come(app, "Ada Minh")
    for path in ("/", "/calendrier", "/audience", f"/e/{channel.ids['review']}", "/reglages/comptes"):
        assert "Répétition" in ada.page(path)
    assert 'href="http://127.0.0.1:8091/"' in ada.page("/")


def test_jobs_are_stopped_and_restarted(app: Flask, channel: Channel, come: Come) -> None:
    ines = come(app, "Inès Belkacem")
    page = ines.page("/reglages/travaux")
    assert "Fabrication du master" in page
    first, second, _ = channel.jobs.jobs
    ines.post("/travaux/annuler", {"job": first.id})
    ines.post("/travaux/relancer", {"job": second.id})
    assert channel.jobs.asked == [("cancel", first.id, "Inès Belkacem"), ("retry", second.id, "Inès Belkacem")]


def test_programmes_are_made_and_changed_by_the_administration(fresh: Channel, come: Come) -> None:
    app = open_app(fresh)
    ada = come(app, "Ada Minh")
    ada.post("/reglages/emissions", {"name": "Nuit blanche"})
    fields = {"name": "Nuit blanche", "colour": "3", "weekday": ["4", "2", ""], "at": ["22:30", "", ""]}
    ada.post("/reglages/emissions/nuit-blanche", fields)
    with fresh.record.read() as session:
        show = episodes.programme(session, "nuit-blanche")
        assert (show.colour, [(slot.weekday, slot.at) for slot in show.slots]) == (3, [(4, "22:30")])
    assert come(app, "Inès Belkacem").post("/reglages/emissions", {"name": "Autre"}).status_code == 403


def test_health_lines_show_their_cure(channel: Channel, come: Come) -> None:
    lines = [("ok", "Base à jour.", ""), ("wrong", "YouTube n’est pas relié.", "Lancez pasvu connect youtube.")]
    page = come(open_app(channel, checks=lambda: lines), "Ada Minh").page("/reglages/systeme")
    assert "check-wrong" in page
    assert "Lancez pasvu connect youtube." in page


def test_a_column_is_shown_whole_when_asked(fresh: Channel, come: Come, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pasvu.channel.queries.board_page.COLUMN_LONGEST", 2)
    with fresh.record.write() as session:
        for number in range(5):
            fresh.to_review(session, f"Épisode {number}", "Terrain")
    ines = come(open_app(fresh), "Inès Belkacem")
    short = ines.page("/?emission=terrain")
    assert short.count('<li class="card') == 2
    more = html.unescape(re.search(r'class="more-note"><a href="([^"#]+)', short)[1])  # type: ignore[index]
    assert "emission=terrain" in more
    assert ines.page(more).count('<li class="card') == 5
    assert ines.page("/?entier=nulle-part").count('<li class="card') == 2


def test_cards_drawn_once_still_bear_each_sessions_token_and_language(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        ref = fresh.received(session, "Coupé", "Terrain").id
        intake.quarantine(session, episodes.find(session, ref), "La copie a été coupée : recopiez-la.", NOW)
    app = open_app(fresh)
    tokens = []
    for name in ("Inès Belkacem", "Jeanne Rouvier"):
        visitor = come(app, name)
        form = visitor.page("/").split(f'<form id="again-{ref}"')[1]
        tokens.append(form.split('name="csrf_token" value="')[1].split('"')[0])
        assert "Retry" in visitor.page("/?langue=en")
        assert "Relancer" in visitor.page("/")
    assert tokens[0] != tokens[1]
    assert visitor.client.post(f"/e/{ref}/relancer", data={"csrf_token": tokens[1]}).status_code == 303
    assert 'form="bulk"' not in come(app, "Malik Kone").page("/"), "drawn for another role"


def test_what_is_new_since_the_last_visit_and_what_is_stuck_have_their_own_view(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        fresh.to_review(session, "Déjà là", "Terrain")
    ines = come(open_app(fresh), "Inès Belkacem")
    fresh.clock.set(NOW + timedelta(days=1))
    with fresh.record.write() as session:
        fresh.to_review(session, "Arrivé depuis", "Terrain")
        broken = fresh.received(session, "Coupé", "Terrain")
        intake.quarantine(session, broken, "La copie a été coupée : recopiez-la.", fresh.clock.now())
        account = accounts.find(session, "Inès Belkacem")
        assert account.last_seen_views == 0
    board = ines.page("/")
    assert board.count('class="new"') == 2
    assert 'href="/?voir=nouveaux"' in board
    assert {"Arrivé depuis", "Coupé"} == titles(ines.page("/?voir=nouveaux"))
    assert {"Coupé"} == titles(ines.page("/?voir=soucis"))


def titles(page: str) -> set[str]:
    return set(re.findall(r"<h3><a [^>]*>([^<]+)</a></h3>", page))


def test_a_renamed_programme_is_found_by_its_new_name(fresh: Channel, come: Come) -> None:
    with fresh.record.write() as session:
        fresh.to_review(session, "Une forêt sous contrat", "Terrain")
        show = episodes.programme(session, "terrain")
        programmes.change(session, show, {"name": "Chemins de traverse"}, NOW, "Ada")
    ines = come(open_app(fresh), "Inès Belkacem")
    assert titles(ines.page("/?q=chemins")) == {"Une forêt sous contrat"}
    assert titles(ines.page("/?q=terrain")) == set()
