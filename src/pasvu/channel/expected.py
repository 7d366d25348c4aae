"""Episodes that are expected: announced before any file has come, and recognised when it does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import episodes, fields, journal, review
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.fields import TITLE_LONGEST
from pasvu.channel.matching import Known, Likeness, best, candidates, likeness
from pasvu.channel.models import Episode, ExpectedEpisode, Programme
from pasvu.channel.typography import fine, marked

BY = "pasvu"
AGREED = Likeness(1.0, (marked("dit par une personne"),))


def add(
    session: Session,
    title: str,
    at: datetime,
    zone: ZoneInfo,
    now: datetime,
    by: str,
    *,
    programme: Programme | None = None,
    guests: Mapping[str, str] | None = None,
    summary: str = "",
) -> ExpectedEpisode:
    """Announce an episode that is to air at `at`; `guests` gives the role of each by name.

    Raises:
        Refused: no title.
    """
    shown = " ".join(title.split())[:TITLE_LONGEST]
    if not shown:
        raise Refused("Le titre est vide : donnez-en un.")
    made = ExpectedEpisode(
        at=at,
        day=at.astimezone(zone).date().isoformat(),
        title=shown,
        summary=summary.strip(),
        guests=dict(guests or {}),
        programme=programme,
        created_at=now,
        created_by=by,
    )
    session.add(made)
    session.flush()
    journal.write(session, now, by, "expected.add", after={"title": shown, "at": at.isoformat()})
    return made


def find(session: Session, expected_id: int) -> ExpectedEpisode:
    """The one of this number.

    Raises:
        NotFound: none.
    """
    found = session.get(ExpectedEpisode, expected_id)
    if found is None:
        raise NotFound("Aucun épisode attendu n° {id}. `pasvu expected list` les énumère.", id=expected_id)
    return found


def waiting(session: Session) -> list[ExpectedEpisode]:
    """Those that nothing came of yet, soonest first."""
    return list(
        session.scalars(
            select(ExpectedEpisode)
            .where(ExpectedEpisode.episode_id.is_(None), ExpectedEpisode.dropped_at.is_(None))
            .order_by(ExpectedEpisode.at, ExpectedEpisode.id)
        )
    )


def everything(session: Session) -> list[ExpectedEpisode]:
    """All of them, newest first."""
    return list(session.scalars(select(ExpectedEpisode).order_by(ExpectedEpisode.at.desc())))


def of(session: Session, episode: Episode) -> ExpectedEpisode | None:
    """What this episode was recognised as."""
    return session.scalar(select(ExpectedEpisode).where(ExpectedEpisode.episode_id == episode.id).limit(1))


def drop(session: Session, expected: ExpectedEpisode, now: datetime, by: str) -> None:
    """It will not come.

    Raises:
        Refused: it came.
    """
    if expected.episode is not None:
        raise Refused(
            "« {title} » est arrivé : c’est l’épisode {slug}.", title=expected.title, slug=expected.episode.slug
        )
    expected.dropped_at = expected.dropped_at or now
    journal.write(session, now, by, "expected.drop", after={"title": expected.title})


def recognise(session: Session, episode: Episode, said: Collection[str], now: datetime) -> ExpectedEpisode | None:
    """Tell whether a recording that has just come was expected, and take its fields over.

    `said` are the fields that somebody gave with the file: they are left as they are.
    """
    open_ones = waiting(session)
    if not open_ones:
        return None
    received, known = _of_episode(episode), [_of_expected(each) for each in open_ones]
    found = best(received, known)
    if found is not None:
        place, like = found
        _match(session, episode, open_ones[place], like, said, now, BY)
        return open_ones[place]
    several = [open_ones[place] for place in candidates(received, known)]
    if several:
        names = " ; ".join(marked(f"« {each.title} » du {each.day} (n° {each.id})") for each in several[:3])
        sentence = fine(f"Plusieurs épisodes attendus conviennent : {names}. Dites lequel avec `pasvu expected match`.")
        review.comment(session, episode, sentence, now, BY)
    return None


def match(session: Session, episode: Episode, expected: ExpectedEpisode, now: datetime, by: str) -> None:
    """Say that this episode is the expected one; fields that are still as they came are taken over.

    Raises:
        Refused: another episode was recognised as it.
    """
    if expected.episode is not None and expected.episode is not episode:
        raise Refused(
            "« {title} » est déjà l’épisode {slug} : défaites-le d’abord (`pasvu expected unmatch`).",
            title=expected.title,
            slug=expected.episode.slug,
        )
    former = of(session, episode)
    if former is not None and former is not expected:
        unmatch(session, episode, now, by)
    said = {name for name in ("summary", "guests") if fields.read(episode, name)}
    _match(session, episode, expected, AGREED, said, now, by)


def unmatch(session: Session, episode: Episode, now: datetime, by: str) -> None:
    """It is not the one that was expected; what was taken over stays, to be corrected by hand.

    Raises:
        NotFound: it was recognised as none.
    """
    expected = of(session, episode)
    if expected is None:
        raise NotFound("« {title} » n’était pas attendu : rien à défaire.", title=episode.title)
    expected.episode, expected.confidence, expected.matched_why = None, None, None
    session.flush()
    journal.write(session, now, by, "expected.unmatch", episode_id=episode.id, before={"title": expected.title})


def forget(session: Session, episode: Episode) -> None:
    """The episode never was: what it was recognised as waits again."""
    expected = of(session, episode)
    if expected is not None:
        expected.episode, expected.confidence, expected.matched_why = None, None, None
        session.flush()


def how_alike(episode: Episode, expected: ExpectedEpisode) -> Likeness:
    """How likely this episode is that one."""
    return likeness(_of_episode(episode), _of_expected(expected))


def _match(
    session: Session,
    episode: Episode,
    expected: ExpectedEpisode,
    like: Likeness,
    said: Collection[str],
    now: datetime,
    by: str,
) -> None:
    wanted = {"title": expected.title, "summary": expected.summary, "guests": list(expected.guests.items())}
    changes = {name: value for name, value in wanted.items() if value and name not in said}
    before = {name: fields.read(episode, name) for name in changes}
    for name, value in changes.items():
        fields.write(episode, name, value)
    if episode.programme is None:
        episode.programme = expected.programme
    expected.episode, expected.confidence, expected.matched_why = episode, like.confidence, like.why
    episodes.index(episode)
    episodes.keep_approval(episode)
    episodes.touch(episode, now)
    journal.write(
        session,
        now,
        by,
        "expected.match",
        episode_id=episode.id,
        before=before,
        after={"expected": expected.id, "title": expected.title, "confidence": like.confidence, "why": like.why},
    )
    sure = f"{like.confidence * 100:.0f}"
    sentence = fine(
        f"Reconnu comme l’épisode attendu « {expected.title} » du {expected.day} (confiance {sure} % : {like.why})."
    )
    review.comment(session, episode, sentence, now, BY)


def _of_episode(episode: Episode) -> Known:
    day = date.fromisoformat(episode.recorded_on) if episode.recorded_on else None
    guests = tuple(guest.name for guest in episode.guests)
    return Known(episode.title, episode.programme.id if episode.programme else None, day, guests)


def _of_expected(expected: ExpectedEpisode) -> Known:
    return Known(expected.title, expected.programme_id, date.fromisoformat(expected.day), tuple(expected.guests))
