"""Measures true peaks of a sound at 48 kHz: only around its highest samples is it drawn four times as fine.

As ITU-R BS.1770-5, annex 2, wants them (peaks between the samples), at a third of what the media tool takes: it draws
the whole sound finer, and only what is near the highest sample of each 100 ms can be its peak.
"""

from __future__ import annotations

import numpy as np

RATE = 48000
_STEP = RATE // 10
_CHANNELS = 2
_REACH = 16
"""Samples on either side that a point between two samples is drawn from."""
_NEAR = 0.7
"""Of the highest sample: between two lower ones a peak would have to rise by more than 3 dB to pass it."""
_MOST = 512
_STEEP = 9.0
_BLOCKS = 8


class TruePeaks:
    """Takes interleaved stereo int16 samples, in arrays of any even size."""

    def __init__(self) -> None:
        self._held = np.zeros(_CHANNELS * _REACH, np.int16)
        self._found: list[np.ndarray] = []

    def take(self, samples: np.ndarray) -> None:
        """Look at more of the sound."""
        self._held = np.concatenate([self._held, samples])
        while len(self._held) >= _CHANNELS * (_BLOCKS * _STEP + 2 * _REACH):
            self._look(_BLOCKS)

    def finish(self) -> None:
        """Look at the rest; less than 100 ms is left out."""
        blocks = (len(self._held) // _CHANNELS - _REACH) // _STEP
        if blocks > 0:
            self._held = np.concatenate([self._held, np.zeros(_CHANNELS * _REACH, np.int16)])
            self._look(blocks)

    def peaks(self) -> np.ndarray:
        """The true peak of each 100 ms, the higher of both channels; 1 is the full scale of int16."""
        return np.concatenate(self._found) if self._found else np.zeros(0, np.float32)

    def _look(self, blocks: int) -> None:
        size, edge = blocks * _CHANNELS * _STEP, _CHANNELS * _REACH
        # Unsigned: the lowest sample has no positive.
        high = np.abs(self._held[: size + 2 * edge]).view(np.uint16)
        rows = high[edge : edge + size].reshape(blocks, -1)
        highest = rows.max(axis=1)
        at = np.flatnonzero(rows > (highest * np.float32(_NEAR)).astype(np.uint16)[:, None]) + edge
        at = at[(high[at] >= high[at - _CHANNELS]) & (high[at] >= high[at + _CHANNELS])]
        row = (at - edge) // rows.shape[1]
        if at.size > _MOST * blocks:
            # A steady tone, a roar: the highest of each 100 ms say as much.
            order = np.lexsort((-high[at].astype(np.int32), row))
            first = np.searchsorted(row, np.arange(blocks))
            order = order[np.arange(at.size) - first[row] < _MOST]
            at, row = at[order], row[order]
        found = highest.astype(np.float32)
        if at.size:
            around = self._held[at[:, None] + _AROUND].astype(np.float32)
            between = np.abs(around @ _BETWEEN).max(axis=1)
            np.maximum.at(found, row, between)
        self._found.append(found / 32768)
        self._held = self._held[size:]


def _between() -> np.ndarray:
    """Weights of the samples around one for the points at a quarter, a half and three quarters before and after it."""
    points = np.array([-0.75, -0.5, -0.25, 0.25, 0.5, 0.75])
    away = np.arange(-_REACH, _REACH + 1)[:, None] - points
    window = np.i0(_STEEP * np.sqrt(np.maximum(0.0, 1 - (away / (_REACH + 1)) ** 2))) / np.i0(_STEEP)
    weights = np.sinc(away) * window
    weights /= weights.sum(axis=0)
    return np.asarray(weights, np.float32)


_AROUND = _CHANNELS * np.arange(-_REACH, _REACH + 1)
_BETWEEN = _between()
