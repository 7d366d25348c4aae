"""Taking back one's own last change to what an episode says and shows, from the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pasvu.channel import captioning, fields, journal, review
from pasvu.channel.episodes import change_state, effective_trim, keep_approval, touch, write_fields
from pasvu.channel.errors import Refused
from pasvu.channel.models import ChapterMark, Episode, JournalEntry
from pasvu.channel.states import EpisodeState
from pasvu.channel.values import Span

# Far more than a sitting's work; the journal itself keeps everything.
LOOKED_AT = 200
UNDONE = "episode.undo"
JOINED = "episode.join"
# What a platform shows as text comes from these; taking them back touches no file.
TEXTS = ("episode.edit", "episode.chapters")
NOWHERE = Path()


@dataclass(frozen=True)
class _Way:
    """How one kind of change is read and taken back; values are plain JSON, as the journal keeps them."""

    read: Callable[[Episode, dict[str, Any]], dict[str, Any]]
    write: Callable[[Session, Episode, dict[str, Any], Path], None]
    anew: bool = False
    """Whether the film must be made again for it."""


def last_change(session: Session, episode: Episode, by: str) -> JournalEntry | None:
    """The last change of `by` to this episode that can be taken back, or `None`."""
    # A late part gave everything another time: what was before cannot be put back as it was.
    ours = JournalEntry.episode_id == episode.id
    joined = session.scalar(select(func.max(JournalEntry.id)).where(ours, JournalEntry.action == JOINED)) or 0
    lines = session.scalars(
        select(JournalEntry)
        .where(ours, JournalEntry.actor == by, JournalEntry.id > joined)
        .order_by(JournalEntry.id.desc())
        .limit(LOOKED_AT)
    ).all()
    undone = {(line.after or {}).get("undone") for line in lines if line.action == UNDONE}
    return next((line for line in lines if line.action in _WAYS and line.id not in undone), None)


def undo(session: Session, episode: Episode, captions: Path, now: datetime, by: str) -> JournalEntry:
    """Take the last change of `by` back; again, the one before it. `captions` is where the episode's captions lie.

    Raises:
        Refused: there is none, someone has changed the same thing since, or the cut was sent to a platform.
    """
    line = last_change(session, episode, by)
    if line is None:
        raise Refused("Il n’y a rien à annuler pour « {title} ».", title=episode.title)
    before, after = line.before or {}, line.after or {}
    way = _WAYS[line.action]
    # The number of a cut is not a thing that one changes: each undoing raises it again.
    meant = {name: value for name, value in after.items() if name != "cut"}
    if way.read(episode, meant) != meant:
        raise Refused(
            "« {title} » a été modifié depuis au même endroit : votre changement ne peut plus être annulé seul. "
            "L’historique dit ce qu’il y avait avant.",
            title=episode.title,
        )
    way.write(session, episode, before, captions)
    session.flush()
    keep_approval(episode)
    touch(episode, now)
    journal.write(
        session,
        now,
        by,
        UNDONE,
        episode_id=episode.id,
        before=after,
        after={**before, "undone": line.id, "action": line.action},
    )
    if way.anew:
        change_state(session, episode, EpisodeState.PROCESSING, now, by)
    return line


def go_back(
    session: Session,
    episode: Episode,
    since: int,
    until: int,
    reached: Callable[[], bool],
    now: datetime,
    by: str,
) -> bool:
    """Take changes of text back, whoever made them, from the journal's line `until` down to `since`, until `reached`.

    Where that leads nowhere, or someone changed the same things again, all stays as it is: then `False`.
    """
    lines = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.episode_id == episode.id, JournalEntry.id > since, JournalEntry.id < until)
        .order_by(JournalEntry.id.desc())
        .limit(LOOKED_AT)
    ).all()
    taken: list[tuple[JournalEntry, str, dict[str, Any], dict[str, Any]]] = []
    for line in lines:
        action, before, after = _told(line)
        if action not in TEXTS:
            continue
        if _WAYS[action].read(episode, after) != after:
            break
        _WAYS[action].write(session, episode, before, NOWHERE)
        session.flush()
        taken.append((line, action, before, after))
        if reached():
            for each, how, was, became in taken:
                told = {**was, "undone": each.id, "action": how}
                journal.write(session, now, by, UNDONE, episode_id=episode.id, before=became, after=told)
            return True
    for _line, action, _before, after in reversed(taken):
        _WAYS[action].write(session, episode, after, NOWHERE)
    session.flush()
    return False


def _told(line: JournalEntry) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """What a line changed: how, before and after; what undid something is a change like any other."""
    before, after = line.before or {}, line.after or {}
    if line.action != UNDONE:
        return line.action, before, after
    return (
        after.get("action", ""),
        before,
        {key: kept for key, kept in after.items() if key not in ("undone", "action")},
    )


def _fields(episode: Episode, kept: dict[str, Any]) -> dict[str, Any]:
    return {field: fields.read(episode, field) for field in kept}


def _write_fields(session: Session, episode: Episode, kept: dict[str, Any], _captions: Path) -> None:
    write_fields(session, episode, kept)


def _chapters(episode: Episode, _kept: dict[str, Any]) -> dict[str, Any]:
    return {"chapters": [[mark.start_s, mark.title] for mark in episode.chapters]}


def _write_chapters(_session: Session, episode: Episode, kept: dict[str, Any], _captions: Path) -> None:
    episode.chapters = [ChapterMark(start_s=start_s, title=title) for start_s, title in kept["chapters"]]


def _thumbnail(episode: Episode, _kept: dict[str, Any]) -> dict[str, Any]:
    return {"thumbnail": next((still.id for still in episode.thumbnails if still.chosen), None)}


def _write_thumbnail(_session: Session, episode: Episode, kept: dict[str, Any], _captions: Path) -> None:
    for still in episode.thumbnails:
        still.chosen = still.id == kept["thumbnail"]


def _cut(episode: Episode, kept: dict[str, Any]) -> dict[str, Any]:
    trim = effective_trim(episode)
    now = {"start_s": trim.start_s, "end_s": trim.end_s, "removed": episode.removed}
    return {name: value for name, value in now.items() if name in kept}


def _write_cut(_session: Session, episode: Episode, kept: dict[str, Any], _captions: Path) -> None:
    out = [Span(start_s, end_s) for start_s, end_s in kept.get("removed", episode.removed)]
    review.recut(episode, kept["start_s"], kept["end_s"], out)


def _captions_of(episode: Episode, kept: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in captioning.kept(episode).items() if name in kept}


def _write_captions(_session: Session, episode: Episode, kept: dict[str, Any], captions: Path) -> None:
    captioning.bring_back(episode, captions, kept)


_WAYS: dict[str, _Way] = {
    "episode.edit": _Way(_fields, _write_fields),
    "episode.chapters": _Way(_chapters, _write_chapters),
    "episode.thumbnail": _Way(_thumbnail, _write_thumbnail),
    "episode.trim": _Way(_cut, _write_cut, anew=True),
    "episode.captions": _Way(_captions_of, _write_captions),
}
