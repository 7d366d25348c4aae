"""What a count means: when to look, what to freeze, what is usual, what may come. Pure."""

from pasvu.channel.audience.aligned import AGES_H, BREAK_AT, Aligned, align, passed_ages, same_meaning
from pasvu.channel.audience.cadence import DEFAULT_CADENCE, USUAL_CADENCE, Cadence, calls_per_day, read_cadence
from pasvu.channel.audience.days import split_by_day
from pasvu.channel.audience.forecast import Forecast, Past, Record, check, forecast
from pasvu.channel.audience.gaps import Gap, gaps
from pasvu.channel.audience.horizons import HORIZON_HOURS, Count, Frozen, freeze
from pasvu.channel.audience.lives import Tally, Watching, silences, was_announced
from pasvu.channel.audience.usual import LEAST, Band, Typical, band, times_usual, typical

__all__ = [
    "AGES_H",
    "BREAK_AT",
    "DEFAULT_CADENCE",
    "HORIZON_HOURS",
    "LEAST",
    "USUAL_CADENCE",
    "Aligned",
    "Band",
    "Cadence",
    "Count",
    "Forecast",
    "Frozen",
    "Gap",
    "Past",
    "Record",
    "Tally",
    "Typical",
    "Watching",
    "align",
    "band",
    "calls_per_day",
    "check",
    "forecast",
    "freeze",
    "gaps",
    "passed_ages",
    "read_cadence",
    "same_meaning",
    "silences",
    "split_by_day",
    "times_usual",
    "typical",
    "was_announced",
]
