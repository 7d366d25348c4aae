"""Damaged films and traps through the first steps: each is taken, or refused in words; none hangs, none escapes.

`make campaign-mutations` tries six hundred instead of sixty; `PASVU_SEED` chooses other harm.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from pasvu.channel.errors import PasVuError
from pasvu.ingest import commands, hearing, inspect, working
from pasvu.ingest.measure import measure
from pasvu.ingest.tools import Tools

from .alarms import Opened, calls
from .conftest import Make
from .crafted import TRAPS, Canary, concat, dash, hls, make_canary, mutated

pytestmark = [pytest.mark.media, pytest.mark.jail]
CAMPAIGN = "PASVU_CAMPAIGN" in os.environ
FILMS = int(os.environ.get("PASVU_CAMPAIGN", "60"))
SEED = int(os.environ.get("PASVU_SEED", "1"))
SHOWN = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=4")
HEARD = ("-f", "lavfi", "-i", "sine=440:d=4")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "32k")
BOTH = (*SHOWN, *HEARD)
CLIPS: dict[str, tuple[str, ...]] = {
    "film.mp4": (*BOTH, *X264, *AAC, "-movflags", "+faststart"),
    "film.mkv": (*BOTH, *X264, *AAC),
    "film.ts": (*BOTH, *X264, *AAC),
    "fragments.mp4": (*BOTH, *X264, *AAC, "-movflags", "+frag_keyframe+empty_moov"),
    "camera.mov": (*BOTH, "-c:v", "prores_ks", "-profile:v", "0", "-c:a", "pcm_s16le"),
    "hevc.mp4": (*BOTH, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", *AAC),
    "page.webm": (*BOTH, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"),
    "broadcast.ts": (*BOTH, "-c:v", "mpeg2video", "-c:a", "mp2"),
    "old.avi": (*BOTH, "-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "stream.flv": (*BOTH, *X264, *AAC),
    "studio.mxf": (*BOTH, "-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000"),
    "voice.mp3": (*HEARD, "-c:a", "libmp3lame"),
    "voice.wav": HEARD,
    "voice.flac": HEARD,
}
LONGEST_S = 30.0
"""Of processor time for four seconds of film: a real one takes one."""
HANGS = ("a dépassé le temps prévu", "n’avance plus")


def test_damaged_films_are_taken_or_refused_in_words(
    tools: Tools, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The voice is listened for in our own process, on samples; what is tried here are the tools.
    monkeypatch.setattr(hearing, "_voice_detector", lambda: None)
    folder = tmp_path / "depot"
    folder.mkdir()
    canary = make_canary(tools.ffmpeg, tmp_path / "away" / "secret")
    outcomes: Counter[str] = Counter()
    by_kind: dict[str, Counter[str]] = {}
    with calls() as (port, called):
        alarm = Opened(folder, canary.path.parent)
        assert escapes_unguarded(tools, canary, port, folder) == 2
        assert (canary.path.name in alarm.since(), len(called)) == (True, 1)
        called.clear()
        for name, how in CLIPS.items() if CAMPAIGN else ():
            # The other control: unharmed, every kind is taken.
            assert inspect.examine(tools, make(f"harmed-{name}", *how)).info.duration_s > 3, name
        for number in range(FILMS):
            seed = SEED * 1_000_000 + number
            path, data = harmed(make, folder, canary, port, number, seed)
            path.write_bytes(data)
            alarm.since()
            spent = children_s()
            try:
                info = inspect.examine(tools, path).info
                measure(tools, path, info)
                if CAMPAIGN:
                    twin = folder / f"again-{path.name}"
                    twin.write_bytes(data)
                    parts = [(each, inspect.examine(tools, each, path.name)) for each in (path, twin)]
                    working.prepare(tools, parts, folder / "working.mp4")
                outcome = "taken"
            except PasVuError as refused:
                outcome = "refused"
                said = str(refused)
                assert path.name in said, said
                assert said.endswith((".", ")")), said
                assert str(tmp_path) not in said, said
                assert not any(word in said for word in HANGS), said
            assert children_s() - spent < LONGEST_S, path.name
            # Only this film and what was made of it were opened, and nobody was called.
            others = {
                name
                for name in alarm.since()
                if name.removeprefix("again-") != path.name and not name.startswith((".working.", "working.mp4"))
            }
            assert (others, called) == (set(), []), (path.name, seed)
            outcomes[outcome] += 1
            by_kind.setdefault(re.sub(r"^\d+-", "", path.name), Counter())[outcome] += 1
            path.unlink()
            for made in (folder / "working.mp4", folder / f"again-{path.name}"):
                made.unlink(missing_ok=True)
        alarm.close()
    # Harm that always or never mattered would try nothing.
    assert outcomes["taken"] >= FILMS // 10, outcomes
    assert outcomes["refused"] >= FILMS // 10, outcomes
    print(f"\n{FILMS} damaged files (seed {SEED}): 0 escapes, 0 hangs, {dict(outcomes)}")
    for kind, counted in sorted(by_kind.items()):
        print(f"  {kind:16} taken {counted['taken']:4}  refused in words {counted['refused']:4}")


def harmed(make: Make, folder: Path, canary: Canary, port: int, number: int, seed: int) -> tuple[Path, bytes]:
    """A damaged film; or, one time in five, a trap as it is or damaged."""
    if number % 5 == 4:
        which = number // 5
        called = [
            hls(f"http://127.0.0.1:{port}/x"),
            dash(f"http://127.0.0.1:{port}/x"),
            concat(f"tcp://127.0.0.1:{port}"),
        ]
        if which % 3 == 2:
            path, data = folder / f"{number}-calls.mp4", called[which // 3 % 3]
        else:
            trap = TRAPS[which % len(TRAPS)]
            path = folder / f"{number}-{trap.name}"
            data = trap.write(path, canary)
        return path, mutated(data, seed) if which % 2 else data
    name = list(CLIPS)[number % len(CLIPS)]
    return folder / f"{number}-{name}", mutated(make(f"harmed-{name}", *CLIPS[name]).read_bytes(), seed)


def escapes_unguarded(tools: Tools, canary: Canary, port: int, folder: Path) -> int:
    """The control: traps opened by someone who trusts them do set the alarms off; how many did their reading."""
    trap = folder / "control.mp4"
    opened = 0
    for text in (hls(f"file://{canary.path}"), hls(f"http://127.0.0.1:{port}/x")):
        trap.write_bytes(text)
        trusting = ("-protocol_whitelist", "file,http,tcp", "-allowed_extensions", "ALL", "-extension_picky", "0")
        words = [tools.ffmpeg, "-nostdin", "-v", "error", *trusting, "-f", "hls", "-i", commands.address(trap)]
        subprocess.run([*words, "-f", "null", "-"], capture_output=True, timeout=60, check=False)
        opened += 1
    trap.unlink()
    return opened


def children_s() -> float:
    """Processor time of the processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
