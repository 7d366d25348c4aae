"""Copies under way, in every shape we know: none is taken before its end, each is taken soon after.

`PASVU_CAMPAIGN_SHAPES=20` writes every shape twenty times, each time with other pauses; `PASVU_SEED` chooses others.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pasvu.channel.models import Episode, Incoming
from pasvu.ingest.structure import judge

from .depot import SETTLE, Depot, make_depot
from .writers import ABORTING, FINISHING, Writer

pytestmark = pytest.mark.media

ROUNDS = int(os.environ.get("PASVU_CAMPAIGN_SHAPES", "1"))
SEED = int(os.environ.get("PASVU_SEED", "5"))
STEP_S = 4.0
# OBS and browsers leave the length open; the others are what cameras, exports and tuners write.
FORMS = {
    "mp4": ("mp4", ()),
    "faststart": ("mp4", ("-movflags", "+faststart")),
    "fragmented": ("mp4", ("-movflags", "+frag_keyframe+empty_moov")),
    "mov": ("mov", ()),
    "mkv": ("mkv", ()),
    "ts": ("ts", ()),
}


@dataclass
class Copy:
    """One file being written, and what the two rules made of it."""

    path: Path
    film: bytes
    writing: Iterator[float]
    ends: bool
    next_at: datetime
    done_at: datetime | None = None
    taken_at: datetime | None = None
    naive_at: datetime | None = None
    naive: tuple[object, datetime] | None = field(default=None, repr=False)

    def advance(self, now: datetime) -> None:
        while self.done_at is None and now >= self.next_at:
            try:
                self.next_at = now + timedelta(seconds=next(self.writing))
            except StopIteration:
                self.done_at = now

    @property
    def fooled(self) -> bool:
        """Whether the naive rule took it before its end."""
        unfinished = self.done_at is None or not self.ends
        return self.naive_at is not None and (unfinished or self.naive_at < (self.done_at or self.naive_at))

    @property
    def lateness(self) -> timedelta:
        """How long it lay there whole."""
        assert self.taken_at is not None
        assert self.done_at is not None
        return self.taken_at - self.done_at

    def judge_naively(self, now: datetime) -> None:
        """What most watch folders do: the same size and date for a while. Our control."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return
        mark = (found.st_size, found.st_mtime_ns)
        if self.naive is None or self.naive[0] != mark:
            self.naive = (mark, now)
        elif self.naive_at is None and now - self.naive[1] >= SETTLE:
            self.naive_at = now


@pytest.fixture(scope="module")
def films(make: Callable[..., bytes]) -> dict[str, tuple[str, bytes]]:
    picture = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=4,noise=alls=20:allf=t")
    sound = ("-f", "lavfi", "-i", "sine=300:r=48000:d=4")
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac")
    return {
        form: (ending, make(f"{form}.{ending}", *picture, *sound, *coded, *words))
        for form, (ending, words) in FORMS.items()
    }


@pytest.mark.parametrize("number", range(ROUNDS))
def test_no_copy_is_taken_before_its_end(tmp_path: Path, films: dict[str, tuple[str, bytes]], number: int) -> None:
    depot = make_depot(tmp_path)
    chance = random.Random(SEED + number)
    now = depot.clock.now()
    copies = {
        f"{writer.__name__} {form}": _begin(depot, writer, form, films, chance, now)
        for writer in (*FINISHING, *ABORTING)
        for form in films
    }
    patience = SETTLE * 9  # of a copy that stopped; ten, and it is set aside with its reason
    aborted_at = now
    received: set[str] = set()
    while any(copy.taken_at is None for copy in copies.values() if copy.ends):
        now = depot.clock.now()
        assert now - aborted_at < timedelta(hours=3), [name for name, copy in copies.items() if copy.taken_at is None]
        for copy in copies.values():
            copy.advance(now)
            copy.judge_naively(now)
        received = _received(depot) if depot.look_after() else received
        for name, copy in copies.items():
            if copy.taken_at is None and copy.path.name in received:
                copy.taken_at = now
            early = copy.taken_at is not None and copy.done_at is None
            early |= not copy.ends and copy.taken_at is not None and now - aborted_at < patience
            assert not early, f"{name} was taken before its end: {judge(_kept(depot, copy))}"
        depot.clock.sleep(STEP_S)
    _check(depot, copies)


@pytest.mark.parametrize("unfinished", [".direct.mp4.Ab12Cd", "direct.mp4.part", ".syncthing.direct.mp4.tmp"])
def test_a_cut_copy_waits_while_another_one_grows(tmp_path: Path, unfinished: str) -> None:
    """rsync resumes in a file beside the cut one, browsers fill one beside an empty one."""
    depot = make_depot(tmp_path)
    depot.put("direct.mp4", b"")
    for length in range(1, 5):
        depot.put(unfinished, b"x" * length)
        assert depot.look_after(SETTLE * 9) == []
    with depot.record.read() as session:
        assert {row.waiting_for for row in session.query(Incoming)} == {"copie en cours"}
    # Nobody goes on with that one either.
    depot.look_after(SETTLE * 9)
    assert len(depot.look_after(SETTLE * 2)) == 1


def _begin(
    depot: Depot,
    writer: Writer,
    form: str,
    films: dict[str, tuple[str, bytes]],
    chance: random.Random,
    now: datetime,
) -> Copy:
    ending, film = films[form]
    path = depot.path / f"{writer.__name__} {form}.{ending}"
    writing = writer(path, film, random.Random(chance.random()), SETTLE.total_seconds())
    return Copy(path, film, writing, writer in FINISHING, now)


def _received(depot: Depot) -> set[str]:
    with depot.record.read() as session:
        return {episode.recording.parts[0].shown_name for episode in session.query(Episode)}


def _kept(depot: Depot, copy: Copy) -> Path:
    with depot.record.read() as session:
        (episode,) = [each for each in session.query(Episode) if each.recording.parts[0].shown_name == copy.path.name]
        return Path(episode.recording.parts[0].path)


def _check(depot: Depot, copies: dict[str, Copy]) -> None:
    soon = SETTLE * 2 + timedelta(seconds=10)
    assert not [(name, copy.lateness) for name, copy in copies.items() if copy.ends and copy.lateness > soon]
    depot.look_after(SETTLE * 12)
    with depot.record.read() as session:
        received = {episode.recording.parts[0].shown_name: episode for episode in session.query(Episode)}
        assert len(received) == len(copies)
        assert not list(session.query(Incoming))
        for name, copy in copies.items():
            kept = Path(received[copy.path.name].recording.parts[0].path)
            if copy.ends:
                assert kept.read_bytes() == copy.film, name
            else:
                assert judge(kept).cut_short, f"{name}: nobody would be told that its end is missing"
    fooled = [name for name, copy in copies.items() if copy.fooled]
    assert len(fooled) > len(copies) / 3, "the control must be fooled, else these copies prove nothing"
    print(f"{len(copies)} shapes, 0 taken early; size and date alone: {len(fooled)}")
