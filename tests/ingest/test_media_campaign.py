"""Recordings of which everything is known, chosen by seed: what is proposed, and cuts taken anywhere in them.

`make campaign-media` tries twelve instead of one; `PASVU_SEED` chooses others. What is counted is printed with `-s`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from pasvu.channel.timeline import Timeline
from pasvu.channel.values import Span
from pasvu.demo.footage import Truth, make_footage
from pasvu.ingest import inspect, propose, render
from pasvu.ingest.cutting import find_cuts
from pasvu.ingest.measure import measure
from pasvu.ingest.plan import plan
from pasvu.ingest.tools import Tools

from . import reading

pytestmark = pytest.mark.media

FILMS = int(os.environ.get("PASVU_CAMPAIGN_MEDIA", "1"))
SEED = int(os.environ.get("PASVU_SEED", "700"))
NEAR_S, DRIFT_S = 5.0, 0.010


def wanted_stretches(rng: np.random.Generator, truth: Truth) -> Timeline:
    """Two or three stretches of the programme, on frames."""
    count = int(rng.integers(2, 4))
    room = round(truth.programme.duration_s * 25)
    ends = np.sort(rng.choice(np.arange(1, room // 30), 2 * count, replace=False)) * 30 + int(rng.integers(30))
    first = round(truth.programme.start_s * 25)
    frames = [(first + a, first + b) for a, b in ends.reshape(-1, 2)]
    return Timeline(tuple(Span(a / 25, b / 25) for a, b in frames))


def test_what_is_proposed_is_true_and_cuts_are_exact(tools: Tools, tmp_path: Path) -> None:
    hits = missed = false = 0
    for seed in range(SEED, SEED + FILMS):
        rng = np.random.default_rng(seed)
        talks, gop = int(rng.integers(3, 6)), int(rng.choice([25, 50, 60, 125]))
        film = tmp_path / f"{seed}.mp4"
        truth = make_footage(
            tools, film, seconds=30 + 18 * talks, seed=seed, talks=talks, size=(320, 180), gop=gop,
            level_db=float(rng.uniform(-25, 0)),
        )  # fmt: skip
        examined = inspect.examine(tools, film)
        measures = measure(tools, film, examined.info)
        trim = propose.trim(measures, examined.info)
        assert trim.start_s == pytest.approx(truth.programme.start_s, abs=0.5), seed
        assert trim.end_s == pytest.approx(truth.programme.end_s, abs=0.5), seed
        starts = [chapter.start_s for chapter in propose.chapters(measures, trim)]
        found = [any(abs(start_s - true_s) <= NEAR_S for start_s in starts) for true_s in truth.chapters]
        hits, missed = hits + sum(found), missed + found.count(False)
        false += sum(all(abs(start_s - true_s) > NEAR_S for true_s in truth.chapters) for start_s in starts)

        shows = wanted_stretches(rng, truth)
        loudness = measures.loudness_of(*shows.kept)
        cuts = find_cuts(tools, film, examined.info, shows.kept)
        decided = plan(examined.info, loudness, shows, timing=examined.timing, cuts=cuts, mend=measures.mend)
        out = tmp_path / f"{seed}.master.mp4"
        master = render.master(
            tools, film, out, examined, decided, shows, loudness,
            cuts=cuts, levels=measures.levels, mend=measures.mend,
        )  # fmt: skip
        exact_and_together(tools, film, master.path, shows)
        integrated, peak = reading.loudness(tools, out)
        assert integrated == pytest.approx(-14.0, abs=0.5), seed
        assert peak <= -1.0, seed
        print(f"seed {seed}: {decided.action}, trim {trim.start_s - truth.programme.start_s:+.2f} "
              f"{trim.end_s - truth.programme.end_s:+.2f} s, {integrated} LUFS, {peak} dBTP")  # fmt: skip
        film.unlink()
        out.unlink()
    recall, precision = hits / (hits + missed), hits / (hits + false)
    print(f"{FILMS} films: chapters recall {recall:.2f}, precision {precision:.2f}")
    assert recall >= 0.9
    assert precision >= 0.7


def exact_and_together(tools: Tools, source: Path, master: Path, shows: Timeline) -> None:
    """Each frame is the one of its number, and each is heard with what was heard with it."""
    numbers = [n for span in shows.kept for n in range(round(span.start_s * 25), round(span.end_s * 25))]
    before, after = reading.small_frames(tools, source), reading.small_frames(tools, master)
    assert len(after) == len(numbers)
    assert np.abs(after - before[numbers]).mean(axis=(1, 2)).max() < 8.0
    times = np.sort(reading.packet_times(tools, master, "V:0"))
    place = 0
    for span in shows.kept:
        count = round(span.duration_s * 25)
        length_s = min(4.0, span.duration_s) - 0.1
        was = reading.samples(tools, source, span.start_s + 0.05, length_s)
        now = reading.samples(tools, master, times[place] + 0.05, length_s)
        if was.std() > 0.003:
            assert abs(reading.delay_s(was, now, most_s=0.1)) <= DRIFT_S
        place += count
