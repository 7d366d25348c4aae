"""A live asked for, and the product killed while it fetches it: one episode, whole, and little fetched twice."""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.live_site import HOST, LiveSite, make_lives, serving
from pasvu.channel import queries
from pasvu.channel.states import ReplayState
from pasvu.ingest.tools import find_tools

from .product import Home, until

pytestmark = [pytest.mark.media, pytest.mark.jail]


def program(site: LiveSite) -> tuple[str, ...]:
    """The product, whose proxy knows the site on this machine; everything else is the command line."""
    return (
        sys.executable,
        "-c",
        "from dataclasses import replace\n"
        "from functools import partial\n"
        "from pasvu.door.house import House\n"
        "from pasvu.ingest.egress import Egress\n"
        "real = House.replay_steps.func\n"
        f"egress = partial(Egress, instead={{({HOST!r}, 80): {site.place!r}}})\n"
        "House.replay_steps = property(lambda house: replace(real(house), egress=egress))\n"
        "from pasvu.door.cli import main\n"
        "main()\n",
    )


def row(home: Home) -> queries.ReplayRow:
    with home.record.read() as session:
        return queries.replays(session, datetime.now(UTC), allowed=True).rows[0]


def children_of_a_fetch(home: Home) -> int:
    """Processes that fetch into this home."""
    mine, found = str(home.path).encode(), 0
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes() if folder.name.isdigit() else b""
        except OSError:
            continue
        found += b"ingest/replay.py" in words and mine in words
    return found


def test_killed_while_it_fetches(tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    lives.mkdir()
    make_lives(find_tools().ffmpeg, lives)
    whole = (lives / "plain.mp4").read_bytes()
    home = Home(tmp_path / "home", replays="true")
    with serving(lives) as site:
        site.bytes_per_s = len(whole) // 6
        asked = home.ask("replay", site.address("plain.mp4"), "--programme", "directs", "--later")
        assert (asked["state"], asked["programme"]) == ("asked", "directs")
        with home.running(program=program(site)) as product:
            product.ready()
            until(lambda: kept(home) > len(whole) // 2, "half of it to be there")
            product.kill()
        until(lambda: children_of_a_fetch(home) == 0, "yt-dlp to die with its worker")
        assert row(home).state is ReplayState.FETCHING
        before = site.sent["plain.mp4"]
        site.bytes_per_s = None
        with home.running(program=program(site)) as product:
            product.ready()
            until(lambda: any(each.recording.parts[0].sha256 for each in home.episodes()), "the episode at work")
        (episode,) = home.episodes()
        assert Path(episode.recording.parts[0].path).read_bytes() == whole
        assert episode.recording.parts[0].sha256 == hashlib.sha256(whole).hexdigest()
        assert row(home).episode is not None
        # The page looks at the file once before it is fetched; the second half alone came then.
        assert site.sent["plain.mp4"] - before < 2 * len(whole)
        listed = home.ask("replays")
        assert [(each["state"], each["percent"]) for each in listed] == [("received", 100)]


def kept(home: Home) -> int:
    return sum(path.stat().st_size for path in (home.path / "run" / "replays").rglob("*.part"))
