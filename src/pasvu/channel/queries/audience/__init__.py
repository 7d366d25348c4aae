"""What the audience pages read: overview, episode, programme, comparison; each with few queries."""

from pasvu.channel.queries.audience.compared import Compared, choices, compared
from pasvu.channel.queries.audience.cost import Cost, cost
from pasvu.channel.queries.audience.episode import EpisodeFigures, aired_on, episode_figures
from pasvu.channel.queries.audience.outputs import Pulse, aired, days_of, pulse
from pasvu.channel.queries.audience.overview import (
    Change,
    DayViews,
    Mover,
    Overview,
    ProgrammeLine,
    gained_since_day,
    newest,
    overview,
    watched,
)
from pasvu.channel.queries.audience.programme import ProgrammeFigures, programme_figures
from pasvu.channel.queries.audience.week import Week, week

__all__ = [
    "Change",
    "Compared",
    "Cost",
    "DayViews",
    "EpisodeFigures",
    "Mover",
    "Overview",
    "ProgrammeFigures",
    "ProgrammeLine",
    "Pulse",
    "Week",
    "aired",
    "aired_on",
    "choices",
    "compared",
    "cost",
    "days_of",
    "episode_figures",
    "gained_since_day",
    "newest",
    "overview",
    "programme_figures",
    "pulse",
    "watched",
    "week",
]
