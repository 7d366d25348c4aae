"""What a count means: freezing, looking again, the usual range."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pasvu.channel.audience import HORIZON_HOURS, Count, freeze, next_look, typical

AIR = datetime(2026, 10, 24, 17, tzinfo=UTC)
SECOND = int(AIR.timestamp())
MONTH_S = 29 * 86400

jumps = st.lists(st.tuples(st.integers(0, MONTH_S), st.integers(1, 10**9)), max_size=30)
looks = st.lists(st.integers(0, MONTH_S), max_size=60, unique=True).map(sorted)


def views_at(growth: list[tuple[int, int]], second: int) -> int:
    return sum(gained for at, gained in growth if at <= second)


@given(jumps, looks, st.sampled_from(HORIZON_HOURS))
@example([(86_399, 1_000_000)], [86_398, 86_401], 24)
@example([(0, 5)], [MONTH_S], 672)
@example([(86_400, 7)], [86_400], 24)
def test_the_stated_error_always_bounds_the_truth(growth: list[tuple[int, int]], seen: list[int], hours: int) -> None:
    frozen = freeze(AIR, hours, [Count(SECOND + at, views_at(growth, at)) for at in seen])
    if not seen or seen[-1] < hours * 3600:
        assert frozen is None
    else:
        assert frozen is not None
        assert abs(frozen.views - views_at(growth, hours * 3600)) <= frozen.error_views
        if hours * 3600 in seen:
            assert frozen.error_views == 0


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 3600), st.integers(1, 3600))
def test_a_count_that_was_set_back_is_neither_hidden_nor_exceeded(
    before: int, after: int, early: int, late: int
) -> None:
    at = SECOND + 86400
    frozen = freeze(AIR, 24, [Count(at - early, before), Count(at + late, after)])
    assert frozen is not None
    assert min(before, after) <= frozen.views <= max(before, after)
    assert frozen.error_views >= abs(after - before) / 2 - 1
    assert max(abs(frozen.views - before), abs(frozen.views - after)) == frozen.error_views


def test_an_outage_shows_in_the_error() -> None:
    tight = freeze(AIR, 24, [Count(SECOND + 86_000, 1000), Count(SECOND + 86_900, 1010)])
    wide = freeze(AIR, 24, [Count(SECOND + 40_000, 500), Count(SECOND + 200_000, 3000)])
    assert tight is not None
    assert wide is not None
    assert tight.error_views < 10 < wide.error_views


def test_nobody_counted_before_the_horizon_still_gives_bounds() -> None:
    frozen = freeze(AIR, 24, [Count(SECOND + 2 * 86_400, 800)])
    assert frozen is not None
    assert (frozen.views, frozen.error_views) == (400, 400)


@given(st.floats(-7200, 40 * 86400, allow_nan=False))
@example(0.0)
@example(86_399.999)
@example(86_400.0)
def test_the_next_look_is_ahead_and_never_jumps_over_a_horizon(age_s: float) -> None:
    now = AIR + timedelta(seconds=age_s)
    ahead = next_look(AIR, now)
    assert now < ahead <= now + timedelta(days=1)
    assert not any(now < AIR + timedelta(hours=hours) < ahead for hours in HORIZON_HOURS)


def test_looks_are_dense_while_young() -> None:
    ages_h = [0, 1.9, 3, 30, 24 * 10, 24 * 40]
    steps = [next_look(AIR, AIR + timedelta(hours=age)) - (AIR + timedelta(hours=age)) for age in ages_h]
    assert steps == sorted(steps)
    assert steps[0] == timedelta(minutes=5)
    assert steps[-1] == timedelta(days=1)


def test_every_horizon_of_a_well_kept_month_is_within_its_error() -> None:
    growth = [(second, 3) for second in range(0, MONTH_S, 600)]
    now, seen = AIR, []
    while now < AIR + timedelta(days=28, hours=1):
        second = int((now - AIR).total_seconds())
        seen.append(Count(SECOND + second, (second // 600 + 1) * 3))
        now = next_look(AIR, now)
    for hours in HORIZON_HOURS:
        frozen = freeze(AIR, hours, seen)
        assert frozen is not None
        # The cadence never jumps over a horizon: a regular look makes the figure exact.
        assert (frozen.views, frozen.error_views) == (views_at(growth, hours * 3600), 0)


def test_what_is_usual_needs_three_episodes() -> None:
    assert typical({24: [100, 200]}, 24) is None
    assert typical({}, 72) is None
    usual = typical({24: [300, 100, 200]}, 24)
    assert usual is not None
    assert (usual.low, usual.median, usual.high, usual.episodes) == (120, 200, 280, 3)


@given(st.lists(st.integers(0, 10**7), min_size=3, max_size=12))
def test_the_usual_range_is_ordered_and_inside_what_was_seen(values: list[int]) -> None:
    usual = typical({24: values}, 24)
    assert usual is not None
    assert min(values) <= usual.low <= usual.median <= usual.high <= max(values)


@pytest.mark.parametrize("hours", HORIZON_HOURS)
def test_nothing_is_said_before_its_time(hours: int) -> None:
    assert freeze(AIR, hours, []) is None
    assert freeze(AIR, hours, [Count(SECOND + hours * 3600 - 1, 10)]) is None
