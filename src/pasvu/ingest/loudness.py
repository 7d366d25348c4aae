"""Loudness by EBU R128 and ITU-R BS.1770: reading what ffmpeg measured, and choosing gain and limiter. Pure.

YouTube turns loud sound down to −14 LUFS and leaves quiet sound as it is, so a quiet talk must be raised here.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from pasvu.channel.values import Loudness

TARGET_LUFS = -14.0
TOLERANCE_LU = 0.5
CEILING_DBTP = -1.0
LIMIT_DB = -2.0
"""The limiter's ceiling: AAC at 384 kb/s adds up to 0.6 dB of true peak over it (measured)."""
FREE_PEAK_DBTP = -1.5
"""Below this true peak no limiter is needed: AAC keeps it under −1."""
SILENT_LUFS = -60.0
"""Raising this would raise nothing but noise."""
MOST_GAIN_DB = 40.0
_FLOOR_DB = -120.0
_GATE_LUFS, _GATE_LU, _RANGE_GATE_LU = -70.0, -10.0, -20.0
_BLOCK_S, _STEP_S = 0.4, 0.1
_DEAD_DB = 30.0
_AGAINST = -0.8
_TWICE_LU = 3.01

_NUMBER = r"\s*(-?[\d.]+|-?inf|-?nan)"
_LEVEL = re.compile(rf"\] t:{_NUMBER} .*? M:{_NUMBER}(?:.*?FTPK:{_NUMBER}(?:{_NUMBER})?)?")
_SUMMARY = re.compile(rf"^\s*(I|LRA|Peak):{_NUMBER}")


@dataclass(frozen=True)
class Levels:
    """Momentary loudness and true peak of each 100 ms, as little-endian int16 hundredths of a dB.

    Momentary loudness is the mean over the 400 ms before: exactly the blocks that integrated loudness is made of, so
    that the loudness of any stretch follows from them.
    """

    momentary: bytes
    peaks: bytes


class Mend(StrEnum):
    """A fault of the channels that is put right in the master."""

    NOTHING = "nothing"
    LEFT_ON_BOTH = "left_on_both"
    RIGHT_ON_BOTH = "right_on_both"
    TURN_RIGHT = "turn_right"


_ONE_ON_BOTH = (Mend.LEFT_ON_BOTH, Mend.RIGHT_ON_BOTH)


@dataclass(frozen=True)
class Sides:
    """The two channels of a sound where it is heard: mean power in dBFS, and correlation from −1 to 1."""

    left_db: float
    right_db: float
    likeness: float

    @property
    def mend(self) -> Mend:
        """What must be done for both to be heard, in mono too."""
        if abs(self.left_db - self.right_db) >= _DEAD_DB:
            return Mend.LEFT_ON_BOTH if self.left_db > self.right_db else Mend.RIGHT_ON_BOTH
        # One is the other turned upside down: played in mono, on a telephone, they cancel each other.
        return Mend.TURN_RIGHT if self.likeness < _AGAINST else Mend.NOTHING


class LevelReader:
    """Collects the levels from the lines of `ebur128=framelog=info`; without `peak=true` peaks are not known."""

    def __init__(self) -> None:
        self._momentary, self._peaks = array("f"), array("f")

    def heard(self, line: str) -> bool:
        """Take a line; says whether it was one of these."""
        match = _LEVEL.search(line) if "TARGET:" in line else None
        if match is None:
            return False
        self._momentary.append(_decibels(match[2]))
        self._peaks.append(max(_decibels(match[3] or "-inf"), _decibels(match[4] or "-inf")))
        return True

    def levels(self) -> Levels:
        """All that was heard."""
        return Levels(_packed(self._momentary), _packed(self._peaks))


def read_summary(lines: Sequence[str]) -> Loudness | None:
    """What the last summary of `ebur128` among these lines says; `None` when there is none."""
    found: dict[str, float] = {}
    for line in lines:
        match = _SUMMARY.match(line)
        if match is not None:
            found[match[1]] = _decibels(match[2])
    if "I" not in found:
        return None
    return Loudness(found["I"], found.get("Peak", _FLOOR_DB), found.get("LRA", 0.0))


def read_integrated(lines: Sequence[str]) -> dict[str, float]:
    """Integrated loudness by each `ebur128` of a graph, under the name that it bears there."""
    found: dict[str, float] = {}
    name = ""
    for line in lines:
        start = re.search(r"\[(\S+) @ \S+\] Summary:", line)
        name = start[1] if start is not None else name
        match = _SUMMARY.match(line)
        if match is not None and match[1] == "I":
            found[name] = _decibels(match[2])
    return found


def of_levels(levels: Levels, parts: Sequence[tuple[float, float]]) -> Loudness:
    """Loudness of the stretches `[start_s, end_s)` one after the other: gated as BS.1770 and EBU Tech 3342 say."""
    momentary = np.frombuffer(levels.momentary, "<i2").astype(np.float64) / 100
    peaks = np.frombuffer(levels.peaks, "<i2").astype(np.float64) / 100
    # A block that reaches over the start of a stretch is of what is not heard.
    whole = round(_BLOCK_S / _STEP_S) - 1
    steps = [(round(start_s / _STEP_S), round(end_s / _STEP_S)) for start_s, end_s in parts]
    inside = np.concatenate([momentary[first + whole : last] for first, last in steps] or [momentary[:0]])
    heard = np.concatenate([peaks[first:last] for first, last in steps] or [peaks[:0]])
    peak = float(heard.max()) if heard.size else _FLOOR_DB
    return Loudness(round(_gated(inside), 2), round(peak, 2), round(_range(inside), 2))


def raised(levels: Levels | None, gain_db: float, mend: Mend) -> Levels | None:
    """The levels of a sound after its channels were mended and this gain, no peak touched; `None` if not known."""
    if levels is None:
        return None
    more_lu = gain_db + (_TWICE_LU if mend in _ONE_ON_BOTH else 0.0)
    momentary, peaks = (
        np.frombuffer(kept, "<i2").astype(np.float64) / 100 for kept in (levels.momentary, levels.peaks)
    )
    return Levels(_packed(np.maximum(momentary + more_lu, _FLOOR_DB)), _packed(peaks + gain_db))


def with_peak(levels: Levels, peak_dbtp: float) -> Levels:
    """The same levels, with one true peak for all."""
    count = len(levels.momentary) // 2
    return Levels(levels.momentary, _packed([peak_dbtp] * count))


def with_peaks(levels: Levels, peaks: np.ndarray) -> Levels:
    """The same levels, with the true peak of each 100 ms; `peaks` are amplitudes, 1 is full scale."""
    found = np.full(len(levels.momentary) // 2, _FLOOR_DB)
    known = peaks[: len(found)]
    found[: len(known)] = 20 * np.log10(np.maximum(known, 10 ** (_FLOOR_DB / 20)))
    return Levels(levels.momentary, _packed(found))


def loudest(levels: Levels, length_s: float, count: int) -> list[float]:
    """Where the stretches of this length begin that hold the highest peaks, highest first."""
    peaks = np.frombuffer(levels.peaks, "<i2").astype(np.float64) / 100
    steps = max(1, round(length_s / _STEP_S))
    whole = peaks[: len(peaks) // steps * steps].reshape(-1, steps)
    if not whole.size:
        return [0.0]
    # Many high peaks are more likely to pass the ceiling after the encoder than one.
    worst = np.argsort(-np.sort(whole, axis=1)[:, -3:].mean(axis=1), kind="stable")[:count]
    return [float(place * steps * _STEP_S) for place in worst]


def duration_s(levels: Levels) -> float:
    """How long was listened."""
    return len(levels.momentary) / 2 * _STEP_S


def mended(found: Loudness, mend: Mend) -> Loudness:
    """What a loudness becomes once the fault of the channels is put right: the same sound twice is 3 dB louder."""
    doubled = mend in _ONE_ON_BOTH
    return replace(found, integrated_lufs=round(found.integrated_lufs + _TWICE_LU, 2)) if doubled else found


def is_right(loudness: Loudness) -> bool:
    """Whether a sound may stay as it is: within the tolerance of the target, and at most −1 dBTP."""
    return abs(loudness.integrated_lufs - TARGET_LUFS) <= TOLERANCE_LU and loudness.true_peak_dbtp <= CEILING_DBTP


def wanted_gain(loudness: Loudness) -> float:
    """dB between a sound and the target, as long as raising it makes sense; 0 for near silence."""
    if loudness.integrated_lufs <= SILENT_LUFS:
        return 0.0
    return min(MOST_GAIN_DB, TARGET_LUFS - loudness.integrated_lufs)


def needs_limiter(loudness: Loudness, gain_db: float) -> bool:
    """Whether peaks would pass the ceiling after this gain."""
    return loudness.true_peak_dbtp + gain_db > FREE_PEAK_DBTP


def interpolated_gain(tried: Sequence[tuple[float, float]], target: float = TARGET_LUFS) -> float:
    """The gain that gives `target`, from (gain, loudness after the limiter) pairs in rising order."""
    gains, results = zip(*tried, strict=True)
    if target >= results[-1]:
        # Beyond the last trial the limiter eats ever more; one more dB per missing dB, capped.
        return float(min(gains[-1] + (target - results[-1]), gains[-1] + 3.0))
    if target <= results[0]:
        return float(gains[0] + target - results[0])
    return float(np.interp(target, results, gains))


def _decibels(text: str) -> float:
    value = float(text)
    return value if value > _FLOOR_DB else _FLOOR_DB  # also for nan, which is greater than nothing


def _packed(values: Sequence[float] | np.ndarray) -> bytes:
    return np.clip(np.round(np.array(values) * 100), -32768, 32767).astype("<i2").tobytes()


def _mean(blocks: np.ndarray) -> float:
    """Mean of levels as energies, in the levels' own unit."""
    return float(10 * np.log10(np.mean(10 ** (blocks / 10))))


def _gated(blocks: np.ndarray) -> float:
    loud = blocks[blocks > _GATE_LUFS]
    if not loud.size:
        return _GATE_LUFS
    return _mean(loud[loud > _mean(loud) + _GATE_LU])


def _range(blocks: np.ndarray) -> float:
    """Loudness range over 3 s windows, taken from the momentary blocks in them."""
    window = 27  # blocks of 400 ms, 100 ms apart, that cover 3 s
    if blocks.size < window:
        return 0.0
    energy = np.convolve(10 ** (blocks / 10), np.ones(window) / window, "valid")
    short = 10 * np.log10(np.maximum(energy, 1e-12))
    loud = short[short > _GATE_LUFS]
    if not loud.size:
        return 0.0
    loud = loud[loud > _mean(loud) + _RANGE_GATE_LU]
    low, high = np.percentile(loud, (10, 95))
    return float(high - low)
