"""Figures in the record: keeping snapshots, freezing horizons, reading curves and what is usual."""

from pasvu.channel.figures.channels import keep_channel, newest_channel
from pasvu.channel.figures.keeping import due, keep, keep_all, on_air, skip, with_horizons
from pasvu.channel.figures.reading import (
    PAST_EPISODES,
    aligned,
    band,
    curve,
    horizons_of,
    instant,
    past_of,
    pasts,
    typical,
    views_at,
)

__all__ = [
    "PAST_EPISODES",
    "aligned",
    "band",
    "curve",
    "due",
    "horizons_of",
    "instant",
    "keep",
    "keep_all",
    "keep_channel",
    "newest_channel",
    "on_air",
    "past_of",
    "pasts",
    "skip",
    "typical",
    "views_at",
    "with_horizons",
]
