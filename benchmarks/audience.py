"""Figures at scale: pages over 5,000 episodes and 5 million snapshots, their storage, collecting 500 videos.

Naive: the query that a first version would make, over the same rows, in the same run.
Usage: python benchmarks/audience.py [EPISODES] [SNAPSHOTS OF EACH]
"""

from __future__ import annotations

import contextlib
import io
import math
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from pasvu.channel import accounts, figures, migrations
from pasvu.channel.audience import AGES_H, HORIZON_HOURS, USUAL_CADENCE, Count, passed_ages
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.models import (
    AlignedCurve,
    Base,
    ChannelSnapshot,
    Episode,
    Horizon,
    Programme,
    Publication,
    Recording,
    ViewDay,
    ViewSnapshot,
)
from pasvu.channel.settings import Settings
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import RemoteFigures
from pasvu.publish.counting import count
from pasvu.publish.desk import Desk
from pasvu.publish.sandbox import serve
from pasvu.publish.youtube import YouTube
from pasvu.publish.youtube.authorization import read_authorized_user
from pasvu.web.app import create_app

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
SHOWS = 6
ROUNDS = 60
PASSWORD = "une phrase bien longue"


def views(number: int, age_h: float) -> int:
    """Views of an episode at an age: a quick rise, then a long tail."""
    size = 2000 + number * 37 % 60_000
    return round(size * (0.8 * (1 - math.exp(-((age_h / 60) ** 0.6))) + 0.2 * math.log1p(age_h / 72) / 5))


def looks(air_at: datetime, most: int) -> list[int]:
    """When an episode is counted from its air until now, at the usual cadence, so many times at most."""
    now, found = air_at, []
    while now < NOW and len(found) < most:
        found.append(int(now.timestamp()))
        now = USUAL_CADENCE.next_look(air_at, now)
    # Older than its snapshots: they are those of its last days as well, as if counted more often.
    missing = most - len(found)
    if missing > 0:
        step = max(1, (int(NOW.timestamp()) - found[-1]) // (missing + 1))
        found += [found[-1] + step * (place + 1) for place in range(missing)]
    return found


def fill(record: Record, episodes: int, each: int) -> None:
    """A channel of three years, written straight into its tables."""
    with record.write() as session:
        session.execute(
            insert(Programme),
            [
                {
                    "id": f"p{number}",
                    "slug": f"emission-{number}",
                    "name": f"Émission {number}",
                    "created_at": NOW,
                    "tags": [],
                }
                for number in range(SHOWS)
            ],
        )
    span_h = 3 * 365 * 24.0
    for first in range(0, episodes, 250):
        numbers = range(first, min(first + 250, episodes))
        aired = {n: NOW - timedelta(hours=1.5 + span_h * (episodes - 1 - n) / episodes) for n in numbers}
        snapshots, curves, horizons = [], [], []
        for n in numbers:
            start = int(aired[n].timestamp())
            before: Count | None = None
            points: list[int | None] = []
            for second in looks(aired[n], each):
                late = Count(second, views(n, (second - start) / 3600))
                snapshots.append((n + 1, late.taken_at, late.views, late.views // 25, late.views // 90))
                for place, value in passed_ages(aired[n], before, late):
                    points += [None] * (place + 1 - len(points))
                    points[place] = value
                before = late
            curves.append({"publication_id": n + 1, "points": points})
            horizons += [
                {
                    "publication_id": n + 1,
                    "hours": hours,
                    "views": views(n, hours),
                    "error_views": 2,
                    "measured_at": NOW,
                }
                for hours in HORIZON_HOURS
                if aired[n] + timedelta(hours=hours) <= NOW
            ]
        with record.write() as session:
            _rows(session, numbers, aired)
            # As they come in life: by the hour, across episodes.
            snapshots.sort(key=lambda row: row[1])
            session.connection().exec_driver_sql(
                "INSERT OR IGNORE INTO view_snapshot VALUES (?, ?, ?, ?, ?)", snapshots
            )
            session.execute(insert(AlignedCurve), curves)
            session.execute(insert(Horizon), horizons)
    with record.write() as session:
        days = [date(2026, 11, 23) - timedelta(days=number) for number in range(800)]
        session.execute(
            insert(ViewDay), [{"platform": "youtube", "day": d, "gained": 40_000, "estimated": 0} for d in days]
        )
        session.execute(
            insert(ChannelSnapshot),
            [
                {
                    "platform": "youtube",
                    "taken_at": int(NOW.timestamp()) - 3600 * n,
                    "subscribers": 48_000 - n,
                    "views": 10**7,
                    "videos": 5000,
                }
                for n in range(9000)
            ],
        )
        accounts.create(session, "Ada Minh", "admin", PASSWORD, NOW - timedelta(days=30), "bench")
        session.execute(text("ANALYZE"))


def _rows(session: Session, numbers: range, aired: dict[int, datetime]) -> None:
    def defaults(table: type[Base], given: dict[str, object]) -> dict[str, object]:
        found: dict[str, object] = {}
        for column in table.__table__.columns:
            if column.default is not None and column.default.is_scalar:
                found[column.name] = column.default.arg
            elif column.default is not None and column.default.is_callable:
                found[column.name] = []
            elif not column.nullable and column.name != "id":
                found[column.name] = ""
        return {**found, **given}

    session.execute(
        insert(Episode),
        [
            defaults(
                Episode,
                {
                    "id": f"e{n}",
                    "slug": f"episode-{n}",
                    "title": f"Épisode numéro {n}",
                    "search": f"episode numero {n}",
                    "programme_id": f"p{n % SHOWS}",
                    "state": EpisodeState.ON_AIR,
                    "created_at": aired[n],
                    "updated_at": aired[n],
                    "language": "fr",
                },
            )
            for n in numbers
        ],
    )
    recordings = [
        defaults(Recording, {"id": f"r{n}", "episode_id": f"e{n}", "origin": "watch", "received_at": aired[n]})
        for n in numbers
    ]
    session.execute(insert(Recording), recordings)
    session.execute(
        insert(Publication),
        [
            defaults(
                Publication,
                {
                    "id": n + 1,
                    "episode_id": f"e{n}",
                    "platform": "youtube",
                    "state": PublicationState.ON_AIR,
                    "air_at": aired[n],
                    "scheduled_at": aired[n],
                    "video_id": f"v{n:010}",
                    "marker": f"pv-{n}",
                    "views": views(n, (NOW - aired[n]).total_seconds() / 3600),
                    "views_at": NOW - timedelta(minutes=3),
                    "day_gain": n * 7919 % 5000 if n > 4000 else n % 50,
                    "next_snapshot_at": NOW,
                },
            )
            for n in numbers
        ],
    )


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
    past = [each for each, _ in figures.past_of(session, publication, publication.episode.programme_id)]
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
    assert (
        client.post("/connexion", data={"csrf_token": token, "name": "Ada Minh", "password": PASSWORD}).status_code
        == 303
    )

    def get(path: str) -> Callable[[], object]:
        def ask() -> object:
            reply = client.get(path)
            assert reply.status_code == 200, (path, reply.status_code)
            return reply.get_data()

        return ask

    young = f"e{episodes - 40}"
    print(f"{'page (CPU)':34}{'p50 ms':>9}{'p95 ms':>9}{'naive ms':>10}{'ratio':>8}")
    with record.read() as session:
        slow_overview = timed(lambda: naive_overview(session), 3)[0]
        slow_episode = timed(lambda: naive_episode(session, episodes - 39), 10)[0]
    for name, path, naive in (
        ("overview (28 days)", "/audience", slow_overview),
        ("overview (1 year)", "/audience?jours=365", slow_overview),
        ("episode", f"/audience/episode/{young}", slow_episode),
        ("programme (1 year, 200 curves)", "/audience/emission/emission-1?jours=365", None),
        ("comparison of 8", "/audience/comparer?" + "&".join(f"e=e{episodes - 50 - n}" for n in range(8)), None),
    ):
        middle, high = timed(get(path))
        told = f"{naive:10.1f}{naive / middle:8.1f}" if naive else ""
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
    print(f"\n{rows} snapshots: {used / rows:.1f} bytes each, {(used + curves) / rows:.1f} with the aligned curves")
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
    settings = Settings(home=folder / "small")
    migrations.upgrade(settings.url, settings.home / "run")
    record = Record(settings.url)
    fill(record, 500, 30)
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
    print(f"collecting {taken} videos: {cpu:.2f} s of CPU (stand-in included), {calls} calls")
    print(f"naive, a call and a transaction each: {naive:.2f} s, 500 calls, ratio {naive / cpu:.1f}")


def main() -> None:
    episodes, each = (int(word) for word in (sys.argv[1:] + ["5000", "1000"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(home=folder / "home")
        migrations.upgrade(settings.url, settings.home / "run")
        record = Record(settings.url)
        begun = time.perf_counter()
        fill(record, episodes, each)
        made_s = time.perf_counter() - begun
        print(f"{episodes} episodes x {each} snapshots, made in {made_s:.0f} s; {len(AGES_H)} aligned ages\n")
        pages(record, settings, episodes)
        storage(record, settings.home / "pasvu.db")
        record.close()
        collecting(folder)


if __name__ == "__main__":
    main()
