"""The watcher: one look after another into the watched folders, and what is whole is taken."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from watchfiles import watch as wake_on_change

from pasvu.channel import intake
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.folders import Folders
from pasvu.ingest.claim import Drop, claim
from pasvu.ingest.naming import safe_name
from pasvu.ingest.watch import Quiet, Seen, scan, waiting_for

log = logging.getLogger(__name__)

# A full scan of 10,000 files costs 28 ms; change events are lost too easily to be more than a wake-up.
LOOK_EVERY_S = 5.0


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
        for seen in present:
            quiet = self._quiet.get(seen.path)
            if quiet is None or quiet.fingerprint != seen.fingerprint:
                quiet = self._quiet[seen.path] = Quiet(seen.fingerprint, now)
            why = waiting_for(seen, quiet, self._settle, now, self._why_not_whole)
            if why is not None:
                waiting[seen.path] = (seen, why)
            elif self._refused.get(seen.path) != seen.fingerprint:
                taken += self._take(seen)
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

    def _take(self, seen: Seen) -> list[str]:
        try:
            return [claim(self._record, self._folders, self._clock, Drop([seen.path], "watch", seen.folder))]
        except Exception:
            # The file stays where it is; it is tried again when it changes.
            self._refused[seen.path] = seen.fingerprint
            log.exception("could not take %r", seen.path)
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
