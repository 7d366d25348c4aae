"""Captions in the panel: imported, listed, corrected line by line, taken away with the file in hand."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import pytest

from pasvu.channel import captions, episodes
from web.channel import Channel
from web.conftest import Come, Visitor, open_app
from web.test_episode_page import INES, read

SRT = """1
00:01:30,000 --> 00:01:32,500
Le four est éteint.

2
00:01:33,000 --> 00:01:35,000
On le rallume <i>demain</i>.

3
00:03:00,000 --> 00:03:02,000
Fin du service.
"""


@pytest.fixture
def one(fresh: Channel) -> str:
    with fresh.record.write() as session:
        return fresh.to_review(session, "Le four", "Terrain").id


@pytest.fixture
def ines(fresh: Channel, come: Come) -> Visitor:
    return come(open_app(fresh), INES)


def give(visitor: Visitor, one: str, text: str = SRT, language: str = "fr") -> int:
    file = (io.BytesIO(text.encode()), "film.srt")
    reply = visitor.post(
        f"/e/{one}/sous-titres", {"file": file, "language": language}, content_type="multipart/form-data"
    )
    return reply.status_code


def lines(channel: Channel, one: str) -> list[tuple[float, float, str]]:
    with channel.record.read() as session:
        path = episodes.find(session, one).captions[0].path
    return [(cue.start_s, cue.end_s, cue.text) for cue in captions.load(Path(path))]


def drawn(page: str) -> str:
    return re.search(r'data-drawn="([^"]+)"', page)[1]  # type: ignore[index]


def test_given_listed_and_downloaded_in_the_episodes_time(fresh: Channel, ines: Visitor, one: str) -> None:
    assert give(ines, one) == 303
    page = ines.page(f"/e/{one}")
    assert "importés ici" in page
    assert 'kind="captions" srclang="fr"' in page
    start_s = read(fresh, one).proposed_start_s or 0.0
    srt = ines.get(f"/e/{one}/sous-titres/fr.srt").get_data(as_text=True)
    seconds = 90 - start_s
    assert srt.startswith(f"1\n00:00:{int(seconds):02},{round(seconds % 1 * 1000):03} -->")
    assert ines.get(f"/e/{one}/sous-titres/fr.vtt").get_data(as_text=True).startswith("WEBVTT")
    assert "00:01:30.000 -->" in ines.get(f"/e/{one}/sous-titres/fr.vtt?temps=film").get_data(as_text=True)
    assert ines.get(f"/e/{one}/sous-titres/en.srt").status_code == 404


@pytest.mark.parametrize("text", ["", "Ceci n’est pas un sous-titre.", SRT.replace("00:01:30,000", "00:01:99,000")])
def test_what_is_not_captions_is_refused_in_words(fresh: Channel, ines: Visitor, one: str, text: str) -> None:
    assert give(ines, one, text) == 409
    with fresh.record.read() as session:
        assert episodes.find(session, one).captions == []


def test_a_line_is_corrected_in_place(fresh: Channel, ines: Visitor, one: str) -> None:
    give(ines, one)
    page = ines.page(f"/e/{one}/sous-titres/fr")
    assert page.count("<li id=") == 3
    sent = {"start": "1:30", "end": "1:32.25", "text": "Le four est éteint ?\r\nNon.", "drawn": drawn(page)}
    reply = ines.post(f"/e/{one}/sous-titres/fr/0", sent, headers={"X-Requested-With": "fetch"})
    assert "Le four est éteint ?" in reply.get_data(as_text=True)
    assert lines(fresh, one)[0] == (90.0, 92.25, "Le four est éteint ?\nNon.")
    assert "a changé les sous-titres" in ines.page(f"/e/{one}")
    stale = ines.post(f"/e/{one}/sous-titres/fr/0", {**sent, "text": "Autre"})
    assert stale.status_code == 409
    assert ">Autre</textarea>" in stale.get_data(as_text=True), "nothing typed is lost"
    assert lines(fresh, one)[0][2].startswith("Le four")


@pytest.mark.parametrize(
    ("change", "why"),
    [({"end": "1:29"}, "n’est pas après"), ({"text": " "}, "est vide"), ({"start": "tôt"}, "pas un temps")],
)
def test_a_wrong_line_is_shown_again(ines: Visitor, one: str, change: dict[str, object], why: str) -> None:
    give(ines, one)
    name = drawn(ines.page(f"/e/{one}/sous-titres/fr"))
    sent = {"start": "1:30", "end": "1:32", "text": "Le four", "drawn": name, **change}
    reply = ines.post(f"/e/{one}/sous-titres/fr/0", sent)
    assert reply.status_code == 409
    assert why in html.unescape(reply.get_data(as_text=True))


def test_lines_moved_and_deleted_are_numbered_anew(fresh: Channel, ines: Visitor, one: str) -> None:
    give(ines, one)
    name = drawn(ines.page(f"/e/{one}/sous-titres/fr"))
    moved = {"start": "2:00", "end": "2:02", "text": "Le four", "drawn": name}
    reply = ines.post(f"/e/{one}/sous-titres/fr/0", moved, headers={"X-Requested-With": "fetch"})
    assert reply.headers["X-Go"].endswith("#l1")
    assert [start_s for start_s, _end_s, _text in lines(fresh, one)] == [93.0, 120.0, 180.0]
    name = drawn(ines.page(f"/e/{one}/sous-titres/fr"))
    assert ines.post(f"/e/{one}/sous-titres/fr/1", {"delete": "1", "drawn": name}).status_code == 303
    assert [text for _start_s, _end_s, text in lines(fresh, one)] == ["On le rallume <i>demain</i>.", "Fin du service."]


def test_a_language_is_taken_away(ines: Visitor, one: str) -> None:
    give(ines, one)
    ines.post(f"/e/{one}/sous-titres/fr/retirer")
    assert ines.get(f"/e/{one}/sous-titres/fr").status_code == 404


def test_a_reader_sees_and_cannot_change(fresh: Channel, ines: Visitor, one: str, come: Come) -> None:
    give(ines, one)
    yann = come(ines.client.application, "Yann Le Goff")
    page = yann.page(f"/e/{one}/sous-titres/fr")
    assert "Le four est éteint." in page
    assert "data-edit" not in page
    assert yann.post(f"/e/{one}/sous-titres/fr/0", {}).status_code == 403
