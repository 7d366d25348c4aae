"""What an episode's page says of its hour, and of a video whose arrival nobody knows."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest

from pasvu.channel import episodes
from pasvu.channel.states import PublicationState
from pasvu.channel.values import Privacy, RemoteVideo
from web.channel import NOW, Channel
from web.conftest import Come, Visitor, open_app
from web.test_episode_page import Objecting

INES = "Inès Belkacem"
FOUND = "dQw4w9WgXcQ"


class Holding(Objecting):
    """A platform that holds one video, with the marker it was sent with."""

    def __init__(self) -> None:
        self.marker = "pv-unknown"

    def state_of(self, video_ids: list[str]) -> dict[str, RemoteVideo]:
        there = RemoteVideo(FOUND, "T", Privacy.PRIVATE, None, "succeeded", None, None, None, tags=(self.marker,))
        return {FOUND: there} if FOUND in video_ids else {}


@pytest.fixture
def platform() -> Holding:
    return Holding()


@pytest.fixture
def ines(fresh: Channel, come: Come, platform: Holding) -> Visitor:
    return come(open_app(fresh, platforms={"youtube": platform}), INES)


def said(ines: Visitor, ref: str) -> str:
    page = html.unescape(ines.page(f"/e/{ref}"))
    start = page.index("promise")
    return page[start : page.index("</p>", start)]


def test_until_when_to_approve_for_the_next_free_slot(fresh: Channel, ines: Visitor) -> None:
    with fresh.record.write() as session:
        ref = fresh.to_review(session, "L’hôpital qui ferme la nuit", "Le Grand Angle").id
    assert "validez au plus tard" in said(ines, ref)
    assert "light-go" in ines.page(f"/e/{ref}")


@pytest.mark.parametrize(
    ("ahead", "light", "words"),
    [(timedelta(days=2), "go", "À l’heure"), (timedelta(minutes=3), "late", "Sera en retard")],
)
def test_how_a_chosen_instant_stands(fresh: Channel, ines: Visitor, ahead: timedelta, light: str, words: str) -> None:
    with fresh.record.write() as session:
        ref = fresh.scheduled(session, "Le village", "Le Grand Angle", INES, NOW + ahead).id
    assert words in said(ines, ref)
    assert f"light-{light}" in ines.page(f"/e/{ref}")


def test_the_person_who_found_the_lost_video_says_which_it_is(fresh: Channel, ines: Visitor, platform: Holding) -> None:
    with fresh.record.write() as session:
        episode = fresh.scheduled(session, "Le village", "Le Grand Angle", INES, NOW + timedelta(days=2))
        ref, publication = episode.id, episode.publications[0]
        publication.state, publication.finishing = PublicationState.FAILED, True
        marker = publication.marker
    page = html.unescape(ines.page(f"/e/{ref}"))
    assert "c’est cette vidéo…" in page
    assert "la renvoyer" in page
    adopting = f"/e/{ref}/adopter"
    ines.post(adopting, {"video": f"https://youtu.be/{FOUND}"})
    assert "n’est pas celle que nous avons envoyée" in html.unescape(ines.page(f"/e/{ref}"))
    platform.marker = marker
    ines.post(adopting, {"video": f"https://youtu.be/{FOUND}"})
    with fresh.record.read() as session:
        kept = episodes.find(session, ref).publications[0]
        assert (kept.video_id, kept.state) == (FOUND, PublicationState.UPLOADING)
    ines.post(adopting, {"video": FOUND})
    assert "recherchée" in html.unescape(ines.page(f"/e/{ref}"))
