"""Read models for the panel: each answers one page with few queries."""

from pasvu.channel.queries import audience
from pasvu.channel.queries.board_page import (
    Board,
    BoardCard,
    Card,
    Column,
    Filters,
    board,
    card,
    column_of,
    fingerprint,
)
from pasvu.channel.queries.calendar_page import (
    Calendar,
    Placed,
    ahead,
    calendar,
    calendar_neighbours,
    freezes_between,
    overrides_of,
    taken_instants,
)
from pasvu.channel.queries.lists import (
    account,
    every_account,
    history,
    people,
    programmes,
    remark,
    thumbnail,
    uploads_under_way,
)
from pasvu.channel.queries.promises import measured_rates, promise_for, promises
from pasvu.channel.queries.replays_page import ReplayRow, Replays, replay_row, replays
from pasvu.channel.queries.shown import ShownEpisode, ShownPublication
from pasvu.channel.queries.visit import SinceLastVisit, all_views, since_last_visit

__all__ = [
    "Board",
    "BoardCard",
    "Calendar",
    "Card",
    "Column",
    "Filters",
    "Placed",
    "ReplayRow",
    "Replays",
    "ShownEpisode",
    "ShownPublication",
    "SinceLastVisit",
    "account",
    "ahead",
    "all_views",
    "audience",
    "board",
    "calendar",
    "calendar_neighbours",
    "card",
    "column_of",
    "every_account",
    "fingerprint",
    "freezes_between",
    "history",
    "measured_rates",
    "overrides_of",
    "people",
    "programmes",
    "promise_for",
    "promises",
    "remark",
    "replay_row",
    "replays",
    "since_last_visit",
    "taken_instants",
    "thumbnail",
    "uploads_under_way",
]
