"""A received file never makes a tool open another: shown with the whitelist alone, with the jail alone, and with both.

Each trap comes with its control: with both off it does read the canary, else its zero would count for nothing.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pasvu.channel.errors import PasVuError
from pasvu.ingest import commands, inspect, jail, process
from pasvu.ingest.measure import measure
from pasvu.ingest.tools import Tools

from .conftest import Film
from .crafted import TRAPS, Canary, Trap, make_canary

pytestmark = pytest.mark.media
TO_OUTPUT = ("-map", "0", "-c", "copy", "-f", "data", "-")
each_trap = pytest.mark.parametrize("trap", TRAPS, ids=[f"{trap.reader}-{trap.name}" for trap in TRAPS])


@pytest.fixture(scope="module")
def canary(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Canary:
    return make_canary(tools.ffmpeg, tmp_path_factory.mktemp("away") / "secret")


@pytest.fixture(scope="module")
def readers(tools: Tools) -> set[str]:
    said = subprocess.run([tools.ffmpeg, "-hide_banner", "-demuxers"], capture_output=True, check=True, text=True)
    _, _, table = said.stdout.partition("---\n")
    return {name for line in table.splitlines() for name in line[5:].split()[0].split(",")}


@pytest.fixture
def trapped(trap: Trap, canary: Canary, tmp_path: Path) -> Path:
    path = tmp_path / trap.name
    path.write_bytes(trap.write(path, canary))
    return path


def open_words(tools: Tools, trap: Trap, path: Path) -> list[str]:
    """The trap opened by someone who trusts it."""
    return [str(tools.ffmpeg), "-nostdin", "-v", "error", *trap.opening, "-i", commands.address(path), *TO_OUTPUT]


def tried(words: list[str], path: Path) -> tuple[bytes, PasVuError | None]:
    """What the tool gave out in the jail, and how it failed."""
    said: list[bytes] = []
    try:
        done = process.run(words, reads=[path], writes=(), on_out=said.append, subject=path.name, deadline_s=20)
    except process.ToolFailed as failed:
        return b"".join(said) + failed.detail.encode(), failed
    return b"".join(said) + "\n".join(done.errors).encode(), None


@each_trap
def test_the_trap_works_where_nothing_guards(
    tools: Tools, readers: set[str], trap: Trap, trapped: Path, canary: Canary
) -> None:
    done = subprocess.run(open_words(tools, trap, trapped), capture_output=True, timeout=20)
    # A build without this reader (DASH needs libxml2) cannot be caught by it.
    assert (canary.mark in done.stdout) == (trap.reader in readers), done.stderr.decode()


def test_most_traps_are_tried(readers: set[str]) -> None:
    assert {"hls", "concat", "vobsub"} <= readers


@each_trap
def test_the_whitelist_alone_holds(tools: Tools, trap: Trap, trapped: Path, canary: Canary) -> None:
    safe = [word for name, value in commands.SAFE.items() for word in (f"-{name}", str(value))]
    words = [str(tools.ffmpeg), "-nostdin", "-v", "error", *safe, "-i", commands.address(trapped), *TO_OUTPUT]
    done = subprocess.run(words, capture_output=True, timeout=20)
    assert done.returncode != 0
    assert canary.mark not in done.stdout + done.stderr


@pytest.mark.jail
@each_trap
def test_the_jail_alone_holds(tools: Tools, trap: Trap, trapped: Path, canary: Canary) -> None:
    assert jail.kernel().landlock, "this machine cannot show what the jail does"
    said, _ = tried(open_words(tools, trap, trapped), trapped)
    assert canary.mark not in said


@each_trap
def test_the_product_refuses_in_words(tools: Tools, trap: Trap, trapped: Path, canary: Canary, film: Film) -> None:
    with pytest.raises(PasVuError) as refusal:
        inspect.examine(tools, trapped)
    assert trapped.name in str(refusal.value)
    # Had it been let in, the next steps would not open it either.
    with pytest.raises(process.ToolFailed) as failed:
        measure(tools, trapped, film.examined.info)
    told = str(refusal.value) + str(failed.value) + failed.value.detail
    assert canary.mark not in told.encode("utf-8", "surrogateescape")
    assert str(canary.path) not in str(refusal.value) + str(failed.value)


def test_a_good_film_passes_both(tools: Tools, film: Film) -> None:
    output = commands.received(film.path)["V:0"].output("-", f="data", vcodec="copy")
    said: list[bytes] = []
    process.run(commands.command(tools, [output]), reads=[film.path], writes=(), on_out=said.append)
    assert sum(map(len, said)) > 10_000
