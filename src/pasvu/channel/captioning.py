"""What people decide about an episode's captions: given, replaced, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from pasvu.channel import captions, journal, wording
from pasvu.channel.captions import Cue
from pasvu.channel.episodes import check_version, keep_approval, meant_timeline, touch
from pasvu.channel.errors import NotFound, Refused, Stale
from pasvu.channel.models import Caption, Episode

# The last words may be shown a little longer than the film lasts.
GRACE_S = 1.0


def check(episode: Episode, cues: Sequence[Cue]) -> None:
    """Tell captions that are in another time than this recording's; before it is measured, nothing can be said.

    Raises:
        Refused: one begins after the end of the recording, or none falls in the cut.
    """
    whole = episode.recording.duration_s
    if whole is None:
        return
    late = next((cue for cue in cues if cue.start_s > whole + GRACE_S), None)
    if late is not None:
        raise Refused(
            "Ligne {line} : ce sous-titre commence à {at}, après la fin de l’enregistrement ({whole}). Il faut les "
            "temps de l’enregistrement entier, compté depuis zéro.",
            line=late.line,
            at=wording.stamp(late.start_s),
            whole=wording.stamp(whole),
        )
    if not captions.in_cut(cues, meant_timeline(episode)):
        raise Refused(
            "Aucun de ces sous-titres ne tombe dans la coupe de « {title} » : il faut les temps de l’enregistrement "
            "entier, avant la coupe.",
            title=episode.title,
        )


def set_captions(
    session: Session,
    episode: Episode,
    language: str,
    path: Path,
    origin: str,
    now: datetime,
    by: str,
    *,
    drawn_from: int | None = None,
) -> None:
    """Give the episode captions in `language`, in place of its former ones; an approved episode stays approved.

    `path` is of `captions.store`: WebVTT in the recording's time, under a name that changes with the text.
    """
    check_version(episode, drawn_from)
    caption = _in(episode, language)
    if caption is not None and caption.path == str(path):
        return
    before = kept(episode)
    if caption is None:
        caption = Caption(language=language)
        episode.captions.append(caption)
    caption.path, caption.origin = str(path), origin
    _changed(session, episode, before, now, by)


def change_line(
    session: Session,
    episode: Episode,
    language: str,
    place: int,
    cue: Cue | None,
    now: datetime,
    by: str,
    *,
    drawn_from: str,
) -> None:
    """Replace the caption at `place` (from 0), or take it away when `cue` is none.

    `drawn_from` is the name of the file whose lines the person saw.

    Raises:
        NotFound: no captions in this language, or no such line.
        Stale: someone changed them meanwhile.
        Refused: an empty text, an end before its start, or a time outside the recording.
    """
    caption = _in(episode, language)
    if caption is None:
        raise NotFound("« {title} » n’a pas de sous-titres « {language} ».", title=episode.title, language=language)
    path = Path(caption.path)
    if path.name != drawn_from:
        raise Stale("Ces sous-titres ont été modifiés entre-temps : rechargez la page, puis reprenez cette ligne.")
    cues = captions.load(path)
    if not 0 <= place < len(cues):
        raise NotFound("Cette ligne n’existe plus.")
    if cue is not None and not cue.text.strip():
        raise Refused("Le texte est vide : écrivez-le, ou supprimez la ligne.")
    if cue is not None and cue.end_s <= cue.start_s:
        raise Refused("La fin du sous-titre n’est pas après son début.")
    kept = sorted(
        [*cues[:place], *([cue] if cue is not None else []), *cues[place + 1 :]],
        key=lambda each: (each.start_s, each.end_s),
    )
    if not kept:
        raise Refused("C’est la dernière ligne : retirez plutôt les sous-titres de cette langue.")
    check(episode, kept)
    set_captions(session, episode, language, captions.store(path.parent, language, kept), caption.origin, now, by)


def remove_captions(
    session: Session, episode: Episode, language: str, now: datetime, by: str, *, drawn_from: int | None = None
) -> None:
    """Take the captions in `language` away, and off the platforms that have them; their file is kept.

    Raises:
        NotFound: it has none.
    """
    check_version(episode, drawn_from)
    caption = _in(episode, language)
    if caption is None:
        raise NotFound("« {title} » n’a pas de sous-titres « {language} ».", title=episode.title, language=language)
    before = kept(episode)
    episode.captions.remove(caption)
    _changed(session, episode, before, now, by)


def _in(episode: Episode, language: str) -> Caption | None:
    return next((caption for caption in episode.captions if caption.language == language), None)


def bring_back(episode: Episode, folder: Path, before: dict[str, Any]) -> None:
    """Give the episode the captions it had, as `kept` wrote them down; their files are still in `folder`.

    Raises:
        Refused: one of them has left the disk.
    """
    names, origins = before["captions"], before.get("origins", {})
    for name in names.values():
        captions.load(folder / name)
    for caption in list(episode.captions):
        if caption.language not in names:
            episode.captions.remove(caption)
    for language, name in names.items():
        caption = _in(episode, language) or Caption(language=language)
        if caption not in episode.captions:
            episode.captions.append(caption)
        caption.path = str(folder / name)
        caption.origin = origins.get(language) or caption.origin or "panel"


def kept(episode: Episode) -> dict[str, Any]:
    """The captions as the journal keeps them: each language's file, and where it came from."""
    return {
        "captions": {caption.language: Path(caption.path).name for caption in episode.captions},
        "origins": {caption.language: caption.origin for caption in episode.captions},
    }


def _changed(session: Session, episode: Episode, before: dict[str, Any], now: datetime, by: str) -> None:
    keep_approval(episode)
    touch(episode, now)
    journal.write(session, now, by, "episode.captions", episode_id=episode.id, before=before, after=kept(episode))
