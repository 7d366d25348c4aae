"""A channel of three years, as the benchmarks of the panel and of the audience read it: made once, then copied.

It is written straight into the tables, and kept in the machine's temporary folder under a name that says its size,
the version of the tables and of this file.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from pasvu.channel import accounts, migrations, names, programmes
from pasvu.channel.audience import AGES_H, HORIZON_HOURS, USUAL_CADENCE, Count, passed_ages
from pasvu.channel.database import Record
from pasvu.channel.models import (
    AlignedCurve,
    Base,
    ChannelSnapshot,
    ChapterMark,
    Episode,
    Guest,
    Horizon,
    JournalEntry,
    Part,
    Publication,
    Recording,
    Rendition,
    Thumbnail,
    ViewDay,
)
from pasvu.channel.settings import Settings
from pasvu.channel.states import EpisodeState, PublicationState

NOW = datetime(2026, 11, 23, 8, 41, tzinfo=UTC)
PASSWORD = "une phrase bien longue"
PRODUCER, ADMIN = "Inès Belkacem", "Ada Minh"
SHOWS = ("Le Grand Angle", "Hors champ", "Terrain", "La contre-enquête", "Micro ouvert", "Archives vives")
WORDS = (
    "nuit forêt école usine fleuve grève médecin quartier archive procès village rail marée chantier lycée".split()  # noqa: SIM905 - read by people
)
UNDER_WAY = 120
"""Episodes that are not on air yet: a busy house."""
SPAN = timedelta(days=3 * 365)
FILM = Path("renditions/film.mp4")
BATCH = 250


def home_of(folder: Path, on_air: int, each: int) -> Settings:
    """A home of one's own in `folder`: so many episodes on air, so many counts of each."""
    version = f"{migrations.newest()}-{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]}"
    kept = Path(tempfile.gettempdir()) / f"pasvu-bench-{on_air}-{each}-{version}.db"
    if not kept.exists():
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="pasvu-bench-") as making:
            made = Settings(home=Path(making))
            fill(made, on_air, each)
            aside = kept.with_suffix(f".{os.getpid()}")
            shutil.copyfile(made.home / "pasvu.db", aside)
        aside.rename(kept)
        print(f"made in {time.monotonic() - begun:.0f} s, and kept: {kept}")
    settings = Settings(home=folder / "home")
    settings.home.mkdir(parents=True)
    shutil.copyfile(kept, settings.home / "pasvu.db")
    print(f"{on_air} episodes on air x {each} counts: {kept.stat().st_size / 1e6:.0f} MB")
    return settings


def fill(settings: Settings, on_air: int, each: int) -> None:
    """The same, made now."""
    migrations.upgrade(settings.url, settings.home / "run")
    record = Record(settings.url)
    chance = random.Random(1)
    with record.write() as session:
        shows, owner = _people_and_shows(session)
    aired = [NOW - timedelta(hours=1.5) - SPAN * ((on_air - 1 - n) / on_air) for n in range(on_air)]
    for first in range(0, on_air, BATCH):
        numbers = range(first, min(first + BATCH, on_air))
        with record.write() as session:
            _episodes(session, [(n, aired[n], EpisodeState.ON_AIR, True) for n in numbers], shows, owner, chance)
            _figures(session, [(n, aired[n]) for n in numbers], each)
    states = [EpisodeState.IN_REVIEW, EpisodeState.CHANGES_REQUESTED, EpisodeState.APPROVED, EpisodeState.APPROVED]
    ahead = [(on_air + n, NOW + timedelta(hours=17 * (n + 1)), states[n % 4], n % 4 == 3) for n in range(UNDER_WAY)]
    with record.write() as session:
        _episodes(session, ahead, shows, owner, chance)
        _channel_figures(session)
    record.measure_tables()
    with record.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    record.close()


def ref(number: int) -> str:
    """The id of an episode by its place in time."""
    return f"{number:026}"


def views(number: int, age_h: Any) -> Any:
    """Views of an episode at an age, or at each of an array of them: a quick rise, then a long tail."""
    size = 2000 + number * 37 % 60_000
    share = 0.8 * (1 - np.exp(-((age_h / 60) ** 0.6))) + 0.2 * np.log1p(age_h / 72) / 5
    return (size * share).round()


def _usual_looks() -> np.ndarray[Any, np.dtype[np.int64]]:
    """Seconds after air at which a video is counted at the usual cadence, over all the years."""
    begun = now = datetime(2023, 1, 2, tzinfo=UTC)
    found = [0]
    while now < begun + SPAN:
        now = USUAL_CADENCE.next_look(begun, now)
        found.append(int((now - begun).total_seconds()))
    return np.array(found)


LOOKS = _usual_looks()
AGES_S = np.array([round(age_h * 3600) for age_h in AGES_H])


def _looks(age_s: int, most: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    found = LOOKS[age_s >= LOOKS][:most]
    # Older than its counts: they are those of its last days as well, as if counted more often.
    missing = most - len(found)
    step = max(1, (age_s - int(found[-1])) // (missing + 1)) if missing > 0 else 0
    return np.unique(np.concatenate([found, found[-1] + step * np.arange(1, missing + 1)]))


def _figures(session: Session, episodes: list[tuple[int, datetime]], each: int) -> None:
    rows, curves, horizons = [], [], []
    for n, air_at in episodes:
        start = int(air_at.timestamp())
        ages = _looks(int(NOW.timestamp()) - start, each)
        seen = views(n, ages / 3600).astype(np.int64)
        rows.append(np.stack([np.full(len(ages), n + 1), ages + start, seen, seen // 25, seen // 90], axis=1))
        curves.append({"publication_id": n + 1, "points": _aligned(air_at, ages + start, seen)})
        horizons += [
            {
                "publication_id": n + 1,
                "hours": hours,
                "views": int(views(n, float(hours))),
                "error_views": 2,
                "measured_at": NOW,
            }
            for hours in HORIZON_HOURS
            if air_at + timedelta(hours=hours) <= NOW
        ]
    # As they come in life: by the hour, across episodes.
    counted = np.concatenate(rows)
    counted = counted[np.argsort(counted[:, 1], kind="stable")]
    session.connection().exec_driver_sql(
        "INSERT INTO view_snapshot (publication_id, taken_at, views, likes, comments) VALUES (?, ?, ?, ?, ?)",
        [tuple(row) for row in counted.tolist()],
    )
    session.execute(insert(AlignedCurve), curves)
    session.execute(insert(Horizon), horizons)


def _aligned(air_at: datetime, taken: Any, seen: Any) -> list[int | None]:
    points: list[int | None] = []
    start = int(air_at.timestamp())
    # Only the counts around one of the ages tell something of the curve.
    for late in sorted(set(np.searchsorted(taken, start + AGES_S).tolist())):
        if late >= len(taken):
            break
        early = Count(int(taken[late - 1]), int(seen[late - 1])) if late else None
        for place, value in passed_ages(air_at, early, Count(int(taken[late]), int(seen[late]))):
            points += [None] * (place + 1 - len(points))
            points[place] = value
    return points


def _people_and_shows(session: Session) -> tuple[list[str], str]:
    begun = NOW - timedelta(days=900)
    producer = accounts.create(session, PRODUCER, "producer", PASSWORD, begun, "bench")
    admin = accounts.create(session, ADMIN, "admin", PASSWORD, begun, "bench")
    for account in (producer, admin):
        account.previous_visit_at, account.last_seen_at = NOW - timedelta(days=3), NOW
    shows = []
    for number, name in enumerate(SHOWS):
        made = programmes.create(session, name, begun, "bench")
        programmes.change(session, made, {"slots": [f"{number} 19:00"]}, NOW, "bench")
        session.flush()
        shows.append(made.id)
    return shows, producer.id


def _channel_figures(session: Session) -> None:
    days = [date(2026, 11, 23) - timedelta(days=number) for number in range(800)]
    session.execute(
        insert(ViewDay), [{"platform": "youtube", "day": d, "gained": 40_000, "estimated": 0} for d in days]
    )
    hours = [
        {
            "platform": "youtube",
            "taken_at": int(NOW.timestamp()) - 3600 * n,
            "subscribers": 48_000 - n,
            "views": 10**7,
            "videos": 5000,
        }
        for n in range(9000)
    ]
    session.execute(insert(ChannelSnapshot), hours)


def _episodes(
    session: Session,
    given: list[tuple[int, datetime, EpisodeState, bool]],
    shows: list[str],
    owner: str,
    chance: random.Random,
) -> None:
    """Episodes by number, with the instant of each, its state, and whether that instant is on the calendar."""
    rows: dict[type[Base], list[dict[str, Any]]] = {}
    for n, at, state, placed in given:
        for table, values in _rows_of(n, at, state, shows[n % len(shows)], owner, chance):
            if table is not Publication or placed:
                rows.setdefault(table, []).append(_whole(table, values))
    for table, many in rows.items():
        session.execute(insert(table), many)


def _rows_of(
    n: int, at: datetime, state: EpisodeState, show: str, owner: str, chance: random.Random
) -> list[tuple[type[Base], dict[str, Any]]]:
    on_air, tags = state is EpisodeState.ON_AIR, chance.sample(WORDS, 3)
    title = " ".join(chance.sample(WORDS, 4)).capitalize() + f", n° {n}"
    folded = names.fold(f"{title} {' '.join(tags)} {SHOWS[n % len(SHOWS)]} invité {n}")
    summary, came = " ".join(chance.choices(WORDS, k=60)), at - timedelta(days=4)
    silences = {"silences": [[second, second + 0.6] for second in range(0, 3000, 10)]}
    mine = {"episode_id": ref(n)}
    episode = {"id": ref(n), "slug": f"episode-{n}", "title": title, "summary": summary, "tags": tags}
    episode |= {"programme_id": show, "owner_id": owner, "search": folded, "state": state, "version": 3, "cut": 1}
    publication = {"id": n + 1, **mine, "platform": "youtube", "marker": f"pv-{n}", "scheduled_at": at}
    if on_air:
        age_h = (NOW - at).total_seconds() / 3600
        publication |= {"state": PublicationState.ON_AIR, "air_at": at, "video_id": f"v{n:010}", "views_at": NOW}
        publication |= {"views": int(views(n, age_h)), "day_gain": n * 7919 % 5000 if age_h < 6000 else n % 50}
        publication |= {"next_snapshot_at": NOW}
    recording = {"id": f"r{ref(n)}", **mine, "origin": "watch", "received_at": came, "duration_s": 3100.0}
    part = {"recording_id": f"r{ref(n)}", "name": b"film.mov", "shown_name": "film.mov", "source": b"/depot/film.mov"}
    part |= {"path": "film.mov", "bytes": 8_000_000_000, "claimed_at": at, "sha256": names.new_id()}
    film = {"kind": "preview", "cut": 1, "path": str(FILM), "bytes": 1, "sha256": "0" * 64, "duration_s": 3000.0}
    stills = [{**mine, "path": "still.jpg", "time_s": 10.0 * k, "score": 0.5, "chosen": k == 0} for k in range(3)]
    chapters = [{**mine, "start_s": 300.0 * k, "title": chance.choice(WORDS)} for k in range(6)]
    lines = [{**mine, "at": at - timedelta(days=k), "actor": PRODUCER, "action": "episode.state"} for k in range(6)]
    return [
        (Episode, {**episode, "created_at": came, "updated_at": min(at, NOW)}),
        (Recording, {**recording, "measures": silences}),
        (Part, {**part, "info": {"container": "mov", "video_codec": "h264"}}),
        (Rendition, {**mine, **film, "made_at": at}),
        (Guest, {**mine, "name": f"Invité {n}", "role": "témoin"}),
        (Publication, publication),
        *((Thumbnail, still) for still in stills),
        *((ChapterMark, chapter) for chapter in chapters),
        *((JournalEntry, line) for line in lines),
    ]


def _whole(table: type[Base], given: dict[str, Any]) -> dict[str, Any]:
    """A row with the table's own defaults, so that all rows of a statement name the same columns."""
    whole: dict[str, Any] = {}
    for column in table.__table__.columns:
        if column.default is not None:
            whole[column.name] = column.default.arg if column.default.is_scalar else []
        elif column.server_default is None and column.name != "id":
            whole[column.name] = None
    return {**whole, **given}
