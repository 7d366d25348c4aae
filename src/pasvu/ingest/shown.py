"""Makes the film that guests see, where they may not be able to play the master: HEVC, AV1, ten bits."""

from __future__ import annotations

import logging
from pathlib import Path

from pasvu.channel import guests, intake
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.errors import PasVuError
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.ingest import render
from pasvu.ingest.hashing import sha256
from pasvu.ingest.inspect import examine
from pasvu.ingest.tools import Tools

log = logging.getLogger(__name__)


class GuestFilmTick:
    """Makes what open links wait for, one after the other; what cannot be made is not tried again by this process."""

    def __init__(self, record: Record, folders: Folders, clock: Clock, tools: Tools) -> None:
        self._record, self._folders, self._clock, self._tools = record, folders, clock, tools
        self._failed: set[tuple[str, int]] = set()

    def tick(self) -> None:
        """One round."""
        with self._record.read() as session:
            wanted = [(each.id, each.cut, _master(each)) for each in guests.wanting_copy(session, self._clock.now())]
        for episode_id, cut, master in wanted:
            if (episode_id, cut) in self._failed:
                continue
            try:
                self._make(episode_id, cut, self._folders.home.absolute() / master)
            except PasVuError:
                log.exception("no film for the guests of %s", episode_id)
                self._failed.add((episode_id, cut))

    def _make(self, episode_id: str, cut: int, master: Path) -> None:
        out = self._folders.renditions / episode_id / f"{guests.COPY}-{cut}.mp4"
        info = examine(self._tools, master).info
        # The master itself, not the recording's preview: what was cut out must not be in it, not even for a frame.
        render.preview(self._tools, master, out, info)
        size, digest = out.stat().st_size, sha256(out, lambda: False)
        with self._record.write() as session:
            episode = session.get_one(Episode, episode_id)
            intake.keep_rendition(
                episode, guests.COPY, cut, out, size, digest, info.duration_s, None, self._clock.now()
            )


def _master(episode: Episode) -> str:
    master = episode.rendition("master")
    assert master is not None  # wanting_copy asked for one
    return master.path
