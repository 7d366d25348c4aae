"""Damaged films through the first steps: each is taken, or refused in words; none hangs, none breaks us.

`PASVU_CAMPAIGN=500` tries five hundred instead of sixty; `PASVU_SEED` chooses other harm.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pytest

from pasvu.channel.errors import PasVuError
from pasvu.ingest import hearing, inspect
from pasvu.ingest.measure import measure
from pasvu.ingest.tools import Tools

from .conftest import Make
from .crafted import mutated

pytestmark = pytest.mark.media
FILMS = int(os.environ.get("PASVU_CAMPAIGN", "60"))
SEED = int(os.environ.get("PASVU_SEED", "1"))
MADE = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=4", "-f", "lavfi", "-i", "sine=440:d=4")
CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "32k")
CLIPS = {
    "film.mp4": ("-movflags", "+faststart"),
    "film.mkv": (),
    "film.ts": (),
    "fragments.mp4": ("-movflags", "+frag_keyframe+empty_moov"),
}
LONGEST_S = 20.0


def test_damaged_films_are_taken_or_refused_in_words(
    tools: Tools, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The voice is listened for in our own process, on samples; what is tried here are the tools.
    monkeypatch.setattr(hearing, "_voice_detector", lambda: None)
    clips = [make(f"harmed-{name}", *MADE, *CODED, *how) for name, how in CLIPS.items()]
    outcomes: Counter[str] = Counter()
    for number in range(FILMS):
        clip = clips[number % len(clips)]
        path = tmp_path / f"{number}-{clip.name}"
        path.write_bytes(mutated(clip.read_bytes(), SEED * 1_000_000 + number))
        started = time.monotonic()
        try:
            info = inspect.examine(tools, path).info
            measure(tools, path, info)
            outcomes["taken"] += 1
        except PasVuError as refused:
            outcomes["refused"] += 1
            said = str(refused)
            assert path.name in said, said
            assert said.endswith((".", ")")), said
            assert str(tmp_path) not in said, said
        assert time.monotonic() - started < LONGEST_S, path.name
        path.unlink()
    # Harm that always or never mattered would try nothing.
    assert outcomes["taken"] >= FILMS // 10, outcomes
    assert outcomes["refused"] >= FILMS // 10, outcomes
