"""Stills that people ask for: any frame of the film, a picture of theirs, a title on one; and their making."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import journal, review
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Episode, Thumbnail, WantedStill

TITLE_LONGEST = 90
# One person at a time asks for a few: hundreds are a script gone wrong.
WAITING_MOST = 20


def want_frame(session: Session, episode: Episode, time_s: float, now: datetime, by: str) -> WantedStill:
    """Ask for the frame at `time_s`, in seconds of the recording, as large as it was recorded.

    Raises:
        Refused: outside the recording, or it has no picture.
    """
    whole = episode.recording.duration_s
    if whole is None:
        raise Refused("« {title} » n’est pas encore mesuré : attendez la fin de l’analyse.", title=episode.title)
    if not 0 <= time_s < whole:
        raise Refused("Cette image est hors de l’enregistrement.")
    return _ask(session, episode, now, by, time_s=time_s)


def want_given(session: Session, episode: Episode, path: Path, now: datetime, by: str) -> WantedStill:
    """Ask for a picture received at `path`, a JPEG, as a still."""
    return _ask(session, episode, now, by, given_path=str(path))


def want_titled(
    session: Session, episode: Episode, thumbnail_id: int, title: str, now: datetime, by: str
) -> WantedStill:
    """Ask for one of the stills with a title on it, in the programme's style.

    Raises:
        NotFound: not a still of this episode.
        Refused: no title, or one that nobody could read so small.
    """
    still = next((each for each in episode.thumbnails if each.id == thumbnail_id), None)
    if still is None:
        raise NotFound("Cette vignette n’appartient pas à « {title} ».", title=episode.title)
    words = " ".join(title.split())
    if not words:
        raise Refused("Écrivez le titre à poser sur l’image.")
    if len(words) > TITLE_LONGEST:
        raise Refused("Ce titre est trop long pour une vignette : {most} signes au plus.", most=TITLE_LONGEST)
    return _ask(session, episode, now, by, source_path=still.path, title=words)


def forget(session: Session, wanted: WantedStill) -> None:
    """Nobody wants it any more."""
    session.delete(wanted)


def waiting(session: Session) -> list[WantedStill]:
    """What is to be made, oldest first."""
    return list(session.scalars(select(WantedStill).where(WantedStill.trouble.is_(None)).order_by(WantedStill.id)))


def made(session: Session, wanted_id: int, path: Path, now: datetime) -> None:
    """It is there: it becomes a still of its episode, and the chosen one, for that is what it was asked for.

    A still that was forgotten meanwhile, or that another worker made, changes nothing.
    """
    wanted = session.get(WantedStill, wanted_id)
    if wanted is None:
        return
    origin = "frame" if wanted.time_s is not None else "given" if wanted.given_path else "titled"
    still = Thumbnail(path=str(path), time_s=wanted.time_s or 0.0, score=1.0, origin=origin)
    wanted.episode.thumbnails.append(still)
    session.flush()
    review.choose_thumbnail(session, wanted.episode, still.id, now, wanted.asked_by)
    session.delete(wanted)


def failed(session: Session, wanted_id: int, sentence: str) -> None:
    """It could not be made, and why."""
    wanted = session.get(WantedStill, wanted_id)
    if wanted is not None:
        wanted.trouble = sentence


def _ask(
    session: Session,
    episode: Episode,
    now: datetime,
    by: str,
    *,
    time_s: float | None = None,
    given_path: str | None = None,
    source_path: str | None = None,
    title: str = "",
) -> WantedStill:
    if len(episode.wanted_stills) >= WAITING_MOST:
        raise Refused("Beaucoup d’images attendent déjà : laissez la machine les prendre.")
    wanted = WantedStill(
        time_s=time_s, given_path=given_path, source_path=source_path, title=title, asked_at=now, asked_by=by
    )
    episode.wanted_stills.append(wanted)
    what = {"time_s": time_s} if time_s is not None else {"text": title} if title else {}
    journal.write(session, now, by, "still.ask", episode_id=episode.id, after=what)
    return wanted
