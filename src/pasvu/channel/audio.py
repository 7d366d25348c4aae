"""The sound of an episode as a file of its own: which episodes have one, who asked for it, and its making."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import journal
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode, WantedAudio
from pasvu.channel.states import EpisodeState


def follows_each_cut(episode: Episode, house: bool) -> bool:
    """Whether each new cut has one: its programme's word, else the `house`'s setting; and once made, it is kept up."""
    said = episode.programme.podcast if episode.programme else None
    return episode.rendition("audio") is not None or (house if said is None else said)


def possible(episode: Episode) -> bool:
    """Whether there is a film with sound to make it from."""
    master = episode.rendition("master")
    return master is not None and master.integrated_lufs is not None and episode.state != EpisodeState.WITHDRAWN


def want(session: Session, episode: Episode, now: datetime, by: str) -> None:
    """Ask for it, or for it again with the names, chapters and cover of today; asked for twice, it is made once.

    Raises:
        Refused: withdrawn, or no film with sound yet.
    """
    if episode.state == EpisodeState.WITHDRAWN:
        raise Refused("« {title} » est retiré : il n’a plus de version audio à faire.", title=episode.title)
    if not possible(episode):
        raise Refused("« {title} » n’a pas encore de film avec du son : attendez sa préparation.", title=episode.title)
    wanted = episode.wanted_audio
    if wanted is not None and wanted.trouble is None:
        return
    if wanted is None:
        wanted = episode.wanted_audio = WantedAudio()
    wanted.asked_at, wanted.asked_by, wanted.trouble = now, by, None
    journal.write(session, now, by, "episode.audio", episode_id=episode.id)


def waiting(session: Session) -> list[str]:
    """The episodes whose audio is to be made now, oldest wish first; a cut under way is waited for."""
    wishes = (
        select(Episode.id)
        .join(Episode.wanted_audio)
        .where(
            WantedAudio.trouble.is_(None),
            Episode.cut >= Episode.wanted_cut,
            Episode.state != EpisodeState.WITHDRAWN,
        )
    )
    return list(session.scalars(wishes.order_by(WantedAudio.asked_at)))


def made(episode: Episode) -> None:
    """It is there: nobody waits for it any more."""
    episode.wanted_audio = None


def failed(episode: Episode, sentence: str) -> None:
    """It could not be made, and why; asked for again, it is tried again."""
    if episode.wanted_audio is not None:
        episode.wanted_audio.trouble = sentence
