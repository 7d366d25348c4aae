"""How forecasts to 28 days turn out, on families of growth that nothing was fitted to: their error and their range.

Usage: python benchmarks/forecast.py [CHANNELS]

Each channel airs an episode a week for a year; every episode is forecast at each age by those that were already 28 days
old, as the pages do, and held against what it became.
"""

from __future__ import annotations

import math
import random
import statistics
import sys
from collections.abc import Callable
from datetime import timedelta

from pasvu.channel.audience import AGES_H, BREAK_AT, Past, forecast

EPISODES = 52
AGES = (24, 72, 168)
FIRST_AIR = BREAK_AT + timedelta(days=7)
Curve = Callable[[float], float]


def front_loaded(draw: random.Random) -> Curve:
    """Most of it in two days, whatever the size."""
    size, pace = 2000 * draw.lognormvariate(0, 0.7), draw.uniform(18, 40)
    return lambda hour: size * (1 - math.exp(-hour / pace))


def long_tail(draw: random.Random) -> Curve:
    """A power of the age: it never stops."""
    size, power = 200 * draw.lognormvariate(0, 0.6), draw.uniform(0.25, 0.55)
    return lambda hour: size * hour**power


def recommended(draw: random.Random) -> Curve:
    """One in four is picked up days later, and gains as much again or ten times more."""
    base = front_loaded(draw)
    if draw.random() > 0.25:
        return base
    start, lift = draw.uniform(96, 500), base(672) * draw.uniform(1, 10)
    return lambda hour: base(hour) + lift / (1 + math.exp(-(hour - start) / 24))


def weekly_waves(draw: random.Random) -> Curve:
    """A tail that swells each weekend."""
    size, day = 1500 * draw.lognormvariate(0, 0.5), draw.uniform(0, 168)
    return lambda hour: (
        size * (1 - math.exp(-hour / 200))
        + size
        * 0.002
        * (hour - 168 / math.tau * (math.sin((hour + day) * math.tau / 168) - math.sin(day * math.tau / 168)))
    )


def two_kinds(draw: random.Random) -> Curve:
    """A programme that is really two: short news that is over in a day, and films that last."""
    size = 1000 * draw.lognormvariate(0, 0.6)
    pace = draw.choice((10.0, 300.0))
    return lambda hour: size * (1 - math.exp(-hour / pace))


def drifting(draw: random.Random, place: int) -> Curve:
    """A channel whose tail grows from month to month: the past is no longer the present."""
    size, tail = 1500 * draw.lognormvariate(0, 0.4), 0.02 * place
    return lambda hour: size * (1 - math.exp(-hour / 40)) + size * tail * hour / 672


FAMILIES: dict[str, Callable[[random.Random, int], Curve]] = {
    "front-loaded": lambda draw, _: front_loaded(draw),
    "long tail": lambda draw, _: long_tail(draw),
    "recommended late": lambda draw, _: recommended(draw),
    "weekly waves": lambda draw, _: weekly_waves(draw),
    "two kinds in one": lambda draw, _: two_kinds(draw),
    "drifting": drifting,
}


def channel(family: str, seed: int) -> list[Past]:
    """A year of a programme, oldest first."""
    draw = random.Random(f"{family}:{seed}")
    made = []
    for place in range(EPISODES):
        curve = FAMILIES[family](draw, place)
        made.append(Past(FIRST_AIR + timedelta(weeks=place), [round(curve(hour)) for hour in AGES_H]))
    return made


def tried(past: list[Past], age_h: float) -> list[tuple[float, bool, bool, int]]:
    """Of each episode that could be forecast: error, whether in the range, whether that claims 8 in 10, of how many."""
    found = []
    for place, each in enumerate(past):
        said = forecast(each.air_at, age_h, each.curve[AGES_H.index(age_h)] or 0, past[max(0, place - 36) : place])
        came = each.curve[-1]
        if said is not None and came:
            found.append(
                (abs(said.median - came) / came, said.low <= came <= said.high, said.held >= 0.8, said.episodes)
            )
    return found


def main() -> None:
    """Print the table."""
    channels = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print(
        "| Family | Forecast at | Tries | Median error | 9 in 10 within | In the range, 9 to 12 past | In it, 3 to 8 |"
    )
    print("|---|---|---|---|---|---|---|")
    for family in FAMILIES:
        past = [channel(family, seed) for seed in range(channels)]
        for age_h in AGES:
            results = [result for each in past for result in tried(each, age_h)]
            errors = sorted(error for error, *_ in results)
            full = [inside for _, inside, whole, _ in results if whole]
            few = [inside for _, inside, whole, _ in results if not whole]
            print(
                f"| {family} | {age_h} h | {len(results)} | {statistics.median(errors):.1%} "
                f"| {errors[int(len(errors) * 0.9)]:.1%} | {_share(full)} | {_share(few)} |"
            )


def _share(inside: list[bool]) -> str:
    return f"{sum(inside) / len(inside):.0%} of {len(inside)}" if inside else "–"


if __name__ == "__main__":
    main()
