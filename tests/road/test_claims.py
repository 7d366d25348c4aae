"""Taking files: what happens when they are disturbed, when they lie on another disk, when a folder is not there."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from pasvu.channel.models import Episode, Incoming, JournalEntry
from pasvu.channel.values import Standing
from pasvu.ingest import moving
from pasvu.ingest.lease import Held, held_by, lease
from pasvu.ingest.shares import file_system, on_a_share
from pasvu.ingest.structure import OPEN_ENDED, WHOLE, Verdict
from pasvu.ingest.watcher import Watcher

from .depot import SETTLE, Depot, make_depot


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return make_depot(tmp_path / "home", lambda _path: WHOLE)


def watching(depot: Depot, *roots: Path, verdict: Verdict = WHOLE, **kind: Any) -> Depot:
    """The same home, watching other folders."""
    depot.watcher = Watcher(
        depot.record, depot.folders, depot.clock, roots, SETTLE, judge=lambda _path: verdict, **kind
    )
    return depot


def waits(depot: Depot) -> dict[str, str | None]:
    with depot.record.read() as session:
        return {row.shown_name: row.waiting_for for row in session.query(Incoming)}


def episodes(depot: Depot) -> list[Episode]:
    with depot.record.read() as session:
        found = session.query(Episode).order_by(Episode.id).all()
        for episode in found:
            assert episode.recording.parts
        return found


def test_a_lease_tells_of_writers_and_keeps_them_waiting(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"film")
    with path.open("ab"):
        assert held_by(os.fsencode(path)) is Held.BY_A_WRITER
    written = threading.Event()

    def write() -> None:
        with path.open("ab") as file:
            file.write(b"more")
        written.set()

    with lease(os.fsencode(path)) as held:
        assert held.held is Held.FREE
        assert not held.broken
        writer = threading.Thread(target=write)
        writer.start()
        while not held.broken:
            pass
        assert not written.is_set()
        assert path.read_bytes() == b"film"
    writer.join()
    assert path.read_bytes() == b"filmmore"


def test_a_file_reopened_while_it_is_taken_goes_back_to_its_writer(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = depot.put("nuit_p2.mp4", b"begun")
    for name in ("nuit_p1.mp4", "nuit.json"):
        depot.put(name, b"{}")
    real, writers = moving.bring, []

    def bring(source: bytes, target: Path, **kind: Any) -> str | None:
        if source == os.fsencode(film) and not writers:
            handle = os.open(film, os.O_RDONLY)  # what the writer has found before the file moves
            writer = threading.Thread(target=lambda: _append(handle, b" and ended"))
            writer.start()
            writers.append(writer)
            _until_broken(film)
        return real(source, target, **kind)

    monkeypatch.setattr(moving, "bring", bring)
    assert depot.settle() == []
    writers[0].join()
    assert depot.left() == ["nuit.json", "nuit_p1.mp4", "nuit_p2.mp4"]
    assert film.read_bytes() == b"begun and ended"
    assert episodes(depot) == []
    assert not [path for path in depot.folders.recordings.rglob("*") if path.is_file()]
    with depot.record.read() as session:
        assert [line.action for line in session.query(JournalEntry)][-1] == "episode.given_back"
    assert "rouvert" in (waits(depot)["nuit_p2.mp4"] or "")
    depot.look_after(SETTLE * 10)
    (taken,) = depot.look_after(SETTLE * 10)
    with depot.record.read() as session:
        parts = session.get_one(Episode, taken).recording.parts
        assert [Path(part.path).read_bytes() for part in parts] == [b"{}", b"begun and ended"]


def _append(handle: int, content: bytes) -> None:
    """Open the same file for writing, whatever its name is by then; the kernel makes us wait."""
    writing = os.open(f"/proc/self/fd/{handle}", os.O_WRONLY | os.O_APPEND)
    os.write(writing, content)
    os.close(writing)
    os.close(handle)


def _until_broken(path: Path) -> None:
    # Another lease is refused as soon as somebody waits to write.
    while held_by(os.fsencode(path)) is Held.FREE:
        pass


def test_from_another_disk_files_are_copied_and_set_aside(depot: Depot, other_disk: Path) -> None:
    watching(depot, other_disk)
    for content in (b"one", b"two"):
        (other_disk / "film.mp4").write_bytes(content)
        (other_disk / "film.jpg").write_bytes(b"\xff\xd8\xff" + content)
        assert len(depot.settle()) == 1
    taken = [episode.recording.parts[0] for episode in episodes(depot)]
    assert [Path(part.path).read_bytes() for part in taken] == [b"one", b"two"]
    assert [part.sha256 for part in taken] == [hashlib.sha256(each).hexdigest() for each in (b"one", b"two")]
    kept = sorted(path.read_bytes() for path in (other_disk / ".taken").iterdir())
    assert kept == sorted([b"one", b"two", b"\xff\xd8\xffone", b"\xff\xd8\xfftwo"]), "nothing dropped is ever deleted"
    assert depot.look_after(SETTLE * 20) == []
    assert waits(depot) == {}


def test_what_changes_while_it_is_copied_is_left_alone(
    depot: Depot, other_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching(depot, other_disk)
    (other_disk / "film.mp4").write_bytes(b"x" * 100)
    monkeypatch.setattr(moving, "BLOCK", 10)
    real = os.posix_fadvise

    def later(handle: int, *words: int) -> None:
        os.utime(other_disk / "film.mp4", (1, 1))
        real(handle, *words)

    monkeypatch.setattr(os, "posix_fadvise", later)
    assert depot.settle() == []
    assert (other_disk / "film.mp4").read_bytes() == b"x" * 100
    assert episodes(depot) == []
    assert not [path for path in depot.folders.recordings.rglob("*") if path.is_file()]
    assert "a changé pendant sa copie" in (waits(depot)["film.mp4"] or "")


def test_a_folder_that_lets_nothing_be_moved_is_taken_from_once(
    depot: Depot, other_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching(depot, other_disk)
    (other_disk / "film.mp4").write_bytes(b"film")

    def refused(_source: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(moving, "retire", refused)
    assert len(depot.settle()) == 1
    watching(depot, other_disk)
    assert depot.settle() == []
    assert (other_disk / "film.mp4").exists()
    with depot.record.read() as session:
        assert session.query(Incoming).one().standing == Standing.IGNORED
    (other_disk / "film.mp4").write_bytes(b"another film")
    assert len(depot.settle()) == 1


def test_without_room_a_file_of_another_disk_waits(depot: Depot, other_disk: Path) -> None:
    watching(depot, other_disk, floor=1 << 60)
    (other_disk / "film.mp4").write_bytes(b"film")
    assert depot.settle() == []
    assert "libérez de la place" in (waits(depot)["film.mp4"] or "")
    watching(depot, other_disk)
    assert len(depot.settle()) == 1


def test_a_folder_that_is_not_there_is_said_and_the_others_go_on(depot: Depot, tmp_path: Path) -> None:
    watching(depot, tmp_path / "gone", depot.path)
    depot.put("film.mp4")
    assert len(depot.settle()) == 1
    (said,) = waits(depot).values()
    assert "pas accessible (introuvable)" in (said or "")
    (tmp_path / "gone").mkdir()
    depot.look_after()
    assert waits(depot) == {}


def test_what_could_not_be_taken_is_said_and_tried_again(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    real = moving.bring

    def refused(*_words: object, **_kind: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(moving, "bring", refused)
    depot.put("film.mp4")
    assert depot.settle() == []
    assert "accès refusé" in (waits(depot)["film.mp4"] or "")
    assert episodes(depot) == []
    monkeypatch.setattr(moving, "bring", real)
    assert depot.look_after() == []
    assert len(depot.look_after(SETTLE * 10)) == 1


@pytest.mark.parametrize(("verdict", "times"), [(WHOLE, 2), (OPEN_ENDED, 20)])
def test_on_a_share_files_wait_longer(depot: Depot, verdict: Verdict, times: int) -> None:
    watching(depot, depot.path, verdict=verdict, shares=[depot.path])
    depot.put("film.mp4")
    assert depot.look_after() == []
    assert depot.look_after(SETTLE * (times - 1)) == []
    assert len(depot.look_after(SETTLE)) == 1


def test_shares_are_known_by_their_file_system(tmp_path: Path) -> None:
    lines = [
        "22 1 254:0 / / rw - ext4 /dev/vda rw",
        "23 22 0:41 / /srv/nas rw - cifs //nas/films rw",
        r"24 22 0:42 / /srv/le\040nas rw - nfs4 nas:/films rw",
        "25 23 0:43 / /srv/nas/local rw shared:1 - ext4 /dev/vdb rw",
        "26 22 0:44 / /home/ana/sftp rw - fuse.sshfs ana@nas: rw",
    ]
    assert file_system("/srv/depot", lines) == "ext4"
    assert file_system("/srv/nas/depot", lines) == "cifs"
    assert file_system("/srv/nas2", lines) == "ext4"
    assert file_system("/srv/le nas", lines) == "nfs4"
    assert file_system("/srv/nas/local/depot", lines) == "ext4"
    assert file_system("/home/ana/sftp/x", lines) == "fuse.sshfs"
    mounts = tmp_path / "mountinfo"
    mounts.write_text("\n".join(lines))
    shares = ("/srv/depot", "/srv/nas", "/srv/le nas", "/srv/nas/local", "/home/ana/sftp")
    assert [on_a_share(Path(path), mounts) for path in shares] == [False, True, True, False, True]
