"""The whole road once, without a person: footage made here, dropped, reviewed, sent, on air, counted."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

from pasvu.channel.errors import PasVuError
from pasvu.demo.command import Command
from pasvu.demo.footage import make_footage
from pasvu.ingest.tools import find_tools

RATE = 8
"""Seconds of the channel in a real one: two minutes ahead is a quarter of a minute from now."""
AHEAD = timedelta(minutes=2)
SETTINGS = {
    "clock_rate": str(RATE),
    "youtube_url": "sandbox",
    "settle_s": "8",
    "poll_s": "0.5",
    "publish_margin_s": "10",
    "port": "0",
    "free_disk_gib": "0.2",
}
# Later looks at the views: the clock jumps there, each time in a new process.
LOOKS_H = (1.0, 6.0, 23.95, 24.05, 71.95, 72.05)
PATIENCE_S = 120.0
TOLERATED_S = 2.0


@dataclass(frozen=True)
class Stage:
    """One stage of the road that was really reached."""

    name: str
    at: str
    took_s: float
    what: str


class Road:
    """The stages so far, and the watch that times them."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self._begun = self._last = time.monotonic()

    def reached(self, name: str, at: datetime | str | None, what: str) -> None:
        """Write a stage down."""
        now = time.monotonic()
        shown = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if isinstance(at, datetime) else at or ""
        self.stages.append(Stage(name, shown, round(now - self._last, 1), what))
        self._last = now

    @property
    def total_s(self) -> float:
        """Real seconds since the beginning."""
        return time.monotonic() - self._begun


def travel(home: Path | None, *, as_json: bool = False) -> None:
    """Go the whole road and print it.

    Raises:
        PasVuError: a stage was not reached, or what the platform holds is not what was meant.
    """
    kept = home is not None
    where = home.absolute() if home is not None else Path(tempfile.mkdtemp(prefix="pasvu-demo-"))
    road = Road()
    try:
        _travel(where, road)
    finally:
        _print(road, where if kept else None, as_json)
        if not kept:
            shutil.rmtree(where, ignore_errors=True)


def _travel(home: Path, road: Road) -> None:
    pasvu = Command(home, SETTINGS)
    product = pasvu.start()
    try:
        product.until_it_says("Panneau")
        sandbox = product.until_it_says("Répétition").split()[1]
        _read(sandbox, "/sandbox/videos")
        road.reached("ready", _now(sandbox), "panel, worker, watcher and sandbox are up")
        episode = _received(pasvu, home, road, sandbox)
        _decided(pasvu, road, sandbox, episode)
        video = _aired(pasvu, road, sandbox, episode)
    finally:
        product.stop()
    _check_platform(pasvu, episode, video)
    _counted(home, road, episode, datetime.fromisoformat(video["published_at"]))


def _received(pasvu: Command, home: Path, road: Road, sandbox: str) -> str:
    raw = home / "footage.mp4"
    truth = make_footage(find_tools(), raw, seconds=60)
    depot = home / "depot" / "le-grand-angle"
    depot.mkdir(parents=True, exist_ok=True)
    raw.rename(depot / "2026-11-26_le-grand-angle_Une_nuit_aux_urgences.mp4")
    road.reached("recording", _now(sandbox), f"{truth.duration_s:.0f} s of footage dropped into depot/le-grand-angle/")
    found = _until(lambda: _first(pasvu.ask("episodes"), "in_review"), "ingest")
    document = pasvu.ask("episode", "show", found["id"])
    trim, master = document["trim"], document["master"]
    off_s = max(abs(trim["start_s"] - truth.programme.start_s), abs(trim["end_s"] - truth.programme.end_s))
    _demand(off_s <= 0.5, f"the trim is {off_s:.2f} s off the truth")
    _demand(abs(master["integrated_lufs"] + 14) <= 0.5, f"the master is at {master['integrated_lufs']} LUFS")
    _demand(master["true_peak_dbtp"] <= -1, f"the master peaks at {master['true_peak_dbtp']} dBTP")
    road.reached(
        "in review",
        _now(sandbox),
        f"« {document['title']} » {document['plan']['action']}: {trim['start_s']:.2f}–{trim['end_s']:.2f} s "
        f"({off_s:.2f} s off the truth), {document['loudness']['integrated_lufs']:.1f} → "
        f"{master['integrated_lufs']:.1f} LUFS, {master['true_peak_dbtp']:.1f} dBTP, "
        f"{len(document['thumbnails'])} stills, {len(document['chapters'])} chapters",
    )
    return str(found["id"])


def _decided(pasvu: Command, road: Road, sandbox: str, episode: str) -> None:
    pasvu.call("episode", "set", episode, "summary=Une nuit avec celles et ceux qui tiennent l’hôpital.")
    pasvu.call("episode", "approve", episode)
    road.reached("approved", _now(sandbox), "by the console")
    at = (_now(sandbox) + AHEAD).replace(microsecond=0)
    pasvu.call("schedule", episode, "--at", at.isoformat())
    road.reached("scheduled", _now(sandbox), f"for {at:%Y-%m-%d %H:%M:%S}")


def _aired(pasvu: Command, road: Road, sandbox: str, episode: str) -> dict[str, Any]:
    held = _until(lambda: _publication(pasvu, episode, "held", "on_air"), "upload")
    road.reached(
        "uploaded, held",
        _now(sandbox),
        f"{held['uploaded_bytes']:,} bytes, {held['quota_spent']} quota units, private until its instant",
    )
    aired = _until(lambda: _publication(pasvu, episode, "on_air"), "air")
    video: dict[str, Any] = _read(sandbox, f"/sandbox/videos/{aired['video_id']}")
    everything = _read(sandbox, "/sandbox/videos")["videos"]
    _demand(len(everything) == 1, f"{len(everything)} videos were made instead of one")
    road.reached(
        "on air", video["published_at"], f"{video['id']}: " + " → ".join(m["privacy"] for m in video["history"])
    )
    return video


def _check_platform(pasvu: Command, episode: str, video: dict[str, Any]) -> None:
    document = pasvu.ask("episode", "show", episode)
    publication = document["publications"][0]
    _demand(video["sha256"] == document["master"]["sha256"], "the platform received other bytes than the master's")
    history = [moment["privacy"] for moment in video["history"]]
    _demand(set(history[:-1]) == {"private"} and history[-1] == "public", f"its visibility went {', '.join(history)}")
    public_at = datetime.fromisoformat(video["history"][-1]["at"])
    promised_at = datetime.fromisoformat(publication["scheduled_at"])
    late_s = (public_at - promised_at).total_seconds()
    _demand(0 <= late_s <= TOLERATED_S, f"it went public {late_s:.1f} s after its instant")
    _demand(document["state"] == "on_air", f"the episode is {document['state']}")


def _counted(home: Path, road: Road, episode: str, air_at: datetime) -> None:
    figures: dict[str, Any] = {}
    for hours in LOOKS_H:
        # Real time and a jump: each look is a process that wakes up that much later.
        offset_s = (air_at + timedelta(hours=hours) - datetime.now(UTC)).total_seconds()
        later = Command(home, {**SETTINGS, "clock_rate": "1", "clock_offset_s": str(offset_s)})
        later.call("views", "collect")
        figures = later.ask("views", "show", episode)["publications"][0]
    latest, frozen = figures["latest"], {each["hours"]: each for each in figures["horizons"]}
    _demand(latest is not None and latest["views"] > 0, "no views were counted")
    _demand({24, 72} <= set(frozen), f"only {sorted(frozen)} of the horizons 24 h and 72 h were frozen")
    said = ", ".join(f"{hours} h: {frozen[hours]['views']} ± {frozen[hours]['error_views']}" for hours in (24, 72))
    road.reached("views", latest["taken_at"], f"{latest['views']} views; frozen {said}")


def _until(found: Callable[[], dict[str, Any] | None], stage: str) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        answer = found()
        if answer is not None:
            return answer
        time.sleep(0.2)
    raise PasVuError(f"The stage « {stage} » was not reached within {PATIENCE_S:.0f} s.")


def _first(rows: list[dict[str, Any]], state: str) -> dict[str, Any] | None:
    for row in rows:
        if row["state"] == "quarantined" or row["job_state"] == "failed":
            raise PasVuError(f"The recording was not taken: {row['state_reason']}")
        if row["state"] == state:
            return row
    return None


def _publication(pasvu: Command, episode: str, *states: str) -> dict[str, Any] | None:
    found: dict[str, Any] = pasvu.ask("episode", "show", episode)["publications"][0]
    if found["state"] == "failed":
        raise PasVuError(f"The publication failed: {found['state_reason']}")
    return found if found["state"] in states else None


def _now(sandbox: str) -> datetime:
    """The channel's time: the sandbox follows the product's clock and says it in `Date`."""
    with urlopen(f"{sandbox}/", timeout=10) as answer:  # noqa: S310 (our own stand-in)
        return parsedate_to_datetime(answer.headers["Date"])


def _read(sandbox: str, path: str) -> Any:
    with urlopen(f"{sandbox}{path}", timeout=10) as answer:  # noqa: S310 (our own stand-in)
        return json.load(answer)


def _demand(held: bool, otherwise: str) -> None:
    if not held:
        raise PasVuError(f"The road was not really travelled: {otherwise}.")


def _print(road: Road, home: Path | None, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"stages": [asdict(stage) for stage in road.stages], "total_s": round(road.total_s, 1)}))  # noqa: T201
        return
    drawn = Table(title="The road", title_justify="left", box=None, pad_edge=False, header_style="bold")
    for heading in ("Stage", "Channel's clock (UTC)", "Real s", "What"):
        drawn.add_column(heading, overflow="fold", justify="right" if heading == "Real s" else "left")
    for stage in road.stages:
        drawn.add_row(stage.name, stage.at, f"{stage.took_s:.1f}", stage.what)
    console = Console(width=140)
    console.print(drawn)
    console.print(
        f"{road.total_s:.0f} s in all, on a clock {RATE} times as fast." + (f" Kept in {home}." if home else "")
    )
