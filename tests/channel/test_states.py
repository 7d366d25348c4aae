"""The table of moves: every pair, for episodes and publications."""

import itertools

import pytest

from pasvu.channel.errors import Refused
from pasvu.channel.states import (
    EPISODE_MOVES,
    EPISODE_WORDS,
    PUBLICATION_MOVES,
    PUBLICATION_WORDS,
    EpisodeState,
    PublicationState,
    move_episode,
    move_publication,
)

EPISODE_ROAD = """
received > processing quarantined withdrawn
processing > in_review quarantined withdrawn
in_review > approved changes_requested processing on_air withdrawn
changes_requested > in_review approved processing on_air withdrawn
approved > on_air in_review changes_requested processing withdrawn
on_air > withdrawn
quarantined > received withdrawn
withdrawn >
"""
PUBLICATION_ROAD = """
planned > uploading failed withdrawn
uploading > held failed withdrawn
held > on_air failed withdrawn
on_air > failed withdrawn
failed > planned uploading held on_air withdrawn
withdrawn >
"""


def read(road: str) -> set[tuple[str, str]]:
    lines = (line.split(" >") for line in road.strip().splitlines())
    return {(before, after) for before, afters in lines for after in afters.split()}


@pytest.mark.parametrize(("now", "to"), list(itertools.product(EpisodeState, EpisodeState)))
def test_every_pair_of_episode_states(now: EpisodeState, to: EpisodeState) -> None:
    if now == to or (now, to) in read(EPISODE_ROAD):
        assert move_episode(now, to) == to
    else:
        with pytest.raises(Refused) as refused:
            move_episode(now, to)
        assert EPISODE_WORDS[now] in str(refused.value)
        assert EPISODE_WORDS[to] in str(refused.value)


@pytest.mark.parametrize(("now", "to"), list(itertools.product(PublicationState, PublicationState)))
def test_every_pair_of_publication_states(now: PublicationState, to: PublicationState) -> None:
    if now == to or (now, to) in read(PUBLICATION_ROAD):
        assert move_publication(now, to) == to
    else:
        with pytest.raises(Refused, match=PUBLICATION_WORDS[to]):
            move_publication(now, to)


def test_every_state_has_its_moves_and_its_word() -> None:
    assert set(EPISODE_MOVES) == set(EPISODE_WORDS) == set(EpisodeState)
    assert set(PUBLICATION_MOVES) == set(PUBLICATION_WORDS) == set(PublicationState)


def test_withdrawal_is_possible_from_everywhere_and_final() -> None:
    assert all(EpisodeState.WITHDRAWN in moves for state, moves in EPISODE_MOVES.items() if state != "withdrawn")
    assert all(
        PublicationState.WITHDRAWN in moves for state, moves in PUBLICATION_MOVES.items() if state != "withdrawn"
    )
    assert EPISODE_MOVES[EpisodeState.WITHDRAWN] == PUBLICATION_MOVES[PublicationState.WITHDRAWN] == set()
