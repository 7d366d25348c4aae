"""Which columns a card may be moved to by hand, and the use case each move stands for. Pure."""

from __future__ import annotations

from enum import StrEnum

from pasvu.channel.queries import Column
from pasvu.channel.queries.cards import AnyCard, E, P
from pasvu.channel.states import EpisodeState, PublicationState


class Move(StrEnum):
    """What moving a card means."""

    APPROVE = "approve"
    SEND_BACK = "send_back"
    REOPEN = "reopen"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"


_ROAD: dict[Column, dict[Column, Move]] = {
    Column.TO_REVIEW: {Column.TO_MEND: Move.SEND_BACK, Column.READY: Move.APPROVE},
    Column.TO_MEND: {Column.TO_REVIEW: Move.REOPEN, Column.READY: Move.APPROVE},
    Column.READY: {
        Column.TO_REVIEW: Move.REOPEN,
        Column.TO_MEND: Move.SEND_BACK,
        Column.SCHEDULED: Move.SCHEDULE,
    },
    Column.SCHEDULED: {Column.READY: Move.UNSCHEDULE},
}


def moves(card: AnyCard[E, P]) -> dict[Column, Move]:
    """Where this card may go, from where it stands."""
    if card.column is None:
        return {}
    allowed = dict(_ROAD.get(card.column, {}))
    not_cut = card.episode.waits_for_cut or card.episode.state == EpisodeState.PROCESSING
    if not_cut:
        allowed.pop(Column.READY, None)
    if card.publication is not None and card.publication.state == PublicationState.ON_AIR:
        return {}
    return allowed


def undo(move: Move, source: Column) -> Column | None:
    """The column that takes a move back, where moving back needs no words and no date."""
    return source if move in (Move.APPROVE, Move.REOPEN) and source == Column.TO_REVIEW else None
