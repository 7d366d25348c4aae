"""The calendar: lights, too close, next free slots, freezes with who answers for what, and the private feed."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from icalendar import Calendar

from pasvu.channel import accounts, episodes, expected, freezes, publications
from pasvu.channel.models import Episode
from web.channel import Channel
from web.conftest import Come, Visitor, open_app

FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def opened(fresh: Channel) -> Flask:
    return open_app(fresh)


@pytest.fixture
def ines(opened: Flask, come: Come) -> Visitor:
    return come(opened, "Inès Belkacem")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In December 2026, Paris time."""
    return datetime(2026, 12, day, hour - 1, minute, tzinfo=UTC)


def read(channel: Channel, ref: str) -> Episode:
    with channel.record.read() as session:
        episode = episodes.find(session, ref)
        _ = episode.publications
        return episode


def plain(page: str) -> str:
    return html.unescape(page).replace("\u202f", " ")


def test_two_episodes_too_close_are_said_and_marked(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        fresh.scheduled(session, "Première", "Terrain", "Malik Kone", at(8, 18, 30))
        ref = fresh.approved(session, "Seconde", "Terrain", "Malik Kone").id
    reply = ines.post(f"/e/{ref}/programmer", {"jour": "2026-12-08", "heure": "18:50"}, headers=FETCH)
    assert "Attention : « Première » sort à 18:30." in plain(reply.get_data(as_text=True))
    page = plain(ines.page("/calendrier"))
    assert "trop près de 18:50" in page
    assert "trop près de 18:30" in page
    far = ines.post(f"/e/{ref}/programmer", {"jour": "2026-12-08", "heure": "19:00"}, headers=FETCH)
    assert "Attention" not in far.get_data(as_text=True)
    assert "trop près" not in ines.page("/calendrier")


def test_the_spacing_is_a_setting(fresh: Channel, come: Come) -> None:
    fresh.settings = fresh.settings.model_copy(update={"spacing_min": 120})
    with fresh.record.write() as session:
        fresh.scheduled(session, "Première", "Terrain", "Malik Kone", at(8, 17))
        ref = fresh.approved(session, "Seconde", "Terrain", "Malik Kone").id
    ines = come(open_app(fresh), "Inès Belkacem")
    ines.post("/selection/programmer", {"ref": [ref]})
    # Tuesdays at 18:30: 24 November and 1 December are free, so that the 8th is never asked for; take them first.
    assert read(fresh, ref).publications[0].wall_time == "2026-11-24T18:30 Europe/Paris"
    page = ines.page("/calendrier")
    eighth = page.split('data-date="2026-12-08"')[1].split("</td>")[0]
    assert 'class="slot' not in eighth, "an hour and a half is too close here"


def test_the_tray_offers_the_next_free_slot_of_each(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        ref = fresh.approved(session, "Attend", "Terrain", "Malik Kone").id
        fresh.scheduled(session, "Prend mardi", "Terrain", "Malik Kone", datetime(2026, 11, 24, 17, 30, tzinfo=UTC))
    tray = ines.page("/calendrier").split(f'id="ev-{ref}"')[1]
    offered = re.search(r'name="quand" value="([^"]+)"', tray)
    assert offered is not None
    assert offered[1] == "2026-12-01T17:30:00Z"
    ines.post(f"/e/{ref}/programmer", {"quand": offered[1]}, headers=FETCH)
    assert read(fresh, ref).publications[0].wall_time == "2026-12-01T18:30 Europe/Paris"


def test_every_instant_ahead_bears_its_light(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        fresh.scheduled(session, "Dans dix jours", "Terrain", "Malik Kone", fresh.clock.now() + timedelta(days=10))
        fresh.scheduled(session, "Dans une minute", "Terrain", "Malik Kone", fresh.clock.now() + timedelta(minutes=1))
    page = ines.page("/calendrier")
    assert page.count('class="light light-go"') == 1
    assert page.count('class="light light-late"') == 1
    assert "sera en retard" in ines.page("/calendrier?vue=agenda")


def test_a_freeze_is_declared_holds_is_passed_over_by_name_and_lifted(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        ref = fresh.scheduled(session, "En plein gel", "Terrain", "Malik Kone", at(8, 18, 30)).id
    period = {"du": "2026-12-07", "de": "00:00", "au": "2026-12-09", "a": "20:00", "emission": ""}
    ines.post("/gels", {**period, "raison": "Deuil national"})
    page = plain(ines.page("/calendrier"))
    assert page.count("Rien ne sort : Deuil national") == 3, "on each of its days"
    assert "retenu par le gel" in page
    assert "décidé par Inès Belkacem" in page
    tuesday = page.split('data-date="2026-12-08"')[1].split("</td>")[0]
    assert 'class="slot' not in tuesday, "a frozen slot is no free slot"
    refused = ines.post(f"/e/{ref}/programmer", {"jour": "2026-12-08", "heure": "19:30"}, headers=FETCH)
    assert refused.status_code == 422
    assert "Deuil national" in refused.get_data(as_text=True)
    with fresh.record.read() as session:
        number = freezes.periods(session, fresh.clock.now())[0].freeze_id
    ines.post(f"/gels/{number}/laisser-passer/{ref}", {"raison": "Hommage à la disparue"})
    page = plain(ines.page("/calendrier"))
    assert "Inès Belkacem a laissé passer un épisode : « Hommage à la disparue »" in page
    assert "retenu par le gel" not in page
    ines.post(f"/gels/{number}/lever")
    assert "Deuil national" not in plain(ines.page("/calendrier")).split("toasts")[0].split("cal-side")[1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"raison": " "}, "Dites pourquoi"),
        ({"au": "2026-12-06"}, "inversez les deux dates"),
        ({"du": ""}, "n’est pas un instant"),
    ],
)
def test_a_freeze_that_makes_no_sense_is_refused(ines: Visitor, change: dict[str, str], sentence: str) -> None:
    period = {"du": "2026-12-07", "de": "00:00", "au": "2026-12-09", "a": "20:00", "raison": "Grève", **change}
    assert sentence in plain(ines.post("/gels", period, headers=FETCH).get_data(as_text=True))


def test_what_is_expected_stands_in_its_slot_until_it_comes(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        show = episodes.programme(session, "terrain")
        expected.add(
            session, "Le marché de nuit", at(8, 18, 30), fresh.settings.zone, fresh.clock.now(), "I", programme=show
        )
    for view in ("/calendrier", "/calendrier?vue=agenda"):
        page = ines.page(view)
        assert "Le marché de nuit" in page
        assert "attendu, pas encore reçu" in page
    tuesday = ines.page("/calendrier").split('data-date="2026-12-08"')[1].split("</td>")[0]
    assert 'class="slot' not in tuesday
    with fresh.record.write() as session:
        expected.drop(session, expected.waiting(session)[0], fresh.clock.now(), "Inès")
    assert "Le marché de nuit" not in ines.page("/calendrier")


def test_only_producers_freeze(opened: Flask, come: Come) -> None:
    malik = come(opened, "Malik Kone")
    assert malik.post("/gels", {"raison": "Grève"}).status_code == 403
    assert "Geler une période" not in malik.page("/calendrier")


def feed_path(visitor: Visitor) -> str:
    found = re.search(r'id="feed-address"[^>]*value="http://localhost([^"]+)"', visitor.page("/calendrier"))
    assert found is not None
    return found[1]


def test_the_feed_follows_the_calendar_for_whoever_knows_its_address(
    fresh: Channel, opened: Flask, ines: Visitor, come: Come
) -> None:
    with fresh.record.write() as session:
        title = "Virgules, points-virgules ; et « très » long " + "titre " * 20
        ref = fresh.scheduled(session, title.strip(), "Terrain", "Malik Kone", at(8, 18, 30)).id
        freezes.add(session, at(20, 8), at(21, 12), "Grève", fresh.clock.now(), "Inès")
    stranger = come(opened)
    path = feed_path(ines)
    reply = stranger.get(path)
    assert (reply.status_code, reply.mimetype) == (200, "text/calendar")
    read_back = Calendar.from_ical(reply.get_data())
    events = {str(event["summary"]): event for event in read_back.walk("VEVENT")}
    event = events[f"Terrain : {title.strip()}"]
    assert event["dtstart"].dt == at(8, 18, 30)
    assert str(event["url"]) == f"http://localhost/e/{ref}"
    assert events["Rien ne sort : Grève"]["dtend"].dt == at(21, 12)
    assert max(len(line) for line in reply.get_data().split(b"\r\n")) <= 75
    # The same event when it moves.
    with fresh.record.write() as session:
        publications.schedule(
            session, episodes.find(session, ref), "youtube", at(9, 18), fresh.settings.zone, fresh.clock.now(), "Inès"
        )
    moved = [e for e in Calendar.from_ical(stranger.get(path).get_data()).walk("VEVENT") if e["uid"] == event["uid"]]
    assert [e["dtstart"].dt for e in moved] == [at(9, 18)]


def test_the_private_address_can_be_renewed_and_cannot_be_made_up(
    fresh: Channel, opened: Flask, ines: Visitor, come: Come
) -> None:
    stranger, path = come(opened), feed_path(ines)
    assert stranger.get("/calendrier/x.ics").status_code == 404
    assert stranger.get(path.replace(".ics", "x.ics")).status_code == 404
    ines.post("/calendrier/adresse")
    assert stranger.get(path).status_code == 404
    renewed = feed_path(ines)
    assert renewed != path
    assert stranger.get(renewed).status_code == 200
    with fresh.record.write() as session:
        accounts.disable(session, accounts.find(session, "Inès Belkacem"), fresh.clock.now(), "Ada")
    assert stranger.get(renewed).status_code == 404, "a closed account's feed is closed"
