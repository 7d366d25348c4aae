"""Which packets of a sound a cut takes, and how the picture is laid against them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasvu.channel.timeline import Timeline
from pasvu.channel.values import Span
from pasvu.ingest.soundtrack import FRAME_S, laid

GRID = np.arange(5000) * FRAME_S


def test_a_film_that_begins_with_a_packet_needs_nothing() -> None:
    found = laid(Timeline((Span(10 * FRAME_S, 20 * FRAME_S),)), GRID)
    assert (found.taken, found.longer_s, found.slips_s) == (((10, 20),), 0.0, ())


def test_the_first_picture_waits_for_the_rest_of_its_packet() -> None:
    found = laid(Timeline((Span(10 * FRAME_S + 0.008, 30.0),)), GRID)
    assert found.taken[0][0] == 10
    assert found.longer_s == pytest.approx(0.008, abs=1e-6)


def test_a_sound_that_begins_late_is_taken_from_its_first_packet() -> None:
    assert laid(Timeline((Span(0.0, 1.0),)), GRID + 0.4).longer_s == 0.0


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), min_size=1, max_size=6))
def test_sound_and_picture_stay_together_through_every_join(frames: list[tuple[int, int]]) -> None:
    spans, at = [], 0
    for gap, length in frames:
        at += gap
        spans.append(Span(at / 25, (at + length) / 25))
        at += length
    shows = Timeline(tuple(spans))
    found = laid(shows, np.arange(10_000) * FRAME_S)
    assert 0 <= found.longer_s < FRAME_S
    assert all(abs(slip_s) <= FRAME_S / 2 + 1e-6 for slip_s in found.slips_s)
    picture_s, sound_s = found.longer_s, 0.0
    for span, (first, last), slip_s in zip(spans, found.taken, [*found.slips_s, 0.0], strict=True):
        # What is heard with the first picture of each stretch is what was heard with it in the recording.
        assert first * FRAME_S + picture_s - sound_s == pytest.approx(span.start_s, abs=1e-5)
        picture_s += span.duration_s + slip_s
        sound_s += (last - first) * FRAME_S
