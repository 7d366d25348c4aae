"""Keeping watch over workers: each beats, and the work of one that fell silent is taken over."""

from __future__ import annotations

import logging
import os
import time
from typing import Protocol

from sqlalchemy import delete, select, update

from pasvu.channel.database import Record
from pasvu.channel.models import WorkerBeat

log = logging.getLogger(__name__)

FENCED_OFF = 75


class Recovers(Protocol):
    """A worker that can take over for others."""

    executor_id: str

    def recover(self, executor_ids: list[str]) -> None:
        """Put the unfinished work of dead workers back in its queues."""
        ...

    def pending_executors(self) -> set[str]:
        """Workers that have unfinished work to their name."""
        ...


class Keeper:
    """Beats for this worker and listens to the others; no clock of two machines is ever compared."""

    EVERY_S = 5.0
    DEAD_S = 60.0

    def __init__(self, record: Record, worker: Recovers) -> None:
        self._record, self._worker = record, worker
        self._heard: dict[str, tuple[int, float]] = {}
        self._reached_at = time.monotonic()

    def announce(self) -> None:
        """Say that this worker lives, before it takes any work."""
        me = self._worker.executor_id
        with self._record.write() as session:
            session.execute(delete(WorkerBeat).where(WorkerBeat.executor_id == me))
            session.add(WorkerBeat(executor_id=me, count=0))

    def beat(self) -> None:
        """One beat: count up, forget the silent, take over what nobody living works on.

        A worker that was declared dead, or that cannot reach the record for long, ends at once: another may already
        do its work.
        """
        try:
            living = self._count_up()
        except Exception:
            if time.monotonic() - self._reached_at > self.DEAD_S * 0.8:
                log.exception("the record is out of reach: this worker ends, so that its work is not done twice")
                os._exit(FENCED_OFF)
            raise
        self._reached_at = time.monotonic()
        orphans = self._worker.pending_executors() - living
        if orphans:
            log.warning("taking over the work of %s", ", ".join(sorted(orphans)))
            self._worker.recover(sorted(orphans))

    def _count_up(self) -> set[str]:
        me, now = self._worker.executor_id, time.monotonic()
        with self._record.write() as session:
            changed = session.execute(
                update(WorkerBeat).where(WorkerBeat.executor_id == me).values(count=WorkerBeat.count + 1)
            )
            if not changed.rowcount:  # type: ignore[attr-defined]
                os._exit(FENCED_OFF)
            counts = dict(session.execute(select(WorkerBeat.executor_id, WorkerBeat.count)).all())
            for name, count in counts.items():
                before = self._heard.get(name)
                self._heard[name] = before if before is not None and before[0] == count else (count, now)
            silent = {name for name in counts if now - self._heard[name][1] > self.DEAD_S}
            for name in silent:
                count = self._heard[name][0]
                session.execute(delete(WorkerBeat).where(WorkerBeat.executor_id == name, WorkerBeat.count == count))
            return set(counts) - silent
