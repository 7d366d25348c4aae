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
    view_days,
    views_at,
)
from pasvu.channel.figures.reports import (
    forget_reports,
    keep_report,
    keep_report_days,
    report_days,
    report_of,
    reports_due,
)

__all__ = [
    "PAST_EPISODES",
    "aligned",
    "band",
    "curve",
    "due",
    "forget_reports",
    "horizons_of",
    "instant",
    "keep",
    "keep_all",
    "keep_channel",
    "keep_report",
    "keep_report_days",
    "newest_channel",
    "on_air",
    "past_of",
    "pasts",
    "report_days",
    "report_of",
    "reports_due",
    "skip",
    "typical",
    "view_days",
    "views_at",
    "with_horizons",
]
