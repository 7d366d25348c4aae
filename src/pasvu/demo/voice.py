"""Makes sounds with known silences: a voice-like murmur, a plucked music loop, the tone of a room."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

RATE = 48000
_HARMONICS = 16


def murmur(seconds: float, seed: int) -> np.ndarray:
    """A sentence without words: syllables of a moving pitch through moving vowel resonances; RMS 0.1."""
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE)
    time = np.arange(count, dtype=np.float32) / RATE
    pitch = (115, 98, 195)[seed % 3] * (1 + 0.08 * np.sin(2 * np.pi * 0.6 * time + seed) - 0.05 * time / seconds)
    phase = (2 * np.pi * np.cumsum(pitch, dtype=np.float64) / RATE).astype(np.float32)
    first = 500 + 250 * np.sin(2 * np.pi * 2.3 * time + seed)
    second = 1500 + 500 * np.sin(2 * np.pi * 1.7 * time + 2 * seed)
    sound: np.ndarray = np.zeros(count, np.float32)
    for harmonic in range(1, _HARMONICS + 1):
        height = harmonic * pitch
        vowel = np.exp(-(((height - first) / 180) ** 2)) + 0.5 * np.exp(-(((height - second) / 260) ** 2)) + 0.02
        sound += vowel * np.sin(harmonic * phase)
    syllables = np.clip(0.55 + 0.5 * np.sin(2 * np.pi * 4.3 * time - np.pi / 2), 0.12, 1)
    sound = sound * syllables + 0.02 * rng.standard_normal(count) * syllables
    return _at_level(sound, 0.1)


def music(seconds: float, seed: int) -> np.ndarray:
    """A plucked chord loop that fades out over its last second; RMS 0.1."""
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE)
    tail = np.arange(2 * RATE) / RATE
    sound = np.zeros(count + len(tail))
    for number, start in enumerate(range(0, count, int(0.3 * RATE))):
        chord = ((0, 4, 7, 12), (-3, 0, 4, 9), (-7, -3, 0, 5), (-5, -1, 2, 7))[number // 16 % 4]
        pitch = 220 * 2 ** (chord[int(rng.integers(4))] / 12)
        note = sum(np.sin(2 * np.pi * pitch * k * tail) / k**1.5 for k in (1, 2, 3, 4)) * np.exp(-3 * tail)
        sound[start : start + len(tail)] += note
    fade = np.minimum(1, np.arange(count)[::-1] / RATE)
    return _at_level(sound[:count], 0.1) * fade


def room_tone(seconds: float, seed: int, level_db: float = -62.0) -> np.ndarray:
    """Soft noise, as an empty hall makes it."""
    noise = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return _at_level(np.convolve(noise, np.ones(24) / 24, "same"), 10 ** (level_db / 20))


def write_wav(path: Path, sound: np.ndarray) -> None:
    """Stereo 16 bits at 48 kHz, the same on both sides."""
    samples = (np.clip(sound, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.repeat(samples, 2).tobytes())


def _at_level(sound: np.ndarray, level: float) -> np.ndarray:
    return sound / max(1e-9, float(np.sqrt(np.mean(sound * sound)))) * level
