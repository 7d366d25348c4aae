"""A guest without an account sees one episode as it will air, says what they think, and nothing more."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask

from pasvu.channel import review
from pasvu.channel.values import Span
from web.channel import Channel
from web.conftest import Come, Visitor, open_app
from web.test_episode_page import INES, read


@pytest.fixture
def one(fresh: Channel) -> str:
    with fresh.record.write() as session:
        return fresh.to_review(session, "Le four", "Terrain").id


@pytest.fixture
def app(fresh: Channel) -> Flask:
    return open_app(fresh)


def share(visitor: Visitor, one: str, guest: str = "Sonia Marchetti", days: int = 7) -> str:
    assert visitor.post(f"/e/{one}/invites", {"guest": guest, "days": days}).status_code == 303
    page = visitor.page(f"/e/{one}")
    found = re.search(r'value="http://localhost(/apercu/[^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_guest_sees_the_episode_as_it_will_air(fresh: Channel, app: Flask, come: Come, one: str) -> None:
    ines = come(app, INES)
    link = share(ines, one)
    assert "/apercu/" not in ines.page(f"/e/{one}"), "shown once"
    sonia = come(app)
    page = sonia.page(link)
    assert "Le four" in page
    assert "Sonia Marchetti" in page
    film = html.unescape(re.search(r'id="film"[^>]* src="([^"]+)"', page)[1])  # type: ignore[index]
    reply = sonia.get(film, headers={"Range": "bytes=0-9"})
    assert reply.status_code == 206
    master = read(fresh, one).rendition
    with fresh.record.read() as session:
        from pasvu.channel import episodes

        made = episodes.find(session, one).rendition("master")
        assert made is not None
        assert reply.headers["Content-Range"].endswith(f"/{made.bytes}"), "the master, never what was cut out"
    assert master is not None
    assert "vu 09:41" in ines.page(f"/e/{one}")


def test_the_link_opens_nothing_else(app: Flask, come: Come, one: str) -> None:
    sonia = come(app)
    link = share(come(app, INES), one)
    sonia.page(link)
    for path in (f"/e/{one}", f"/e/{one}/film", "/", "/reglages/journal", "/vignette/1"):
        assert sonia.get(path).status_code == 302, path


def test_a_guest_speaks_at_a_time_of_the_film(fresh: Channel, app: Flask, come: Come, one: str) -> None:
    with fresh.record.write() as session:
        from pasvu.channel import episodes

        episode = episodes.find(session, one)
        review.trim(session, episode, 100.0, 900.0, fresh.clock.now(), INES, removed=[Span(200.0, 300.0)])
        fresh.cut(session, episode)
    ines, sonia = come(app, INES), come(app)
    link = share(ines, one)
    reply = sonia.post(f"{link.rstrip('/')}/remarques", {"text": "Mon nom s’écrit avec un t.", "at": "2:00"})
    assert reply.status_code == 303
    remark = read(fresh, one).remarks[0]
    assert (remark.author, remark.text) == ("Sonia Marchetti (invité)", "Mon nom s’écrit avec un t.")
    assert remark.time_s in (220.0, 320.0), "the recording's time, by what the master shows"
    assert "Mon nom" in ines.page(f"/e/{one}")
    wrong = sonia.post(f"{link.rstrip('/')}/remarques", {"text": "Et ceci", "at": "vers la fin"})
    assert wrong.status_code == 422
    assert "Et ceci" in wrong.get_data(as_text=True)


def test_a_guest_does_not_read_what_others_said(fresh: Channel, app: Flask, come: Come, one: str) -> None:
    ines = come(app, INES)
    ines.post(f"/e/{one}/remarques", {"text": "Entre nous."})
    assert "Entre nous." not in come(app).page(share(ines, one))


@pytest.mark.parametrize("how", ["revoked", "expired", "withdrawn", "unknown"])
def test_a_closed_link_says_so_and_shows_nothing(fresh: Channel, app: Flask, come: Come, one: str, how: str) -> None:
    ines, sonia = come(app, INES), come(app)
    link = share(ines, one, days=1)
    if how == "revoked":
        ines.post(f"/e/{one}/invites/1/fermer")
    elif how == "expired":
        fresh.clock.sleep(timedelta(days=1, seconds=1).total_seconds())
    elif how == "withdrawn":
        ines.post(f"/e/{one}/retirer")
    else:
        link = "/apercu/nimporte-quoi/"
    reply = sonia.get(link)
    page = reply.get_data(as_text=True)
    assert reply.status_code == 410
    assert "n’est plus valable" in page
    assert "Le four" not in page
    assert sonia.get(link + "film").status_code == 410
    token = re.search(r'name="csrf" content="([^"]+)"', page)[1]  # type: ignore[index]
    assert sonia.client.post(link + "remarques", data={"text": "x", "csrf_token": token}).status_code == 410


def test_only_producers_share(app: Flask, come: Come, one: str) -> None:
    assert come(app, "Malik Kone").post(f"/e/{one}/invites", {"guest": "X"}).status_code == 403
