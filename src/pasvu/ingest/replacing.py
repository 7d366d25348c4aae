"""Putting a mended file in the place of one that lies in quarantine; the one it replaces stays there."""

from __future__ import annotations

import os
from pathlib import Path

from pasvu.channel import episodes, journal, review
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.folders import Folders
from pasvu.channel.states import EpisodeState
from pasvu.ingest import moving
from pasvu.ingest.naming import safe_name


def replace_part(
    record: Record, folders: Folders, clock: Clock, reference: str, file: Path, by: str, *, number: int = 1
) -> str:
    """Copy a mended file into the vault as part `number` (from 1) and try again; the episode's id.

    Raises:
        NotFound: no such episode.
        Refused: it is not in quarantine, or has no such part.
    """
    with record.read() as session:
        episode = episodes.find(session, reference)
        if episode.state != EpisodeState.QUARANTINED:
            raise Refused("« {title} » n’est pas en quarantaine : rien à remplacer.", title=episode.title)
        if not 1 <= number <= len(episode.recording.parts):
            raise Refused("« {title} » n’a pas de partie {number}.", title=episode.title, number=number)
        episode_id, vault = episode.id, folders.recordings / episode.recording.id
    shown, stored = safe_name(os.fsencode(file.name))
    target = _free(vault, f"{number:02}-{stored}")
    digest = moving.bring(os.fsencode(file.absolute()), target, keep_source=True)
    now = clock.now()
    with record.write() as session:
        episode = episodes.find(session, episode_id)
        part = episode.recording.parts[number - 1]
        journal.write(
            session,
            now,
            by,
            "part.replaced",
            episode_id=episode_id,
            before={"file": part.shown_name, "path": part.path, "sha256": part.sha256},
            after={"file": shown, "sha256": digest},
        )
        part.name, part.shown_name = os.fsencode(file.name), shown
        part.path, part.bytes, part.sha256 = str(target), target.stat().st_size, digest
        review.retry(session, episode, now, by)
    return episode_id


def _free(vault: Path, name: str) -> Path:
    """A name of the vault that nothing bears: what a former mending left there is an original too."""
    wanted, number = vault / name, 1
    while wanted.exists():
        number += 1
        wanted = vault / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return wanted
