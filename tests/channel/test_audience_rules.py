"""What a count means: freezing, looking again, the usual range."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pasvu.channel.audience import (
    AGES_H,
    BREAK_AT,
    HORIZON_HOURS,
    USUAL_CADENCE,
    Count,
    Gap,
    Past,
    band,
    calls_per_day,
    check,
    forecast,
    freeze,
    gaps,
    passed_ages,
    read_cadence,
    split_by_day,
    times_usual,
    typical,
)
from pasvu.channel.audience.horizons import Frozen

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
    apart = max(abs(frozen.views - before), abs(frozen.views - after))
    # Growth that a fall hides is reckoned from the growth around, and there is none to see here.
    assert frozen.error_views == apart


@given(st.integers(1, 50), st.integers(0, 3000), st.integers(-3599, 3599))
def test_growth_hidden_by_a_count_set_back_is_reckoned_with(rate: int, lost: int, at_s: int) -> None:
    """Steady growth of `rate` a minute; somewhere in the two hours around the horizon the platform takes views back."""
    horizon = SECOND + 86400

    def truth(second: int) -> int:
        return 10_000 + (second - horizon) * rate // 60 - (lost if second >= horizon + at_s else 0)

    seen = [Count(horizon + hours * 3600, truth(horizon + hours * 3600)) for hours in (-5, -3, -1, 1, 3, 5)]
    frozen = freeze(AIR, 24, seen)
    assert frozen is not None
    if seen[3].views < seen[2].views:
        assert abs(frozen.views - truth(horizon)) <= frozen.error_views


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
    ahead = USUAL_CADENCE.next_look(AIR, now)
    assert now < ahead <= now + timedelta(days=1)
    assert not any(now < AIR + timedelta(hours=hours) < ahead for hours in HORIZON_HOURS)


def test_looks_are_dense_while_young() -> None:
    ages = [timedelta(hours=hours) for hours in (0, 2, 24, 24 * 7, 24 * 28)]
    paces = [USUAL_CADENCE.step(age) for age in ages]
    assert paces == [
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=6),
        timedelta(days=1),
    ]


@given(st.floats(0, 40 * 86400, allow_nan=False), st.integers(0, 3600))
def test_videos_of_one_pace_are_due_together(age_s: float, aired_later_s: int) -> None:
    now = AIR + timedelta(seconds=age_s)
    one, other = (USUAL_CADENCE.next_look(AIR - timedelta(days=d), now) for d in (40, 41))
    assert one == other
    assert one.timestamp() % 86400 == 0


def test_a_cadence_is_read_as_it_is_written() -> None:
    cadence = read_cadence("10m<6h, 2h<3d, 12h")
    assert cadence.step(timedelta(hours=5)) == timedelta(minutes=10)
    assert cadence.step(timedelta(hours=6)) == timedelta(hours=2)
    assert cadence.step(timedelta(days=400)) == timedelta(hours=12)


@pytest.mark.parametrize(
    "text", ["", "5m", "5m<2h", "5m<2h, 1d, 2d", "1s<2h, 1d", "5m<2h, 6h<1h, 1d", "5x<2h, 1d", "2d"]
)
def test_a_cadence_that_cannot_be_is_refused(text: str) -> None:
    if text == "5m":
        assert read_cadence(text).steps == ()
    else:
        with pytest.raises(ValueError):
            read_cadence(text)


def test_the_calls_of_a_day_are_shared() -> None:
    young, old = timedelta(minutes=5), timedelta(days=1)
    assert calls_per_day({old: 1}) == 1
    assert calls_per_day({old: 51}) == 2
    assert calls_per_day({young: 1}) == 288
    # The look of the day goes into the call of midnight.
    assert calls_per_day({young: 1, old: 49}) == 288
    assert calls_per_day({young: 1, old: 50}) == 289
    assert calls_per_day({}) == 0


def test_gaps_are_where_nobody_counted() -> None:
    hours = [*range(1, 30), *range(60, 80)]
    taken = [SECOND, *(SECOND + hour * 3600 for hour in hours)]
    cadence = read_cadence("1h")
    hour = timedelta(hours=1)
    assert gaps(cadence, AIR, taken, AIR + 80 * hour) == [Gap(AIR + 29 * hour, AIR + 60 * hour)]
    # Nobody has counted since, either.
    assert gaps(cadence, AIR, taken, AIR + 90 * hour)[-1] == Gap(AIR + 79 * hour, AIR + 90 * hour)
    assert gaps(cadence, AIR, [], AIR + hour) == []


PARIS = ZoneInfo("Europe/Paris")


@given(
    st.integers(0, 275 * 86400),
    st.integers(0, 10 * 86400),
    st.integers(-(10**6), 10**9),
)
@example(27 * 86400 + 43_200, 2 * 86400, 4700)
@example(237 * 86400 + 43_200, 2 * 86400, 4900)
def test_views_by_day_add_up_whatever_the_clocks_do(start_s: int, length_s: int, gained: int) -> None:
    begun = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=start_s)
    shares = split_by_day(begun, begun + timedelta(seconds=length_s), gained, PARIS)
    assert sum(shares.values()) == gained
    assert list(shares) == sorted(shares)


def test_a_local_day_has_23_or_25_hours() -> None:
    spring = split_by_day(datetime(2026, 3, 28, tzinfo=PARIS), datetime(2026, 3, 31, tzinfo=PARIS), 71, PARIS)
    assert list(spring.values()) == [24, 23, 24]
    autumn = split_by_day(datetime(2026, 10, 24, tzinfo=PARIS), datetime(2026, 10, 27, tzinfo=PARIS), 73, PARIS)
    assert autumn == {date(2026, 10, 24): 24, date(2026, 10, 25): 25, date(2026, 10, 26): 24}


def test_every_horizon_of_a_well_kept_month_is_within_its_error() -> None:
    growth = [(second, 3) for second in range(0, MONTH_S, 600)]
    now, seen = AIR, []
    while now < AIR + timedelta(days=28, hours=1):
        second = int((now - AIR).total_seconds())
        seen.append(Count(SECOND + second, (second // 600 + 1) * 3))
        now = USUAL_CADENCE.next_look(AIR, now)
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


def test_aligned_ages_are_read_between_near_counts_only() -> None:
    assert set(HORIZON_HOURS) <= set(AGES_H)
    near = passed_ages(AIR, Count(SECOND + 86_300, 100), Count(SECOND + 86_500, 120))
    assert near == [(AGES_H.index(24), 110)]
    # Two days apart, nothing is known of what lies between; the very instant of a count is.
    far = dict(passed_ages(AIR, Count(SECOND + 3600, 100), Count(SECOND + 48 * 3600, 900)))
    assert far[AGES_H.index(48)] == 900
    assert {far[place] for place in far if AGES_H[place] != 48} == {None}


def grown(size: float, pace_h: float = 60.0) -> list[int | None]:
    return [round(size * age / (age + pace_h)) for age in AGES_H]


def test_the_usual_curve_is_of_one_set_of_episodes_and_says_of_how_many() -> None:
    assert band([grown(100), grown(200)]) is None
    day, month = AGES_H.index(24) + 1, len(AGES_H)
    curves = [grown(1000), grown(2000), grown(3000)]
    usual = band(curves)
    assert usual is not None
    assert (usual.hours, usual.episodes, usual.among) == (AGES_H, 3, 3)
    low, median, high = usual.at(AGES_H[3]) or (0, 0, 0)
    assert low <= median == curves[1][3] <= high
    assert usual.at(673) is None
    assert usual.at(0.125) == (usual.low[0] / 2, usual.median[0] / 2, usual.high[0] / 2)
    # Young ones that did ten times better change nothing of it, as long as half are old enough.
    young = [grown(10_000)[:day]] * 3
    wide = band([*curves, *young])
    assert wide is not None
    assert (wide.hours, wide.median, wide.episodes, wide.among) == (usual.hours, usual.median, 3, 6)
    # When they are most, the band is of them all, and ends where the last can speak.
    short = band([*curves, *young, young[0]])
    assert short is not None
    assert (short.hours, short.episodes, short.among) == (AGES_H[:day], 7, 7)
    # An age that one of them does not know is left out; one that knows little is not asked.
    holed = grown(1500)
    holed[5] = None
    torn = [None] * (month - 1) + [900]
    mended = band([*curves, holed, torn])
    assert mended is not None
    assert (mended.episodes, mended.among) == (4, 5)
    assert AGES_H[5] not in mended.hours


@given(
    st.lists(
        st.tuples(st.integers(10, 100_000), st.floats(1, 400), st.integers(1, len(AGES_H))), min_size=3, max_size=12
    )
)
def test_the_usual_curve_never_falls_where_young_episodes_drop_out(past: list[tuple[int, float, int]]) -> None:
    usual = band([grown(size, pace)[:reached] for size, pace, reached in past])
    if usual is not None:
        assert usual.episodes >= 3
        for values in (usual.low, usual.median, usual.high):
            assert list(values) == sorted(values)


def test_times_usual_speaks_of_the_last_common_horizon() -> None:
    usual = [t for hours in (24, 72) if (t := typical({24: [100] * 3, 72: [200] * 3}, hours))]
    reached = [Frozen(24, 150, 0), Frozen(72, 280, 0), Frozen(168, 900, 0)]
    assert times_usual(reached, usual) == (72, 1.4)
    assert times_usual(reached[2:], usual) is None


def test_a_forecast_grows_as_past_episodes_did_and_knows_no_future() -> None:
    past = [Past(AIR - timedelta(days=30 + 7 * week), grown(1000 + 100 * week)) for week in range(12)]
    then = grown(5000)[AGES_H.index(72)] or 0
    said = forecast(AIR, 72, then, past)
    assert said is not None
    assert said.low <= said.median <= said.high
    # All grew alike: the forecast is right.
    assert abs(said.median - (grown(5000)[-1] or 0)) <= 20
    # Those that had not reached 28 days by then are left out.
    young = [Past(AIR - timedelta(days=1 + week), grown(10**6)) for week in range(12)]
    assert forecast(AIR, 72, then, [*past, *young]) == said
    assert forecast(AIR, 72, then, past[:2]) is None
    # Five are of after the day that a view changed its meaning.
    assert (said.episodes, said.held) == (5, pytest.approx(2 / 3))
    few = forecast(AIR, 72, then, past[:3])
    assert few is not None
    assert few.held == 0.5
    before = [Past(BREAK_AT - timedelta(days=40 + week), grown(1000)) for week in range(12)]
    assert forecast(AIR, 72, then, before) is None


def test_the_range_of_a_forecast_holds_what_it_says_for_episodes_that_are_alike() -> None:
    """Channels of episodes alike: how often the next one falls in the range of those before it."""
    draw = random.Random(7)
    for number in (3, 5, 9, 12):
        inside, tries = 0, 500
        for _ in range(tries):
            *grew, came = (draw.lognormvariate(0.5, 0.4) for _ in range(number + 1))
            known = []
            for place, growth in enumerate(grew):
                curve: list[int | None] = [None] * len(AGES_H)
                curve[AGES_H.index(24)], curve[-1] = 1000, round(1000 * growth)
                known.append(Past(AIR - timedelta(days=29 + place), curve))
            said = forecast(AIR, 24, 1000, known)
            assert said is not None
            inside += said.low <= round(1000 * came) <= said.high
        # Three standard errors of five hundred tries.
        assert abs(inside / tries - said.held) < 0.066


def test_the_record_of_a_forecast_is_held_against_what_came() -> None:
    steady = [Past(AIR - timedelta(days=7 * week), grown(1000 + week)) for week in range(9)]
    record = check(72, steady)
    assert record is not None
    # Three must have reached 28 days before the first that can be forecast.
    assert record.tried == 9 - 3 - 3
    assert record.median_error < 0.01
    odd = [
        Past(each.air_at, [*each.curve[:-1], (each.curve[-1] or 0) * (1 + week)]) for week, each in enumerate(steady)
    ]
    worse = check(72, odd)
    assert worse is not None
    assert worse.median_error > 0.1
    assert check(72, steady[:3]) is None
