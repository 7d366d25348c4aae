"""What lies in the watched folders and in quarantine, by the command line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pasvu.channel import intake
from pasvu.channel.clock import SetClock
from pasvu.channel.errors import CutShort
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState
from pasvu.ingest.watcher import Watcher

from .conftest import NOW, Line

CUT = b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x10moov\0\0\0\x08free" + b"\0\1\0\0mdat" + b"\1" * 40_000


@pytest.fixture
def watcher(line: Line) -> Watcher:
    line.begin()
    return Watcher(line.record, Folders(line.home), SetClock(NOW), [line.home / "depot"], timedelta(hours=1))


def test_what_lies_there_is_listed_and_a_stopped_copy_taken_on_request(line: Line, watcher: Watcher) -> None:
    depot = line.home / "depot"
    depot.joinpath("coupe.mp4").write_bytes(CUT)
    depot.joinpath(".DS_Store").write_bytes(b"x")
    depot.joinpath("lien.mp4").symlink_to("/etc/passwd")
    watcher.look()
    rows = {row["name"]: row for row in line.ask("incoming", "list")}
    assert set(rows) == {"coupe.mp4", "lien.mp4"}
    assert rows["lien.mp4"]["standing"] == "refused"
    assert {row["name"] for row in line.ask("incoming", "list", "--all")} == {*rows, ".DS_Store"}
    assert "n’est pas une copie arrêtée" in line.refused("incoming", "take", "coupe.mp4")
    assert "n’attend dans aucun dossier" in line.refused("incoming", "take", "rien.mp4")

    watcher._clock.sleep(2 * 3600)
    assert watcher.look() == []
    (row,) = [row for row in line.ask("incoming", "list") if row["name"] == "coupe.mp4"]
    assert (row["standing"], "Il manque" in row["waiting_for"]) == ("stopped", True)
    line.call("incoming", "take", "coupe.mp4")
    (taken,) = watcher.look()
    with line.record.read() as session:
        assert session.get_one(Episode, taken).recording.as_it_is
    assert [row["name"] for row in line.ask("incoming", "list")] == ["lien.mp4"]


@pytest.fixture
def set_aside(line: Line, reviewable: Episode) -> Episode:
    """An episode in quarantine, its file beside its reason."""
    with line.record.write() as session:
        episode = session.get_one(Episode, reviewable.id)
        episode.state = EpisodeState.RECEIVED
        (part,) = episode.recording.parts
        kept = Folders(line.home).quarantine / f"{episode.recording.id}-{Path(part.path).name}"
        Path(part.path).rename(kept)
        part.path = str(kept)
        intake.quarantine(session, episode, "« film.mp4 » est abîmé.", NOW)
    return reviewable


def test_quarantine_is_listed_with_what_may_be_done(line: Line, set_aside: Episode) -> None:
    (row,) = line.ask("quarantine", "list")
    assert (row["id"], row["kind"], row["may_be_used_as_it_is"]) == (set_aside.id, "unusable", False)
    assert "réparez son fichier" in line.refused("quarantine", "retry", set_aside.id, "--as-it-is")
    with line.record.write() as session:
        session.get_one(Episode, set_aside.id).recording.set_aside_for = CutShort.kind
    line.call("quarantine", "retry", set_aside.id, "--as-it-is")
    assert line.ask("quarantine", "list") == []
    with line.record.read() as session:
        episode = session.get_one(Episode, set_aside.id)
        assert (episode.state, episode.recording.as_it_is) == (EpisodeState.RECEIVED, True)


def test_a_mended_file_takes_the_place_of_the_bad_one(line: Line, set_aside: Episode, tmp_path: Path) -> None:
    mended = tmp_path / "réparé.mp4"
    mended.write_bytes(b"mended")
    assert "n’a pas de partie 2" in line.refused("quarantine", "replace", set_aside.id, mended, "--part", "2")
    before = list(Folders(line.home).quarantine.iterdir())
    line.call("quarantine", "replace", set_aside.id, mended)
    assert mended.exists()
    assert list(Folders(line.home).quarantine.iterdir()) == before, "the bad one stays where it lies"
    with line.record.read() as session:
        episode = session.get_one(Episode, set_aside.id)
        (part,) = episode.recording.parts
        assert (episode.state, Path(part.path).read_bytes()) == (EpisodeState.RECEIVED, b"mended")
        assert part.sha256 is not None
    assert "rien à remplacer" in line.refused("quarantine", "replace", set_aside.id, mended)
