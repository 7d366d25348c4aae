"""What a program in the jail can still do: read what it was given, write where it was told, and nothing else."""

from __future__ import annotations

import ast
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pasvu.channel.errors import PasVuError
from pasvu.door import checks
from pasvu.ingest import calls, commands, ffconcat, inspect, jail, picture, process
from pasvu.ingest.tools import Tools, find_tools

# Left out, with a word at the end of the run, where the kernel has no jail to show.
pytestmark = pytest.mark.jail

PYTHON = Path(sys.executable)
STANDARD_LIBRARY = Path(sys.base_prefix)
SOURCE = Path(jail.__file__).parents[1]
WHOLE = jail.Kernel(7, True, "x86_64")


def inside(code: str, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> str:
    """What a Python script says that runs in the jail as if it were a media tool."""
    said: list[bytes] = []
    words = [PYTHON, "-I", "-S", "-B", "-c", f"import os, socket, sys\n{code}"]
    process.run(words, reads=[STANDARD_LIBRARY, *reads], writes=writes, on_out=said.append, deadline_s=20)
    return b"".join(said).decode().strip()


def attempt(call: str) -> str:
    """Code that says `done`, or the error of this call."""
    return f"try:\n {call}\nexcept OSError as error:\n print(type(error).__name__)\nelse:\n print('done')"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A file that the tool was given, one beside that it was not, and a folder to work in."""
    (tmp_path / "work").mkdir()
    (tmp_path / "beside.mp4").write_bytes(b"another recording")
    path = tmp_path / "given.mp4"
    path.write_bytes(b"the recording")
    return path


def test_this_machine_can_show_it() -> None:
    assert jail.kernel().closed, "the tests of the jail need Linux with Landlock and seccomp"


def test_reads_what_it_was_given(given: Path) -> None:
    assert inside(f"print(open({str(given)!r}).read())", reads=[given]) == "the recording"


def test_writes_where_it_was_told(given: Path) -> None:
    work = given.parent / "work"
    film = str(work / "film.mp4")
    code = f"open({film!r}, 'w').write('ab'); open({film!r}, 'r+').truncate(1); print(open({film!r}).read())"
    assert inside(code, writes=[work]) == "a"


REFUSED = {
    "a file beside": "open('{folder}/beside.mp4')",
    "a folder": "os.listdir('{folder}')",
    "the machine's accounts": "open('/etc/passwd')",
    "another process": "open('/proc/{pid}/environ')",
    "writing to what it reads": "open('{folder}/given.mp4', 'r+')",
    "emptying what it reads": "os.open('{folder}/given.mp4', os.O_RDONLY | os.O_TRUNC)",
    "cutting what it reads": "os.truncate('{folder}/given.mp4', 0)",
    "a new file elsewhere": "open('{folder}/new.mp4', 'w')",
    "removing": "os.remove('{folder}/given.mp4')",
    "renaming away": "os.rename('{folder}/given.mp4', '{folder}/work/given.mp4')",
    "a link out of the work folder": "os.symlink('/etc/passwd', '{folder}/work/link')",
    "a hard link": "os.link('{folder}/given.mp4', '{folder}/work/link')",
    "a folder of its own": "os.mkdir('{folder}/work/sub')",
    "rights": "os.chmod('{folder}/given.mp4', 0o777)",
    "dates": "os.utime('{folder}/given.mp4', (0, 0))",
    "owner": "os.chown('{folder}/given.mp4', 1, 1)",
    "a shell": "os.execv('/bin/sh', ['sh', '-c', 'echo done'])",
    "IPv4": "socket.socket()",
    "IPv6": "socket.socket(socket.AF_INET6)",
    "UDP": "socket.socket(type=socket.SOCK_DGRAM)",
    "a local socket": "socket.socket(socket.AF_UNIX)",
    "a pair of sockets": "socket.socketpair()",
    "the kernel's events": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "a signal to us": "os.kill({pid}, 0)",
    "another root": "os.chroot('/')",
}
FOR_ROOT = {"owner", "another root"}
NOT_ELSEWHERE = {"a shell"}
"""Would take the place of the one who asks."""


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_is_refused(call: str, given: Path) -> None:
    code = attempt(call.format(folder=given.parent, pid=os.getpid()))
    assert inside(code, reads=[given], writes=[given.parent / "work"]) in (
        "PermissionError",
        "OSError",
        "FileNotFoundError",
    )
    assert given.read_bytes() == b"the recording"


@pytest.mark.parametrize("name", sorted(REFUSED.keys() - NOT_ELSEWHERE - (FOR_ROOT if os.getuid() else set())))
def test_would_be_done_outside(name: str, given: Path) -> None:
    # Else the refusals above would prove nothing.
    call = REFUSED[name]
    code = "import os, socket, sys\n" + attempt(call.format(folder=given.parent, pid=os.getpid()))
    done = subprocess.run([PYTHON, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=20)
    assert done.stdout.strip() == "done"


SYSTEM_CALLS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
for number in {numbers}:
    libc.syscall(number, -1, 0, 0, 0, 0, 0)
    print(ctypes.get_errno(), end=' ')
"""


def test_the_calls_that_holes_of_the_kernel_are_reached_by_are_refused() -> None:
    which = list(calls.ARCHITECTURES).index(jail.kernel().machine)
    names = ("ptrace", "mount", "unshare", "bpf", "keyctl", "io_uring_setup", "userfaultfd", "perf_event_open", "setns")
    numbers = [calls._FORBIDDEN[name][which] for name in names]
    assert inside(SYSTEM_CALLS.format(numbers=numbers)).split() == ["1"] * len(names)
    assert inside(SYSTEM_CALLS.format(numbers=[calls._ABSENT["clone3"][which]])) == "38"


def test_no_new_user_namespace() -> None:
    code = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    number = calls._CLONE[list(calls.ARCHITECTURES).index(jail.kernel().machine)]
    code += f"print(libc.syscall({number}, 0x10000000 | 17, 0, 0, 0, 0), ctypes.get_errno())"
    assert inside(code) == "-1 1"


def judged(program: bytes, machine: int, number: int, *arguments: int) -> int:
    """What the filter answers: a reading of it by other means than the kernel, so that any machine's can be read."""
    data = struct.pack("<IIQ6Q", number, machine, 0, *arguments, *[0] * (6 - len(arguments)))
    instructions = list(struct.iter_unpack("=HBBI", program))
    at = value = 0
    while True:
        code, yes, no, k = instructions[at]
        at += 1
        match code:
            case 0x20:
                (value,) = struct.unpack_from("<I", data, k)
            case 0x54:
                value &= k
            case 0x06:
                return int(k)
            case 0x15 | 0x35 | 0x45:
                at += yes if {0x15: value == k, 0x35: value >= k, 0x45: bool(value & k)}[code] else no
            case _:
                raise AssertionError(hex(code))


@pytest.mark.parametrize(
    ("machine", "socket", "openat", "open_", "clone", "read", "other"),
    [("x86_64", 41, 257, 2, 56, 0, 0xC00000B7), ("aarch64", 198, 56, None, 220, 63, 0xC000003E)],
)
def test_the_filter_of_each_machine(
    machine: str, socket: int, openat: int, open_: int | None, clone: int, read: int, other: int
) -> None:
    program, own = calls.filter_program(machine), calls.ARCHITECTURES[machine]
    assert len(program) // 8 < 4096  # BPF_MAXINSNS
    allowed, refused, killed = 0x7FFF0000, 0x00050001, 0x80000000
    assert judged(program, own, socket) == refused
    assert judged(program, own, read) == allowed
    assert judged(program, other, read) == killed
    assert judged(program, own, clone, 0x003D0F00) == allowed  # a thread
    assert judged(program, own, clone, 0x10000000) == refused  # a user namespace
    assert judged(program, own, 435) == 0x00050026
    for number, place in ((openat, 1), (open_, 0)):
        if number is not None:
            arguments = [0] * place
            assert judged(program, own, number, *arguments, 7, os.O_RDONLY) == allowed
            assert judged(program, own, number, *arguments, 7, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) == allowed
            assert judged(program, own, number, *arguments, 7, os.O_RDONLY | os.O_TRUNC) == refused
    if machine == "x86_64":
        assert judged(program, own, 0x40000000 | read) == killed


def test_a_static_tool_needs_no_library_and_gets_none(tools: Tools) -> None:
    said = jail.words(WHOLE, tools.ffmpeg, (), (), deadline_s=60)
    assert any(word.endswith(f"={tools.ffmpeg}") for word in said)
    assert (jail._loader(tools.ffmpeg) == b"") == (not any(word.endswith("=/usr") for word in said))
    shell = jail.words(WHOLE, Path("/bin/sh"), (), (), deadline_s=60)
    assert f"allow={jail.READ_FILE | jail.READ_DIR}=/usr" in shell
    loader = jail._loader(Path("/bin/sh"))
    assert loader
    assert f"allow={jail.READ_FILE | jail.EXECUTE}={loader.decode()}" in shell


def test_a_tool_that_is_a_script_may_start_the_system_s_programs(tmp_path: Path) -> None:
    script = tmp_path / "ffmpeg"
    script.write_text("#!/bin/sh\nexec cat /dev/null /proc/self/stat\n")
    script.chmod(0o755)
    said: list[bytes] = []
    process.run([script], reads=(), writes=(), on_out=said.append)
    assert b"(cat)" in b"".join(said)


def test_limits_grow_with_the_work(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"x" * 1000)

    def limits(duration_s: float | None) -> dict[str, int]:
        said = jail.words(WHOLE, PYTHON, [path], (), deadline_s=600, duration_s=duration_s)
        return {word.split("=")[1]: int(word.split("=")[2]) for word in said if word.startswith("limit=")}

    short, long = limits(None), limits(3600.0)
    assert short["RLIMIT_AS"] == long["RLIMIT_AS"] == jail.memory()
    assert short["RLIMIT_FSIZE"] == 4000 + (1 << 30) < long["RLIMIT_FSIZE"]
    assert short["RLIMIT_CPU"] >= 600
    assert short["RLIMIT_CORE"] == 0


@pytest.mark.parametrize(("cores", "gib"), [(2, 4), (16, 4), (32, 6), (None, 4)])
def test_many_cores_hold_more_frames(cores: int | None, gib: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert jail.memory() == gib << 30


def test_a_file_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jail, "GIB", 100_000)
    with pytest.raises(process.ToolFailed, match="bien plus gros que prévu"):
        inside(f"open({str(tmp_path / 'endless')!r}, 'wb').write(bytes(200_000))", writes=[tmp_path])
    assert (tmp_path / "endless").stat().st_size == 100_000


@pytest.mark.media
def test_a_bomb_of_memory_is_stopped_in_words(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    # One frame of 1.15 GB; a quarter of the real limit, so that a small machine can run this too.
    monkeypatch.setattr(jail, "MEMORY", jail.GIB)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    bomb = ["-f", "lavfi", "-i", "color=s=64x64:r=1:d=1", "-vf", "scale=12000:12000,format=rgba64le", "-f", "null", "-"]
    with pytest.raises(process.ToolFailed, match=r"plus de mémoire que ce qui est permis \(1 Gio\)"):
        process.run([tools.ffmpeg, "-nostdin", "-v", "error", *bomb], reads=(), writes=(), subject="bombe.mp4")


def test_work_without_end_is_stopped_by_the_kernel_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    closing = jail.words

    def hurried(*args: object, **options: object) -> list[str]:
        said = closing(*args, **options)  # type: ignore[arg-type]
        return ["limit=RLIMIT_CPU=1" if word.startswith("limit=RLIMIT_CPU") else word for word in said]

    monkeypatch.setattr(jail, "words", hurried)
    with pytest.raises(process.ToolFailed, match="a dépassé le temps prévu") as failed:
        inside("while True: pass")
    assert "exit code -24" in failed.value.detail


def test_a_rule_that_cannot_be_set_keeps_the_tool_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "started"
    gone = f"allow=4={tmp_path / 'gone'}"
    closing = jail.words
    monkeypatch.setattr(jail, "words", lambda *args, **options: [*closing(*args, **options), gone])
    with pytest.raises(process.NotJailed, match="n’a pas pu être enfermé") as failed:
        inside(f"open({str(started)!r}, 'w')", writes=[tmp_path])
    assert "pasvu check" in str(failed.value)
    assert not started.exists()


def test_a_broken_jail_is_not_the_recordings_fault(tools: Tools, given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jail, "words", lambda *args, **options: ["rules=1,0,0", "allow=4=/nonexistent"])
    # Neither set aside as unreadable, nor « no ffmpeg found ».
    with pytest.raises(process.NotJailed):
        inspect.examine(tools, given)
    with pytest.raises(process.NotJailed):
        find_tools()


def test_without_landlock_the_rest_still_closes_and_it_is_said(
    given: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = jail.kernel()
    monkeypatch.setattr(jail, "_CREATE_RULESET", 1_000_000)  # a system call that no kernel has
    jail.kernel.cache_clear()
    try:
        assert jail.kernel() == jail.Kernel(0, real.seccomp, real.machine)
        beside = str(given.with_name("beside.mp4"))
        assert inside(f"print(open({beside!r}).read())", reads=[given]) == "another recording"
        assert inside(attempt("socket.socket()")) == "PermissionError"
        said = [record.message for record in caplog.records if "trusted files only" in record.message]
        assert len(said) == 1
        lines = {line.subject: line for line in checks._ffmpeg(_House())}  # type: ignore[arg-type]
        assert lines["enfermement"].level == "warning"
        assert "fichiers de confiance" in (lines["enfermement"].cure or "")
    finally:
        jail.kernel.cache_clear()


class _House:
    """As much of a house as the check of ffmpeg looks at."""

    tools = Tools(PYTHON, PYTHON, "8.1")


def test_check_says_which_jail_runs() -> None:
    lines = {line.subject: line for line in checks._ffmpeg(_House())}  # type: ignore[arg-type]
    assert lines["enfermement"].level == "ok"
    assert f"Landlock {jail.kernel().landlock}" in lines["enfermement"].sentence


def calls_of(name: str, of: str) -> list[tuple[Path, ast.Call]]:
    """Every call of `of.name(…)` in the product."""
    found = []
    for path in SOURCE.rglob("*.py"):
        if f"{of}.{name}(" not in path.read_text(encoding="utf-8"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id == of:
                    found.append((path, node))
    return found


def test_every_run_of_a_tool_says_what_it_may_open() -> None:
    runs = calls_of("run", "process")
    assert len(runs) >= 12
    for path, call in runs:
        assert {"reads", "writes"} <= {keyword.arg for keyword in call.keywords}, f"{path.name}:{call.lineno}"


def test_every_input_is_opened_safely(tmp_path: Path) -> None:
    # Made in these places only; the footage of the demonstration reads nothing received.
    made_in = {path.name for path, _ in calls_of("input", "ffmpeg")}
    assert made_in == {"commands.py", "ffconcat.py", "picture.py", "footage.py"}
    film = tmp_path / "film.mp4"
    card, _ = picture.card(film, 2.0)
    tools = Tools(PYTHON, PYTHON, "8.1")
    inputs = {
        "received": commands.received(film)["V:0"],
        "listed": ffconcat.listed(film)["V:0"],
        "card": card,
    }
    written = {name: commands.command(tools, [stream.output("-", f="null")]) for name, stream in inputs.items()}
    written["probe"] = commands.probe(tools, film)
    for name, words in written.items():
        values = {option: words[words.index(f"-{option}") + 1] for option in commands.SAFE}
        assert values["protocol_whitelist"] == "file"
        formats, codecs = set(values["format_whitelist"].split(",")), set(values["codec_whitelist"].split(","))
        dangerous = {"hls", "dash", "imf", "vobsub", "sdp", "lavfi", "tedcaptions", "concat", "image2"}
        needed = {"listed": {"concat"}, "card": {"image2"}}.get(name, set())
        assert formats & dangerous == needed, name
        assert not codecs & {"magicyuv", "ffv1", "flic", "flv", "png"}, name
        assert int(values["max_pixels"]) <= 35_389_440
        assert int(values["max_streams"]) <= 64


def test_a_refusal_is_an_error_of_ours() -> None:
    assert issubclass(process.NotJailed, PasVuError)
    assert not issubclass(process.NotJailed, process.ToolFailed)
