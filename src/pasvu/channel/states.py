"""The whole road on one screen: where an episode and its publications may be, and go."""

from __future__ import annotations

from enum import StrEnum

from pasvu.channel.errors import Refused


class EpisodeState(StrEnum):
    """Where the episode is: ours, in the record. How its current job fares is the engine's."""

    RECEIVED = "received"
    PROCESSING = "processing"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    ON_AIR = "on_air"
    QUARANTINED = "quarantined"
    WITHDRAWN = "withdrawn"


class PublicationState(StrEnum):
    """Where an episode is on one platform."""

    PLANNED = "planned"
    UPLOADING = "uploading"
    HELD = "held"
    ON_AIR = "on_air"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class ReplayState(StrEnum):
    """Where a request for a finished live is, until it is an episode."""

    ASKED = "asked"
    WAITING = "waiting"
    """For the site: the live is still on, not processed yet, or the site did not answer."""
    FETCHING = "fetching"
    RECEIVED = "received"
    FAILED = "failed"
    CANCELLED = "cancelled"


E = EpisodeState
P = PublicationState
R = ReplayState

EPISODE_MOVES: dict[EpisodeState, set[EpisodeState]] = {
    E.RECEIVED: {E.PROCESSING, E.QUARANTINED, E.WITHDRAWN},
    E.PROCESSING: {E.IN_REVIEW, E.QUARANTINED, E.WITHDRAWN},
    # On air from the two states of review: nobody decides it, but a platform may show what was approved before.
    E.IN_REVIEW: {E.APPROVED, E.CHANGES_REQUESTED, E.PROCESSING, E.ON_AIR, E.WITHDRAWN},
    E.CHANGES_REQUESTED: {E.IN_REVIEW, E.APPROVED, E.PROCESSING, E.ON_AIR, E.WITHDRAWN},
    E.APPROVED: {E.ON_AIR, E.IN_REVIEW, E.CHANGES_REQUESTED, E.PROCESSING, E.WITHDRAWN},
    E.ON_AIR: {E.WITHDRAWN},
    E.QUARANTINED: {E.RECEIVED, E.WITHDRAWN},
    E.WITHDRAWN: set(),
}

PUBLICATION_MOVES: dict[PublicationState, set[PublicationState]] = {
    P.PLANNED: {P.UPLOADING, P.FAILED, P.WITHDRAWN},
    P.UPLOADING: {P.HELD, P.FAILED, P.WITHDRAWN},
    P.HELD: {P.ON_AIR, P.FAILED, P.WITHDRAWN},
    P.ON_AIR: {P.FAILED, P.WITHDRAWN},
    P.FAILED: {P.PLANNED, P.UPLOADING, P.HELD, P.ON_AIR, P.WITHDRAWN},
    P.WITHDRAWN: set(),
}

REPLAY_MOVES: dict[ReplayState, set[ReplayState]] = {
    R.ASKED: {R.FETCHING, R.WAITING, R.FAILED, R.CANCELLED},
    R.WAITING: {R.ASKED, R.FAILED, R.CANCELLED},
    R.FETCHING: {R.RECEIVED, R.WAITING, R.FAILED, R.CANCELLED},
    R.RECEIVED: set(),
    R.FAILED: {R.ASKED},
    R.CANCELLED: {R.ASKED},
}

REPLAY_UNDER_WAY = (R.ASKED, R.WAITING, R.FETCHING)

EPISODE_WORDS: dict[EpisodeState, str] = {
    E.RECEIVED: "reçu",
    E.PROCESSING: "en préparation",
    E.IN_REVIEW: "à relire",
    E.CHANGES_REQUESTED: "à reprendre",
    E.APPROVED: "validé",
    E.ON_AIR: "en ligne",
    E.QUARANTINED: "en quarantaine",
    E.WITHDRAWN: "retiré",
}

PUBLICATION_WORDS: dict[PublicationState, str] = {
    P.PLANNED: "prévue",
    P.UPLOADING: "en cours d’envoi",
    P.HELD: "tenue prête",
    P.ON_AIR: "en ligne",
    P.FAILED: "en échec",
    P.WITHDRAWN: "retirée",
}

REPLAY_WORDS: dict[ReplayState, str] = {
    R.ASKED: "demandé",
    R.WAITING: "attend le site",
    R.FETCHING: "en cours de récupération",
    R.RECEIVED: "récupéré",
    R.FAILED: "en échec",
    R.CANCELLED: "annulé",
}


def move_episode(now: EpisodeState, to: EpisodeState) -> EpisodeState:
    """Return `to` if the road allows it from `now`; asking twice is no error.

    Raises:
        Refused: the road does not go there.
    """
    if to == now or to in EPISODE_MOVES[now]:
        return to
    raise Refused("Un épisode « {now} » ne peut pas devenir « {to} ».", now=EPISODE_WORDS[now], to=EPISODE_WORDS[to])


def move_publication(now: PublicationState, to: PublicationState) -> PublicationState:
    """Return `to` if the road allows it from `now`; asking twice is no error.

    Raises:
        Refused: the road does not go there.
    """
    if to == now or to in PUBLICATION_MOVES[now]:
        return to
    raise Refused(
        "Une publication « {now} » ne peut pas devenir « {to} ».",
        now=PUBLICATION_WORDS[now],
        to=PUBLICATION_WORDS[to],
    )


def move_replay(now: ReplayState, to: ReplayState) -> ReplayState:
    """Return `to` if the road allows it from `now`; asking twice is no error.

    Raises:
        Refused: the road does not go there.
    """
    if to == now or to in REPLAY_MOVES[now]:
        return to
    raise Refused("Un direct « {now} » ne peut pas devenir « {to} ».", now=REPLAY_WORDS[now], to=REPLAY_WORDS[to])


class JobState(StrEnum):
    """How a job fares: the engine's side, never mixed with where the episode is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    QUARANTINED = "quarantined"
    LATER = "later"
