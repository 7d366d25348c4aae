"""The sound at 48 kHz: its true peaks, and what is left of it at 16 kHz. Truths are tones of which all is known."""

from __future__ import annotations

import numpy as np
import pytest

from pasvu.ingest import loudness
from pasvu.ingest.hearing import Hearing
from pasvu.ingest.listening import HALF, Listening
from pasvu.ingest.slower import Slower
from pasvu.ingest.truepeaks import RATE, TruePeaks


def tone(hertz: float, seconds: float, amplitude: float = 0.5, phase: float = 0.0) -> np.ndarray:
    """Interleaved stereo, the right side 12 dB softer; both ends swell, for a sudden one is a peak of its own."""
    time = np.arange(round(seconds * RATE)) / RATE
    swell = np.minimum(1, np.minimum(time, seconds - time) / 0.05)
    side = amplitude * swell * np.sin(2 * np.pi * hertz * time + phase)
    return (np.stack([side, side / 4], axis=1) * 32767).astype("<i2").ravel()


def peaks_of(samples: np.ndarray, chunk: int = 48000) -> np.ndarray:
    looking = TruePeaks()
    for at in range(0, len(samples), chunk):
        looking.take(samples[at : at + chunk])
    looking.finish()
    return looking.peaks()


@pytest.mark.parametrize(("hertz", "phase"), [(997.0, 0.0), (9001.0, 0.0), (12000.0, np.pi / 4), (16000.0, 0.3)])
def test_the_true_peak_lies_between_the_samples(hertz: float, phase: float) -> None:
    # At 12 kHz and this phase every sample is 3 dB under the peak. Points four times as fine may pass by the top of a
    # wave of 16 kHz by 0.3 dB; and of steady tones only some waves are looked at.
    found = 20 * np.log10(peaks_of(tone(hertz, 1.0, phase=phase)).max() / 0.5)
    assert found == pytest.approx(0.0, abs=0.3)


def test_a_peak_is_told_with_its_tenth_of_a_second_whatever_the_chunks() -> None:
    samples = np.zeros(RATE * 2 * 2, "<i2")
    samples[2 * round(0.75 * RATE)] = 20000
    samples[2 * round(1.30 * RATE) + 1] = -32768
    found = peaks_of(samples)
    assert len(found) == 20
    assert found[7] == pytest.approx(20000 / 32768, abs=0.01)
    assert found[13] == pytest.approx(1.0, abs=0.01)
    assert found[[5, 9, 15]].max() == 0
    assert (peaks_of(samples, 9998) == found).all()


def slowed(samples: np.ndarray, chunk: int = 48000) -> np.ndarray:
    slower = Slower()
    made = [slower.take(samples[at : at + chunk]) for at in range(0, len(samples), chunk)]
    return np.frombuffer(b"".join([*made, slower.finish()]), "<i2").reshape(-1, 2)


@pytest.mark.parametrize("hertz", [100.0, 1000.0, 6500.0])
def test_what_a_voice_is_made_of_stays_as_it_was_when_it_was(hertz: float) -> None:
    samples = tone(hertz, 1.0)
    found, wanted = slowed(samples), samples.reshape(-1, 2)[::3]
    assert len(found) == 16000
    assert np.abs(found.astype(int) - wanted).max() < 60  # of 16,383: no sample later, none of another height
    assert (slowed(samples, 3334) == found).all()


def test_what_is_too_high_for_16_khz_does_not_come_back_as_something_else() -> None:
    assert np.abs(slowed(tone(10000.0, 1.0))[1000:-1000].astype(int)).max() < 20


def test_what_goes_over_full_scale_is_known() -> None:
    listening = Listening(Hearing(listen_for_speech=False))
    data = tone(997.0, 1.0, amplitude=1.4 * HALF).tobytes()
    for at in range(0, len(data), 4097):  # chunks that cut samples in two
        listening.take(data[at : at + 4097])
    listening.finish()
    # One step more than samples: the last is not whole.
    found = listening.completed(loudness.Levels(np.full(11, -2000, "<i2").tobytes(), b""))
    known = np.frombuffer(found.peaks, "<i2") / 100
    assert known[:10].max() == pytest.approx(20 * np.log10(1.4), abs=0.05)
    assert known[10] == -120
