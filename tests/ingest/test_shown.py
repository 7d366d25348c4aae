"""Guests see the master as it will go on air, whatever their browser plays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from channel.opening import database_url, fresh_url, record
from channel.stage import NOW, in_review
from pasvu.channel import guests
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.ingest.inspect import examine, playable
from pasvu.ingest.shown import GuestFilmTick
from pasvu.ingest.tools import Tools

from .conftest import Make

__all__ = ["database_url", "fresh_url", "record"]
pytestmark = pytest.mark.media


def test_a_master_that_some_browsers_do_not_play(record: Record, tools: Tools, tmp_path: Path, make: Make) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc2=size=64x36:rate=10:duration=1", "-c:v", "libx265", "-x265-params")
    master = make("hevc.mp4", *picture, "log-level=none", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")
    with record.write() as session:
        episode = in_review(session)
        ref = episode.id
        episode.recording.parts[0].info = {"video_codec": "hevc", "pixel_format": "yuv420p10le"}
        made = episode.rendition("master")
        assert made is not None
        made.path = str(master)
    tick = GuestFilmTick(record, Folders(tmp_path), SetClock(NOW), tools)
    tick.tick()
    assert shown(record, ref) is None, "nobody asked to see it"
    with record.write() as session:
        guests.invite(session, session.get_one(Episode, ref), "Sonia", 7, NOW, "nadia")
    tick.tick()
    path = shown(record, ref)
    assert path is not None
    assert playable(examine(tools, path).info, None)
    with record.read() as session:
        assert guests.wanting_copy(session, NOW) == []
        assert guests.wanting_copy(session, NOW + timedelta(days=8)) == []
    # Another cut: the copy of the former one is not shown for it.
    with record.write() as session:
        session.get_one(Episode, ref).wanted_cut += 1
    assert shown(record, ref) is None


def shown(record: Record, ref: str) -> Path | None:
    with record.read() as session:
        found = guests.film(session.get_one(Episode, ref))
        return Path(found.path) if found else None
