"""Films, stills and waveforms: short ranges, right headers, no path from outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from pasvu.channel import audio, episodes, intake
from pasvu.channel.values import Loudness
from pasvu.web import playable
from pasvu.web.ranges import LONGEST_BYTES, Pieces
from web.channel import Channel
from web.conftest import Come, Visitor, open_app

SIZE = LONGEST_BYTES + 5000


@pytest.fixture
def visitor(fresh: Channel, come: Come, tmp_path: Path) -> Visitor:
    fresh.film = tmp_path / "film.mp4"
    fresh.film.write_bytes(bytes(range(250)) * (SIZE // 250))
    with fresh.record.write() as session:
        fresh.ids["one"] = fresh.to_review(session, "Film", None).id
    return come(open_app(fresh), "Malik Kone")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=0-", 0, LONGEST_BYTES - 1),
        ("bytes=1000-", 1000, 1000 + LONGEST_BYTES - 1),
        ("bytes=-10", None, None),
        (f"bytes={LONGEST_BYTES}-{LONGEST_BYTES * 9}", LONGEST_BYTES, None),
    ],
)
def test_a_range_is_cut_short(
    visitor: Visitor, fresh: Channel, asked: str, first: int | None, last: int | None
) -> None:
    assert fresh.film is not None
    whole = fresh.film.read_bytes()
    first = len(whole) - 10 if first is None else first
    last = len(whole) - 1 if last is None else last
    reply = visitor.get(f"/e/{fresh.ids['one']}/film", headers={"Range": asked})
    assert reply.status_code == 206
    assert reply.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
    assert reply.data == whole[first : last + 1]


def test_the_whole_file_when_no_range_is_asked(visitor: Visitor, fresh: Channel) -> None:
    assert fresh.film is not None
    reply = visitor.get(f"/e/{fresh.ids['one']}/film")
    assert reply.status_code == 200
    assert reply.headers["Accept-Ranges"] == "bytes"
    assert reply.data == fresh.film.read_bytes()
    head = visitor.client.head(f"/e/{fresh.ids['one']}/film")
    assert int(head.headers["Content-Length"]) == fresh.film.stat().st_size


def test_a_range_outside_the_file_is_said(visitor: Visitor, fresh: Channel) -> None:
    reply = visitor.get(f"/e/{fresh.ids['one']}/film", headers={"Range": "bytes=999999999-"})
    assert reply.status_code == 416
    assert reply.headers["Content-Range"].startswith("bytes */")


def test_pieces_close_their_file(tmp_path: Path) -> None:
    import os

    path = tmp_path / "f"
    path.write_bytes(b"x" * 10)
    opened = os.open(path, os.O_RDONLY)
    pieces = Pieces(opened, 0, 10)
    assert next(pieces) == b"x" * 10
    pieces.close()
    with pytest.raises(OSError):
        os.fstat(opened)


def test_stills_and_waves_come_by_id(app: Flask, channel: Channel, come: Come) -> None:
    malik = come(app, "Malik Kone")
    assert malik.get("/vignette/1").mimetype == "image/jpeg"
    assert malik.get("/vignette/999999").status_code == 404
    wave = malik.get(f"/e/{channel.ids['review']}/ondes")
    assert len(wave.data) % 2 == 0
    assert len(wave.data) > 10_000
    assert malik.get(f"/e/{channel.ids['broken']}/film").status_code == 404
    assert malik.get(f"/e/{channel.ids['broken']}/son.m4a").status_code == 404, "until it is made"


@pytest.mark.parametrize(
    ("info", "media_type"),
    [
        (
            {"container": "mov,mp4,m4a", "video_codec": "h264", "audio_codec": "aac", "pixel_format": "yuv420p"},
            "video/mp4",
        ),
        (
            {"container": "mov,mp4,m4a", "video_codec": "h264", "audio_codec": None, "pixel_format": "yuv420p"},
            "video/mp4",
        ),
        ({"container": "mov,mp4,m4a", "video_codec": "hevc", "audio_codec": "aac"}, None),
        ({"container": "mov,mp4,m4a", "video_codec": "h264", "pixel_format": "yuv422p10le"}, None),
        ({"container": "mov,mp4,m4a", "video_codec": "prores", "audio_codec": "pcm_s16le"}, None),
        ({"container": "matroska,webm", "video_codec": "vp9", "audio_codec": "opus"}, "video/webm"),
        ({"container": "matroska,webm", "video_codec": "h264", "audio_codec": "aac"}, None),
        ({}, None),
    ],
)
def test_only_what_browsers_play_is_played(info: dict[str, object], media_type: str | None) -> None:
    assert playable.played_as(info) == media_type


def test_the_audio_version_is_asked_for_followed_and_heard(visitor: Visitor, fresh: Channel, come: Come) -> None:
    one, app = f"/e/{fresh.ids['one']}", visitor.client.application
    staff = come(app, "Yann Le Goff")
    assert "Faire la version audio" not in staff.page(one)
    assert staff.post(f"{one}/audio").status_code == 403
    assert "Faire la version audio" in visitor.page(one)
    assert visitor.post(f"{one}/audio").headers["Location"].endswith(f"{one}#audio")
    page = visitor.page(one)
    assert "data-awaited" in page
    assert "Faire la version audio" not in page
    assert visitor.get(f"{one}/son").status_code == 404, "until it is made"
    with fresh.record.write() as session:
        episode = episodes.find(session, fresh.ids["one"])
        audio.failed(episode, "Il n’y a plus de place sur le disque.")
    page = visitor.page(one)
    assert "plus de place sur le disque" in page
    assert "Faire la version audio" in page
    visitor.post(f"{one}/audio")
    path = fresh.settings.home / "son.m4a"
    path.write_bytes(b"a sound" * 100)
    with fresh.record.write() as session:
        episode = episodes.find(session, fresh.ids["one"])
        assert episode.wanted_audio is not None
        assert episode.wanted_audio.trouble is None
        intake.keep_rendition(
            episode, "audio", 1, path, 700, "5" * 64, 1234.0, Loudness(-14.1, -1.2, 6.0), fresh.clock.now()
        )
        audio.made(episode)
    page = staff.page(one)
    assert "20:34 · 700" in page
    assert "La refaire" not in page
    assert "La refaire" in visitor.page(one)
    assert staff.get(f"{one}/son", headers={"Range": "bytes=0-6"}).data == b"a sound"
    assert staff.get(f"{one}/son.m4a").headers["Content-Disposition"].startswith("attachment")
    assert "a demandé la version audio" in come(app, "Inès Belkacem").page(one)
