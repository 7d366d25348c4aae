"""Films, stills and waveforms: short ranges, right headers, no path from outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

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
    assert malik.get(f"/e/{channel.ids['review']}/son.m4a").status_code == 404, "until it is made"


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
