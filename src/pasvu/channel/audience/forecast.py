"""What an episode may have at 28 days, from how past ones grew; and how often such a forecast was right. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pasvu.channel.audience.aligned import AGES_H, Aligned, same_meaning
from pasvu.channel.audience.usual import LEAST, percentile

TARGET_H = 672
LAST = 12
# The share of the truth that a range is meant to hold.
MEANT = 0.8
_TARGET = AGES_H.index(TARGET_H)


@dataclass(frozen=True)
class Past:
    """An earlier episode: when it aired, and its aligned curve."""

    air_at: datetime
    curve: Aligned


@dataclass(frozen=True)
class Forecast:
    """Views expected at 28 days, from how `episodes` past ones grew: the middle, and a range."""

    age_h: float
    low: int
    median: int
    high: int
    episodes: int

    @property
    def held(self) -> float:
        """How often such a range holds what comes, when this episode is one like the past ones.

        Of n + 1 alike, the new one falls beyond the n others once in n + 1 at either end: with fewer than nine, no
        range between them holds eight out of ten.
        """
        return min(MEANT, (self.episodes - 1) / (self.episodes + 1))


@dataclass(frozen=True)
class Record:
    """How forecasts made at an age turned out: `inside` of `tried` fell in the range."""

    age_h: float
    tried: int
    inside: int
    median_error: float
    """Half of the forecasts were off by less than this share of the truth."""


def forecast(air_at: datetime, age_h: float, views: int, past: Sequence[Past]) -> Forecast | None:
    """What `views` at `age_h` hours may become at 28 days, if it grows as past episodes did from the same age.

    Only episodes that had reached 28 days when this one was `age_h` old count: a forecast knows no future. `None` when
    fewer than three say, or when the age is not of `AGES_H`.
    """
    if age_h not in AGES_H or views <= 0:
        return None
    place = AGES_H.index(age_h)
    asked_at = air_at + timedelta(hours=age_h)
    known = sorted(
        (
            each
            for each in past
            if each.air_at + timedelta(hours=TARGET_H) <= asked_at and same_meaning(each.air_at, air_at)
        ),
        key=lambda each: each.air_at,
    )[-LAST:]
    growth = sorted(filter(None, (_growth(each.curve, place) for each in known)))
    if len(growth) < LEAST:
        return None
    low, high = _range(growth)
    middle = statistics.median(growth)
    return Forecast(age_h, round(views * low), round(views * middle), round(views * high), len(growth))


def check(age_h: float, past: Sequence[Past]) -> Record | None:
    """Forecast each past episode at `age_h` from those before it, and hold the result against what came."""
    place = AGES_H.index(age_h)
    errors, inside = [], 0
    for each in past:
        then, came = _known(each.curve, place), _known(each.curve, _TARGET)
        if then is None or not came:
            continue
        said = forecast(each.air_at, age_h, then, [other for other in past if other.air_at < each.air_at])
        if said is not None:
            errors.append(abs(said.median - came) / came)
            inside += said.low <= came <= said.high
    return Record(age_h, len(errors), inside, statistics.median(errors)) if errors else None


def _range(growth: Sequence[float]) -> tuple[float, float]:
    """Between which of the sorted values a new one like them lies `MEANT` of the time; the outermost when too few."""
    number = len(growth)
    # Ranks among the n + 1, not among the n: the percentiles of what was seen are too narrow for what is not.
    place = max(0.0, (number + 1) * (1 - MEANT) / 2 - 1) / (number - 1)
    return percentile(growth, place), percentile(growth, 1 - place)


def _known(curve: Aligned, place: int) -> int | None:
    return curve[place] if place < len(curve) else None


def _growth(curve: Aligned, place: int) -> float | None:
    then, came = _known(curve, place), _known(curve, _TARGET)
    return came / then if then and came else None
