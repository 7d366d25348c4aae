"""The disk fills up while a master is made: said in a sentence, the original safe, resumed when there is room."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from pasvu.channel.clock import SetClock
from pasvu.channel.settings import load
from pasvu.channel.states import JobState
from pasvu.door.house import opened
from pasvu.ingest.bench import Bench, job_of
from pasvu.ingest.claim import Drop, claim
from pasvu.ingest.tools import Tools
from pasvu.ingest.workflow import IngestSteps

from .product import Home, until

pytestmark = pytest.mark.media

MIB = 1024 * 1024
DISK_MIB = 64
# A name space of its own: the small disk is seen by the product alone and goes away with it.
UNSHARE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
ENTER = ["nsenter", "--mount"] if os.geteuid() == 0 else ["nsenter", "--user", "--preserve-credentials", "--mount"]
MOUNT = f'mount -t tmpfs -o size={DISK_MIB}m none "$PASVU_HOME" && exec "$@"'


@pytest.fixture
def heavy_film(make: Callable[..., bytes]) -> bytes:
    """About 14 MB of film that needs no encoding, so that its master is as large."""
    picture = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=8,noise=alls=60:allf=t")
    sound = ("-f", "lavfi", "-i", "sine=300:r=48000:d=8")
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "4", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac")
    return make("heavy.mp4", *picture, *sound, *coded, "-shortest")


def test_a_full_disk_while_rendering(home: Home, heavy_film: bytes) -> None:
    assert 10 * MIB < len(heavy_film) < 20 * MIB
    home.path.mkdir()
    small = [*UNSHARE, "sh", "-c", MOUNT, "sh"]
    if subprocess.run([*small, "true"], env=home.environ, check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk for a test")
    with home.running(before=small) as product:
        product.ready()
        home.through = [*ENTER, "--target", str(product.process.pid)]
        # What the product sees, from outside.
        seen = Path(f"/proc/{product.process.pid}/root")
        inside = Path(f"{seen}{home.path}")
        ballast = inside / "ballast"
        # Room for the recording and half of its master.
        with ballast.open("wb") as file:
            found = os.statvfs(inside)
            file.write(bytes(found.f_bavail * found.f_frsize - len(heavy_film) * 3 // 2))
        aside = inside / "depot" / ".copy"
        aside.write_bytes(heavy_film)
        aside.rename(aside.with_name("Débat.mp4"))
        row = until(lambda: _row(home, "job_state"), "it stops")
        assert (row["state"], row["job_state"]) == ("processing", "waiting"), row["state_reason"]
        assert "disque est plein" in row["state_reason"]
        assert "intact" in row["state_reason"]
        (part,) = home.ask("episode", "show", row["id"])["recording"]["parts"]
        assert Path(f"{seen}{part['path']}").read_bytes() == heavy_film
        folder = inside / "renditions" / row["id"]
        assert not list(folder.glob("*master*")), "what was half written is gone"
        assert home.ask("episodes")[0]["job_state"] == "waiting", "it does not try in vain"

        ballast.unlink()
        row = until(lambda: _row(home, "state", "in_review"), "it goes on by itself")
        assert row["state"] == "in_review", row["state_reason"]
        made = Path(f"{seen}{row['master']['path']}")
        assert hashlib.sha256(made.read_bytes()).hexdigest() == row["master"]["sha256"]


def _row(home: Home, key: str, *values: str) -> dict[str, Any] | None:
    """The episode, once it says something there, or one of these values."""
    for row in home.ask("episodes"):
        if row[key] in values or (row[key] and not values):
            return dict(row)
    return None


@pytest.mark.parametrize(
    "trouble",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
    ],
    ids=["disk", "quota", "record"],
)
def test_whoever_meets_the_full_disk_the_work_waits(home: Home, tools: Tools, trouble: Exception) -> None:
    film = home.path.parent / "film.mp4"
    film.write_bytes(b"film")
    clock = SetClock(datetime(2026, 11, 23, 12, tzinfo=UTC))

    def write(_bench: Bench) -> None:
        raise trouble

    with opened(load(home.path, home.environ)) as house:
        drop = Drop([os.fsencode(film)], "command", keep_source=True)
        episode_id = claim(house.record, house.folders, clock, drop)
        steps = IngestSteps(house.record, house.folders, clock, tools)
        assert steps.carry_out(episode_id, job_of(episode_id, 1, 1), write) == JobState.LATER
    (episode,) = home.episodes()
    assert episode.job_state == "waiting"
    assert episode.state_reason is not None
    assert "intact" in episode.state_reason
