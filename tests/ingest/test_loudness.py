from __future__ import annotations

import numpy as np
import pytest

from pasvu.channel.values import Loudness
from pasvu.ingest import loudness
from pasvu.ingest.sound import Treatment, corrected

LINE = (
    "[Parsed_ebur128_1 @ 0x55] t: {t:.6f}   TARGET:-23 LUFS    M:{m:6.1f} S:-120.7     I: -70.0 LUFS       "
    "LRA:   0.0 LU  FTPK: {p:.1f} -inf dBFS  TPK: -1.0 -1.0 dBFS"
)


def levels(*parts: tuple[float, float, float]) -> loudness.Levels:
    """Parts of (seconds, momentary LUFS, peak dBTP), as ffmpeg says them."""
    reader, number = loudness.LevelReader(), 0
    for seconds, momentary, peak in parts:
        for _ in range(round(seconds * 10)):
            number += 1
            assert reader.heard(LINE.format(t=number / 10, m=momentary, p=peak))
    return reader.levels()


def test_other_lines_are_not_levels() -> None:
    assert not loudness.LevelReader().heard("  Integrated loudness:")


def test_the_loudness_of_two_stretches_leaves_out_what_is_between_them() -> None:
    found = levels((60, -24.0, -9.0), (60, -10.0, -0.5), (60, -24.0, -8.0))
    both = loudness.of_levels(found, [(0.0, 60.0), (120.5, 180.0)])
    assert both.integrated_lufs == pytest.approx(-24.0, abs=0.01)
    assert both.true_peak_dbtp == pytest.approx(-8.0)


def test_the_loudness_of_a_stretch_leaves_the_rest_out() -> None:
    found = levels((60, -10.0, -0.5), (60, -24.0, -9.0))
    assert loudness.of_levels(found, [(60.0, 120.0)]).integrated_lufs == pytest.approx(-24.0, abs=0.01)
    assert loudness.of_levels(found, [(60.0, 120.0)]).true_peak_dbtp == pytest.approx(-9.0)
    # Half the blocks at −10, half at −24: the mean energy, the quieter half 11 LU below it and thus gated out.
    assert loudness.of_levels(found, [(0.0, 120.0)]).integrated_lufs == pytest.approx(-10.0, abs=0.05)
    assert loudness.of_levels(found, [(0.0, 120.0)]).true_peak_dbtp == pytest.approx(-0.5)


def test_pauses_do_not_make_a_talk_quieter() -> None:
    assert loudness.of_levels(
        levels((30, -20.0, -6.0), (60, -65.0, -50.0)), [(0, 90)]
    ).integrated_lufs == pytest.approx(-20.0, abs=0.1)


def test_silence_has_the_lowest_loudness_and_is_not_raised() -> None:
    found = loudness.of_levels(levels((10, float("-inf"), float("-inf"))), [(0.0, 10.0)])
    assert found.integrated_lufs == -70.0
    assert loudness.wanted_gain(found) == 0.0


@pytest.mark.parametrize(
    ("tried", "expected"),
    [
        ([(8.0, -15.0), (9.5, -14.0), (11.0, -13.5)], 9.5),
        ([(8.0, -15.0), (10.0, -13.0)], 9.0),
        ([(8.0, -13.0), (10.0, -12.0)], 7.0),
        ([(8.0, -17.0), (10.0, -15.5)], 11.5),
        ([(8.0, -30.0), (10.0, -29.0)], 13.0),
    ],
)
def test_the_gain_is_read_between_the_trials(tried: list[tuple[float, float]], expected: float) -> None:
    assert loudness.interpolated_gain(tried) == pytest.approx(expected)


def test_summaries_are_told_apart_by_name() -> None:
    said = [
        "[ebur128@plain @ 0x1] Summary:",
        "    I:         -21.5 LUFS",
        "[ebur128@gain1 @ 0x2] Summary:",
        "    I: -14.0 LUFS",
    ]
    assert loudness.read_integrated(said) == {"ebur128@plain": -21.5, "ebur128@gain1": -14.0}


def test_a_result_within_the_tolerance_stays() -> None:
    assert corrected(Treatment(gain_db=9.0, limit_db=-2.0), Loudness(-14.4, -1.1, 5.0)) is None


def test_a_result_too_quiet_or_too_high_is_corrected() -> None:
    louder = corrected(Treatment(gain_db=9.0, limit_db=-2.0), Loudness(-15.0, -1.5, 5.0))
    assert louder is not None
    assert louder.gain_db == pytest.approx(10.0)
    lower = corrected(Treatment(gain_db=2.0), Loudness(-14.0, -0.4, 5.0))
    assert lower is not None
    assert lower.limit_db is not None
    assert lower.limit_db < -2.5


def test_the_range_is_that_between_quiet_and_loud() -> None:
    found = loudness.of_levels(levels((60, -20.0, -6.0), (60, -30.0, -16.0)), [(0, 120)])
    assert found.range_lu == pytest.approx(10.0, abs=0.5)
    assert np.isfinite(found.range_lu)


def test_what_a_gain_makes_of_a_sound_needs_no_listening() -> None:
    found = loudness.raised(levels((30, -26.0, -9.0), (5, float("-inf"), -70.0)), 6.5, loudness.Mend.RIGHT_ON_BOTH)
    assert found is not None
    whole = loudness.of_levels(found, [(0.0, 30.0)])
    assert whole.integrated_lufs == pytest.approx(-26.0 + 6.5 + 3.01, abs=0.01)
    assert whole.true_peak_dbtp == pytest.approx(-2.5)
    assert loudness.raised(None, 6.5, loudness.Mend.NOTHING) is None


def test_the_loudest_stretches_come_first() -> None:
    found = levels((30, -20.0, -6.0), (10, -20.0, -1.0), (30, -20.0, -9.0), (10, -20.0, -3.0))
    assert loudness.loudest(found, 10.0, 2) == [30.0, 70.0]


def test_levels_without_peaks_are_read_too() -> None:
    reader = loudness.LevelReader()
    line = "[Parsed_ebur128_0 @ 0x1] t: 0.499979   TARGET:-23 LUFS    M: -20.7 S:-120.7     I: -20.7 LUFS  LRA: 0.0 LU"
    assert reader.heard(line)
    assert not reader.heard("[Parsed_showinfo_0 @ 0x1] n: 1 pts_time:2")
    found = loudness.with_peak(reader.levels(), -1.5)
    assert np.frombuffer(found.momentary, "<i2").tolist() == [-2070]
    assert np.frombuffer(found.peaks, "<i2").tolist() == [-150]
