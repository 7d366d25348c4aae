"""The watcher: one look after another into the watched folders, and what is whole is taken."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from watchfiles import watch as wake_on_change

from pasvu.channel import intake
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.folders import Folders
from pasvu.ingest import grouping
from pasvu.ingest.claim import Drop, claim, set_alone_aside
from pasvu.ingest.naming import safe_name
from pasvu.ingest.sidecars import FOLDER_WIDE, belongs, kind_of
from pasvu.ingest.watch import PATIENCE_WITHOUT_FILM, Quiet, Seen, scan, waiting_for

log = logging.getLogger(__name__)

# A full scan of 10,000 files costs 28 ms; change events are lost too easily to be more than a wake-up.
LOOK_EVERY_S = 5.0


class _Together(NamedTuple):
    """The files of one recording, in order, and what lies beside them under their name."""

    films: list[Seen]
    beside: list[Seen]
    sentence: str | None


class Watcher:
    """Remembers since when each file has been quiet, and takes those that are whole."""

    def __init__(
        self,
        record: Record,
        folders: Folders,
        clock: Clock,
        roots: Sequence[Path],
        settle: timedelta,
        why_not_whole: Callable[[Path], str | None],
    ) -> None:
        self._record, self._folders, self._clock = record, folders, clock
        self._roots, self._settle, self._why_not_whole = roots, settle, why_not_whole
        self._quiet: dict[bytes, Quiet] = {}
        self._shown: dict[bytes, tuple[int, str]] = {}
        self._refused: dict[bytes, str] = {}

    def look(self) -> list[str]:
        """One pass; the ids of the episodes taken."""
        present = [seen for root in self._roots for seen in scan(root)]
        now = self._clock.now()
        taken: list[str] = []
        waiting: dict[bytes, tuple[Seen, str]] = {}
        together, alone = _sorted_out(present)
        for recording in together:
            members = [*recording.films, *recording.beside]
            whys = {seen.path: self._why_not_yet(seen, now) for seen in members}
            late = next((why for why in whys.values() if why is not None), None)
            # A member that has just appeared is not quiet yet: the whole recording waits for it.
            if late is not None:
                waiting |= {seen.path: (seen, whys[seen.path] or "attend la suite") for seen in members}
            elif any(self._refused.get(seen.path) != seen.fingerprint for seen in recording.films):
                taken += self._take(recording)
        for seen in alone:
            why = self._why_not_yet(seen, now)
            if why is None and now - self._quiet[seen.path].since < self._settle * PATIENCE_WITHOUT_FILM:
                why = "attend sa vidéo"
            if why is not None:
                waiting[seen.path] = (seen, why)
            elif self._refused.get(seen.path) != seen.fingerprint:
                taken += self._set_aside(seen)
        here = {seen.path for seen in present}
        self._quiet = {path: quiet for path, quiet in self._quiet.items() if path in here}
        self._show(waiting)
        return taken

    def run(self, stopping: threading.Event) -> None:
        """Look until told to stop; a change in a watched folder hastens the next look."""
        changed = threading.Event()
        for root in self._roots:
            root.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=self._wake, args=(changed, stopping), daemon=True, name="watch-wake").start()
        every_s = min(LOOK_EVERY_S, max(0.3, self._clock.real_s(self._settle.total_seconds()) / 4))
        while not stopping.is_set():
            try:
                self.look()
            except Exception:
                log.exception("the watched folders could not be looked at; trying again")
            # While something is being copied it stays quiet for a while: look at the usual pace.
            changed.clear()
            if self._quiet:
                stopping.wait(every_s)
            else:
                changed.wait(LOOK_EVERY_S)

    def _why_not_yet(self, seen: Seen, now: datetime) -> str | None:
        quiet = self._quiet.get(seen.path)
        if quiet is None or quiet.fingerprint != seen.fingerprint:
            quiet = self._quiet[seen.path] = Quiet(seen.fingerprint, now)
        return waiting_for(seen, quiet, self._settle, now, self._why_not_whole)

    def _take(self, recording: _Together) -> list[str]:
        films = recording.films
        drop = Drop([seen.path for seen in films], "watch", films[0].folder, remark=recording.sentence)
        try:
            return [claim(self._record, self._folders, self._clock, drop)]
        except Exception:
            # The files stay where they are; they are tried again when one changes.
            self._refused |= {seen.path: seen.fingerprint for seen in films}
            log.exception("could not take %r", films[0].path)
            return []

    def _set_aside(self, seen: Seen) -> list[str]:
        try:
            return [set_alone_aside(self._record, self._folders, self._clock, seen.path, seen.folder)]
        except Exception:
            self._refused[seen.path] = seen.fingerprint
            log.exception("could not set aside %r", seen.path)
            return []

    def _show(self, waiting: dict[bytes, tuple[Seen, str]]) -> None:
        shown = {path: (seen.size, why) for path, (seen, why) in waiting.items()}
        if shown == self._shown:
            return
        now = self._clock.now()
        with self._record.write() as session:
            intake.show_incoming(
                session,
                [
                    intake.Arriving(path, safe_name(seen.name)[0], seen.size, seen.fingerprint, why)
                    for path, (seen, why) in waiting.items()
                ],
                now,
            )
        self._shown = shown

    def _wake(self, changed: threading.Event, stopping: threading.Event) -> None:
        try:
            for _changes in wake_on_change(*self._roots, stop_event=stopping, step=200, debounce=500):
                changed.set()
        except Exception:
            log.warning("no change events from the watched folders: looking every %s s", LOOK_EVERY_S, exc_info=True)


def _sorted_out(present: Sequence[Seen]) -> tuple[list[_Together], list[Seen]]:
    """The recordings that lie there, each with what goes with it; and what goes with none of them."""
    films: dict[grouping.Lying, Seen] = {}
    others: dict[Path, list[Seen]] = {}
    for seen in present:
        if kind_of(seen.final_name) is None:
            films[_lying(seen)] = seen
        elif seen.final_name.casefold() != FOLDER_WIDE:  # it serves every film of its folder, and stays there
            others.setdefault(_folder(seen), []).append(seen)
    together = []
    for group in grouping.group(films):
        members = [films[lying] for lying in group.files]
        names = [lying.name for lying in group.files]
        beside = [seen for seen in others.get(_folder(members[0]), []) if belongs(seen.final_name, names)]
        together.append(_Together(members, beside, group.sentence))
    found = {seen.path for recording in together for seen in recording.beside}
    return together, [seen for each in others.values() for seen in each if seen.path not in found]


def _lying(seen: Seen) -> grouping.Lying:
    # Recorders write names in the wall-clock time of the place, which is this machine's too.
    modified_at = datetime.fromtimestamp(seen.modified_s)  # noqa: DTZ006
    return grouping.Lying(_folder(seen), seen.final_name, modified_at, seen.path, seen.deep)


def _folder(seen: Seen) -> Path:
    return Path(os.fsdecode(seen.path)).parent
