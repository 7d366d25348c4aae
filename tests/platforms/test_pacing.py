"""The limit that uploads keep to: shared by all of them, without bursts, and with every byte in its place."""

from __future__ import annotations

import os
import random
import socket
import ssl
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from pasvu.channel.clock import SetClock
from pasvu.channel.settings import load
from pasvu.channel.values import VideoMetadata
from pasvu.publish.youtube import AuthorizedUser, YouTube
from pasvu.publish.youtube.client import Chunks
from pasvu.publish.youtube.client.pacing import PIECE_BYTES, Pace, SharedTurns
from pasvu.publish.youtube.client.transport import OneTry

from .conftest import CHUNK, Ledger, Master, Watcher
from .loopback import Drop, Loopback, Refuse


class Line:
    """A clock that only moves when someone waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_the_line_takes_what_it_was_given_and_no_burst_after_a_pause() -> None:
    line = Line()
    pace = Pace(PIECE_BYTES, monotonic=line.monotonic, sleep=line.sleep)
    body = random.Random(1).randbytes(5 * PIECE_BYTES + 7)
    assert b"".join(pace.paced([memoryview(body)])) == body
    assert line.now == pytest.approx(5)
    line.now += 100
    began = line.now
    list(pace.paced([memoryview(bytes(3 * PIECE_BYTES))]))
    assert line.now - began == pytest.approx(2)


@pytest.mark.parametrize("processes", ["one", "several"])
def test_two_uploads_share_one_limit(tmp_path: Path, processes: str) -> None:
    # Two that know nothing of each other but the file are as two processes.
    paces = [Pace(40 * PIECE_BYTES, SharedTurns(tmp_path / "turns")) for _ in range(2)]
    if processes == "one":
        paces = [Pace(40 * PIECE_BYTES)] * 2
    began = time.monotonic()
    both = [
        threading.Thread(target=lambda pace: list(pace.paced([memoryview(bytes(5 * PIECE_BYTES))])), args=(pace,))
        for pace in paces
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    # Ten pieces, the first at once: never quicker, however slow the machine is.
    assert time.monotonic() - began >= 9 / 40


def test_a_limited_upload_arrives_whole_through_every_trouble(
    server: Loopback, user: AuthorizedUser, clock: SetClock, ledger: Ledger, master: Master, metadata: VideoMetadata
) -> None:
    youtube = YouTube(
        server.url,
        user,
        chunk_bytes=CHUNK,
        clock=clock,
        spend=ledger,
        sleep=lambda _seconds: None,
        limit_bytes_s=20_000_000.0,
    )
    server.then("chunk", None, Drop(), Refuse(503, "backendError"), Drop(store=None))
    began = time.monotonic()
    video_id = youtube.send(youtube.open_upload(master.path, metadata), master.path, Watcher())
    assert server.videos == {video_id: master.sha256}
    assert time.monotonic() - began >= (3 * CHUNK - PIECE_BYTES) / 20_000_000
    youtube.close()


@pytest.mark.parametrize(
    ("mbit_s", "chunk"), [("0", 16 * 2**20), ("100", 16 * 2**20), ("8", 38 * 2**18), ("0.01", 2**18)]
)
def test_a_limited_line_gets_chunks_of_ten_seconds(mbit_s: str, chunk: int) -> None:
    """A person who stops a sending is heard between two chunks."""
    assert load(environ={"PASVU_UPLOAD_LIMIT_MBIT_S": mbit_s}).upload_chunk_bytes == chunk


@pytest.mark.parametrize("tls", [False, True])
def test_without_tls_the_kernel_sends_the_file_and_not_a_byte_comes_through_here(tmp_path: Path, tls: bool) -> None:
    path = tmp_path / "m.mp4"
    path.write_bytes(os.urandom(3 * PIECE_BYTES))
    here, there = socket.socketpair()
    sent: list[bytes] = []
    sock = ssl.SSLSocket.__new__(ssl.SSLSocket) if tls else here
    line = SimpleNamespace(sock=sock, send=lambda piece: sent.append(bytes(piece)))
    with here, there, Chunks(path, PIECE_BYTES) as media:
        OneTry(direct=True)._pour(media.slice(PIECE_BYTES, PIECE_BYTES // 2), line)
        here.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: there.recv(PIECE_BYTES), b""))
    wanted = path.read_bytes()[PIECE_BYTES : PIECE_BYTES + PIECE_BYTES // 2]
    assert (b"".join(sent), received) == ((wanted, b"") if tls else (b"", wanted))


def test_turns_of_before_the_machine_started_again_are_over(tmp_path: Path) -> None:
    kept = tmp_path / "turns"
    assert SharedTurns(kept).take(5.0, 1000.0) == 5.0
    assert SharedTurns(kept).take(6.0, 1.0) == 1005.0
    kept.write_text(kept.read_text().replace(kept.read_text().split()[0], "another-start"))
    assert SharedTurns(kept).take(7.0, 1.0) == 7.0
