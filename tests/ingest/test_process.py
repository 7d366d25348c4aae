from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pasvu.channel.errors import Cancelled, NoRoom, PasVuError
from pasvu.ingest import process
from pasvu.ingest.tools import find_tools

PYTHON = sys.executable


def test_takes_output_lines_and_pipes_at_once() -> None:
    code = (
        "import os,sys\n"
        "w=int(sys.argv[1].split(':')[1])\n"
        "for n in range(50):\n"
        " os.write(w,b'x'*100000); os.write(1,b'y'*100000); print('line',n,file=sys.stderr,flush=True)\n"
    )
    got = {"pipe": 0, "out": 0}
    lines: list[str] = []
    done = process.run(
        [PYTHON, "-c", code, "@pipe"],
        sinks={"@pipe": lambda chunk: got.__setitem__("pipe", got["pipe"] + len(chunk))},
        on_out=lambda chunk: got.__setitem__("out", got["out"] + len(chunk)),
        on_line=lines.append,
    )
    assert got == {"pipe": 5_000_000, "out": 5_000_000}
    assert lines == [f"line {n}" for n in range(50)] == list(done.errors)


def test_keeps_the_last_lines_only() -> None:
    done = process.run([PYTHON, "-c", "import sys\nfor n in range(1000): print(n, file=sys.stderr)"])
    assert done.errors == tuple(str(n) for n in range(800, 1000))


def test_a_failure_is_a_sentence_with_its_detail() -> None:
    with pytest.raises(process.ToolFailed, match=r"film\.mp4") as failed:
        process.run([PYTHON, "-c", "import sys; sys.exit('Invalid data found')"], subject="film.mp4")
    assert "Invalid data found" in failed.value.detail
    assert "Invalid data" not in str(failed.value)


def test_a_name_with_braces_does_not_break_the_sentence() -> None:
    with pytest.raises(process.ToolFailed, match=r"\{x\}\.mp4"):
        process.run([PYTHON, "-c", "raise SystemExit(1)"], subject="{x}.mp4")


def test_a_full_disk_is_told_apart() -> None:
    with pytest.raises(NoRoom, match="disque est plein"):
        process.run([PYTHON, "-c", "import sys; sys.exit('av_interleaved_write_frame(): No space left on device')"])


def test_a_missing_program_is_a_failure() -> None:
    with pytest.raises(PasVuError):
        process.run(["/nonexistent/ffmpeg"])


def test_stops_when_asked() -> None:
    started = time.monotonic()
    with pytest.raises(Cancelled):
        process.run([PYTHON, "-c", "import time; time.sleep(60)"], should_stop=lambda: time.monotonic() - started > 0.5)
    assert time.monotonic() - started < 5


def test_kills_what_does_not_listen() -> None:
    code = "import signal,time\nsignal.signal(15, signal.SIG_IGN)\nprint('deaf',flush=True)\ntime.sleep(60)"
    heard: list[bytes] = []
    started = time.monotonic()
    with pytest.raises(Cancelled):
        process.run([PYTHON, "-c", code], on_out=heard.append, should_stop=lambda: bool(heard))
    assert time.monotonic() - started < 10


def test_stops_what_stands_still() -> None:
    with pytest.raises(process.ToolFailed, match="n’avance plus"):
        process.run([PYTHON, "-c", "import time; time.sleep(60)"], stall_s=0.8)


def test_stops_what_only_reports() -> None:
    code = (
        "import os,sys,time\nw=int(sys.argv[sys.argv.index('-progress')+1].split(':')[1])\n"
        "while True:\n os.write(w,b'out_time_us=1000000\\nprogress=continue\\n'); time.sleep(.1)"
    )
    # ffmpeg's place is taken by Python: the report options come right after the program, so `-` reads the code.
    script = Path(__file__).with_name("reports.py")
    script.write_text(code, encoding="utf-8")
    try:
        launcher = script.with_suffix(".sh")
        launcher.write_text(f'#!/bin/sh\nexec "{PYTHON}" "{script}" "$@"\n', encoding="utf-8")
        launcher.chmod(0o755)
        with pytest.raises(process.ToolFailed, match="n’avance plus"):
            process.run([launcher], duration_s=10.0, stall_s=1.0)
    finally:
        script.unlink()
        script.with_suffix(".sh").unlink(missing_ok=True)


def test_stops_what_takes_too_long() -> None:
    code = "import time\nwhile True: print('.', flush=True); time.sleep(.1)"
    with pytest.raises(process.ToolFailed, match="temps prévu"):
        process.run([PYTHON, "-c", code], on_out=lambda chunk: None, deadline_s=0.8)


def test_a_sink_that_fails_leaves_no_process() -> None:
    pids: list[int] = []

    def take(chunk: bytes) -> None:
        pids.append(int(chunk))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        process.run([PYTHON, "-c", "import os,time; print(os.getpid(), flush=True); time.sleep(60)"], on_out=take)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_nothing_of_our_environment_or_input_reaches_the_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASVU_SECRET", "hush")
    said: list[bytes] = []
    code = "import os,sys; print(sorted(os.environ), sys.stdin.read(), os.getsid(0) == os.getpid())"
    process.run([PYTHON, "-I", "-c", code], on_out=said.append)
    assert b"SECRET" not in b"".join(said)
    assert b"True" in b"".join(said)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.mark.media
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_no_ffmpeg_outlives_a_killed_parent(tmp_path: Path) -> None:
    ffmpeg = find_tools().ffmpeg
    out = tmp_path / "endless.mkv"
    code = (
        "from pasvu.ingest import process\n"
        f"process.run([{str(ffmpeg)!r},'-nostdin','-v','error','-y','-re','-f','lavfi','-i','testsrc2=s=64x64',"
        f"'-flush_packets','1',{str(out)!r}], on_progress=lambda f: None, duration_s=1e6)"
    )
    parent = subprocess.Popen([PYTHON, "-c", code])
    try:
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        deadline = time.monotonic() + 20
        while not (out.exists() and out.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.05)
        child = int(children.read_text(encoding="ascii").split()[0])
        assert "ffmpeg" in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8").split("\0")[0]
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 5
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)


def test_the_launcher_begins_with_next_to_nothing() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import launch; print(*sys.modules)"
    done = subprocess.run(
        [PYTHON, "-I", "-S", "-c", code, Path(process.__file__).parent], capture_output=True, text=True, check=True
    )
    assert not {"socket", "selectors", "enum", "re", "typing"} & set(done.stdout.split())
