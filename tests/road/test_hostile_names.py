"""Names and kinds of files that break programs: each is listed, none is misread, nothing outside is touched."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from pasvu.channel import incoming
from pasvu.channel.models import Episode, Incoming, Recording
from pasvu.channel.states import EpisodeState
from pasvu.channel.values import Standing
from pasvu.ingest.structure import WHOLE

from .depot import SETTLE, Depot, make_depot

TAKEN = [
    b"-i.mp4", b"-filter_complex.mp4", b"--exec=touch pwned.mp4", b"-", b"a b.mp4", b" lead.mp4", b"trail.mp4 ",
    b"new\nline.mp4", b"tab\tcr\r.mp4", b"esc\x1b]0;pwn\x07\x1b[31m.mp4", b"nonutf8_\xff\xfe\xe9.mp4",
    "emoji_📺🏴‍☠️.mp4".encode(), "nfc_é.mp4".encode(), "nfd_e\u0301.mp4".encode(), "rtl_\u202e4pm.exe.mp4".encode(),
    "zero\u200bwidth.mp4".encode(), "🇫🇷".encode() * 31 + b".mp4", b"a" * 251 + b".mp4", b"b" * 240 + b".mp4",
    b"percent%03d.mp4", b"percent%s%n.mp4", b"glob*?[x].mp4", b"brace{a,b}.mp4", b"quote'\"`$(touch pwned).mp4",
    b"semi;touch pwned.mp4", b"pipe|tee.mp4", b"amp&&.mp4", b"http:evil.mp4", b"concat:a.mp4|b.mp4",
    b"subfile,,start,0,end,0,,:x.mp4", b"pipe:0.mp4", b"data:,x.mp4", b"async:x.mp4", b"C:\\Windows\\x.mp4",
    b"con.mp4", b"NUL", b"x.mp4.", b"=cmd|'!A1.mp4", b"+1+1.mp4", b"@SUM(1).mp4", b"<img src=x onerror=alert(1)>.mp4",
    b"{{7*7}}.mp4", b"${jndi:x}.mp4", b"%00.mp4", b"%2e%2e%2fetc%2fpasswd.mp4", b"' OR 1=1;--.mp4", b"x.mp4?y=1#z",
    b"[Parsed]=a,movie=b[c].mp4", b"a:b\\:c.mp4", b"UPPER.MP4", b"double.mp4.exe", b"noext", b"dot.", b"a.MKV",
    b"sub.sync-conflict-20260101-120000-ABCDEF.mp4",
]  # fmt: skip
UNFINISHED = [
    b"show.part", b"show.mp4.part", b"show.mp4.crdownload", b".show.mp4.Ab12Cd", b".syncthing.show.mp4.tmp",
    b"~syncthing~show.mp4.tmp", b"show.mp4.filepart", b"show.mp4.partial", b"show.mp4.!ut",
]  # fmt: skip
IGNORED = [
    b"..mp4", b"...", b".hidden.mp4", b"._applefork.mp4", b".~lock.x.mp4#", b"Thumbs.db", b".DS_Store",
    b"GL010007.LRV", b"GX010007.THM",
]  # fmt: skip
SECRET = b"what nobody gave us"


@pytest.fixture
def depot(tmp_path: Path) -> Depot:
    return make_depot(tmp_path / "home", lambda _path: WHOLE)


@contextmanager
def _kinds(depot: bytes, canary: bytes) -> Iterator[dict[bytes, str]]:
    """What is no recording by its kind, with a word of why."""
    here = os.path.join(depot, b"")  # noqa: PTH118
    os.symlink(canary, here + b"link_abs.mp4")  # noqa: PTH211
    os.symlink(b"/nonexistent", here + b"link_dangling.mp4")  # noqa: PTH211
    os.symlink(here + b"link_loop.mp4", here + b"link_loop.mp4")  # noqa: PTH211
    os.symlink(b"/etc", here + b"link_dir")  # noqa: PTH211
    os.link(canary, here + b"hard.mp4")
    os.mkfifo(here + b"fifo.mp4")
    os.mkdir(here + b"dir.mp4")  # noqa: PTH102
    with open(here + b"sparse_8T.mp4", "wb") as sparse:  # noqa: PTH123
        sparse.truncate(8 << 40)
    _deep(here + b"deep")
    with socket.socket(socket.AF_UNIX) as served:
        home = os.open(depot, os.O_RDONLY)
        served.bind(f"/proc/self/fd/{home}/sock.mp4")
        os.close(home)
        yield {
            **dict.fromkeys([b"link_abs.mp4", b"link_dangling.mp4", b"link_loop.mp4", b"link_dir"], "lien"),
            b"hard.mp4": "autre nom",
            b"fifo.mp4": "pas un fichier",
            b"sock.mp4": "pas un fichier",
            b"sparse_8T.mp4": "2",
        }


def _deep(path: bytes) -> None:
    """Sixty folders, one in the other: together longer than any path may be."""
    os.mkdir(path)  # noqa: PTH102
    here = os.open(path, os.O_RDONLY)
    for _ in range(60):
        os.mkdir(b"d" * 100, dir_fd=here)
        inside = os.open(b"d" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inside
    os.close(os.open(b"deep.mp4", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=here))
    os.close(here)


def test_each_is_listed_and_none_is_misread(depot: Depot, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_bytes(SECRET)
    before = canary.stat()
    for number, name in enumerate((*TAKEN, *UNFINISHED, *IGNORED)):
        with open(os.path.join(os.fsencode(depot.path), name), "wb") as file:  # noqa: PTH118, PTH123
            file.write(b"film %d" % number)
    with _kinds(os.fsencode(depot.path), os.fsencode(canary)) as kinds:
        for _ in range(4):
            depot.look_after(SETTLE * 5)
        with depot.record.read() as session:
            lying = {os.path.basename(row.source): row for row in incoming.waiting(session, everything=True)}  # noqa: PTH119
            received = {episode.recording.parts[0].name: episode.recording for episode in session.query(Episode)}
            _check_taken(received)
        assert not set(TAKEN) & set(lying), "what was taken does not lie there any more"
        for name in UNFINISHED:
            assert lying[name].waiting_for == "copie en cours"
        for name in IGNORED:
            assert lying[name].standing == Standing.IGNORED, name
        for name, word in kinds.items():
            assert lying[name].standing == Standing.REFUSED, name
            assert word in (lying[name].waiting_for or ""), name
        (deepest,) = [row for row in lying.values() if "profond" in (row.waiting_for or "")]
        assert deepest.standing == Standing.REFUSED
        assert set(lying) == {*UNFINISHED, *IGNORED, *kinds, os.path.basename(deepest.source)}  # noqa: PTH119
        assert len(lying) + len(received) == len(TAKEN) + len(UNFINISHED) + len(IGNORED) + 9
    after = canary.stat()
    assert (canary.read_bytes(), after.st_mtime_ns, after.st_mode) == (SECRET, before.st_mtime_ns, before.st_mode)
    assert all(row.shown_name.isprintable() for row in lying.values())


def _check_taken(received: dict[bytes, Recording]) -> None:
    assert set(received) == set(TAKEN)
    for number, name in enumerate(TAKEN):
        (part,) = received[name].parts
        kept = Path(part.path)
        assert kept.read_bytes() == b"film %d" % number, name
        assert part.shown_name.isprintable()
        assert kept.name.isascii()
        assert not kept.name.startswith(("-", "."))
        assert not set(kept.name) & set("\n\r\t:|*?\"'`$;&<>{}[]%=,\\")
        assert received[name].episode.state == EpisodeState.RECEIVED
        assert received[name].episode.title


def test_nothing_is_said_twice_of_the_same_look(depot: Depot) -> None:
    (depot.path / ".DS_Store").write_bytes(b"x")
    depot.look_after()
    with depot.record.read() as session:
        first = session.query(Incoming).one().first_seen_at
    depot.look_after(timedelta(minutes=5))
    with depot.record.read() as session:
        assert session.query(Incoming).one().first_seen_at == first
