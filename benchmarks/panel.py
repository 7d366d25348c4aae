"""The panel at 5,000 episodes and 5 million snapshots: time of each page, weight, scrubbing, and tabs left open.

Every time is set against the sign-in page of the same server in the same run: what a page costs that reads nothing.
Usage: python benchmarks/panel.py [EPISODES] [SNAPSHOTS]
"""

from __future__ import annotations

import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import years
from sqlalchemy import select, update
from years import NOW, PASSWORD, PRODUCER

from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.models import Episode
from pasvu.channel.settings import Settings
from pasvu.channel.states import EpisodeState

ROUNDS = 200
CHANGED, POLL = "board, just changed", "board, poll"
TABS, TABS_S = 20, 30.0
SCRUBBERS, SCRUB_S = 4, 20.0
FILM_BYTES = 400 * 1024 * 1024
BARS = {"p50": 15.0, "p95": 60.0, "scrub p95": 50.0, "tabs": 3.0, "weight": 350.0}


def main() -> None:
    count, snapshots = (int(word) for word in [*sys.argv[1:], "5000", "5000000"][:2])
    with tempfile.TemporaryDirectory(prefix="pasvu-bench-") as folder:
        settings = years.home_of(Path(folder), count, snapshots // count)
        film = lay_film(settings)
        server = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(settings.home)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            measure(port, server.pid, film, Record(settings.url))
        finally:
            server.terminate()
            server.wait()


def measure(port: int, pid: int, film: str, record: Record) -> None:
    visitor = Visitor(port)
    visitor.sign_in()
    with record.read() as session:
        changing = session.scalars(select(Episode.id).where(Episode.state == EpisodeState.IN_REVIEW)).first()
    assert changing is not None
    partial = {"HX-Request": "true", "HX-Request-Type": "partial"}
    pages: dict[str, tuple[str, dict[str, str]]] = {
        "sign-in": ("/connexion", {}),
        "board": ("/", {}),
        CHANGED: ("/", {}),
        "board, page 300": ("/?page=300", {}),
        "board, search": ("/?q=foret+nuit", {}),
        "board, programme": ("/?emission=terrain", {}),
        POLL: ("/", partial),
        "calendar": ("/calendrier", {}),
        "calendar, a year ago": ("/calendrier?du=2025-11-24", {}),
    }
    print(f"{'page':24}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}{'KB':>8}{'ratio':>8}")
    base = 1.0
    for name, (path, headers) in pages.items():
        if name == POLL:
            path = live_address(visitor)
            pages[POLL] = (path, headers)
        visitor.get(path, headers)
        before = cpu_s(pid)
        took = []
        for turn in range(ROUNDS):
            if name == CHANGED:
                touch_one(record, turn, changing)
            took.append(timed(lambda path=path, headers=headers: visitor.get(path, headers)))  # type: ignore[misc]
        cpu = (cpu_s(pid) - before) / ROUNDS * 1000
        p50, p95 = quantiles(took)
        base = p50 if name == "sign-in" else base
        weight = len(visitor.get(path, headers)[1].encode()) / 1000
        held = "" if name == "sign-in" or (p50 <= BARS["p50"] and p95 <= BARS["p95"]) else "  over the bar"
        print(f"{name:24}{p50:9.1f}{p95:9.1f}{cpu:9.1f}{weight:8.0f}{p50 / base:8.1f}{held}")
    weigh(visitor)
    scrub(port, visitor, film)
    leave_open(port, pid, pages[POLL])


def live_address(visitor: Visitor) -> str:
    found = re.search(r'data-live="([^"]+)"', visitor.get("/")[1])
    assert found is not None
    return found[1].replace("&amp;", "&")


def touch_one(record: Record, turn: int, which: str) -> None:
    """What a colleague's correction does: the board drawn for the last reader is not good any more."""
    with record.write() as session:
        session.execute(
            update(Episode).where(Episode.id == which).values(title=f"Titre {turn}", version=Episode.version + 1)
        )


def weigh(visitor: Visitor) -> None:
    print(f"\n{'whole page':24}{'KB':>8}   HTML, styles, scripts and fonts, uncompressed, without stills")
    for path in ("/", "/calendrier", "/deposer", "/directs"):
        html = visitor.get(path)[1]
        if "<html" not in html:
            continue
        assets = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js)[^"]*)"', html))
        seen: set[str] = set()
        total = len(html.encode())
        while assets:
            asset = assets.pop()
            plain = asset.split("?")[0]
            if plain in seen:
                continue
            seen.add(plain)
            text = visitor.get(asset)[1]
            total += len(text.encode())
            folder = plain.rsplit("/", 1)[0]
            assets |= {f"{folder}/{name}" for name in re.findall(r"from '\./([\w.]+)'", text)}
        fonts = sum(len(visitor.raw(f"/static/vendor/{name}.woff2")) for name in ("bricolage", "instrument"))
        kb = (total + fonts) / 1000
        print(f"{path:24}{kb:8.0f}{'  over the bar' if kb > BARS['weight'] else ''}")


def scrub(port: int, visitor: Visitor, film: str) -> None:
    """Four people jump about in an hour of film; everyone else's pages must not feel it."""
    stop = threading.Event()
    seeks: list[float] = []

    def person(seed: int) -> None:
        chance = random.Random(seed)
        while not stop.is_set():
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            begun = time.perf_counter()
            at = chance.randrange(FILM_BYTES - 2_000_000)
            client.request("GET", film, headers={"Range": f"bytes={at}-", "Cookie": visitor.cookie})
            reply = client.getresponse()
            reply.read(64 * 1024)
            seeks.append((time.perf_counter() - begun) * 1000)
            reply.read(1_400_000)
            # A player keeps the line open a moment, then leaves it for another place.
            stop.wait(0.3)
            client.close()

    people = [threading.Thread(target=person, args=(seed,)) for seed in range(SCRUBBERS)]
    for each in people:
        each.start()
    took: list[float] = []
    until = time.monotonic() + SCRUB_S
    while time.monotonic() < until:
        for path in ("/calendrier", "/deposer", "/"):
            took.append(timed(lambda path=path: visitor.get(path)))  # type: ignore[misc]
        stop.wait(0.05)
    stop.set()
    for each in people:
        each.join()
    p50, p95 = quantiles(took)
    seek50, seek95 = quantiles(seeks)
    print(f"\n{SCRUBBERS} people scrubbing: {len(seeks)} seeks, p50 {seek50:.1f} ms, p95 {seek95:.1f} ms")
    held = "" if p95 <= BARS["scrub p95"] else "  over the bar"
    print(f"other pages meanwhile: p50 {p50:.1f} ms, p95 {p95:.1f} ms{held}")


def leave_open(port: int, pid: int, poll: tuple[str, dict[str, str]]) -> None:
    """Twenty tabs ask every two seconds while nothing changes."""
    path, headers = poll
    tabs = [Visitor(port) for _ in range(TABS)]
    one = Visitor(port)
    one.sign_in()
    for tab in tabs:
        tab.cookie = one.cookie
    before, begun = cpu_s(pid), time.monotonic()
    answers = 0
    while time.monotonic() - begun < TABS_S:
        for tab in tabs:
            code, _ = tab.get(path, headers)
            answers += code == 204
            time.sleep(2.0 / TABS)
    wall = time.monotonic() - begun
    share = 100 * (cpu_s(pid) - before) / wall
    held = "" if share <= BARS["tabs"] else "  over the bar"
    print(f"\n{TABS} tabs left open: {answers / wall:.1f} answers a second, {share:.1f} % of one core{held}")


class Visitor:
    """A browser's connection, kept open, with its cookie."""

    def __init__(self, port: int) -> None:
        self._client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookie = ""

    def raw(self, path: str, headers: dict[str, str] | None = None) -> bytes:
        self._client.request("GET", path, headers={"Cookie": self.cookie, **(headers or {})})
        return self._read()[1]

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        self._client.request("GET", path, headers={"Cookie": self.cookie, **(headers or {})})
        code, body = self._read()
        return code, body.decode(errors="replace")

    def sign_in(self) -> None:
        page = self.get("/connexion")[1]
        token = re.search(r'name="csrf" content="([^"]+)"', page)
        assert token is not None
        form = urlencode({"csrf_token": token[1], "name": PRODUCER, "password": PASSWORD})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        self._client.request("POST", "/connexion", body=form, headers=headers)
        assert self._read()[0] == 303

    def _read(self) -> tuple[int, bytes]:
        reply = self._client.getresponse()
        body = reply.read()
        for morsel in SimpleCookie(reply.headers.get("Set-Cookie", "")).values():
            self.cookie = f"{morsel.key}={morsel.value}"
        return reply.status, body


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def quantiles(took: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(took, n=20)
    return statistics.median(took), cuts[18]


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def lay_film(settings: Settings) -> str:
    """A film of an hour where the record says it is; its address."""
    film = settings.home / years.FILM
    film.parent.mkdir(parents=True)
    with film.open("wb") as out:
        block = random.Random(2).randbytes(1024 * 1024)
        for _ in range(FILM_BYTES // len(block)):
            out.write(block)
    return f"/e/{years.ref(0)}/film"


def serve_here(home: Path) -> None:
    from pasvu.web.app import create_app
    from pasvu.web.serve import serve

    settings = Settings(home=home)
    app = create_app(
        Record(settings.url), settings, SetClock(NOW), platforms={}, jobs=NoJobs(), sandbox_url=lambda: None
    )
    print(serve(app, "127.0.0.1", 0).port, flush=True)
    threading.Event().wait()


class NoJobs:
    """The engine's side, idle."""

    def list(self, limit: int) -> list[object]:
        return []

    def cancel(self, job_id: str, by: str) -> None: ...

    def retry(self, job_id: str, by: str) -> None: ...


if __name__ == "__main__":
    serve_here(Path(sys.argv[2])) if sys.argv[1:2] == ["--serve"] else main()
