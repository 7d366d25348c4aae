"""Makes the audio renditions that people asked for, one after the other, on each tick."""

from __future__ import annotations

import logging

from pasvu.channel import audio
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.errors import PasVuError
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.channel.typography import fine, marked
from pasvu.ingest import voicing
from pasvu.ingest.tools import Tools

log = logging.getLogger(__name__)

UNFORESEEN = marked("La version audio n’a pas pu être faite : demandez-la à nouveau.")


class AudioTick:
    """Makes what is waiting: the film's own sound is copied, one second of work per hour."""

    def __init__(self, record: Record, folders: Folders, clock: Clock, tools: Tools) -> None:
        self._record, self._folders, self._clock, self._tools = record, folders, clock, tools

    def tick(self) -> None:
        """One round. What cannot be made says why on the episode's page, and is not tried again by itself."""
        with self._record.read() as session:
            waiting = audio.waiting(session)
        for episode_id in waiting:
            try:
                voicing.voice(self._record, self._folders, self._tools, episode_id, self._clock.now())
            except PasVuError as why:
                log.warning("no audio rendition of %s: %s", episode_id, why)
                self._failed(episode_id, str(why))
            except Exception:
                log.exception("no audio rendition of %s", episode_id)
                self._failed(episode_id, fine(UNFORESEEN))

    def _failed(self, episode_id: str, sentence: str) -> None:
        with self._record.write() as session:
            audio.failed(session.get_one(Episode, episode_id), sentence)
