"""Keeping watch over workers, each with its own connection to one record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import delete, select

from pasvu.channel import keeper
from pasvu.channel.database import Record
from pasvu.channel.keeper import FENCED_OFF, Keeper
from pasvu.channel.models import WorkerBeat


@dataclass
class Worker:
    """Notes what it takes over."""

    executor_id: str
    pending: set[str] = field(default_factory=set)
    taken_over: list[list[str]] = field(default_factory=list)

    def recover(self, executor_ids: list[str]) -> None:
        self.taken_over.append(executor_ids)
        self.pending -= set(executor_ids)

    def pending_executors(self) -> set[str]:
        return set(self.pending)


@dataclass
class Ticking:
    """Stands where the keeper reads the machine's own clock."""

    at: float = 1000.0

    def monotonic(self) -> float:
        return self.at


class Ended(BaseException):
    """What ending the process does here; no `except Exception` may stop it."""


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    stands_in = Ticking()
    monkeypatch.setattr(keeper, "time", stands_in)
    return stands_in


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        raise Ended

    monkeypatch.setattr(keeper.os, "_exit", end)
    return codes


@pytest.fixture
def second_record(record: Record, database_url: str) -> Iterator[Record]:
    opened = Record(database_url)
    yield opened
    opened.close()


def beating(record: Record) -> set[str]:
    with record.read() as session:
        return set(session.scalars(select(WorkerBeat.executor_id)))


def test_the_work_of_a_worker_that_fell_silent_is_taken_over_once(
    record: Record, second_record: Record, ticking: Ticking, ends: list[int]
) -> None:
    one, two = Worker("a:0", pending={"a:0", "b:0"}), Worker("b:0")
    first, second = Keeper(record, one), Keeper(second_record, two)
    first.announce()
    second.announce()
    second.beat()
    for _ in range(12):
        ticking.at += Keeper.EVERY_S
        first.beat()
    assert one.taken_over == []
    for _ in range(3):
        ticking.at += Keeper.EVERY_S
        first.beat()
    assert one.taken_over == [["b:0"]]
    assert beating(record) == {"a:0"}
    with pytest.raises(Ended):
        second.beat()
    assert ends == [FENCED_OFF]


def test_a_worker_that_beats_slowly_lives(
    record: Record, second_record: Record, ticking: Ticking, ends: list[int]
) -> None:
    one, two = Worker("a:0", pending={"b:0"}), Worker("b:0")
    first, second = Keeper(record, one), Keeper(second_record, two)
    first.announce()
    second.announce()
    for beat in range(60):
        ticking.at += Keeper.EVERY_S
        first.beat()
        if beat % 10 == 0:
            second.beat()
    assert one.taken_over == []
    assert beating(record) == {"a:0", "b:0"}
    assert ends == []


def test_work_of_a_worker_that_nobody_knows_is_taken_over_at_once(record: Record, ticking: Ticking) -> None:
    one = Worker("a:0", pending={"a:0", "gone:3", "gone:1"})
    watch = Keeper(record, one)
    watch.announce()
    watch.beat()
    watch.beat()
    assert one.taken_over == [["gone:1", "gone:3"]]


def test_a_restart_under_the_same_name_begins_again(record: Record, ticking: Ticking, ends: list[int]) -> None:
    worker = Worker("a:0")
    for _ in range(2):
        watch = Keeper(record, worker)
        watch.announce()
        watch.beat()
    assert beating(record) == {"a:0"}
    assert ends == []


def test_a_worker_that_was_forgotten_ends(record: Record, ticking: Ticking, ends: list[int]) -> None:
    watch = Keeper(record, Worker("a:0", pending={"b:0"}))
    watch.announce()
    with record.write() as session:
        session.execute(delete(WorkerBeat))
    with pytest.raises(Ended):
        watch.beat()
    assert ends == [FENCED_OFF]


def test_a_worker_that_cannot_reach_the_record_for_long_ends(
    record: Record, ticking: Ticking, ends: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Keeper(record, Worker("a:0"))
    watch.announce()
    watch.beat()

    def unreachable() -> None:
        raise ConnectionError

    monkeypatch.setattr(record, "write", unreachable)
    ticking.at += Keeper.DEAD_S * 0.7
    with pytest.raises(ConnectionError):
        watch.beat()
    assert ends == []
    ticking.at += Keeper.DEAD_S * 0.2
    with pytest.raises(Ended):
        watch.beat()
    assert ends == [FENCED_OFF]
