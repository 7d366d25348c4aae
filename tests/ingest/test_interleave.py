"""Picture and sound joined by ourselves, against the media tool's own join of the same two files."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from pasvu.channel.errors import Cancelled
from pasvu.ingest import interleave
from pasvu.ingest.tools import Tools

from . import reading
from .conftest import Film, Make

pytestmark = pytest.mark.media

FORM = ("-map_metadata", "-1", "-use_editlist", "0", "-video_track_timescale", "90000", "-c", "copy")
LATER_S = 0.0123
LATER = rf"if(N\,round({LATER_S}/TB)\,0)"


@pytest.fixture(scope="module")
def picture(film: Film, make: Make) -> Path:
    return make("picture.mp4", "-t", "6", "-i", film.path, "-an", *FORM, "-movflags", "+negative_cts_offsets")


@pytest.fixture(scope="module")
def sound(film: Film, make: Make) -> Path:
    return make("heard.mp4", "-t", "6.3", "-i", film.path, "-vn", *FORM)


@pytest.fixture(scope="module")
def joined(picture: Path, sound: Path, make: Make) -> Path:
    """What the tool makes of both, its pictures but the first later."""
    later = ("-bsf:v", f"setts=pts=PTS+{LATER}:dts=DTS+{LATER}")
    words = (*FORM, *later, "-movflags", "+faststart+negative_cts_offsets")
    return make("joined.mp4", "-i", picture, "-i", sound, *words)


def test_the_film_is_that_of_the_tools_own_join(
    tools: Tools, picture: Path, sound: Path, joined: Path, tmp_path: Path
) -> None:
    film, told = tmp_path / "film.mp4", list[float]()
    interleave.join(picture, sound, film, LATER_S, told.append)
    for stream in ("V:0", "a:0"):
        ours, theirs = (reading.packets(tools, path, stream) for path in (film, joined))
        assert len(ours) > 100
        assert [packet[:-1] for packet in ours] == [packet[:-1] for packet in theirs]
    wanted = [(name, content) for name, content in reading.box_contents(joined.read_bytes()) if name != "free"]
    found = reading.box_contents(film.read_bytes())
    assert [name for name, _ in found] == [name for name, _ in wanted]
    differing = {name.rsplit("/", 1)[-1] for (name, one), (_, other) in zip(found, wanted, strict=True) if one != other}
    # How many packets stand together, and bits per second by another length of the first frame.
    assert differing <= {"stsc", "stco", "stsd", "mdat"}
    # Half a second of one, half a second of the other.
    runs = np.array(
        [
            (int(packet[-1]), float(packet[1]) / scale, scale)
            for stream, scale in (("V:0", 90000), ("a:0", 48000))
            for packet in reading.packets(tools, film, stream)
        ]
    )
    in_file = runs[np.argsort(runs[:, 0])]
    turns = np.flatnonzero(np.diff(in_file[:, 2]))
    assert 20 <= len(turns) <= 26
    assert np.diff(in_file[:, 1]).min() > -1.1
    assert told[0] == 0.0


def test_packets_of_a_sound_are_taken_where_they_stand(
    tools: Tools, picture: Path, sound: Path, joined: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    interleave.join(picture, sound, film, taken=((3, 60), (61, 62), (100, 10_000)))
    there = reading.packet_bytes(tools, sound)
    assert reading.packet_bytes(tools, film) == [*there[3:60], there[61], *there[100:]]
    times = [int(packet[0]) for packet in reading.packets(tools, film, "a:0")]
    assert times == list(range(0, 1024 * len(times), 1024))
    (groups,) = (content for name, content in reading.box_contents(film.read_bytes()) if name.endswith("sbgp"))
    assert struct.unpack_from(">II", groups, 8) == (1, len(times))
    with pytest.raises(interleave.Unjoinable):
        interleave.join(picture, sound, film, taken=((10_000, 20_000),))


def test_beyond_four_gigabytes_places_have_eight_bytes(
    tools: Tools, picture: Path, sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow, wide = tmp_path / "narrow.mp4", tmp_path / "wide.mp4"
    interleave.join(picture, sound, narrow)
    monkeypatch.setattr(interleave, "_NARROW_UP_TO", 0)
    interleave.join(picture, sound, wide)
    assert [name for name in reading.box_names(wide.read_bytes()) if name.endswith("co64")]
    for stream in ("V:0", "a:0"):
        assert [packet[:-1] for packet in reading.packets(tools, wide, stream)] == [
            packet[:-1] for packet in reading.packets(tools, narrow, stream)
        ]


def test_it_ends_when_it_is_told_to(picture: Path, sound: Path, tmp_path: Path) -> None:
    def stop(_: float) -> None:
        raise Cancelled("Préparation arrêtée.")

    with pytest.raises(Cancelled):
        interleave.join(picture, sound, tmp_path / "film.mp4", on_progress=stop)


@pytest.mark.parametrize("fault", ["two tracks", "two descriptions", "cut short", "no index"])
def test_what_is_laid_out_otherwise_is_left_to_the_tool(
    picture: Path, sound: Path, joined: Path, tmp_path: Path, fault: str
) -> None:
    data = bytearray(picture.read_bytes())
    if fault == "two tracks":
        data = bytearray(joined.read_bytes())
    elif fault == "two descriptions":
        struct.pack_into(">I", data, data.index(b"stsc") + 4 + 8 + 8, 2)
    elif fault == "cut short":
        del data[-1:]
    else:
        data = data[: data.index(b"moov") - 4]
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    with pytest.raises(interleave.Unjoinable):
        interleave.join(damaged, sound, tmp_path / "film.mp4")
