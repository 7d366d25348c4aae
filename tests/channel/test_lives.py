"""The audience of a broadcast: what the looks at it add up to, against curves whose truth is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pasvu.channel.audience import Tally, Watching, silences, was_announced

START = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def second(minutes: float) -> int:
    return int(START.timestamp() + minutes * 60)


def told(*looks: tuple[float, int | None]) -> Tally:
    tally = Tally()
    for minutes, people in looks:
        tally = tally.after(Watching(second(minutes), people), MINUTE)
    return tally


def test_peak_and_average_are_those_of_the_looks() -> None:
    tally = told((0, 1000), (1, 4000), (2, 2000))
    assert (tally.peak, tally.peak_at) == (4000, second(1))
    assert (tally.average, tally.counted_s) == (2750, 120)


def test_a_look_without_a_figure_and_a_silence_weigh_nothing() -> None:
    tally = told((0, 1000), (1, 1000), (2, None), (3, 9000), (4, 9000), (30, 9000))
    # Two minutes are known of thirty, one of a thousand people and one of nine thousand.
    assert (tally.average, tally.counted_s, tally.peak) == (5000, 120, 9000)
    assert told((0, None)).average is None
    assert told((0, 12)).average is None


def test_silences_are_told_from_start_to_end() -> None:
    looks = [Watching(second(minutes), 1) for minutes in (10, 11, 12.5, 40)]
    found = silences(looks, START, START + timedelta(hours=1), MINUTE)
    assert [(gap.start - START, gap.length) for gap in found] == [
        (timedelta(0), 10 * MINUTE),
        (12.5 * MINUTE, 27.5 * MINUTE),
        (40 * MINUTE, 20 * MINUTE),
    ]
    assert silences([Watching(second(1), None)], START, START + 2 * MINUTE, MINUTE) == []


def test_what_starts_at_the_press_of_a_button_was_not_announced() -> None:
    day = timedelta(days=1)
    assert was_announced(START - day, START, START)
    assert not was_announced(START, START, START)
    assert not was_announced(START - 14 * MINUTE, START, START)
    assert not was_announced(None, START, START)
    # A lasting page, whose hour is in 1970 or is not said.
    assert not was_announced(START - 900 * day, None, START)
    assert not was_announced(START - 900 * day, datetime(1970, 1, 1, tzinfo=UTC), START)


@given(
    corners=st.lists(st.tuples(st.integers(2, 40), st.integers(0, 20_000)), min_size=1, max_size=6),
    first=st.integers(0, 20_000),
    lost=st.sets(st.integers(1, 240), max_size=40),
)
def test_the_average_is_the_truth_where_somebody_looked(
    corners: list[tuple[int, int]], first: int, lost: set[int]
) -> None:
    """The truth is made of straight lines that bend on whole minutes; some looks are lost."""
    truth = [float(first)]
    for minutes, people in corners:
        step = (people - truth[-1]) / minutes
        for _ in range(minutes):
            truth.append(truth[-1] + step)
    tally, area, before = Tally(), 0.0, None
    for minute, people in enumerate(truth):
        if minute in lost:
            continue
        tally = tally.after(Watching(second(minute), round(people)), MINUTE)
        if before is not None and minute - before <= 3:
            area += (truth[before] + people) / 2 * (minute - before) * 60
        before = minute
    seen = [round(people) for minute, people in enumerate(truth) if minute not in lost]
    assert tally.peak == max(seen)
    if tally.average is not None:
        assert abs(tally.average - area / tally.counted_s) <= 1.5
