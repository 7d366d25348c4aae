"""Stills that people ask for, made from the recording itself by the machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from channel.opening import database_url, fresh_url, record
from channel.stage import NOW, in_review
from pasvu.channel import programmes, stills
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode, JournalEntry, WantedStill
from pasvu.ingest.asked import StillTick
from pasvu.ingest.titling import INKS
from pasvu.ingest.tools import Tools

__all__ = ["database_url", "fresh_url", "record"]
pytestmark = pytest.mark.media

LETTERS = Path(__file__).parents[2] / "src/pasvu/web/static/vendor/bricolage.woff2"


@pytest.fixture(scope="module")
def clip(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of red, then two of blue, in full HD."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    colours = [
        word for colour in ("red", "blue") for word in ("-f", "lavfi", "-i", f"color={colour}:1920x1080:d=2:r=10")
    ]
    joined = ["-filter_complex", "[0][1]concat=n=2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    subprocess.run([tools.ffmpeg, "-v", "error", *colours, *joined, path], check=True, timeout=60)
    return path


@pytest.fixture
def tick(record: Record, tools: Tools, tmp_path: Path) -> StillTick:
    return StillTick(record, Folders(tmp_path), SetClock(NOW), tools, LETTERS)


def here(record: Record, clip: Path) -> str:
    with record.write() as session:
        episode = in_review(session)
        episode.recording.parts[0].path = str(clip)
        episode.recording.duration_s = 4.0
        return episode.id


def mean(path: str) -> tuple[float, ...]:
    return tuple(Image.open(path).resize((1, 1)).getpixel((0, 0)))  # type: ignore[arg-type]


def chosen(record: Record) -> tuple[str, str]:
    with record.read() as session:
        still = next(each for each in session.scalars(select(Episode)).one().thumbnails if each.chosen)
        return still.origin, still.path


def test_any_frame_as_large_as_it_was_recorded(record: Record, tick: StillTick, clip: Path) -> None:
    ref = here(record, clip)
    with record.write() as session:
        stills.want_frame(session, session.get_one(Episode, ref), 3.0, NOW, "nadia")
    tick.tick()
    origin, path = chosen(record)
    assert (origin, Image.open(path).size) == ("frame", (1920, 1080))
    red, _green, blue = mean(path)
    assert blue > 200 > 60 > red
    with record.read() as session:
        assert not session.scalars(select(WantedStill)).all()
        line = session.scalars(select(JournalEntry).where(JournalEntry.action == "episode.thumbnail")).one()
        assert line.actor == "nadia"
    tick.tick()
    assert chosen(record) == (origin, path), "made once"


def test_a_title_in_the_programmes_style(record: Record, tick: StillTick, clip: Path) -> None:
    ref = here(record, clip)
    with record.write() as session:
        episode = session.get_one(Episode, ref)
        show = programmes.create(session, "Terrain", NOW, "nadia")
        show.colour, episode.programme = 3, show
        stills.want_frame(session, episode, 0.5, NOW, "nadia")
    tick.tick()
    plain = chosen(record)[1]
    with record.write() as session:
        episode = session.get_one(Episode, ref)
        still = next(each for each in episode.thumbnails if each.chosen)
        stills.want_titled(session, episode, still.id, "La nuit des fourneaux", NOW, "nadia")
    tick.tick()
    origin, path = chosen(record)
    assert origin == "titled"
    foot = Image.open(path).getpixel((5, 1075))
    wanted = tuple(int(INKS[3][at : at + 2], 16) for at in (1, 3, 5))
    assert all(abs(found - meant) < 12 for found, meant in zip(foot, wanted, strict=True)), foot  # type: ignore[arg-type]
    assert Image.open(path).getpixel((5, 5)) == pytest.approx(Image.open(plain).getpixel((5, 5)), abs=6)
    assert Path(plain).exists(), "the picture without its title is kept"


def test_a_picture_of_ones_own(record: Record, tick: StillTick, clip: Path, tmp_path: Path) -> None:
    ref = here(record, clip)
    given = tmp_path / "given.jpg"
    Image.new("RGB", (900, 900), "#10a040").save(given)
    with record.write() as session:
        stills.want_given(session, session.get_one(Episode, ref), given, NOW, "nadia")
    tick.tick()
    origin, path = chosen(record)
    picture = Image.open(path)
    assert (origin, picture.size) == ("given", (1280, 720))
    assert picture.getpixel((10, 10))[0] < 20, "bars where the shape differs"  # type: ignore[index]


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff" + b"\x00" * 400, b"#EXTM3U\nfile:///etc/passwd\n"])
def test_what_is_not_a_picture_says_so(
    record: Record, tick: StillTick, clip: Path, tmp_path: Path, data: bytes
) -> None:
    ref = here(record, clip)
    before = chosen(record)
    given = tmp_path / "given.jpg"
    given.write_bytes(data)
    with record.write() as session:
        stills.want_given(session, session.get_one(Episode, ref), given, NOW, "nadia")
    tick.tick()
    with record.read() as session:
        assert "n’a pas pu être lue" in (session.scalars(select(WantedStill)).one().trouble or "")
        assert stills.waiting(session) == []
    assert chosen(record) == before


def test_what_cannot_be_is_refused_at_once(record: Record, clip: Path) -> None:
    ref = here(record, clip)
    with record.write() as session:
        episode = session.get_one(Episode, ref)
        with pytest.raises(Refused, match="hors de"):
            stills.want_frame(session, episode, 4.5, NOW, "nadia")
        with pytest.raises(NotFound):
            stills.want_titled(session, episode, 999, "Titre", NOW, "nadia")
        with pytest.raises(Refused, match="trop long"):
            stills.want_titled(session, episode, episode.thumbnails[0].id, "long " * 30, NOW, "nadia")
