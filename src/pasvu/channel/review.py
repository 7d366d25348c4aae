"""What people decide about an episode: cut, chapters, approval, changes asked for, withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from pasvu.channel import journal, timeline
from pasvu.channel.episodes import (
    change_state,
    check_version,
    effective_trim,
    fingerprint,
    forget_approval,
    keep_approval,
    touch,
    unsettle,
)
from pasvu.channel.episodes import removed as removed_spans
from pasvu.channel.errors import CutShort, NotFound, Refused, Twin
from pasvu.channel.models import ChapterMark, Episode, Publication, Remark
from pasvu.channel.states import EpisodeState, PublicationState, move_publication
from pasvu.channel.timeline import meant
from pasvu.channel.values import Chapter, Span, Trim

SHORTEST_CUT_S = 1.0


def trim(
    session: Session,
    episode: Episode,
    start_s: float,
    end_s: float,
    now: datetime,
    by: str,
    *,
    removed: Sequence[Span] | None = None,
    drawn_from: int | None = None,
) -> None:
    """Choose where the episode starts and ends; ingest then makes that cut. The original is never changed.

    `removed` are the stretches taken out of the middle, in seconds of the recording, in any order; `None` leaves them
    as they are, an empty list puts everything back. Those outside the new start and end are remembered.

    The same cut again is made anew only when its file has left the disk.

    Raises:
        Refused: outside the recording, too little left, or already sent to a platform.
    """
    check_version(episode, drawn_from)
    whole = episode.recording.duration_s
    if whole is None:
        raise Refused("« {title} » n’est pas encore mesuré : attendez la fin de l’analyse.", title=episode.title)
    # Seconds typed by a person may round past the last frame: half a second of grace, then the end itself.
    end_s = min(end_s, whole) if end_s <= whole + 0.5 else end_s
    if not 0 <= start_s < end_s <= whole:
        raise Refused(
            "La coupe {start_s:.3f}–{end_s:.3f} s sort de l’enregistrement (0–{whole:.3f} s).",
            start_s=start_s,
            end_s=end_s,
            whole=whole,
        )
    out = removed_spans(episode) if removed is None else _inside(removed, whole)
    if meant(Trim(start_s, end_s), out).duration_s < SHORTEST_CUT_S:
        raise Refused("La coupe garde moins d’une seconde : écartez le début et la fin, ou retirez moins du milieu.")
    before = effective_trim(episode)
    made = episode.rendition("master")
    there = made is not None and Path(made.path).exists()
    pairs = [[span.start_s, span.end_s] for span in out]
    same = (before.start_s, before.end_s, episode.removed) == (start_s, end_s, pairs)
    if same and there and not episode.waits_for_cut:
        return
    parts_before, parts_after = (
        ({}, {}) if episode.removed == pairs else ({"removed": episode.removed}, {"removed": pairs})
    )
    recut(episode, start_s, end_s, out)
    journal.write(
        session,
        now,
        by,
        "episode.trim",
        episode_id=episode.id,
        before={"start_s": before.start_s, "end_s": before.end_s, **parts_before},
        after={"start_s": start_s, "end_s": end_s, "cut": episode.wanted_cut, **parts_after},
    )
    change_state(session, episode, EpisodeState.PROCESSING, now, by)


def recut(episode: Episode, start_s: float, end_s: float, out: Sequence[Span]) -> None:
    """Want this cut, which is known to be a good one: whoever looked at the former one must look again.

    Raises:
        Refused: already sent to a platform.
    """
    if any(_is_sent(publication) for publication in episode.publications):
        raise Refused(
            "« {title} » est déjà envoyé : retirez-le de la plateforme avant de changer la coupe.", title=episode.title
        )
    episode.trim_start_s, episode.trim_end_s = start_s, end_s
    episode.removed = [[span.start_s, span.end_s] for span in out]
    episode.wanted_cut = max(episode.wanted_cut, episode.cut) + 1
    forget_approval(episode)
    for publication in episode.publications:
        # An upload that was begun is of the former cut's bytes.
        publication.session_address = publication.session_opened_at = None
        publication.uploaded_bytes = 0


def cut_out(
    session: Session, episode: Episode, out: Span, now: datetime, by: str, *, drawn_from: int | None = None
) -> None:
    """Take a stretch out of the middle, besides what is out already; in seconds of the recording.

    Raises:
        Refused: as `trim`.
    """
    before = effective_trim(episode)
    removed = [*removed_spans(episode), out]
    trim(session, episode, before.start_s, before.end_s, now, by, removed=removed, drawn_from=drawn_from)


def put_back(
    session: Session, episode: Episode, back: Span, now: datetime, by: str, *, drawn_from: int | None = None
) -> None:
    """Put back what was taken out of this stretch, in seconds of the recording.

    Raises:
        Refused: nothing was taken out there; or as `trim`.
    """
    before = effective_trim(episode)
    removed = removed_spans(episode)
    left = timeline.put_back(removed, back)
    if left == removed:
        raise Refused("Rien n’a été retiré à cet endroit.")
    trim(session, episode, before.start_s, before.end_s, now, by, removed=left, drawn_from=drawn_from)


def set_chapters(
    session: Session,
    episode: Episode,
    chapters: Sequence[Chapter],
    now: datetime,
    by: str,
    *,
    drawn_from: int | None = None,
) -> None:
    """Replace the chapters; starts are in seconds of the recording.

    Raises:
        Refused: a start outside the recording, or two at the same time.
    """
    check_version(episode, drawn_from)
    whole = episode.recording.duration_s
    starts = [chapter.start_s for chapter in chapters]
    if len(set(starts)) != len(starts):
        raise Refused("Deux chapitres commencent au même instant : changez l’un des deux.")
    for chapter in chapters:
        if whole is not None and not 0 <= chapter.start_s < whole:
            raise Refused("Le chapitre « {title} » est hors de l’enregistrement.", title=chapter.title)
    before = [[mark.start_s, mark.title] for mark in episode.chapters]
    after = [[chapter.start_s, chapter.title] for chapter in sorted(chapters, key=lambda chapter: chapter.start_s)]
    if before == after:
        return
    episode.chapters = [ChapterMark(start_s=start_s, title=title) for start_s, title in after]
    keep_approval(episode)
    touch(episode, now)
    journal.write(
        session,
        now,
        by,
        "episode.chapters",
        episode_id=episode.id,
        before={"chapters": before},
        after={"chapters": after},
    )


def choose_thumbnail(session: Session, episode: Episode, thumbnail_id: int, now: datetime, by: str) -> None:
    """Take one of the stills.

    Raises:
        NotFound: not a still of this episode.
    """
    if not any(thumbnail.id == thumbnail_id for thumbnail in episode.thumbnails):
        raise NotFound("Cette vignette n’appartient pas à « {title} ».", title=episode.title)
    before = next((thumbnail.id for thumbnail in episode.thumbnails if thumbnail.chosen), None)
    if before == thumbnail_id:
        return
    for thumbnail in episode.thumbnails:
        thumbnail.chosen = thumbnail.id == thumbnail_id
    keep_approval(episode)
    touch(episode, now)
    journal.write(
        session,
        now,
        by,
        "episode.thumbnail",
        episode_id=episode.id,
        before={"thumbnail": before},
        after={"thumbnail": thumbnail_id},
    )


def approve(session: Session, episode: Episode, now: datetime, by: str, *, drawn_from: int | None = None) -> None:
    """Say that this episode, exactly as it is, may go on air.

    Raises:
        Refused: there is no master of the wanted cut yet, or the road does not allow it.
    """
    check_version(episode, drawn_from)
    if episode.waits_for_cut or episode.rendition("master") is None:
        raise Refused("« {title} » n’est pas prêt : sa coupe est encore en préparation.", title=episode.title)
    change_state(session, episode, EpisodeState.APPROVED, now, by)
    episode.approved_at, episode.approved_by = now, by
    episode.approved_hash = fingerprint(episode)
    unsettle(episode)


def send_back(
    session: Session,
    episode: Episode,
    note: str,
    now: datetime,
    by: str,
    *,
    time_s: float | None = None,
    drawn_from: int | None = None,
) -> None:
    """Ask for changes, in words.

    Raises:
        Refused: no words, or the road does not allow it.
    """
    check_version(episode, drawn_from)
    if not note.strip():
        raise Refused("Dites ce qu’il faut reprendre : la remarque est vide.")
    change_state(session, episode, EpisodeState.CHANGES_REQUESTED, now, by, note.strip())
    forget_approval(episode)
    session.add(Remark(episode_id=episode.id, author=by, at=now, time_s=time_s, text=note.strip()))


def reopen(session: Session, episode: Episode, now: datetime, by: str, *, drawn_from: int | None = None) -> None:
    """Bring an episode back to review."""
    check_version(episode, drawn_from)
    change_state(session, episode, EpisodeState.IN_REVIEW, now, by)
    forget_approval(episode)


def withdraw(
    session: Session,
    episode: Episode,
    now: datetime,
    by: str,
    *,
    drawn_from: int | None = None,
    reason: str | None = None,
) -> None:
    """Take an episode off the road, and from the public where it is on air; files are kept."""
    check_version(episode, drawn_from)
    change_state(session, episode, EpisodeState.WITHDRAWN, now, by, reason)
    for publication in episode.publications:
        _withdraw_publication(publication)


def retry(session: Session, episode: Episode, now: datetime, by: str, *, as_it_is: bool = False) -> None:
    """Try again what failed, was cancelled or lies in quarantine; what is already done is not done again.

    `as_it_is`: use it though its end is missing, or though it was received before.

    Raises:
        Refused: nothing of this episode failed, or it cannot be used as it is.
    """
    if as_it_is:
        if episode.state != EpisodeState.QUARANTINED or not may_use_as_it_is(episode):
            raise Refused(
                "« {title} » ne peut pas être traité tel quel : réparez son fichier, puis relancez.",
                title=episode.title,
            )
        episode.recording.as_it_is = True
    if episode.state == EpisodeState.QUARANTINED:
        change_state(session, episode, EpisodeState.RECEIVED, now, by)
    elif episode.state not in (EpisodeState.RECEIVED, EpisodeState.PROCESSING) or episode.job_state is None:
        raise Refused("Rien à relancer pour « {title} ».", title=episode.title)
    episode.attempt += 1
    episode.job_state = None
    episode.state_reason = None
    touch(episode, now)
    journal.write(
        session,
        now,
        by,
        "episode.retry",
        episode_id=episode.id,
        after={"attempt": episode.attempt, **({"as_it_is": True} if as_it_is else {})},
    )


def may_use_as_it_is(episode: Episode) -> bool:
    """Whether what lies in quarantine can be read, and waits for nothing but a person's decision."""
    return episode.recording.set_aside_for in (CutShort.kind, Twin.kind)


def comment(
    session: Session, episode: Episode, text: str, now: datetime, by: str, *, time_s: float | None = None
) -> Remark:
    """Leave a remark without deciding anything; `time_s` is in seconds of the recording.

    Raises:
        Refused: no words.
    """
    if not text.strip():
        raise Refused("La remarque est vide : dites ce que vous avez vu.")
    made = Remark(episode_id=episode.id, author=by, at=now, time_s=time_s, text=text.strip())
    session.add(made)
    # No new version: a remark must not make a colleague's half-typed form out of date.
    episode.updated_at = now
    journal.write(session, now, by, "remark.add", episode_id=episode.id, after={"text": made.text, "time_s": time_s})
    return made


def resolve_remark(session: Session, remark: Remark, now: datetime, by: str) -> None:
    """Mark a remark as dealt with."""
    remark.done_at = remark.done_at or now
    touch(remark.episode, now)
    journal.write(session, now, by, "remark.done", episode_id=remark.episode_id, after={"remark": remark.id})


def _inside(removed: Sequence[Span], whole: float) -> list[Span]:
    """The same, in order and apart.

    Raises:
        Refused: one lies outside the recording or ends before it starts.
    """
    for span in removed:
        if not 0 <= span.start_s < span.end_s <= whole + 0.5:
            raise Refused(
                "Le passage {start_s:.3f}–{end_s:.3f} s ne peut pas être retiré : il faut un début et une fin dans "
                "l’enregistrement (0–{whole:.3f} s).",
                start_s=span.start_s,
                end_s=span.end_s,
                whole=whole,
            )
    return timeline.merged(Span(span.start_s, min(span.end_s, whole)) for span in removed)


def _is_sent(publication: Publication) -> bool:
    under_way = publication.state not in (PublicationState.PLANNED, PublicationState.FAILED)
    return under_way or publication.video_id is not None or publication.finishing


def _withdraw_publication(publication: Publication) -> None:
    publication.state = move_publication(publication.state, PublicationState.WITHDRAWN)
    publication.settled = publication.video_id is None
    # What it waited for no longer matters: an instant that a platform holds is taken back now.
    publication.next_try_at = publication.waits_for = None
