"""What is left of a recording, and where its instants fall in the film."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasvu.channel.timeline import Timeline, meant, merged, put_back
from pasvu.channel.values import Span, Trim

CUT = Timeline((Span(10.0, 20.0), Span(30.0, 45.0)))


def test_a_film_knows_its_ends_its_length_and_its_joins() -> None:
    assert (CUT.start_s, CUT.end_s, CUT.duration_s) == (10.0, 45.0, 25.0)
    assert CUT.removed == (Span(20.0, 30.0),)
    assert CUT.joins == (10.0,)
    assert Timeline(()).duration_s == 0.0


@pytest.mark.parametrize(
    ("recorded_s", "shown_s"), [(0, 0), (10, 0), (15, 5), (20, 10), (25, 10), (30, 10), (31, 11), (45, 25), (99, 25)]
)
def test_an_instant_of_the_recording_has_one_in_the_film(recorded_s: float, shown_s: float) -> None:
    assert CUT.at(recorded_s) == pytest.approx(shown_s)


def test_the_next_instant_that_is_shown() -> None:
    assert [CUT.next_kept(time_s) for time_s in (0, 15, 20, 25, 44, 45)] == [10.0, 15.0, 30.0, 30.0, 44.0, None]


def test_a_trim_loses_what_is_taken_out_of_it() -> None:
    assert meant(Trim(10.0, 45.0), [Span(20.0, 30.0)]) == CUT
    assert meant(Trim(10.0, 45.0), [Span(0.0, 12.0), Span(40.0, 50.0)]) == Timeline((Span(12.0, 40.0),))
    assert meant(Trim(10.0, 45.0), [Span(5.0, 50.0)]) == Timeline(())
    assert meant(Trim(10.0, 45.0), [Span(50.0, 60.0)]) == Timeline((Span(10.0, 45.0),))


def test_stretches_that_meet_are_one() -> None:
    assert merged([Span(5, 7), Span(1, 3), Span(3, 4), Span(6, 9)]) == [Span(1, 4), Span(5, 9)]


def test_a_part_of_what_was_taken_out_can_be_put_back() -> None:
    removed = [Span(10, 20), Span(30, 40)]
    assert put_back(removed, Span(15, 32)) == [Span(10, 15), Span(32, 40)]
    assert put_back(removed, Span(0, 100)) == []
    assert put_back(removed, Span(21, 29)) == removed


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 200)), max_size=6))
def test_what_is_left_and_what_is_taken_out_make_the_whole(outs: list[tuple[int, int]]) -> None:
    removed = merged(Span(start, start + length) for start, length in outs)
    left = meant(Trim(0.0, 1000.0), removed)
    taken_s = sum(max(0.0, min(span.end_s, 1000.0) - span.start_s) for span in removed)
    assert left.duration_s == pytest.approx(1000.0 - taken_s)
    assert left.at(1000.0) == pytest.approx(left.duration_s)
    assert [left.at(span.start_s) for span in left.kept[1:]] == pytest.approx(list(left.joins))


def test_an_instant_of_the_film_is_found_in_the_recording() -> None:
    cut = Timeline.of([(10.0, 60.0), (90.0, 120.0)])
    assert [cut.in_recording(at) for at in (0.0, 49.9, 50.0, 79.0, 100.0)] == [10.0, 59.9, 90.0, 119.0, 140.0]
    assert all(cut.at(cut.in_recording(at)) == at for at in (0.0, 20.0, 50.0, 75.0))
