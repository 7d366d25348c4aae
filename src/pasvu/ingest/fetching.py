"""Fetches a finished live by its address: yt-dlp in its jail, our proxy as its only way out, then one film of it.

What is there already is never fetched twice: each try goes on in the same folder.
"""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ffmpeg

from pasvu.channel import sites
from pasvu.channel.errors import Cancelled, Refused
from pasvu.channel.values import MediaInfo
from pasvu.ingest import aside, commands, cookies, inspect, jail, process, unfetched, working
from pasvu.ingest.egress import Egress
from pasvu.ingest.tools import Tools

REPLAY = Path(__file__).with_name("replay.py")
_OUR_CODE = REPLAY.parents[2]
CHALLENGE = Path(__file__).with_name("challenge.py")
DEADLINE_S = 24 * 3600.0
PATIENCE_S = 20.0
LARGEST_BYTES = 256 * jail.GIB
SAMPLE_S = 60.0
PACE_WINDOW_S = 180.0
PACE_BYTES = 512 * 1024
"""Less than this in three minutes is no download any more: an hour of 1080p would take weeks."""
_CERTIFICATES = ("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates")
_EXTENSIONS = {"mpegts": ".ts", "matroska": ".mkv", "mov": ".mp4"}

OnFound = Callable[["Found"], None]
OnProgress = Callable[[int, int | None, float | None], None]
MakeEgress = Callable[..., Egress]
"""Given the most bytes, and `apart`."""


@dataclass(frozen=True)
class Found:
    """What the site says of a video; someone else's text."""

    title: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    uploader: str | None = None
    live_status: str | None = None
    live_at: datetime | None = None
    duration_s: float | None = None
    chapters: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Fetched:
    """A live on disk: one film, and what came with it."""

    film: Path
    info: MediaInfo
    found: Found
    captions: Mapping[str, Path] = field(default_factory=dict)
    picture: Path | None = None


def fetch(
    tools: Tools,
    address: str,
    folder: Path,
    *,
    any_site: bool,
    free_bytes: int,
    on_found: OnFound,
    on_progress: OnProgress,
    should_stop: process.ShouldStop,
    egress: MakeEgress = Egress,
    signed_in: str | None = None,
) -> Fetched:
    """Fetch the best there is of a finished live into `folder`, without making it anew.

    `free_bytes` is what the disk may still take; `signed_in` is the site's cookies, as `cookies.read` gives them. The
    film, its captions and its picture lie in `folder` afterwards, and the streams that it was made of too: the folder
    is thrown away once the film is taken.

    Raises:
        Passing: the live is not finished or not processed, the site is away or slow, the disk is full: try later.
        Refused: no public page, no video there, private, gone: a person must decide.
        Cancelled: `should_stop` said yes.
    """
    site = sites.site_of(address)
    if not jail.kernel().closed:
        raise unfetched.not_jailed()
    # The streams and the film made of them lie beside each other for a moment.
    most = min(LARGEST_BYTES, free_bytes // 2)
    if most <= 0:
        raise unfetched.too_large()
    folder.mkdir(parents=True, exist_ok=True)
    heard = _Heard(on_found, on_progress)
    with egress(most, apart=not jail.kernel().closes_ports) as out:
        pace = Pace(lambda: out.received)
        secret = cookies.handed(signed_in) if signed_in is not None else None
        try:
            process.run(
                child(address, folder, out.port, any_site, secret),
                subject=address,
                reads=[*needed(), *map(Path, _CERTIFICATES)],
                writes=[folder],
                on_out=heard.take,
                should_stop=lambda: should_stop() or pace.lost(),
                deadline_s=DEADLINE_S,
                online=jail.Online(out.port, most, out.handover, secret),
            )
        except Cancelled:
            if pace.slow and not should_stop():
                raise unfetched.too_slow() from None
            raise
        except process.NotJailed as open_:
            raise unfetched.not_jailed() from open_
        except process.ToolFailed as failed:
            if out.full or "File too large" in failed.detail:
                raise unfetched.too_large() from failed
            raise
        if heard.why is not None:
            if out.refused:
                raise unfetched.internal()
            if out.unknown and not out.received:
                raise unfetched.unknown_site(known=site is not sites.ELSEWHERE)
            raise (
                unfetched.too_large()
                if out.full
                else unfetched.failure_of(
                    heard.why, found=heard.found.title is not None, signed_in=signed_in is not None
                )
            )
    _check_finished(heard.found)
    if not heard.films:
        raise unfetched.failure_of("did not arrive whole")
    film, info = _one_film(tools, [folder / name for name in heard.films], folder, should_stop)
    return Fetched(
        film,
        info,
        heard.found,
        {language: folder / name for language, name in heard.captions.items()},
        folder / heard.picture if heard.picture else None,
    )


def child(address: str, folder: Path, port: int, any_site: bool, secret: int | None = None) -> list[str | Path]:
    """The words that start yt-dlp. The address is inside JSON: no address is ever an option."""
    asked: dict[str, Any] = {"address": address, "folder": str(folder.absolute()), "port": port, "any_site": any_site}
    asked |= {"patience_s": PATIENCE_S, "cookies": secret}
    # -I: no environment, no current folder leads Python astray. -B: it writes nothing beside its code.
    return [sys.executable, "-I", "-B", REPLAY, json.dumps(asked)]


def needed() -> list[Path]:
    """What Python, yt-dlp and our own code are read from."""
    libraries = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib", "platstdlib")}
    return [*sorted(libraries), Path(sys.base_prefix) / "lib", Path(sys.prefix) / "pyvenv.cfg", _OUR_CODE]


def stands_apart() -> bool:
    """Whether this system gives a tool a network of its own."""
    with Egress(0, apart=True) as out:
        try:
            words = [sys.executable, "-I", "-S", "-c", ""]
            process.run(words, reads=needed(), writes=(), online=jail.Online(out.port, 0, out.handover), deadline_s=20)
        except (process.NotJailed, process.ToolFailed):
            return False
    return True


def solves_scripts() -> bool:
    """Whether what YouTube asks of a player is solved here, in the jail, by a sample of ours."""
    try:
        words: list[str | Path] = [sys.executable, "-I", "-B", CHALLENGE]
        process.run(words, reads=needed(), writes=(), deadline_s=SAMPLE_S)
    except (process.NotJailed, process.ToolFailed):
        return False
    return True


class Pace:
    """Tells a download that moves from one that only seems to: a byte a second keeps every time-out quiet for ever."""

    def __init__(self, received: Callable[[], int], now: Callable[[], float] = time.monotonic) -> None:
        self._received, self._now = received, now
        self._since, self._before = now(), received()
        self.slow = False

    def lost(self) -> bool:
        """Whether too little came for too long."""
        now, received = self._now(), self._received()
        if received - self._before >= PACE_BYTES:
            self._since, self._before = now, received
        self.slow = now - self._since > PACE_WINDOW_S
        return self.slow


class _Heard:
    """What the child said, line by line."""

    def __init__(self, on_found: OnFound, on_progress: OnProgress) -> None:
        self._on_found, self._on_progress = on_found, on_progress
        self._rest = b""
        self.found = Found()
        self.films: list[str] = []
        self.captions: dict[str, str] = {}
        self.picture: str | None = None
        self.why: str | None = None

    def take(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._heard(json.loads(line))

    def _heard(self, said: dict[str, Any]) -> None:
        match said["event"]:
            case "found":
                self.found = found_of(said)
                self._on_found(self.found)
            case "progress":
                self._on_progress(said["bytes"], said["total"], said["share"])
            case "done":
                self.films, self.captions, self.picture = said["films"], said["captions"], said["picture"]
            case "failed":
                self.why = said["why"]


def found_of(said: Mapping[str, Any]) -> Found:
    """The child's words as a value."""
    at = said.get("live_at")
    return Found(
        title=said.get("title"),
        description=said.get("description"),
        tags=tuple(said.get("tags") or ()),
        language=said.get("language"),
        uploader=said.get("uploader"),
        live_status=said.get("live_status"),
        live_at=datetime.fromtimestamp(at, UTC) if at is not None else None,
        duration_s=said.get("duration_s"),
        chapters=tuple((each["start_s"], each["title"]) for each in said.get("chapters") or ()),
    )


def _check_finished(found: Found) -> None:
    match found.live_status:
        case "is_live" | "is_upcoming":
            raise unfetched.not_finished()
        case "post_live":
            raise unfetched.not_processed()


def _one_film(
    tools: Tools, streams: list[Path], folder: Path, should_stop: process.ShouldStop
) -> tuple[Path, MediaInfo]:
    """One file of the streams that came apart, picture and sound copied; and proof that it is a film."""
    try:
        infos = [inspect.inspect(tools, stream, "le direct") for stream in streams]
        if len(streams) == 1:
            kind = next((_EXTENSIONS[word] for word in infos[0].container.split(",") if word in _EXTENSIONS), ".mp4")
            return _named(streams[0], folder / f"replay{kind}"), infos[0]
        fits = all(working.fits_mp4(info) for info in infos)
        film = folder / (".replay.mp4.part" if fits else ".replay.mkv.part")
        process.run(
            commands.command(tools, [joined(streams[0], streams[1], film, "mp4" if fits else "matroska")]),
            subject="le direct",
            reads=streams,
            writes=[folder],
            duration_s=max(info.duration_s for info in infos),
            should_stop=should_stop,
        )
        made = inspect.inspect(tools, film, "le direct")
    except (Refused, process.ToolFailed):
        # Begun anew next time: going on with a damaged file would damage the next one.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return aside.keep(film, folder / film.name.removeprefix(".").removesuffix(".part")), made


def _named(stream: Path, final: Path) -> Path:
    # A second name and not a new one: a try that dies from here on finds the stream where it was.
    final.unlink(missing_ok=True)
    try:
        final.hardlink_to(stream)
    except OSError:
        stream.rename(final)
    return final


def joined(picture: Path, sound: Path, out: Path, form: str) -> Any:
    """Picture and sound that came apart, copied into one file."""
    streams = [commands.received(picture)["V:0"], commands.received(sound)["a:0"]]
    options: dict[str, Any] = {"f": form, "c": "copy", "map_metadata": -1}
    # Index first: the panel's player starts at once and seeks by ranges.
    options |= {"movflags": "+faststart"} if form == "mp4" else {}
    return ffmpeg.output(*streams, commands.address(out), **options)


def missing_s(info: MediaInfo, found: Found) -> float:
    """How many seconds are missing of what the site announced; 0 when it is whole, or announced nothing."""
    announced = found.duration_s or 0.0
    missing = announced - info.duration_s
    # Sites round, and the last segment of a live is rarely full.
    return missing if missing > max(5.0, announced * 0.01) else 0.0
