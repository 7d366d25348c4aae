"""The audio rendition: the film's own sound, with chapters, names and a cover."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from pasvu.channel.values import Chapter
from pasvu.ingest import podcast
from pasvu.ingest.podcast import Sleeve
from pasvu.ingest.tools import Tools

from . import reading
from .conftest import Film, Make


def test_names_and_chapters_are_only_words() -> None:
    sleeve = Sleeve({"title": "a=b; #1\n[CHAPTER]", "album": ""}, [Chapter(0.0, "Début"), Chapter(12.5, "x\\y")])
    assert podcast.metadata(sleeve, 30.0) == (
        ";FFMETADATA1\n"
        "title=a\\=b\\; \\#1 [CHAPTER]\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=12500\ntitle=Début\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=12500\nEND=30000\ntitle=x\\\\y\n"
    )


@pytest.mark.media
def test_the_sound_is_the_films_own_with_all_that_players_show(
    tools: Tools, film: Film, make: Make, tmp_path: Path
) -> None:
    cover = make("sleeve.jpg", "-f", "lavfi", "-i", "testsrc2=s=320x180", "-frames:v", "1")
    chapters = [Chapter(0.0, "Début"), Chapter(10.0, "Milieu"), Chapter(20.5, "Fin ; et = suite")]
    tags = {"title": "L’épisode", "album": "Midi", "artist": "Midi", "date": "2026-11-24"}
    out = podcast.make(tools, film.path, tmp_path / "e.m4a", film.truth.duration_s, Sleeve(tags, chapters, cover))
    words = ["-show_format", "-show_streams", "-show_chapters", "-of", "json", str(out)]
    said = subprocess.run([str(tools.ffprobe), "-v", "error", *words], capture_output=True, check=True, text=True)
    found = json.loads(said.stdout)
    # Chapters stand twice: as a list, and as a track of text for players of Apple's.
    sound, _titles, picture = found["streams"]
    assert (sound["codec_name"], picture["codec_name"]) == ("aac", "mjpeg")
    assert picture["disposition"]["attached_pic"] == 1
    assert {key: found["format"]["tags"][key] for key in tags} == tags
    told = [(float(each["start_time"]), each["tags"]["title"]) for each in found["chapters"]]
    assert told == [(chapter.start_s, chapter.title) for chapter in chapters]
    packets = [[each.strip(",") for each in reading.packet_bytes(tools, path)] for path in (out, film.path)]
    assert packets[0] == packets[1]
    boxes = reading.box_names(out.read_bytes())
    assert boxes.index("moov") < boxes.index("mdat")
    assert not [name for name in boxes if name.endswith("elst")]
    assert list(tmp_path.iterdir()) == [out]
