"""Two workers on one database: heavy work one at a time, a few jobs under way each, what is wanted first goes first."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from pasvu.channel import engine
from pasvu.channel.states import JobState

SCRIPT = Path(__file__).with_name("sharing_worker.py")
ROADS, WANTED_FIRST, PATIENCE_S = 12, 2, 120


def test_two_workers_share_the_queues(tmp_path: Path) -> None:
    url, log = f"sqlite:///{tmp_path / 'jobs.db'}", tmp_path / "log"
    engine.prepare_tables(url)
    jobs = engine.Jobs(url)
    ids = [f"road:{number}" for number in range(ROADS)]
    for job_id in ids[:-WANTED_FIRST]:
        jobs.enqueue("ingest", "road", job_id, job_id)
    for job_id in ids[-WANTED_FIRST:]:
        jobs.enqueue("ingest", "road", job_id, job_id, priority=engine.FIRST)
    # Asked for twice, as two ticks do: it is one job.
    jobs.enqueue("ingest", "road", ids[0], ids[0])
    words = [sys.executable, SCRIPT, url, tmp_path / "run", log]
    workers = [subprocess.Popen(words, stdin=subprocess.PIPE) for _ in range(2)]
    try:
        by = time.monotonic() + PATIENCE_S
        while {job.state for job in jobs.list()} != {JobState.DONE}:
            assert time.monotonic() < by, log.read_text()
            assert [worker.poll() for worker in workers] == [None, None]
            time.sleep(0.1)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        jobs.close()
    events = [line.split() for line in log.read_text().splitlines()]
    events.sort(key=lambda event: int(event[0]))
    heavy = [(pid, subject, what) for _, pid, kind, subject, what in events if kind == "heavy"]
    # Each once, and never two at the same time, whichever worker makes them.
    assert sorted(subject for _, subject, what in heavy if what == "begin") == sorted(ids)
    assert [what for *_, what in heavy] == ["begin", "end"] * ROADS
    assert len({pid for pid, *_ in heavy}) == 2
    under_way: dict[str, int] = {}
    most = 0
    begun = []
    for _, pid, kind, subject, what in events:
        if kind == "road":
            under_way[pid] = under_way.get(pid, 0) + (1 if what == "begin" else -1)
            most = max(most, under_way[pid])
            begun += [subject] if what == "begin" else []
    assert most == 4
    assert set(ids[-WANTED_FIRST:]) <= set(begun[:4])
