"""Makes the stills that people asked for, one after the other, on each tick."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from pasvu.channel import programmes, stills
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.errors import PasVuError
from pasvu.channel.folders import Folders
from pasvu.channel.models import WantedStill
from pasvu.channel.typography import fine, marked
from pasvu.ingest import thumbnails, titling
from pasvu.ingest.examined import examine
from pasvu.ingest.tools import Tools

log = logging.getLogger(__name__)

NOT_A_PICTURE = marked("Cette image n’a pas pu être lue : donnez un JPEG.")
UNFORESEEN = marked("Cette image n’a pas pu être faite : essayez un peu plus loin dans le film.")


@dataclass(frozen=True)
class Asked:
    """A wanted still with all that making it takes, read at once: no session is held meanwhile."""

    id: int
    episode_id: str
    time_s: float | None
    given: Path | None
    source: Path | None
    title: str
    programme: str
    colour: int
    style: str
    film: Path


class StillTick:
    """Makes what is waiting; `font` is the panel's own, for titles."""

    def __init__(self, record: Record, folders: Folders, clock: Clock, tools: Tools, font: Path | None) -> None:
        self._record, self._folders, self._clock, self._tools, self._font = record, folders, clock, tools, font

    def tick(self) -> None:
        """One round. What cannot be made says why on the episode's page, and is not tried again by itself."""
        with self._record.read() as session:
            asked = [self._read(wanted) for wanted in stills.waiting(session)]
        for one in asked:
            try:
                path = self._make(one)
            except PasVuError as why:
                self._failed(one, fine(NOT_A_PICTURE) if one.given else str(why))
            except Exception:
                log.exception("still %s of %s failed", one.id, one.episode_id)
                self._failed(one, fine(UNFORESEEN))
            else:
                with self._record.write() as session:
                    stills.made(session, one.id, path, self._clock.now())

    def _make(self, one: Asked) -> Path:
        # The id in the name: what was chosen once stays what it was, whatever is asked for later.
        final = self._folders.renditions / one.episode_id / "stills" / f"asked-{one.id}.jpg"
        final.parent.mkdir(parents=True, exist_ok=True)
        if one.time_s is not None:
            found = examine(self._tools, one.film, self._folders.renditions / one.episode_id)
            return thumbnails.take_frame(self._tools, one.film, found.info, one.time_s, final)
        if one.given is not None:
            return thumbnails.take_picture(self._tools, one.given, final)
        assert one.source is not None
        return titling.set_title(one.source, final, one.title, one.programme, one.colour, one.style, self._font)

    def _failed(self, one: Asked, sentence: str) -> None:
        with self._record.write() as session:
            stills.failed(session, one.id, sentence)

    def _read(self, wanted: WantedStill) -> Asked:
        episode, home = wanted.episode, self._folders.home.absolute()
        show = episode.programme
        working = self._folders.renditions / episode.id / "working.mp4"
        return Asked(
            wanted.id,
            episode.id,
            wanted.time_s,
            home / wanted.given_path if wanted.given_path else None,
            home / wanted.source_path if wanted.source_path else None,
            wanted.title,
            show.name if show else "",
            show.colour if show else 0,
            show.still_style if show else programmes.STILL_STYLES[0],
            working if working.exists() else home / episode.recording.parts[0].path,
        )
