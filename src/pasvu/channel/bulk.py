"""One decision for many episodes: each is tried by itself, and what is refused leaves the others done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from pasvu.channel import episodes, publications, review
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
    belonged_to: dict[str, str | None] = field(default_factory=dict)
    """Whose each of those done was before."""


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
                before, owner = episode.state, episode.owner_id
                changed = act(episode)
        except PasVuError as refused:
            outcome.refused.append(refused)
            continue
        if changed:
            outcome.done.append(episode)
            outcome.came_from[episode.id] = before
            outcome.belonged_to[episode.id] = owner
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


def withdraw(session: Session, references: Sequence[str], now: datetime, by: str) -> Outcome:
    """Take each off the road, and from the public where it is on air; files are kept."""

    def one(episode: Episode) -> bool:
        if episode.state == EpisodeState.WITHDRAWN:
            return False
        review.withdraw(session, episode, now, by)
        return True

    return each(session, references, one)


def retry(session: Session, references: Sequence[str], now: datetime, by: str) -> Outcome:
    """Try again what failed of each, as it is; where nothing failed, nothing is done."""

    def one(episode: Episode) -> bool:
        try_again(session, episode, now, by)
        return True

    return each(session, references, one)


def try_again(
    session: Session, episode: Episode, now: datetime, by: str, *, anew: bool = False, as_it_is: bool = False
) -> None:
    """Try again what failed of one episode: its publications if it is that, else its preparation.

    `anew` sends a video again that may have arrived; `as_it_is` uses a recording though something is wrong with it.

    Raises:
        Refused: nothing failed, or it cannot be tried again so.
    """
    failed = [each for each in episode.publications if publications.may_retry(each)]
    for publication in failed:
        publications.retry(session, episode, publication.platform, now, by, again=anew)
    if not failed:
        review.retry(session, episode, now, by, as_it_is=as_it_is)


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


def give_back(session: Session, owners: Mapping[str, str | None], now: datetime, by: str) -> Outcome:
    """Give each episode to its own account, or to nobody: an assignment taken back."""

    def one(episode: Episode) -> bool:
        episodes.edit(session, episode, {"owner": owners[episode.id]}, now, by)
        return True

    return each(session, list(owners), one)


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
