"""A part that comes after its recording was taken: which episode it belongs to, and joining it to that one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import captions, episodes, journal, review
from pasvu.channel.errors import Refused
from pasvu.channel.models import ChapterMark, Episode, Part, Recording, Remark
from pasvu.channel.states import EPISODE_WORDS, EpisodeState
from pasvu.channel.typography import fine
from pasvu.channel.values import Span

BY = "pasvu"
NEAR = timedelta(days=7)
"""How far apart two parts may come: later, the same name is another evening's."""
OPEN = (EpisodeState.IN_REVIEW, EpisodeState.CHANGES_REQUESTED)

Move = tuple[float, float, float]
"""A part's old start and end, and its new start, in seconds of the recording."""


def belongs_to(session: Session, late: Episode) -> Episode | None:
    """The episode that this one's files continue, by their names: of the same series, and received before."""
    return next((each for each in _series_of(session, late) if _before(each, late)), None)


def came_late(session: Session, episode: Episode) -> list[Episode]:
    """The episodes whose files continue this one's, in review: each may be joined to it."""
    return [each for each in _series_of(session, episode) if _before(episode, each) and each.state in OPEN]


def join(session: Session, late: Episode, into: Episode, now: datetime, by: str) -> None:
    """Put the files of `late` among those of `into`, in the order of their numbers, else at the end.

    What people wrote of `into` stays, moved to the new time where a part comes before; what was proposed is proposed
    again. `late` is withdrawn; its files stay where they are, and are from now on parts of both recordings.

    Raises:
        Refused: one of the two is not in review, or was sent to a platform.
    """
    if late is into:
        raise Refused("Un épisode ne se joint pas à lui-même : dites duquel il est la suite.")
    for each in (into, late):
        _check_open(each)
    own, coming = list(into.recording.parts), list(late.recording.parts)
    ordered = _in_order(own, coming)
    moves, late_moves = _moves(own, ordered), _moves(coming, ordered)
    whole = sum(_length(part) for part in ordered)
    out = [span for each in episodes.removed(into) for span in moved_span(each, moves)]
    start_s, end_s = into.trim_start_s, into.trim_end_s
    review.recut(into, 0.0, whole, out)
    # Where it starts is still known when its first part is; its end is known only when nothing follows.
    into.trim_start_s = moved(start_s, moves) if start_s is not None and ordered[0] is own[0] else None
    into.trim_end_s = moved(end_s, moves) if end_s is not None and ordered[-1] is own[-1] else None
    _move_chapters(into, late, moves, late_moves)
    _move_remarks(into, late, moves, late_moves)
    _move_captions(into, late, moves, late_moves)
    for still in list(into.thumbnails):
        still.time_s = moved(still.time_s, moves)
        if still.origin == "proposed" and not still.chosen:
            into.thumbnails.remove(still)
    into.recording.parts = [part if part in own else _same(part) for part in ordered]
    for position, part in enumerate(into.recording.parts):
        part.position = position
    _forget_measures(session, into, whole)
    names = [part.shown_name for part in coming]
    journal.write(session, now, by, "episode.join", episode_id=into.id, after={"files": names, "from": late.id})
    files = ", ".join(names)
    sentence = fine(
        f"La suite est jointe ({files}) : la coupe, les chapitres et les vignettes proposés sont refaits sur "
        "l’ensemble ; ce que vous avez écrit est gardé. Vérifiez la fin de la coupe."
    )
    review.comment(session, into, sentence, now, BY)
    episodes.change_state(session, into, EpisodeState.PROCESSING, now, by)
    reason = fine(f"Joint à l’épisode « {into.title} » ({into.slug}), dont il est la suite.")
    review.withdraw(session, late, now, by, reason=reason)


def moved(at_s: float, moves: Sequence[Move]) -> float:
    """The same instant in the new recording."""
    for start_s, end_s, new_start_s in moves:
        if at_s < end_s:
            return new_start_s + at_s - start_s
    start_s, _, new_start_s = moves[-1]
    return new_start_s + at_s - start_s


def moved_span(span: Span, moves: Sequence[Move]) -> list[Span]:
    """The same stretch in the new recording: in two where a part has come between."""
    found: list[Span] = []
    for start_s, end_s, new_start_s in moves:
        first, last = max(span.start_s, start_s), min(span.end_s, end_s)
        if first >= last:
            continue
        piece = Span(new_start_s + first - start_s, new_start_s + last - start_s)
        if found and piece.start_s - found[-1].end_s < 0.001:
            piece = Span(found.pop().start_s, piece.end_s)
        found.append(piece)
    return found


def _series_of(session: Session, episode: Episode) -> list[Episode]:
    recording = episode.recording
    series = {part.series for part in recording.parts}
    if len(series) != 1 or None in series:
        return []
    near = (recording.received_at - NEAR, recording.received_at + NEAR)
    found = session.scalars(
        select(Episode)
        .join(Episode.recording)
        .where(
            Recording.id.in_(select(Part.recording_id).where(Part.series == series.pop())),
            Recording.id != recording.id,
            Recording.received_at.between(*near),
            Episode.state.not_in([EpisodeState.QUARANTINED, EpisodeState.WITHDRAWN]),
        )
        .order_by(Recording.received_at, Recording.id)
    )
    numbers = {part.number for part in recording.parts}
    return [each for each in found if numbers.isdisjoint({part.number for part in each.recording.parts})]


def _before(one: Episode, other: Episode) -> bool:
    return (one.recording.received_at, one.recording.id) < (other.recording.received_at, other.recording.id)


def _check_open(episode: Episode) -> None:
    if episode.state in (EpisodeState.RECEIVED, EpisodeState.PROCESSING):
        raise Refused(
            "« {title} » est en préparation : attendez qu’elle soit finie, puis joignez.", title=episode.title
        )
    if episode.state == EpisodeState.APPROVED:
        raise Refused("« {title} » est validé : renvoyez-le à relire, puis joignez.", title=episode.title)
    if episode.state not in OPEN:
        raise Refused(
            "« {title} » est « {state} » : rien ne peut plus s’y joindre.",
            title=episode.title,
            state=EPISODE_WORDS[episode.state],
        )


def _in_order(own: Sequence[Part], coming: Sequence[Part]) -> list[Part]:
    parts = [*own, *coming]
    told = {part.series for part in parts}
    if len(told) == 1 and None not in told:
        return sorted(parts, key=lambda part: part.number or 0)
    return parts


def _moves(parts: Sequence[Part], ordered: Sequence[Part]) -> list[Move]:
    new, at_s = {}, 0.0
    for part in ordered:
        new[id(part)] = at_s
        at_s += _length(part)
    moves, at_s = [], 0.0
    for part in parts:
        moves.append((at_s, at_s + _length(part), new[id(part)]))
        at_s += _length(part)
    return moves


def _length(part: Part) -> float:
    return float((part.info or {}).get("duration_s") or 0.0)


def _same(part: Part) -> Part:
    """The same file as a part of another recording."""
    kept = ("name", "shown_name", "source", "path", "bytes", "claimed_at", "sha256", "info", "series", "number")
    return Part(**{name: getattr(part, name) for name in kept})


def _move_chapters(into: Episode, late: Episode, moves: Sequence[Move], late_moves: Sequence[Move]) -> None:
    if episodes.chapters_why(into) is not None:
        into.chapters = []  # nobody touched what was proposed: it is proposed again
        return
    for mark in into.chapters:
        mark.start_s = moved(mark.start_s, moves)
    if into.chapters:
        into.chapters += [
            ChapterMark(start_s=moved(mark.start_s, late_moves), title=mark.title) for mark in late.chapters
        ]


def _move_remarks(into: Episode, late: Episode, moves: Sequence[Move], late_moves: Sequence[Move]) -> None:
    for remark in into.remarks:
        remark.time_s = None if remark.time_s is None else moved(remark.time_s, moves)
    for said in late.remarks:
        if said.author != BY:
            at_s = None if said.time_s is None else moved(said.time_s, late_moves)
            into.remarks.append(
                Remark(author=said.author, at=said.at, time_s=at_s, text=said.text, done_at=said.done_at)
            )


def _move_captions(into: Episode, late: Episode, moves: Sequence[Move], late_moves: Sequence[Move]) -> None:
    """Those of a language that both have become one; one that only the late part has stays with it."""
    theirs = {each.language: each for each in late.captions}
    for own in into.captions:
        other = theirs.get(own.language)
        cues = [*_moved_cues(Path(own.path), moves)]
        cues += _moved_cues(Path(other.path), late_moves) if other is not None else []
        cues.sort(key=lambda cue: (cue.start_s, cue.end_s))
        own.path = str(captions.store(Path(own.path).parent, own.language, cues))


def _moved_cues(path: Path, moves: Sequence[Move]) -> list[captions.Cue]:
    found = []
    for cue in captions.load(path):
        start_s = moved(cue.start_s, moves)
        found.append(replace(cue, start_s=start_s, end_s=start_s + cue.end_s - cue.start_s))
    return found


def _forget_measures(session: Session, episode: Episode, whole: float) -> None:
    """What was found out and made of fewer parts; ingest does away with its files before it begins again."""
    recording = episode.recording
    recording.grown, recording.duration_s = True, whole
    # More is prepared than there was room kept for.
    recording.foreseen = None
    recording.integrated_lufs = recording.true_peak_dbtp = recording.range_lu = None
    recording.measures = recording.peaks_path = recording.measured_at = None
    episode.proposed_start_s = episode.proposed_end_s = episode.proposed_why = None
    for made in [each for each in episode.renditions if each.kind == "preview"]:
        session.delete(made)
    session.flush()
    session.expire(episode, ["renditions"])
