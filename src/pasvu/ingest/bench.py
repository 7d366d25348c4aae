"""The workbench of one job: its episode's files, its progress, and whether it is still wanted."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pasvu.channel import progress
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState
from pasvu.ingest.tools import Tools

KIND = "ingest"
ONCE_A_SECOND = 1.0


def job_of(episode_id: str, cut: int, attempt: int) -> str:
    """The name of a cut's job: the same attempt never runs twice."""
    return f"{KIND}:{episode_id}:{cut}:{attempt}"


@dataclass(frozen=True)
class Bench:
    """What the steps of one job work with."""

    record: Record
    folders: Folders
    clock: Clock
    tools: Tools
    episode_id: str
    job_id: str
    floor: int = 0
    """Bytes that must stay free on the disk."""
    tone_map: bool = False
    """Pictures in HDR become ordinary ones."""
    podcast: bool = False
    """Every episode has an audio rendition where its programme does not say otherwise."""

    @property
    def folder(self) -> Path:
        """Where this episode's renditions lie; made at first use."""
        folder = self.folders.renditions / self.episode_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def working(self) -> Path:
        """The recording as one plain MP4, where the received files would not do."""
        return self.folder / "working.mp4"

    @property
    def measures(self) -> Path:
        """What was measured."""
        return self.folder / "measures.json"

    @property
    def sound(self) -> Path:
        """The sound as masters need it; any cut takes its packets."""
        return self.folder / "sound.m4a"

    @property
    def peaks(self) -> Path:
        """The waveform."""
        return self.folder / "peaks.bin"

    def begin_anew(self) -> None:
        """Do away with what was made of the recording when it had fewer parts; its masters stay."""
        for path in (self.working, self.measures, self.sound, self.peaks, *self.folder.glob("examined-*.npz")):
            path.unlink(missing_ok=True)

    def reporter(self, step: str) -> Callable[[float], None]:
        """Tells how far `step` is, at most once a second."""
        last = 0.0
        progress.report(self.record, self.job_id, self.episode_id, step, 0.0, self.clock.now())

        def report(share: float) -> None:
            nonlocal last
            if time.monotonic() - last >= ONCE_A_SECOND:
                last = time.monotonic()
                progress.report(self.record, self.job_id, self.episode_id, step, share, self.clock.now())

        return report

    def wanted(self) -> bool:
        """Whether this job is still the one to do: not stopped, and not followed by another attempt or a newer cut."""
        with self.record.read() as session:
            episode = session.get_one(Episode, self.episode_id)
            stopped = episode.job_state == "cancelled" or episode.state == EpisodeState.WITHDRAWN
            return not stopped and self.job_id == job_of(episode.id, episode.wanted_cut, episode.attempt)

    def listener(self) -> Callable[[], bool]:
        """Says whether this job must stop; asks the record once a second."""
        asked, stopped = 0.0, False

        def stop() -> bool:
            nonlocal asked, stopped
            if time.monotonic() - asked >= ONCE_A_SECOND:
                asked = time.monotonic()
                stopped = not self.wanted()
            return stopped

        return stop

    def sweep(self) -> None:
        """Throw away what a step that died was writing: hours of film may lie there under names that nobody reads."""
        for left in self.folder.glob(".*.part"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
