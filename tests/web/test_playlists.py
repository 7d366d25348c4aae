"""A programme's playlist: chosen by name, made, or typed as an id or an address."""

from __future__ import annotations

import html

import pytest

from pasvu.channel import episodes
from pasvu.channel.errors import Refused
from pasvu.channel.values import RemotePlaylist
from pasvu.publish.errors import PlatformBusy
from pasvu.web.shelf import read_playlist_id
from web.channel import Channel
from web.conftest import Come, Visitor, open_app
from web.test_episode_page import Objecting

PAGE = "/reglages/emissions?e=le-grand-angle"


class Shelved(Objecting):
    def __init__(self) -> None:
        self.asked = 0
        self.held = [RemotePlaylist("PLdebats", "Débats"), RemotePlaylist("PLold", "Anciens <b>")]
        self.away = False

    def playlists(self) -> list[RemotePlaylist]:
        self.asked += 1
        if self.away:
            raise PlatformBusy("YouTube ne répond pas.")
        return list(self.held)

    def make_playlist(self, title: str) -> RemotePlaylist:
        self.held.append(RemotePlaylist("PLnew", title))
        return self.held[-1]


@pytest.fixture
def platform() -> Shelved:
    return Shelved()


@pytest.fixture
def ada(fresh: Channel, come: Come, platform: Shelved) -> Visitor:
    return come(open_app(fresh, platforms={"youtube": platform}), "Ada Minh")


def kept(fresh: Channel) -> str | None:
    with fresh.record.read() as session:
        return episodes.programme(session, "le-grand-angle").playlist_id


def save(ada: Visitor, **fields: str) -> None:
    assert ada.post("/reglages/emissions/le-grand-angle", {"name": "Le Grand Angle", **fields}).status_code == 303


def test_it_is_chosen_by_name_and_the_platform_is_asked_only_when_a_person_asks(
    fresh: Channel, ada: Visitor, platform: Shelved
) -> None:
    assert "Choisir par son nom" in ada.page(PAGE)
    assert platform.asked == 0
    page = ada.page(PAGE + "&listes=1")
    assert '<option value="PLdebats">Débats</option>' in page
    assert "Anciens &lt;b&gt;" in page
    ada.page(PAGE + "&listes=1")
    assert platform.asked == 1, "remembered for a while"
    save(ada, playlist_id="PLdebats")
    assert kept(fresh) == "PLdebats"
    assert '<option value="PLdebats" selected>Débats</option>' in ada.page(PAGE)
    save(ada, playlist_id="PLdebats", playlist_other="https://www.youtube.com/playlist?list=PLother")
    assert kept(fresh) == "PLother"
    assert '<option value="PLother" selected>PLother</option>' in ada.page(PAGE), "not of this channel, and kept"
    save(ada, playlist_id="")
    assert kept(fresh) is None


def test_it_is_made_under_the_name_of_the_programme(fresh: Channel, ada: Visitor, platform: Shelved) -> None:
    assert "Créer la liste" in html.unescape(ada.page(PAGE + "&listes=1"))
    assert ada.post("/reglages/emissions/le-grand-angle/liste").status_code == 303
    assert kept(fresh) == "PLnew"
    assert platform.held[-1].title == "Le Grand Angle"
    page = ada.page(PAGE + "&listes=1")
    assert '<option value="PLnew" selected>Le Grand Angle</option>' in page
    assert page.count("/reglages/emissions/le-grand-angle/liste") == 0


def test_a_platform_that_does_not_answer_leaves_the_field(fresh: Channel, ada: Visitor, platform: Shelved) -> None:
    platform.away = True
    page = ada.page(PAGE + "&listes=1")
    assert "YouTube ne répond pas" in page
    save(ada, playlist_id="PLtyped")
    assert kept(fresh) == "PLtyped"


@pytest.mark.parametrize("typed", ["une liste", "https://www.youtube.com/watch?v=abc", "<script>"])
def test_what_is_no_playlist_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        read_playlist_id(typed)
