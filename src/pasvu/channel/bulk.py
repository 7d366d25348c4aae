"""One decision for many episodes: each is tried by itself, and what is refused leaves the others done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from pasvu.channel import episodes, review
from pasvu.channel.errors import PasVuError, Refused
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState

LARGEST = 200
"""A selection beyond this is a slip of the hand, or a script that should use the command line."""


@dataclass(frozen=True)
class Outcome:
    """What became of a selection."""

    done: list[Episode] = field(default_factory=list)
    unchanged: list[Episode] = field(default_factory=list)
    """Those that already were as asked."""
    refused: list[PasVuError] = field(default_factory=list)
    came_from: dict[str, EpisodeState] = field(default_factory=dict)
    """The state each of those done was in before."""


Act = Callable[[Episode], bool]
"""Does the decision for one episode; false when there was nothing to do."""


def each(session: Session, references: Sequence[str], act: Act) -> Outcome:
    """Do `act` to every episode, in the order given; one that is refused is as before.

    Raises:
        Refused: nothing is selected, or far too much.
    """
    wanted = list(dict.fromkeys(references))
    if not wanted:
        raise Refused("Rien n’est sélectionné : cochez d’abord des épisodes.")
    if len(wanted) > LARGEST:
        raise Refused("Plus de {most} épisodes à la fois : faites-le en plusieurs fois.", most=LARGEST)
    outcome = Outcome()
    for reference in wanted:
        try:
            with session.begin_nested():
                episode = episodes.find(session, reference)
                before = episode.state
                changed = act(episode)
        except PasVuError as refused:
            outcome.refused.append(refused)
            continue
        if changed:
            outcome.done.append(episode)
            outcome.came_from[episode.id] = before
        else:
            outcome.unchanged.append(episode)
    return outcome


def approve(session: Session, references: Sequence[str], now: datetime, by: str) -> Outcome:
    """Approve each as it is."""

    def one(episode: Episode) -> bool:
        if episode.state == EpisodeState.APPROVED:
            return False
        review.approve(session, episode, now, by)
        return True

    return each(session, references, one)


def assign(session: Session, references: Sequence[str], owner: str | None, now: datetime, by: str) -> Outcome:
    """Give each to an account; nobody's when `owner` is empty.

    Raises:
        NotFound: no such account.
    """
    account = episodes.account(session, owner).id if owner else None

    def one(episode: Episode) -> bool:
        if episode.owner_id == account:
            return False
        episodes.edit(session, episode, {"owner": account}, now, by)
        return True

    return each(session, references, one)


def tag(session: Session, references: Sequence[str], words: Sequence[str], now: datetime, by: str) -> Outcome:
    """Add keywords to each; what it has stays.

    Raises:
        Refused: no word.
    """
    wanted = _words(words)
    return _retag(session, references, lambda tags: [*tags, *(word for word in wanted if word not in tags)], now, by)


def untag(session: Session, references: Sequence[str], words: Sequence[str], now: datetime, by: str) -> Outcome:
    """Take keywords off each.

    Raises:
        Refused: no word.
    """
    unwanted = _words(words)
    return _retag(session, references, lambda tags: [word for word in tags if word not in unwanted], now, by)


def _retag(
    session: Session, references: Sequence[str], change: Callable[[list[str]], list[str]], now: datetime, by: str
) -> Outcome:
    def one(episode: Episode) -> bool:
        tags = change(list(episode.tags))
        if tags == episode.tags:
            return False
        episodes.edit(session, episode, {"tags": tags}, now, by)
        return True

    return each(session, references, one)


def _words(words: Sequence[str]) -> list[str]:
    cleaned = [" ".join(word.split()) for word in words]
    kept = [word for word in cleaned if word]
    if not kept:
        raise Refused("Écrivez au moins un mot-clé.")
    return kept
