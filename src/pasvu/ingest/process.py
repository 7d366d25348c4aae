"""Starts every process of the product: watched, cancellable, and never outliving the one who started it.

A process is its argument list. What it writes is read as it comes, by one loop in the calling thread: nothing is kept
whole in memory and nothing can block on a full pipe.
"""

from __future__ import annotations

import fcntl
import logging
import os
import selectors
import shlex
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pasvu.channel.errors import Cancelled
from pasvu.ingest import jail
from pasvu.ingest.failures import STILL, STUCK, TOO_LONG, NotJailed, ToolFailed, failure_of

__all__ = ["Finished", "NotJailed", "OnLine", "OnProgress", "ShouldStop", "Take", "ToolFailed", "run"]

log = logging.getLogger(__name__)

Take = Callable[[bytes], None]
OnLine = Callable[[str], object]
OnProgress = Callable[[float], None]
ShouldStop = Callable[[], bool]

KEPT_LINES = 200
STALL_S = 120.0
DEADLINE_LEAST_S = 600.0
DEADLINE_TIMES = 6.0
"""A medium encode of 1080p runs at about real time on two cores; six times as long is not work any more."""
_POLL_S = 0.25
_GRACE_S = 3.0
_CHUNK = 1 << 18
_PIPE = 1 << 20
"""As much as a pipe may hold for an ordinary user (`/proc/sys/fs/pipe-max-size`)."""
_STREAM_TURNS = 32
_GATHER_S = 0.005
"""What streams is left to gather for so long: to be woken for each line and each packet costs more than reading it."""
_LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class Finished:
    """A process that ended well: the last lines of what it said, oldest first."""

    errors: tuple[str, ...]


def run(
    args: Sequence[str | Path],
    *,
    subject: str = "",
    reads: Iterable[Path] | None = None,
    writes: Iterable[Path] | None = None,
    sinks: Mapping[str, Take] | None = None,
    on_out: Take | None = None,
    on_line: OnLine | None = None,
    on_progress: OnProgress | None = None,
    duration_s: float | None = None,
    should_stop: ShouldStop | None = None,
    deadline_s: float | None = None,
    stall_s: float = STALL_S,
    online: jail.Online | None = None,
) -> Finished:
    """Run a tool to its end and give back its last words.

    It may open the files of `reads` and of `writes` (files that are there, or folders) and its own libraries, nothing
    else; where one of them is given the other may be left out. Every media tool is told; a program of ours that reads
    nothing received may be run with neither, and then only the network and the limits are closed to it.

    Each argument equal to a key of `sinks` becomes the name of a pipe (`pipe:7`), and what is written there goes to
    that sink, chunk by chunk. `on_out` takes the standard output, `on_line` each line of the standard error.
    With `duration_s` (seconds of media to go through), ffmpeg is asked to report: `on_progress` gets 0…1.
    `should_stop` is asked four times a second. `subject` names the recording in sentences. Without `online` there is
    no network.

    Raises:
        Cancelled: `should_stop` said yes.
        NoRoom: the disk or the quota is full.
        NotJailed: the kernel knows how to close the jail and did not.
        ToolFailed: any other failure, a process that stands still for `stall_s`, or one that passes `deadline_s`.
    """
    command = [os.fspath(arg) for arg in args]
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    progress = _Progress(duration_s, on_progress)

    def heard(line: str) -> None:
        tail.append(line)
        if on_line is not None:
            on_line(line)

    heard_on: dict[int, Take] = {}
    given: list[int] = []
    for name, take in (sinks or {}).items():
        ours, theirs = os.pipe()
        heard_on[ours] = take
        given.append(theirs)
        command = [f"pipe:{theirs}" if arg == name else arg for arg in command]
    reports = None
    if duration_s is not None:
        reports, theirs = os.pipe()
        heard_on[reports] = _Lines(progress.heard).take
        given.append(theirs)
        command[1:1] = ["-progress", f"pipe:{theirs}", "-stats_period", "0.5"]
    if deadline_s is None:
        deadline_s = max(DEADLINE_LEAST_S, DEADLINE_TIMES * (duration_s or 0.0))
    if online is not None:
        given += [fd for fd in (online.handover, online.secret) if fd is not None]
    closing = jail.words(
        jail.kernel(), Path(command[0]), reads, writes, deadline_s=deadline_s, duration_s=duration_s, online=online
    )
    log.debug("starting: %s", shlex.join(command))
    try:
        process = _start(command, closing, given, wants_out=on_out is not None)
    finally:
        for theirs in given:
            os.close(theirs)
    assert process.stderr is not None
    heard_on[process.stderr.fileno()] = _Lines(heard).take
    if process.stdout is not None and on_out is not None:
        heard_on[process.stdout.fileno()] = on_out
    own = {stream.fileno() for stream in (process.stderr, process.stdout) if stream is not None}
    watch = _Watch(process.pid, subject, progress, should_stop, deadline_s, stall_s)
    try:
        _listen(heard_on, watch, reports)
        while process.poll() is None:
            watch.look()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_S)
    finally:
        _end(process)
        for ours in heard_on.keys() - own:
            os.close(ours)
        for stream in (process.stderr, process.stdout):
            if stream is not None:
                stream.close()
    if process.returncode != 0:
        raise failure_of(process.returncode, tail, command, subject)
    progress.done()
    return Finished(tuple(tail))


def _start(
    command: list[str], closing: Sequence[str], given: Sequence[int], *, wants_out: bool
) -> subprocess.Popen[bytes]:
    # `-I -S`: the launcher starts in 20 ms and cannot be led astray by the environment or the current folder.
    launched = [sys.executable, "-I", "-S", str(_LAUNCH), str(os.getpid()), *closing, "--", *command]
    # Nothing secret of ours reaches a decoder; the library path lets an unusual Python start.
    environment = {"LC_ALL": "C.UTF-8", **{k: v for k, v in os.environ.items() if k == "LD_LIBRARY_PATH"}}
    # Each thread's own heap counts 64 MiB against the memory limit before it holds anything.
    environment["MALLOC_ARENA_MAX"] = "2"
    try:
        return subprocess.Popen(
            launched,
            stdin=subprocess.DEVNULL,  # a stray `q` on the terminal stops ffmpeg half way with exit code 0
            stdout=subprocess.PIPE if wants_out else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=tuple(given),
            start_new_session=True,  # Ctrl-C is ours to translate into a clean stop
            env=environment,
            bufsize=0,
        )
    except OSError as error:
        raise ToolFailed(
            "L’outil {tool} n’a pas pu démarrer. Lancez « pasvu check ».", str(error), tool=command[0]
        ) from error


def _listen(reads: Mapping[int, Take], watch: _Watch, reports: int | None) -> None:
    with selectors.DefaultSelector() as selector:
        for fd, take in reads.items():
            _widen(fd)
            selector.register(fd, selectors.EVENT_READ, take)
        turns = 0
        while selector.get_map():
            size = 0
            for key, _ in selector.select(_POLL_S):
                chunk = os.read(key.fd, _CHUNK)
                size += len(chunk)
                if chunk:
                    if key.fd != reports:  # a report comes twice a second even when nothing moves
                        watch.moved()
                    key.data(chunk)
                else:
                    selector.unregister(key.fd)
            watch.look()
            turns += 1
            if turns > _STREAM_TURNS and size < _CHUNK:
                time.sleep(_GATHER_S)


def _widen(fd: int) -> None:
    """Let a pipe hold more, where that is known and granted: it works with less."""
    if sys.platform == "linux":
        with suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the process if it still runs: politely, then not."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)


class _Lines:
    """Cuts chunks of bytes into lines; ffmpeg ends some with a carriage return only."""

    def __init__(self, heard: OnLine) -> None:
        self._heard = heard
        self._rest = b""

    def take(self, chunk: bytes) -> None:
        """Pass on each line that is complete."""
        *lines, self._rest = (self._rest + chunk).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            if line:
                self._heard(line.decode("utf-8", "replace"))
        if len(self._rest) > _CHUNK:  # a line without end is not worth the memory
            self._rest = b""


class _Progress:
    """Reads `-progress` reports; `out_time_us` is the media time written so far."""

    def __init__(self, duration_s: float | None, told: OnProgress | None) -> None:
        self._duration_s = duration_s
        self._told = told
        self._last: dict[str, str] = {}
        self._share = 0.0

    def heard(self, line: str) -> None:
        """Note where the tool says it is."""
        key, _, value = line.partition("=")
        if key not in ("out_time_us", "total_size"):
            return
        self._last[key] = value
        if key == "out_time_us" and self._told is not None and self._duration_s and value.lstrip("-").isdigit():
            # The last report before the end may name another stream, far behind.
            self._share = min(1.0, max(self._share, int(value) / 1e6 / self._duration_s))
            self._told(self._share)

    @property
    def mark(self) -> str:
        """Changes whenever the tool reports that it moved."""
        return str(self._last)

    def done(self) -> None:
        """The work is finished, whatever the last report said."""
        if self._told is not None:
            self._told(1.0)


class _Watch:
    """Decides when a process must be stopped: on request, after its deadline, or when it stands still."""

    def __init__(
        self,
        pid: int,
        subject: str,
        progress: _Progress,
        should_stop: ShouldStop | None,
        deadline_s: float,
        stall_s: float,
    ) -> None:
        self._pid, self._subject, self._progress = pid, subject, progress
        self._should_stop, self._deadline_s, self._stall_s = should_stop, deadline_s, stall_s
        self._started = self._moved = self._looked = time.monotonic()
        self._mark = ""

    def moved(self) -> None:
        """Something came out of the process."""
        self._moved = time.monotonic()

    def look(self) -> None:
        """Raise when it is time to stop."""
        now = time.monotonic()
        if now - self._looked < _POLL_S:
            return
        self._looked = now
        if self._should_stop is not None and self._should_stop():
            raise Cancelled("Le travail sur « {file} » a été annulé ; rien n’est perdu.", file=self._subject)
        if now - self._started > self._deadline_s:
            raise self._stuck(TOO_LONG)
        # Rewriting a large file to bring its index to the front reports nothing for minutes, but it reads.
        mark = self._progress.mark + _has_read(self._pid)
        if mark != self._mark:
            self._mark, self._moved = mark, now
        if now - self._moved > self._stall_s:
            raise self._stuck(STILL)

    def _stuck(self, how: str) -> ToolFailed:
        return ToolFailed(
            STUCK,
            f"stopped after {time.monotonic() - self._started:.0f} s, last report {self._progress.mark!r}",
            file=self._subject,
            how=how,
        )


def _has_read(pid: int) -> str:
    """How many bytes the process has read so far, as the kernel counts; empty where that is not known."""
    try:
        return Path(f"/proc/{pid}/io").read_text(encoding="ascii").partition("\n")[0]
    except OSError:
        return ""
