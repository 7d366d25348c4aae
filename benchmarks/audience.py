"""Figures at scale: pages over 5,000 episodes and 5 million snapshots, their storage, collecting 500 videos.

Naive: the query that a first version would make, over the same rows, in the same run.
Usage: python benchmarks/audience.py [EPISODES] [SNAPSHOTS OF EACH]
"""

from __future__ import annotations

import contextlib
import gc
import io
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import years
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from years import ADMIN, NOW, PASSWORD

from pasvu.channel import figures
from pasvu.channel.audience import AGES_H
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.models import Publication, ViewSnapshot
from pasvu.channel.settings import Settings
from pasvu.channel.values import RemoteFigures
from pasvu.publish.counting import count
from pasvu.publish.desk import Desk
from pasvu.publish.sandbox import serve
from pasvu.publish.youtube import YouTube
from pasvu.publish.youtube.authorization import read_authorized_user
from pasvu.web.app import create_app

ROUNDS = 60


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Median and 95th percentile of a call, in milliseconds of CPU of the thread that serves; the first is left out.

    Not of the wall: on a busy machine that would measure the neighbours. Nothing here waits for anything else.
    """
    work()
    spent = []
    for _ in range(rounds):
        begun = time.thread_time()
        work()
        spent.append((time.thread_time() - begun) * 1000)
    spent.sort()
    return statistics.median(spent), spent[int(len(spent) * 0.95)]


def naive_overview(session: Session) -> object:
    """Views of 28 days by day, straight from the snapshots."""
    start = int((NOW - timedelta(days=28)).timestamp())
    day = ViewSnapshot.taken_at / 86400
    return session.execute(
        select(ViewSnapshot.publication_id, day, func.max(ViewSnapshot.views))
        .where(ViewSnapshot.taken_at >= start)
        .group_by(ViewSnapshot.publication_id, day)
    ).all()


def naive_episode(session: Session, publication_id: int) -> object:
    """The usual curve from the snapshots of the last twelve episodes of the programme."""
    publication = session.get_one(Publication, publication_id)
    past = [each for each, _ in figures.Earlier.than(session, publication).last(publication.episode.programme_id)]
    return [figures.curve(session, each) for each in [publication_id, *past]]


def pages(record: Record, settings: Settings, episodes: int) -> None:
    class NoJobs:
        def list(self, limit: int) -> list[object]:
            return []

    app = create_app(
        record,
        settings,
        SetClock(NOW),
        platforms={},
        jobs=NoJobs(),
        sandbox_url=lambda: None,  # type: ignore[arg-type]
    )
    client = app.test_client()
    found = client.get("/connexion").get_data(as_text=True)
    token = found.split('name="csrf" content="')[1].split('"')[0]
    assert client.post("/connexion", data={"csrf_token": token, "name": ADMIN, "password": PASSWORD}).status_code == 303

    def get(path: str) -> Callable[[], object]:
        def ask() -> object:
            reply = client.get(path)
            assert reply.status_code == 200, (path, reply.status_code)
            return reply.get_data()

        return ask

    # As the product does once it is up.
    gc.collect()
    gc.freeze()
    young = years.ref(episodes - 40)
    print(f"{'page (CPU)':34}{'p50 ms':>9}{'p95 ms':>9}{'naive ms':>10}{'ratio':>8}")
    with record.read() as session:
        slow_overview = timed(lambda: naive_overview(session), 3)[0]
        slow_episode = timed(lambda: naive_episode(session, episodes - 39), 10)[0]
    compared = "&".join(f"e={years.ref(episodes - 50 - n)}" for n in range(8))
    for name, path, naive, bars in (
        ("overview (28 days)", "/audience", slow_overview, (25.0, 60.0)),
        ("overview (1 year)", "/audience?jours=365", slow_overview, (25.0, 60.0)),
        ("episode", f"/audience/episode/{young}", slow_episode, (15.0, None)),
        ("programme (1 year)", "/audience/emission/hors-champ?jours=365", None, (None, None)),
        ("comparison of 8", f"/audience/comparer?{compared}", None, (None, None)),
    ):
        middle, high = timed(get(path))
        told = f"{naive:10.1f}{naive / middle:8.1f}" if naive else ""
        over = any(bar is not None and got > bar for bar, got in zip(bars, (middle, high), strict=True))
        told += "  over the bar" if over else ""
        print(f"{name:34}{middle:9.1f}{high:9.1f}{told}")


def storage(record: Record, path: Path) -> None:
    with record.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM view_snapshot").scalar() or 1
        page_size = connection.exec_driver_sql("PRAGMA page_size").scalar() or 0
        try:
            used = connection.exec_driver_sql("SELECT sum(pgsize) FROM dbstat WHERE name='view_snapshot'").scalar() or 0
            curves = (
                connection.exec_driver_sql("SELECT sum(pgsize) FROM dbstat WHERE name='aligned_curve'").scalar() or 0
            )
        except Exception:
            used, curves = path.stat().st_size, 0
    theirs = naive_storage(page_size)
    over = "  over the bar" if used / rows > 40 else ""
    print(
        f"\n{rows} snapshots: {used / rows:.1f} bytes each, {(used + curves) / rows:.1f} with the aligned curves{over}"
    )
    print(f"naive table: {theirs:.1f} bytes each, ratio {theirs * rows / used:.1f}")


def naive_storage(page_size: int, rows: int = 100_000) -> float:
    """Bytes a snapshot takes in a table with a number of its own, an index and times as text."""
    with contextlib.closing(sqlite3.connect(":memory:")) as naive:
        columns = "publication_id INTEGER, taken_at TEXT, views INTEGER, likes INTEGER, comments INTEGER"
        naive.execute(f"CREATE TABLE s (id INTEGER PRIMARY KEY, {columns})")
        naive.execute("CREATE INDEX i ON s (publication_id, taken_at)")
        naive.executemany(
            "INSERT INTO s (publication_id, taken_at, views, likes, comments) VALUES (?, ?, ?, ?, ?)",
            [
                (n % 500, datetime.fromtimestamp(1_790_000_000 + n, UTC).isoformat(), n, n // 25, n // 90)
                for n in range(rows)
            ],
        )
        return float(naive.execute("PRAGMA page_count").fetchone()[0]) * page_size / rows


def collecting(folder: Path) -> None:
    """CPU of counting 500 videos by Google's client over a socket, and how many calls it took."""
    settings = years.home_of(folder / "small", 500, 30)
    record = Record(settings.url)
    clock = SetClock(NOW)
    paid: list[str] = []
    with contextlib.redirect_stdout(io.StringIO()):
        sandbox = serve(folder / "sandbox", clock)
    try:
        platform = YouTube(
            sandbox.url,
            read_authorized_user((folder / "sandbox" / "authorized_user.json").read_text()),
            chunk_bytes=256 * 1024,
            clock=clock,
            spend=lambda _bucket, _units, method: paid.append(method),
            sleep=clock.sleep,
        )
        stats = {f"v{n:010}": RemoteFigures(f"v{n:010}", 10_000 + n, 3, 1) for n in range(500)}
        asked = platform.figures

        class Known:
            """Google's client with the answers of 500 videos: the stand-in knows none of ours."""

            name = "youtube"

            def figures(self, ids: list[str]) -> dict[str, RemoteFigures]:
                asked(ids)
                return {each: stats[each] for each in ids}

        desk = Desk(record, clock, {"youtube": Known()}, timedelta(0))  # type: ignore[dict-item]
        platform.figures(["v0000000000"])
        paid.clear()
        clock.set(NOW + timedelta(hours=6))
        begun = time.process_time()
        taken = count(desk, clock.now())
        cpu = time.process_time() - begun
        # Naive: one call and one transaction a video.
        one_begun = time.process_time()
        for n in range(50):
            with record.write() as session:
                session.execute(delete(ViewSnapshot).where(ViewSnapshot.taken_at > int(NOW.timestamp()) + 10**6))
            asked([f"v{n:010}"])
        naive = (time.process_time() - one_begun) * 10
        calls = paid.count("videos.batchGetStats") - 50
    finally:
        sandbox.close()
        record.close()
    over = "  over the bar" if cpu > 2 else ""
    print(f"collecting {taken} videos: {cpu:.2f} s of CPU (stand-in included), {calls} calls{over}")
    print(f"naive, a call and a transaction each: {naive:.2f} s, 500 calls, ratio {naive / cpu:.1f}")


def main() -> None:
    episodes, each = (int(word) for word in (sys.argv[1:] + ["5000", "1000"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory(prefix="pasvu-bench-") as name:
        folder = Path(name)
        settings = years.home_of(folder, episodes, each)
        print(f"{len(AGES_H)} aligned ages\n")
        record = Record(settings.url)
        pages(record, settings, episodes)
        storage(record, settings.home / "pasvu.db")
        record.close()
        collecting(folder)


if __name__ == "__main__":
    main()
