"""Shares a sound out as it is decoded: true peaks are looked for at 48 kHz, all else is heard at 16 kHz."""

from __future__ import annotations

import numpy as np

from pasvu.ingest.hearing import Hearing
from pasvu.ingest.loudness import Levels, with_peaks
from pasvu.ingest.slower import Slower
from pasvu.ingest.truepeaks import TruePeaks

HALF = 0.5
"""The level at which the sound comes: decoders go over full scale, whole numbers do not."""


class Listening:
    """Takes interleaved stereo int16 samples at 48 kHz and at `HALF` their level, in chunks of any size."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._peaks, self._slower = TruePeaks(), Slower(gain=1 / HALF)
        self._rest = b""

    def take(self, chunk: bytes) -> None:
        """Listen to more of the sound."""
        whole = self._rest + chunk
        size = len(whole) // 4 * 4
        self._rest = whole[size:]
        samples = np.frombuffer(whole[:size], "<i2")
        self._peaks.take(samples)
        self._hearing.take(self._slower.take(samples))

    def finish(self) -> None:
        """Listen to the rest."""
        self._peaks.finish()
        self._hearing.take(self._slower.finish())
        self._hearing.finish()

    def completed(self, levels: Levels) -> Levels:
        """Levels of the same sound, with its true peaks."""
        return with_peaks(levels, self._peaks.peaks() / HALF)
