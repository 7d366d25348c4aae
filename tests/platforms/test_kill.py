"""A sender killed with SIGKILL at every kind of moment: one video, its bytes whole."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from pasvu.channel.clock import WallClock
from pasvu.publish.sandbox import serve
from pasvu.publish.youtube import AuthorizedUser
from pasvu.publish.youtube.authorization import write_authorized_user

from .conftest import CHUNK
from .films import film
from .loopback import Call, Loopback

SENDER = Path(__file__).with_name("sender.py")
SOURCE = Path(__file__).parents[2] / "src"


def run_sender(url: str, home: Path) -> subprocess.Popen[bytes]:
    """Start a sender; the caller waits for it or kills it."""
    return subprocess.Popen(
        [sys.executable, SENDER, url, home], env={**os.environ, "PYTHONPATH": str(SOURCE)}, stderr=subprocess.PIPE
    )


def test_killed_at_every_kind_of_moment(server: Loopback, user: AuthorizedUser, tmp_path: Path) -> None:
    write_authorized_user(tmp_path / "authorized_user.json", user)
    content = random.Random(3).randbytes(6 * CHUNK - 77)
    (tmp_path / "master.mp4").write_bytes(content)
    running: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        running[-1].send_signal(signal.SIGKILL)
        running[-1].wait()

    def run() -> int:
        running.append(run_sender(server.url, tmp_path))
        _, said = running[-1].communicate(timeout=30)
        assert running[-1].returncode in (0, -signal.SIGKILL), said.decode()
        return running[-1].returncode

    # In the answer to the start: the address is lost, nothing was sent, a second session is no second video.
    server.then("start", Call(kill))
    assert run() == -signal.SIGKILL
    # In the first chunk, before a byte was stored; in the third, stored and not answered.
    server.then("chunk", Call(kill), None, Call(kill, after_storing=True))
    assert run() == -signal.SIGKILL
    assert run() == -signal.SIGKILL
    assert not (tmp_path / "intent").exists()
    # While it asks where it stands.
    server.then("ask", Call(kill))
    assert run() == -signal.SIGKILL
    # In the last chunk before it is stored, then stored: the video exists and nobody was told.
    server.faults["chunk"].clear()
    upload = list(server.uploads.values())[-1]
    left = -(-(upload.total - upload.received) // CHUNK) - 1
    server.then("chunk", *[None] * left, Call(kill), Call(kill, after_storing=True))
    assert run() == -signal.SIGKILL
    assert (tmp_path / "intent").exists()
    assert not server.videos
    assert run() == -signal.SIGKILL
    assert len(server.videos) == 1
    assert not (tmp_path / "video").exists()
    assert run() == 0

    (video_id,) = server.videos
    assert (tmp_path / "video").read_text() == video_id
    assert server.videos[video_id] == hashlib.sha256(content).hexdigest()
    assert len(server.of("start")) == 2


def test_killed_while_sending_to_the_sandbox(tmp_path: Path) -> None:
    home = tmp_path / "sender"
    home.mkdir()
    content = film(24 * CHUNK)
    (home / "master.mp4").write_bytes(content)
    sandbox = serve(tmp_path / "sandbox", WallClock())
    try:
        (home / "authorized_user.json").write_text(json.dumps(sandbox.authorized_user()))
        for least_bytes in (CHUNK, 14 * CHUNK):
            sender = run_sender(sandbox.url, home)
            while confirmed(home) < least_bytes and sender.poll() is None:
                time.sleep(0.002)
            sender.kill()
            sender.communicate()
            assert sender.returncode == -signal.SIGKILL, "it was done before it was killed: make the file bigger"
        assert not (home / "video").exists()
        sender = run_sender(sandbox.url, home)
        _, said = sender.communicate(timeout=30)
        assert sender.returncode == 0, said.decode()
        with urllib.request.urlopen(f"{sandbox.url}/sandbox/videos") as answer:
            (video,) = json.load(answer)["videos"]
    finally:
        sandbox.close()
    assert video["id"] == (home / "video").read_text()
    assert video["sha256"] == hashlib.sha256(content).hexdigest()
    assert [moment["privacy"] for moment in video["history"]] == ["private"]


def confirmed(home: Path) -> int:
    """What the sender wrote down last; 0 before, or in the instant of writing."""
    try:
        return int((home / "confirmed").read_text() or 0)
    except FileNotFoundError:
        return 0
