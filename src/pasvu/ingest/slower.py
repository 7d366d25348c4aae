"""Brings a sound from 48 kHz down to the 16 kHz at which it is listened to."""

from __future__ import annotations

import numpy as np

TIMES = 3
_CHANNELS = 2
_BLOCK = 48
"""Samples: a block gives 16. What it is made of reaches over the block before and the one after."""
_ROWS = 320
"""A product of this many blocks stays in one thread: those of a BLAS wait for each other by turning in place."""
_CUTOFF = 7600.0 / 48000.0
_STEEP = 7.0


class Slower:
    """Takes interleaved stereo int16 samples at 48 kHz, in arrays of any even size; gives them `gain` times as loud."""

    def __init__(self, gain: float = 1.0) -> None:
        self._gain = np.float32(gain)
        self._held = np.zeros(_CHANNELS * _BLOCK, np.int16)

    def take(self, samples: np.ndarray) -> bytes:
        """What is ready, interleaved at 16 kHz: all but the last moments."""
        self._held = np.concatenate([self._held, samples])
        pieces = (len(self._held) // _CHANNELS // _BLOCK - 2) // _ROWS
        return self._made(pieces, _ROWS) if pieces > 0 else b""

    def finish(self) -> bytes:
        """The rest."""
        left = len(self._held) // _CHANNELS - _BLOCK
        rows = -(-left // _BLOCK)
        self._held = np.concatenate([self._held, np.zeros(_CHANNELS * 2 * _BLOCK, np.int16)])
        made = self._made(1, rows) if rows > 0 else b""
        return made[: left // TIMES * 2 * _CHANNELS]

    def _made(self, pieces: int, rows: int) -> bytes:
        blocks = pieces * rows
        frames = self._held[: _CHANNELS * _BLOCK * (blocks + 2)].reshape(-1, _CHANNELS)
        wide = frames.T.astype(np.float32).reshape(_CHANNELS, blocks + 2, _BLOCK)
        before, here, after = (
            wide[:, shift : shift + blocks].reshape(_CHANNELS * pieces, rows, _BLOCK) for shift in range(3)
        )
        slow = (before @ _WEIGHTS[0] + here @ _WEIGHTS[1] + after @ _WEIGHTS[2]) * self._gain
        self._held = self._held[_CHANNELS * _BLOCK * blocks :]
        whole = np.clip(np.rint(slow), -32768, 32767).astype("<i2")
        return bytes(whole.reshape(_CHANNELS, -1).T.tobytes())


def _weights() -> np.ndarray:
    """For the block before, the block itself and the one after: what each sample gives to each of the 16."""
    here = np.arange(-_BLOCK, 2 * _BLOCK)[:, None]
    away = here - np.arange(0, _BLOCK, TIMES)
    window = np.i0(_STEEP * np.sqrt(np.maximum(0.0, 1 - (away / (_BLOCK + 1)) ** 2))) / np.i0(_STEEP)
    weights = np.where(np.abs(away) <= _BLOCK, np.sinc(2 * _CUTOFF * away) * window, 0.0)
    weights /= weights.sum(axis=0)
    return np.asarray(weights, np.float32).reshape(3, _BLOCK, _BLOCK // TIMES)


_WEIGHTS = _weights()
