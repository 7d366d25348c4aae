"""Our sender against a bare streaming PUT of the same file, over loopback, in the same run; its memory; its price.

Throughput counts all that the product does from its first question to the video's id: asking, chunks, the look at
whether a person stopped it, the record on SQLite. Opening the session and checking the file before are left out.
The server opposite is another process that throws bytes away; it speaks without TLS, and so the kernel sends the file.
Memory is the peak of a process that sends, over the same process before it sends. The price is what one episode costs
on the stand-in, counted by the stand-in. Beyond the least: `channels.list` compares the clocks right before an instant
is handed over, and one `videos.list` is the nightly comparison, shared by fifty videos, that a first tick always makes.
Usage: python benchmarks/sending.py [MEBIBYTES] [CHUNK MEBIBYTES]
"""

from __future__ import annotations

import hashlib
import http.client
import json
import multiprocessing
import os
import re
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen
from zoneinfo import ZoneInfo

from googleapiclient.discovery_cache import get_static_doc
from PIL import Image

from pasvu.channel import intake, migrations, names, publications, review
from pasvu.channel.clock import WallClock
from pasvu.channel.database import Record, prepare_file
from pasvu.channel.models import Publication
from pasvu.channel.states import JobState, PublicationState
from pasvu.channel.values import Loudness, MediaInfo, Plan, PlanAction, Still, Trim
from pasvu.publish import sandbox
from pasvu.publish.desk import Desk
from pasvu.publish.steps import PublishSteps
from pasvu.publish.workflow import PublishTick
from pasvu.publish.youtube import AuthorizedUser, YouTube
from pasvu.publish.youtube.authorization import read_authorized_user

RUNS = 7
MIB = 1024 * 1024
PARIS = ZoneInfo("Europe/Paris")
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
# insert 1 (own bucket); then, of the general units: update 50 to hand the instant over with its read before and
# after, thumbnail 50, and one look that sees it public.
LEAST_CALLS = {"videos.insert": 1, "thumbnails.set": 1, "videos.list": 2, "videos.update": 1}
LEAST_UNITS = 50 + 50 + 2


class Sink(BaseHTTPRequestHandler):
    """Just enough of YouTube to receive a file, and to forget it at once."""

    protocol_version = "HTTP/1.1"
    received: dict[str, int] = {}  # noqa: RUF012 - the one memory of this process
    buffer = bytearray(1024 * 1024)

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_args: Any) -> None:
        pass

    def do_GET(self) -> None:
        document = json.loads(get_static_doc("youtube", "v3"))  # type: ignore[no-untyped-call]
        document["rootUrl"] = document["baseUrl"] = f"http://{self.headers['Host']}/"
        self._say(200, json.dumps(document).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/token":
            self._say(200, json.dumps({"access_token": "x", "expires_in": 3600, "scope": SCOPE}).encode())
        else:
            key = str(len(self.received))
            self.received[key] = 0
            self._say(200, b"", Location=f"http://{self.headers['Host']}/upload?upload_id={key}")

    def do_PUT(self) -> None:
        left = int(self.headers["Content-Length"])
        while left:
            left -= self.rfile.readinto(memoryview(self.buffer)[: min(left, len(self.buffer))])  # type: ignore[attr-defined]
        place = urlsplit(self.path)
        if place.path == "/bare":
            self._say(200, b"")
            return
        key = parse_qs(place.query)["upload_id"][0]
        found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)", self.headers["Content-Range"])
        assert found
        if found[2]:
            self.received[key] = int(found[2]) + 1
        if self.received[key] == int(found[3]):
            self._say(201, json.dumps({"id": f"video-{key}"}).encode())
        elif self.received[key]:
            self._say(308, b"", Range=f"bytes=0-{self.received[key] - 1}")
        else:
            self._say(308, b"")

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def serve(port: Any) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    port.send(server.server_port)
    server.serve_forever()


def bare(url: str, path: Path) -> float:
    """Seconds of one PUT that streams the file, as the standard library does it with big blocks."""
    began = time.perf_counter()
    line = http.client.HTTPConnection(urlsplit(url).netloc, blocksize=MIB)
    with path.open("rb") as file:
        line.request("PUT", "/bare", file, {"Content-Length": str(path.stat().st_size)})
        assert line.getresponse().read() == b""
    line.close()
    return time.perf_counter() - began


class Home:
    """A record with one approved episode at a time, and what publishes it."""

    def __init__(self, folder: Path, make: Callable[[WallClock], YouTube], clock: WallClock) -> None:
        self.folder, self.clock = folder, clock
        url = f"sqlite:///{folder / 'pasvu.db'}"
        prepare_file(url)
        migrations.upgrade(url, folder)
        self.record = Record(url)
        self.youtube = make(clock)
        self._send, self.sent_in_s = self.youtube.send, 0.0
        self.youtube.send = self._timed  # type: ignore[method-assign]
        self.desk = Desk(self.record, clock, {"youtube": self.youtube}, timedelta(seconds=60))
        self.steps = PublishSteps(self.desk)
        self.still = folder / "still.jpg"
        Image.new("RGB", (1280, 720), "teal").save(self.still)

    def plan(self, path: Path, duration_s: float, at: datetime | None = None) -> int:
        now = self.clock.now()
        with self.record.write() as session:
            name = names.new_id()
            file = intake.Received(name.encode(), name, name.encode(), path, path.stat().st_size)
            episode = intake.receive(session, name, [file], origin="watch", title="Un épisode", now=now)
            intake.begin(session, episode, now)
            intake.keep_info(episode, [MediaInfo("mov", duration_s, video_codec="h264", audio_codec="aac")])
            intake.propose(episode, Trim(0.0, duration_s, ""), [], [Still(self.still, 1.0, 1.0)])
            intake.keep_plan(episode, Plan(PlanAction.COPY, ""))
            with path.open("rb") as film:
                sha256 = hashlib.file_digest(film, "sha256").hexdigest()
            loudness = Loudness(-14, -1, 5)
            size = path.stat().st_size
            intake.keep_rendition(episode, "master", episode.wanted_cut, path, size, sha256, duration_s, loudness, now)
            intake.offer_for_review(session, episode, episode.wanted_cut, now)
            review.approve(session, episode, now, "nadia")
            instant = at or now + timedelta(days=1)
            planned = publications.schedule(session, episode, "youtube", instant, PARIS, now, "nadia")
            session.flush()
            return planned.id

    def send(self, publication_id: int) -> float:
        """Seconds of sending: from the first question to the video's id."""
        assert self.steps.send(publication_id, f"publish:{publication_id}:1") == JobState.DONE
        with self.record.read() as session:
            assert session.get_one(Publication, publication_id).video_id is not None
        return self.sent_in_s

    def _timed(self, *words: Any) -> str:
        began = time.perf_counter()
        try:
            return self._send(*words)
        finally:
            self.sent_in_s = time.perf_counter() - began


def user_of(url: str) -> AuthorizedUser:
    return AuthorizedUser("client", "secret", "refresh", f"{url}/token")


def throughput(url: str, path: Path, chunk_bytes: int, folder: Path) -> tuple[float, float, float]:
    """Median seconds of ours and of the bare PUT, taken in turns, and the median of the ratios of each turn."""
    home = Home(folder, lambda clock: _client(url, chunk_bytes, clock), WallClock())
    # The product makes sure of the file before it sends: that is no sending, and the bare PUT does not do it.
    with path.open("rb") as film:
        began = time.perf_counter()
        hashlib.file_digest(film, "sha256")
        checking_s = time.perf_counter() - began
    print(f"  (checking the file's SHA-256 before it is sent, left out of the comparison: {checking_s:.2f} s)")
    home.send(home.plan(path, 60.0))
    bare(url, path)
    ours, theirs = [], []
    for _ in range(RUNS):
        theirs.append(bare(url, path))
        ours.append(home.send(home.plan(path, 60.0)))
    home.record.close()
    # Each turn on its own: what else the machine does weighs on both alike.
    ratios = [bare_s / ours_s for ours_s, bare_s in zip(ours, theirs, strict=True)]
    return statistics.median(ours), statistics.median(theirs), statistics.median(ratios)


def _client(url: str, chunk_bytes: int, clock: WallClock) -> YouTube:
    return YouTube(url, user_of(url), chunk_bytes=chunk_bytes, clock=clock, spend=lambda *_paid: None, sleep=time.sleep)


def peak_of(url: str, path: Path, chunk_bytes: int, folder: Path, told: Any) -> None:
    """In a process of its own: how much its memory grows at most while it sends."""
    home = Home(folder, lambda clock: _client(url, chunk_bytes, clock), WallClock())
    small = folder / "small.mp4"
    small.write_bytes(os.urandom(1024))
    home.send(home.plan(small, 1.0))
    planned = home.plan(path, 60.0)
    # The kernel forgets the peak so far (proc(5)): what imports took at their worst must not hide what sending takes.
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    home.send(planned)
    told.send((_status("VmHWM") - before) * 1024)


def _status(name: str) -> int:
    """A line of this process's status, in KiB."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


def price(folder: Path) -> tuple[Counter[str], int, int]:
    """Calls of one episode from its plan to its being seen on air, as the stand-in counted them, and their units."""
    from platforms.films import film

    clock = _Set(datetime.now(UTC))
    serving = sandbox.serve(folder / "sandbox", clock)
    user = read_authorized_user(json.dumps(serving.authorized_user()))

    def make(clock: Any) -> YouTube:
        return YouTube(serving.url, user, chunk_bytes=MIB, clock=clock, spend=lambda *_paid: None, sleep=clock.sleep)

    home = Home(folder, make, clock)  # type: ignore[arg-type]
    path = folder / "film.mp4"
    path.write_bytes(film(3 * MIB, duration_s=60, seed=5))
    at = clock.now().replace(microsecond=0) + timedelta(hours=3)
    publication_id = home.plan(path, 60.0, at)
    for step in (home.steps.send, home.steps.dress, home.steps.hold):
        outcome = step(publication_id, "job") if step == home.steps.send else step(publication_id)  # type: ignore[call-arg]
        with home.record.read() as session:
            assert outcome == JobState.DONE, session.get_one(Publication, publication_id).state_reason
    tick = PublishTick(home.desk, _Jobs(), timedelta(days=1))  # type: ignore[arg-type]
    clock.at = at + timedelta(seconds=1)
    tick.tick()
    with home.record.read() as session:
        assert session.get_one(Publication, publication_id).state == PublicationState.ON_AIR
    with urlopen(f"{serving.url}/sandbox/ledger") as answer:
        said = json.load(answer)["requests"]
    with urlopen(f"{serving.url}/sandbox/quota") as answer:
        buckets = json.load(answer)["buckets"]
    serving.close()
    calls = Counter(str(each["method"]).removeprefix("youtube.") for each in said)
    return calls, buckets["default"]["spent"], buckets["insert"]["spent"]


class _Set:
    """A clock that is moved by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def real_s(self, _seconds: float) -> float:
        return 0.0


class _Jobs:
    def enqueue(self, *_args: Any, **_more: Any) -> None:
        pass

    def state_of(self, _job_id: str) -> None:
        return None


def main(size_mib: int, chunk_mib: float) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    spawn = multiprocessing.get_context("spawn")
    port, theirs = spawn.Pipe(duplex=False)
    server = spawn.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{port.recv()}"
    chunk_bytes = int(chunk_mib * MIB)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        path = folder / "film.mp4"
        with path.open("wb") as file:
            for _ in range(size_mib):
                file.write(os.urandom(MIB))
        (folder / "speed").mkdir()
        ours_s, bare_s, ratio = throughput(url, path, chunk_bytes, folder / "speed")
        print(f"  bare streaming PUT     {size_mib / bare_s:8.0f} MiB/s")
        print(f"  our sender             {size_mib / ours_s:8.0f} MiB/s")
        print(f"ratio, ours / bare     {ratio:8.2f}   (at least 0.9)")

        (folder / "memory").mkdir()
        peak, told = spawn.Pipe(duplex=False)
        sender = spawn.Process(target=peak_of, args=(url, path, chunk_bytes, folder / "memory", told))
        sender.start()
        print(f"ratio, peak / chunk    {peak.recv() / chunk_bytes:8.2f}   (at most 3, over idle)")
        sender.join()

        (folder / "price").mkdir()
        calls, units, inserts = price(folder / "price")
        api = {name: count for name, count in sorted(calls.items()) if name in LEAST_CALLS or ".list" in name}
        print(f"  calls of an episode    {api}; least {LEAST_CALLS}")
        print(f"  every request          {dict(sorted(calls.items()))}")
        print(
            f"ratio, units / least   {units / LEAST_UNITS:8.2f}   ({units} units of {LEAST_UNITS}, {inserts} insertion)"
        )
    server.kill()


if __name__ == "__main__":
    words = sys.argv[1:]
    main(int(words[0]) if words else 1024, float(words[1]) if len(words) > 1 else 16)
