"""Durable jobs: the one place outside the workflows that knows the engine (DBOS), on the record's own database."""

from __future__ import annotations

import fcntl
import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID

from pasvu.channel.errors import PasVuError
from pasvu.channel.states import JobState

APPLICATION = "pasvu"
# By default the engine hashes the workflows' source: any edit would strand the jobs under way.
APPLICATION_VERSION = "1"
SLOTS = 16
# Half as often costs half of the idle CPU, and a job that takes minutes may wait a second.
QUEUE_POLL_S = 1.0
ORDINARY, FIRST = 5, 1
"""Priorities: someone waits in front of the panel for what goes first."""


@dataclass(frozen=True)
class Queue:
    """How many jobs of a queue may run at once, in one worker and in all."""

    name: str
    each_worker: int | None = None
    all_workers: int | None = None


QUEUES = (
    # A card with fifty recordings must not start fifty analyses: three wait for the film being made, which is enough to
    # keep it busy. A place is held while a job waits for its heavy part, never the other way round.
    Queue("ingest", each_worker=4),
    Queue("encode", each_worker=1),
    # A third live at once would only share the same line; many from one address look like an attack to a site.
    Queue("fetch", each_worker=2, all_workers=4),
    Queue("publish", all_workers=2),
)
QUEUE_NAMES = tuple(queue.name for queue in QUEUES)


@dataclass(frozen=True)
class Job:
    """A durable job as the engine tells it; `id` is `kind:subject:…`, so the same work never runs twice."""

    id: str
    kind: str
    state: JobState
    queue: str | None
    created_at: datetime
    updated_at: datetime
    executor_id: str | None


class Jobs:
    """Asking for jobs and looking at them, from any process; opens its connection at first use."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: DBOSClient | None = None

    def enqueue(self, queue: str, kind: str, job_id: str, *subject: str | int, priority: int = ORDINARY) -> None:
        """Ask for a job; asking again for the same id changes nothing. Lower priorities go first."""
        self._connected().enqueue(
            {
                "workflow_name": kind,
                "queue_name": queue,
                "workflow_id": job_id,
                "app_version": APPLICATION_VERSION,
                "priority": priority,
            },
            *subject,
        )

    def list(self, limit: int = 100, prefix: str | None = None) -> Sequence[Job]:
        """The newest jobs first; parts of a job (`…:render`) are left out."""
        found = self._connected().list_workflows(
            sort_desc=True, limit=limit, workflow_id_prefix=prefix, load_input=False
        )
        return [_job(status) for status in found if status.parent_workflow_id is None]

    def get(self, job_id: str) -> Job | None:
        """One job."""
        return next((job for job in self.list(limit=2, prefix=job_id) if job.id == job_id), None)

    def gave_up(self, job_id: str) -> bool:
        """Whether the engine itself ended the job without an outcome: a fault of ours that no step wrote down."""
        return self.state_of(job_id) in (JobState.FAILED, JobState.CANCELLED)

    def state_of(self, job_id: str) -> JobState | None:
        """How a job fares; `None` when nobody asked for it."""
        job = self.get(job_id)
        return job.state if job is not None else None

    def cancel(self, job_id: str) -> None:
        """Stop a job before its next step; the running step hears it through the record."""
        self._connected().cancel_workflow(job_id, cancel_children=True)

    def close(self) -> None:
        """Let go of the connection."""
        if self._client is not None:
            self._client.destroy()
            self._client = None

    def _connected(self) -> DBOSClient:
        if self._client is None:
            self._client = DBOSClient(
                system_database_url=self._url, application_name=APPLICATION, serializer=DBOSPortableJSONSerializer()
            )
        return self._client


class Worker:
    """This process at work: it holds a slot of this machine, and goes on with what that slot left unfinished."""

    def __init__(
        self, url: str, run_dir: Path, *, queues: Sequence[str] = QUEUE_NAMES, uploads_at_once: int | None = None
    ) -> None:
        self._url, self._uploads_at_once = url, uploads_at_once
        self._lock, slot = take_slot(run_dir)
        self.executor_id = f"{socket.gethostname()}:{slot}"
        self._queues = list(queues)

    def prepare(self) -> None:
        """Set the engine up; workflows are registered between this and `launch`."""
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self._url,
                "application_version": APPLICATION_VERSION,
                "executor_id": self.executor_id,
                # The default serializer is pickle: write access to the database would run code here.
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "ERROR",
                # Parts of the engine that we do not use look once an hour instead of every second.
                "scheduler_polling_interval_sec": 3600.0,
                "kafka_queue_polling_interval_sec": 3600.0,
                "notification_listener_polling_interval_sec": 3600.0,
            }
        )
        logging.getLogger("dbos").setLevel(logging.ERROR)

    def launch(self) -> None:
        """Start working: first on what was left unfinished under this slot."""
        DBOS.listen_queues(self._queues)
        DBOS.launch()
        for queue in QUEUES:
            chosen = self._uploads_at_once if queue.name == "publish" else None
            DBOS.register_queue(
                queue.name,
                worker_concurrency=queue.each_worker,
                global_concurrency=chosen or queue.all_workers,
                polling_interval_sec=QUEUE_POLL_S,
            )

    def recover(self, executor_ids: Sequence[str]) -> None:
        """Put the unfinished work of dead workers back in its queues."""
        # Private, but the only road of the open-source package across machines; a test holds it to its word.
        DBOS._recover_pending_workflows(list(executor_ids))

    def pending_executors(self) -> set[str]:
        """Workers that have unfinished work to their name."""
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {status.executor_id for status in pending if status.executor_id}

    def close(self) -> None:
        """Stop taking work and let go of the slot; what runs is taken up again at the next start."""
        DBOS.destroy(destroy_registry=True)
        self._lock.close()


def register(kind: str, workflow: Callable[..., str]) -> Callable[..., str]:
    """Make `workflow` runnable as jobs of this kind; recovered however often a process dies."""
    return DBOS.workflow(name=kind, max_recovery_attempts=None)(workflow)


def step(name: str, work: Callable[..., str], *subject: Any) -> str:
    """Do one step of the running job once: its outcome is kept, and a resumed job passes over it."""
    return DBOS.run_step({"name": name}, work, *subject)


def part(queue: str, workflow: Callable[..., str], suffix: str, *subject: Any, priority: int = ORDINARY) -> str:
    """Run a heavy part of the running job in its own limited queue, and wait for its outcome."""
    with SetWorkflowID(f"{DBOS.workflow_id}:{suffix}"), SetEnqueueOptions(priority=priority):
        handle = DBOS.enqueue_workflow(queue, workflow, *subject)
    return handle.get_result(polling_interval_sec=QUEUE_POLL_S / 2)


def running_job() -> str:
    """Id of the job that the caller is part of."""
    return str(DBOS.workflow_id)


def prepare_tables(url: str) -> None:
    """Make the engine's own tables, safe to run twice."""
    DBOS.migrate(url)


def take_slot(run_dir: Path) -> tuple[IO[str], int]:
    """The first free slot of this machine, locked until this process ends, however it ends.

    A restarted process takes the same slot, and with it the unfinished work of the one that died.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    for slot in range(SLOTS):
        # Appending: the holder's number must outlive those who only tried.
        lock = (run_dir / f"worker-{slot}.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock, slot
    raise PasVuError(f"Déjà {SLOTS} processus travaillent dans {run_dir.parent} : arrêtez-en un.")


@contextmanager
def one_at_a_time(run_dir: Path) -> Iterator[None]:
    """Inside, no other worker of this machine does heavy work; one that dies inside lets the next one in.

    Machines that share a home do not wait for each other, where the share carries locks at all.
    """
    with (run_dir / f"heavy-{_machine()}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _machine() -> str:
    """A name that containers of one machine have in common, and two machines have not."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
    except OSError:
        return socket.gethostname()


def worker_runs(run_dir: Path) -> bool:
    """Whether a process of this machine works in this home."""
    for path in run_dir.glob("worker-*.lock"):
        with path.open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
    return False


def _job(status: Any) -> Job:
    return Job(
        id=status.workflow_id,
        kind=status.name,
        state=_state(status.status, status.output),
        queue=status.queue_name,
        created_at=datetime.fromtimestamp((status.created_at or 0) / 1000, UTC),
        updated_at=datetime.fromtimestamp((status.updated_at or 0) / 1000, UTC),
        executor_id=status.executor_id,
    )


def _state(status: str, outcome: Any) -> JobState:
    match status:
        case "ENQUEUED" | "DELAYED":
            return JobState.WAITING
        case "PENDING":
            return JobState.RUNNING
        case "CANCELLED":
            return JobState.CANCELLED
        case "SUCCESS":
            return JobState(outcome) if outcome in set(JobState) else JobState.DONE
        case _:
            return JobState.FAILED
