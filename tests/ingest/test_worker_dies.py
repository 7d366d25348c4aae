"""A worker killed while it fetches a live leaves nothing behind: no yt-dlp, no proxy, in either kind of network."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .live_site import HOST, LiveSite, serving

pytestmark = [pytest.mark.media, pytest.mark.jail]

WORKER = """
import sys
from pathlib import Path
from pasvu.ingest import fetching, jail
from pasvu.ingest.egress import Egress

apart, host, port, folder = sys.argv[1] == "apart", sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
if apart:
    real = jail.kernel()
    jail.kernel = lambda: jail.Kernel(2, real.seccomp, real.machine)

def egress(most, *, apart):
    out = Egress(most, instead={(host, 80): ("127.0.0.1", port)}, apart=apart)
    made.append(out)
    return out

made = []
fetching.fetch(
    None, f"http://{host}/plain.mp4", folder, any_site=True, free_bytes=1 << 30, should_stop=lambda: False,
    on_found=lambda found: None, egress=egress,
    on_progress=lambda *told: print(made[0].port, flush=True),
)
"""
SOON_S = 10


@pytest.fixture
def slow(lives: Path) -> Iterator[LiveSite]:
    with serving(lives) as site:
        site.bytes_per_s = 20_000
        yield site


def children_of(pid: int) -> list[int]:
    """Its children and theirs, as the kernel lists them."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *children_of(child)]
    return found


@pytest.mark.parametrize("network", ["one port", "apart"])
def test_nothing_outlives_the_worker(network: str, slow: LiveSite, tmp_path: Path) -> None:
    words = [sys.executable, "-c", WORKER, network, HOST, str(slow.place[1]), str(tmp_path / "live")]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        port = int(worker.stdout.readline())  # bytes are coming
        (tool,) = children_of(worker.pid)
        said = Path(f"/proc/{tool}/cmdline").read_bytes()
        assert b"replay.py" in said
        watched = os.pidfd_open(tool)
        worker.kill()
        assert worker.wait() == -signal.SIGKILL
        gone, _, _ = select.select([watched], [], [], SOON_S)
        os.close(watched)
        assert gone, "yt-dlp outlived the worker"
    if network == "one port":
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), SOON_S)
