"""The tools that people really copy with, and recorders at work, into one watched folder: `make campaign-writers`.

Not part of `make test`: it lasts a minute, by a real clock, and wants tools that a machine may not have. Those that are
absent are named; a table says when each file was there whole, when it was taken, and whether it is the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from pasvu.channel.clock import WallClock
from pasvu.channel.models import Episode
from pasvu.ingest.tools import Tools
from pasvu.ingest.watcher import Watcher

from . import share_servers as servers
from .depot import Depot, make_depot

SETTLE_S = 1.0
PAUSE_S = 2.5
"""Of somebody who notices that a copy stopped, and goes on with it: longer than the quiet time."""
SLOW_KB_S = 800
LATEST_S = 15.0
TOOLS = ("rsync", "scp", "sftp", "sshd", "curl", "rclone", "syncthing", "smbclient", "smbd")
SOURCES = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25,noise=alls=40:allf=t", "-f", "lavfi", "-i", "sine=300:r=48000")
CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac")


@dataclass
class Copy:
    """One way of bringing a film, in a thread of its own."""

    name: str
    writes: Callable[[Copy], None]
    source: Path
    target: Path
    digest: str | None = None
    """Of the whole film; known at the end only for one that is being recorded."""
    began: float = 0.0
    done_at: float | None = None
    taken_at: float | None = None
    early: bool = False
    failed: Exception | None = None

    def begin(self) -> threading.Thread:
        thread = threading.Thread(target=self._write, name=self.name)
        thread.start()
        return thread

    def _write(self) -> None:
        self.began = time.monotonic()
        try:
            self.writes(self)
        except Exception as failed:
            self.failed = failed
        self.done_at = time.monotonic()

    def there(self) -> int:
        """How many bytes of it stand in the depot, whatever they are called meanwhile."""
        return max(
            (path.stat().st_blocks * 512 for path in self.target.parent.rglob(f"*{self.target.stem}*")), default=0
        )

    def under_way(self, *words: str | Path) -> subprocess.Popen[bytes]:
        """The tool, once a third of the film has come."""
        tool = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        servers.until(lambda: self.there() > self.source.stat().st_size / 3, self.name)
        assert tool.poll() is None, "it was over before it could be interrupted"
        return tool


def run(*words: str | Path) -> None:
    """The tool, from beginning to end."""
    subprocess.run([str(word) for word in words], check=True, stdin=subprocess.DEVNULL, capture_output=True)


def cut(tool: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Interrupt it, and take the time to notice."""
    tool.send_signal(how)
    tool.communicate()
    time.sleep(PAUSE_S)


def stopped_for_a_while(tool: subprocess.Popen[bytes]) -> None:
    """A machine that sleeps, a network that hangs: the writer lives and writes nothing."""
    tool.send_signal(signal.SIGSTOP)
    time.sleep(PAUSE_S)
    tool.send_signal(signal.SIGCONT)
    _, said = tool.communicate()
    assert tool.returncode == 0, said


def plain(depot: Path) -> Iterator[tuple[str, Callable[[Copy], None]]]:
    """What every machine has."""
    elsewhere = Path("/dev/shm")
    yield "cp", lambda copy: run("cp", copy.source, copy.target)
    yield "mv", lambda copy: run("mv", _second(copy, depot.parent), copy.target)
    if elsewhere.is_dir() and elsewhere.stat().st_dev != depot.stat().st_dev:
        yield "mv from another disk", lambda copy: run("mv", _second(copy, elsewhere), copy.target)

    def dd(copy: Copy) -> None:
        stopped_for_a_while(
            copy.under_way("sh", "-c", f"(head -c 2000000; sleep 1; cat) < '{copy.source}' > '{copy.target}'")
        )

    yield "a shell, paused", dd


def rsync(_depot: Path) -> Iterator[tuple[str, Callable[[Copy], None]]]:
    slow = f"--bwlimit={SLOW_KB_S}"

    def again(first: tuple[str, ...], then: tuple[str, ...], how: signal.Signals) -> Callable[[Copy], None]:
        def write(copy: Copy) -> None:
            cut(copy.under_way("rsync", slow, *first, copy.source, copy.target), how)
            run("rsync", slow, *then, copy.source, copy.target)

        return write

    term, kill = signal.SIGTERM, signal.SIGKILL
    yield "rsync", lambda copy: run("rsync", slow, copy.source, copy.target)
    yield "rsync --inplace", lambda copy: run("rsync", slow, "--inplace", copy.source, copy.target)
    yield (
        "rsync --preallocate --inplace",
        lambda copy: run("rsync", slow, "--inplace", "--preallocate", copy.source, copy.target),
    )
    yield "rsync --delay-updates", lambda copy: run("rsync", slow, "--delay-updates", copy.source, copy.target)
    yield "rsync, cut, again", again((), (), kill)
    yield "rsync --partial, cut, resumed", again(("--partial",), ("--partial",), term)
    yield "rsync --partial, cut, appended", again(("--partial",), ("--append-verify",), term)
    yield "rsync --inplace, killed, resumed", again(("--inplace",), ("--inplace",), kill)
    yield "rsync --partial-dir, cut, resumed", again(("--partial-dir=.rsync",), ("--partial-dir=.rsync",), term)

    def paused(copy: Copy) -> None:
        stopped_for_a_while(copy.under_way("rsync", slow, "--inplace", copy.source, copy.target))

    yield "rsync --inplace, paused", paused


def over_ssh(options: list[str], host: str, work: Path) -> Iterator[tuple[str, Callable[[Copy], None]]]:
    limit = str(SLOW_KB_S * 8)

    def orders(copy: Copy, order: str) -> Path:
        path = work / f"{copy.target.stem}.{order}"
        path.write_text(f'{order} "{copy.source}" "{copy.target}"\n')
        return path

    def sftp(copy: Copy, order: str) -> list[str | Path]:
        return ["sftp", *options, "-l", limit, "-b", orders(copy, order), host]

    def reput(copy: Copy) -> None:
        cut(copy.under_way(*sftp(copy, "put")), signal.SIGKILL)
        run(*sftp(copy, "reput"))

    def again(copy: Copy) -> None:
        cut(copy.under_way("scp", *options, "-l", limit, copy.source, f"{host}:{copy.target}"), signal.SIGKILL)
        run("scp", *options, "-l", limit, copy.source, f"{host}:{copy.target}")

    yield "scp", lambda copy: run("scp", *options, "-l", limit, copy.source, f"{host}:{copy.target}")
    yield "scp, cut, again", again
    yield "sftp put", lambda copy: run(*sftp(copy, "put"))
    yield "sftp put, cut, reput", reput
    yield "sftp put, paused", lambda copy: stopped_for_a_while(copy.under_way(*sftp(copy, "put")))


def over_webdav(address: str) -> Iterator[tuple[str, Callable[[Copy], None]]]:
    def curl(copy: Copy) -> list[str | Path]:
        return ["curl", "-sf", "--limit-rate", f"{SLOW_KB_S}k", "-T", copy.source, address + quote(copy.target.name)]

    def again(copy: Copy) -> None:
        cut(copy.under_way(*curl(copy)), signal.SIGKILL)
        run(*curl(copy))

    yield "curl to WebDAV", lambda copy: run(*curl(copy))
    yield "curl to WebDAV, cut, again", again
    yield "rclone copyto", lambda copy: run("rclone", "copyto", "--bwlimit", f"{SLOW_KB_S}k", copy.source, copy.target)


def over_samba(client: list[str]) -> Iterator[tuple[str, Callable[[Copy], None]]]:
    def put(copy: Copy) -> None:
        """From its standard input, slower than it could."""
        words = [*client, "-c", f'put - "{copy.target.name}"']
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as tool:
            assert tool.stdin is not None
            film = copy.source.read_bytes()
            for at in range(0, len(film), len(film) // 4 + 1):
                tool.stdin.write(film[at : at + len(film) // 4 + 1])
                tool.stdin.flush()
                time.sleep(PAUSE_S / 2)
            said, _ = tool.communicate()
        assert tool.returncode == 0, said

    yield "smbclient put, slowly", put
    yield "smbclient put", lambda copy: run(*client, "-c", f'put "{copy.source}" "{copy.target.name}"')


def over_syncthing(theirs: Path, depot: Path) -> Iterator[tuple[str, Callable[[Copy], None]]]:
    def write(copy: Copy) -> None:
        given = theirs / copy.target.name
        shutil.copyfile(copy.source, theirs / ".given")
        (theirs / ".given").rename(given)
        # Taken away within seconds of its end: that it came is enough.
        servers.until(lambda: copy.target.exists() or copy.taken_at is not None, copy.name, 60)
        assert given.exists(), "what was taken here must stay there"

    yield "Syncthing", write


def recorders(tools: Tools) -> Iterator[tuple[str, Callable[[Copy], None]]]:
    """OBS writes so: at the speed of life, Matroska or an MP4 that is fragments until its end."""

    def record(copy: Copy, *words: str, seconds: int = 6) -> list[str | Path]:
        made = [tools.ffmpeg, "-nostdin", "-v", "error", "-re", *SOURCES, "-t", str(seconds), *CODED]
        return [*made, "-metadata", f"comment={copy.name}", *words, copy.target]

    def whole(copy: Copy, *words: str) -> None:
        run(*record(copy, *words))
        copy.digest = digest(copy.target)

    def paused(copy: Copy) -> None:
        tool = subprocess.Popen([str(word) for word in record(copy)], stderr=subprocess.PIPE)
        time.sleep(2)
        stopped_for_a_while(tool)
        copy.digest = digest(copy.target)

    def killed(copy: Copy) -> None:
        tool = subprocess.Popen([str(word) for word in record(copy, seconds=60)], stderr=subprocess.PIPE)
        time.sleep(4)
        tool.kill()
        tool.communicate()
        copy.digest = digest(copy.target)

    yield "recording .mkv", whole
    yield "recording .mkv, paused", paused
    yield "recorder killed .mkv", killed
    yield "recording .mp4", whole
    yield "recording hybrid .mp4", lambda copy: whole(copy, "-movflags", "+hybrid_fragmented+frag_keyframe")
    yield "recording .ts", whole


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def films(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Films of five megabytes, index first, each another one."""
    folder = tmp_path_factory.mktemp("films")
    one = folder / "one.mp4"
    run(tools.ffmpeg, "-nostdin", "-v", "error", *SOURCES, "-t", "6", *CODED, "-movflags", "+faststart", one)

    def numbered(number: int) -> Path:
        path = folder / f"film {number}.mp4"
        path.write_bytes(one.read_bytes() + (16).to_bytes(4, "big") + b"free" + number.to_bytes(8, "big"))
        return path

    return numbered


def test_what_real_tools_write_is_taken_whole_and_once(
    tmp_path: Path, tools: Tools, films: Callable[[int], Path]
) -> None:
    absent = [tool for tool in TOOLS if servers.where(tool) is None]
    depot = make_depot(tmp_path / "home")
    depot.watcher = Watcher(depot.record, depot.folders, WallClock(), [depot.path], timedelta(seconds=SETTLE_S))
    work = tmp_path / "work"
    work.mkdir()
    with ExitStack() as running:
        ways = [*plain(depot.path), *recorders(tools)]

        def have(*wanted: str) -> bool:
            return not set(wanted) & set(absent)

        if have("rsync"):
            ways += rsync(depot.path)
        if have("sshd", "scp", "sftp"):
            ways += over_ssh(*running.enter_context(servers.ssh(work)), work)
        if have("curl", "rclone"):
            ways += over_webdav(running.enter_context(servers.webdav(work, depot.path)))
        if have("smbd", "smbclient"):
            ways += over_samba(running.enter_context(servers.samba(work, depot.path)))
        if have("syncthing"):
            ways += over_syncthing(running.enter_context(servers.syncthing(work, depot.path)), depot.path)
        copies = [_copy(depot.path, films(number), *way) for number, way in enumerate(ways)]
        _follow(depot, copies)
    _say(depot, copies, absent)
    wrong = [copy.name for copy in copies if _outcome(depot, copy) != "same"]
    late = [copy.name for copy in copies if copy.taken_at and copy.done_at and copy.taken_at - copy.done_at > LATEST_S]
    assert not wrong, wrong
    assert not late, late
    assert depot.left() == [name for name in depot.left() if name.startswith(".st")]


def _copy(depot: Path, source: Path, name: str, writes: Callable[[Copy], None]) -> Copy:
    ending = next((word for word in (".mkv", ".ts") if word in name), ".mp4")
    stem = name.replace(".", " ").replace(",", "").replace("-", "")
    recorded = name.startswith("record")
    return Copy(name, writes, source, depot / f"{stem}{ending}", None if recorded else digest(source))


def _follow(depot: Depot, copies: list[Copy]) -> None:
    """Look as the product does until everything is taken, or should have been."""
    threads = [copy.begin() for copy in copies]
    by_name = {copy.target.name: copy for copy in copies}
    last = time.monotonic() + 180
    while time.monotonic() < last and any(copy.taken_at is None for copy in copies if copy.failed is None):
        for name in _received(depot, depot.watcher.look()):
            copy = by_name[name]
            copy.taken_at = time.monotonic()
            copy.early = copy.done_at is None and not copy.name.startswith("Syncthing")
        time.sleep(0.2)
    for thread in threads:
        thread.join()


def _received(depot: Depot, taken: list[str]) -> list[str]:
    with depot.record.read() as session:
        return [session.get_one(Episode, each).recording.parts[0].shown_name for each in taken]


def _outcome(depot: Depot, copy: Copy) -> str:
    if copy.failed is not None:
        said = getattr(copy.failed, "stderr", None) or b""
        return f"its tool failed: {copy.failed} {said.decode(errors='replace')}"
    with depot.record.read() as session:
        found = [part for each in session.query(Episode) for part in each.recording.parts]
        kept = [part for part in found if part.shown_name == copy.target.name]
        if len(kept) != 1 or copy.taken_at is None:
            return f"received {len(kept)} times"
        if copy.early:
            return "taken before its end"
        return "same" if digest(Path(kept[0].path)) == copy.digest else "another film"


def _say(depot: Depot, copies: list[Copy], absent: list[str]) -> None:
    print(f"\n{'writer':36} {'written in':>10}  {'taken after':>11}  result")
    for copy in copies:
        wrote = f"{copy.done_at - copy.began:.1f} s" if copy.done_at else "-"
        after = f"{copy.taken_at - copy.done_at:.1f} s" if copy.taken_at and copy.done_at else "-"
        print(f"{copy.name:36} {wrote:>10}  {after:>11}  {_outcome(depot, copy)}")
    print(f"absent here, and so not shown: {', '.join(absent) or 'none'}")
    print("not shown: a share mounted by the kernel (it takes root and a kernel with cifs or nfs)")


def _second(copy: Copy, folder: Path) -> Path:
    path = folder / f"{os.getpid()}-{copy.target.stem}.film"
    shutil.copyfile(copy.source, path)
    return path
