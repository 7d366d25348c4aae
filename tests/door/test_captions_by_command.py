"""Captions by the command line: given, replaced, taken away, refused with their lines."""

from __future__ import annotations

from pathlib import Path

from pasvu.channel import captions
from pasvu.channel.captions import Cue
from pasvu.channel.models import Episode

from .conftest import Line

SRT = "1\r\n00:00:06,000 --> 00:00:08,000\r\nL’été à l’hôpital\r\n"


def test_captions_from_a_file(line: Line, reviewable: Episode, tmp_path: Path) -> None:
    file = tmp_path / "debat.srt"
    file.write_bytes(SRT.encode("cp1252"))
    line.call("episode", "captions", reviewable.id, file)
    (kept,) = line.ask("episode", "show", reviewable.id)["captions"]
    path = Path(kept["path"])
    assert (kept["language"], kept["origin"]) == ("fr", "command")
    assert path.parent == line.home / "renditions" / reviewable.id / "captions"
    assert path.name.startswith("fr-")
    assert captions.load(path) == [Cue(6.0, 8.0, "L’été à l’hôpital")]
    line.call("episode", "captions", reviewable.id, file, "--language", "EN")
    languages = {each["language"] for each in line.ask("episode", "show", reviewable.id)["captions"]}
    assert languages == {"fr", "en"}
    line.call("episode", "captions", reviewable.id, "--remove", "--language", "fr")
    (kept,) = line.ask("episode", "show", reviewable.id)["captions"]
    assert kept["language"] == "en"
    assert path.exists()


def test_captions_refused_leave_the_episode_as_it_was(line: Line, reviewable: Episode, tmp_path: Path) -> None:
    file = tmp_path / "debat.srt"
    file.write_text(SRT.replace("08,000", "05,000"))
    assert "Ligne 2" in line.refused("episode", "captions", reviewable.id, file)
    file.write_text(SRT.replace("00:00:0", "00:10:0"))
    assert "après la fin" in line.refused("episode", "captions", reviewable.id, file)
    file.write_text(SRT)
    assert "langue" in line.refused("episode", "captions", reviewable.id, file, "--language", "../fr")
    assert line.refused("episode", "captions", reviewable.id, "--remove")
    assert line.run("episode", "captions", reviewable.id).exit_code == 2
    assert line.run("episode", "captions", reviewable.id, file, "--remove").exit_code == 2
    assert line.ask("episode", "show", reviewable.id)["captions"] == []
