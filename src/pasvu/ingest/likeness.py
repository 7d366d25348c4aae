"""Tells whether two recordings are of the same event, and how they lie to each other: by their waveforms alone. Pure.

A site changes the level, the rate and the coding of a sound, cuts its ends and loses pieces; what is loud when stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pasvu.ingest.peaks import STEP_S

SHORTEST_S = 20.0
"""Less than this is alike by chance."""
ALIKE = 0.8
"""Half a minute of the same sound is alike by 0.95 and more, of two different talks by 0.6 at most (measured)."""
ENOUGH = 0.4
"""So many of the pieces must be found again; those that a site lost are not."""
_PIECES = 15
_WINDOW_S, _EVERY_S, _SEARCH_S = 30.0, 15.0, 120.0
_HOLE_S = 0.5
_APART, _NEAR_S = 0.1, 1.0
"""A beat is as alike to its next bars: where a piece lies must not be a matter of chance."""
_FLAT = 0.05
"""A piece that is as loud from end to end is alike to any other such piece: silence, a tone, music on hold."""


@dataclass(frozen=True)
class Jump:
    """A stretch that only one recording has: at `at_s` of the first, which lacks `missing_s` there.

    Negative when it is the other that lacks it.
    """

    at_s: float
    missing_s: float


@dataclass(frozen=True)
class Likeness:
    """Instant `t` at the beginning of the first recording is instant `t + offset_s` of the other."""

    offset_s: float
    share: float
    """How much of the shorter one was found again in the longer one, 0 to 1."""
    jumps: tuple[Jump, ...] = ()

    @property
    def end_offset_s(self) -> float:
        """As `offset_s`, at the end."""
        return self.offset_s + sum(jump.missing_s for jump in self.jumps)


def compare(first: bytes, other: bytes) -> Likeness | None:
    """How two recordings of one event lie to each other; `None` when they are not of the same event.

    Both are waveforms as `peaks.of_samples` draws them.
    """
    one, two = _shape(first), _shape(other)
    if len(one) > len(two):
        swapped = _compare(two, one)
        return swapped and turned(swapped)
    return _compare(one, two)


def _compare(short: np.ndarray, long: np.ndarray) -> Likeness | None:
    if len(short) * STEP_S < SHORTEST_S:
        return None
    width = min(round(_WINDOW_S / STEP_S), len(short) // 2)
    starts = np.unique(np.linspace(0, len(short) - width, _PIECES).astype(int))
    tried, lags = 0, []
    for start in starts:
        piece = short[start : start + width]
        if float(piece.std()) >= _FLAT:
            tried += 1
            at, alike, elsewhere = _found(piece, long)
            if alike >= ALIKE and alike - elsewhere >= _APART:
                lags.append(at - int(start))
    if not tried or len(lags) < max(2, ENOUGH * tried):
        return None
    offset, jumps = _followed(short, long, width, round(float(np.median(lags))))
    return Likeness(offset * STEP_S, len(lags) / tried, tuple(jumps))


def turned(likeness: Likeness) -> Likeness:
    """The same, told from the other recording."""
    jumps, offset = [], likeness.offset_s
    for jump in likeness.jumps:
        jumps.append(Jump(jump.at_s + offset, -jump.missing_s))
        offset += jump.missing_s
    return Likeness(-likeness.offset_s, likeness.share, tuple(jumps))


def _shape(peaks: bytes) -> np.ndarray:
    """How loud each step is, as the ear counts: the level of a site must not matter, nor one clap."""
    pairs = np.frombuffer(peaks, np.int8).astype(np.float64).reshape(-1, 2)
    return np.asarray(np.log1p(np.abs(pairs).max(axis=1)))


def _found(piece: np.ndarray, whole: np.ndarray) -> tuple[int, float, float]:
    """Where the piece is most alike to the whole, how alike it is there (Pearson), and at best anywhere else."""
    width, places = len(piece), len(whole) - len(piece) + 1
    if places < 1:
        return 0, -1.0, -1.0
    size = 1 << (len(whole) + width - 1).bit_length()
    centred = piece - piece.mean()
    product = np.fft.irfft(np.conj(np.fft.rfft(centred, size)) * np.fft.rfft(whole, size), size)[:places]
    sums, squares = (np.concatenate([[0.0], np.cumsum(whole**power)]) for power in (1, 2))
    mean = (sums[width:] - sums[:-width]) / width
    spread = np.maximum((squares[width:] - squares[:-width]) / width - mean**2, 1e-9)
    alike = product / (np.sqrt(spread * np.mean(centred**2)) * width)
    best = int(np.argmax(alike))
    found = float(alike[best])
    near = round(_NEAR_S / STEP_S)
    alike[max(0, best - near) : best + near + 1] = -1.0
    return best, found, float(alike.max())


def _followed(short: np.ndarray, long: np.ndarray, width: int, lag: int) -> tuple[int, list[Jump]]:
    """The shift at the beginning, and each place where it changes: only one of them has what lies there."""
    step, reach = max(1, min(round(_EVERY_S / STEP_S), width // 2)), round(_SEARCH_S / STEP_S)
    first: int | None = None
    known, jumps = lag, []
    for start in range(0, len(short) - width + 1, step):
        piece, low = short[start : start + width], max(0, start + known - reach)
        at, alike, _ = _found(piece, long[low : start + known + width + reach])
        if alike < ALIKE or float(piece.std()) < _FLAT:
            continue
        here = low + at - start
        if first is not None and abs(here - known) * STEP_S >= _HOLE_S:
            jumps.append(Jump(start * STEP_S, (here - known) * STEP_S))
        first, known = here if first is None else first, here
    return (lag if first is None else first), jumps
