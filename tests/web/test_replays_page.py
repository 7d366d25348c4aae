"""« Directs »: asked for by address, refused in words with nothing lost, followed until the site deletes it."""

from __future__ import annotations

import html

import pytest
from flask import Flask

from pasvu.channel import replays
from pasvu.channel.queries import replays as listed
from pasvu.channel.states import ReplayState
from web.channel import Channel
from web.conftest import Come, open_app

LIVE = "https://www.youtube.com/watch?v=8cNmVkq2nWE"


@pytest.fixture
def opened(fresh: Channel) -> Flask:
    fresh.settings = fresh.settings.model_copy(update={"replays": True})
    return open_app(fresh)


def states(channel: Channel) -> list[tuple[str, ReplayState]]:
    with channel.record.read() as session:
        return [(row.address, row.state) for row in listed(session, channel.clock.now(), allowed=True).rows]


def test_a_live_is_asked_for_stopped_and_asked_again(fresh: Channel, opened: Flask, come: Come) -> None:
    malik = come(opened, "Malik Kone")
    assert malik.post("/directs", {"adresse": LIVE, "emission": "terrain"}).status_code == 303
    assert states(fresh) == [(LIVE, ReplayState.ASKED)]
    with fresh.record.read() as session:
        ref = listed(session, fresh.clock.now(), allowed=True).rows[0].id
    malik.post(f"/directs/{ref}/arreter")
    assert states(fresh) == [(LIVE, ReplayState.CANCELLED)]
    malik.post(f"/directs/{ref}/relancer")
    assert states(fresh) == [(LIVE, ReplayState.ASKED)]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://192.168.1.4/direct", "machine interne"),
        ("ftp://youtube.com/x", "page du web"),
        ("https://exemple.org/direct", "pas de ceux que nous connaissons"),
    ],
)
def test_a_refusal_keeps_what_was_typed(opened: Flask, come: Come, address: str, sentence: str) -> None:
    reply = come(opened, "Malik Kone").post("/directs", {"adresse": address, "emission": "terrain"})
    page = html.unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert sentence in page
    assert f'value="{address}"' in page
    assert '<option value="terrain" selected>' in page


def test_closed_it_says_how_to_open_it(fresh: Channel, come: Come) -> None:
    page = come(open_app(fresh), "Malik Kone").page("/directs")
    assert "replays = true" in page
    assert 'name="adresse"' not in page
    assert "Ne demandez que vos propres directs" in page


def test_the_team_looks_without_asking(opened: Flask, come: Come) -> None:
    yann = come(opened, "Yann Le Goff")
    assert 'name="adresse"' not in yann.page("/directs")
    assert yann.post("/directs", {"adresse": LIVE}).status_code == 403


def test_a_failure_is_said_with_its_cure_and_how_long_the_site_keeps_it(
    fresh: Channel, opened: Flask, come: Come
) -> None:
    address = "https://www.facebook.com/pasvu/videos/1189302"
    malik = come(opened, "Malik Kone")
    malik.post("/directs", {"adresse": address, "jour": "2026-10-28", "heure": "20:00"})
    with fresh.record.write() as session:
        asked = replays.due(session, fresh.clock.now())[0]
        replays.begin(asked, fresh.clock.now())
        replays.fail(session, asked, "Ce direct n’est pas public : ouvrez-le au public.", fresh.clock.now())
    page = malik.page("/directs").replace("\u202f", " ")
    assert "Ce direct n’est pas public" in page
    assert "4 jours avant que le site le supprime" in page
    assert "Relancer" in page


def test_a_poll_gets_nothing_while_nothing_changes(fresh: Channel, opened: Flask, come: Come) -> None:
    malik = come(opened, "Malik Kone")
    malik.post("/directs", {"adresse": LIVE})
    live = html.unescape(malik.page("/directs").split('data-live="')[1].split('"')[0])
    partial = {"HX-Request": "true", "HX-Request-Type": "partial"}
    assert malik.get(live, headers=partial).status_code == 204
    with fresh.record.write() as session:
        replays.begin(replays.due(session, fresh.clock.now())[0], fresh.clock.now())
    reply = malik.get(live, headers=partial)
    assert (reply.status_code, "<html" in reply.get_data(as_text=True)) == (200, False)


def test_a_session_that_is_lent_is_said(fresh: Channel, come: Come) -> None:
    lent = fresh.settings.home / "secrets" / "cookies-facebook.txt"
    lent.parent.mkdir(parents=True, exist_ok=True)
    lent.touch()
    for allowed in (False, True):
        fresh.settings = fresh.settings.model_copy(update={"replays": True, "replay_cookies": allowed})
        page = come(open_app(fresh), "Malik Kone").get("/directs").text
        assert ("session est prêtée pour Facebook" in page) is allowed
