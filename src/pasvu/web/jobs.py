"""What the panel asks of the engine: the jobs, how they fare, and a way to stop or restart one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Job:
    """A durable job as the panel shows it; `share` is 0 to 1 of the running step, `None` when not known."""

    id: str
    kind: str
    state: str
    episode_id: str | None
    queue: str | None
    created_at: datetime
    step: str | None = None
    share: float | None = None


class Jobs(Protocol):
    """The engine's side, as much of it as people see. Refusals raise `channel.errors.Refused`."""

    def list(self, limit: int) -> Sequence[Job]:
        """The newest jobs first."""
        ...

    def cancel(self, job_id: str, by: str) -> None:
        """Stop a job; nothing already done is lost."""
        ...

    def retry(self, job_id: str, by: str) -> None:
        """Start again what failed or was cancelled."""
        ...
