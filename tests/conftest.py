"""What makes the whole suite quick: the order of its files, and no waiting for the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pasvu.channel import database

HERE = Path(__file__).parent
LONGEST = (
    "ingest/test_media_master.py",
    "browser/test_day.py",
    "browser/test_screens.py",
    "road/test_whole_road.py",
    "road/test_kills.py",
    "road/test_publish_kills.py",
    "road/test_arrivals.py",
    "road/test_jobs.py",
    "browser/test_producer.py",
    "road/test_full_disk.py",
    "publish_steps/test_holding_decisions.py",
    "door/test_linking.py",
    "web/test_door.py",
    "road/test_replays.py",
    "door/test_decisions.py",
    "door/test_contract.py",
    "door/test_keeping.py",
    "road/test_parts.py",
    "browser/test_saving.py",
    "ingest/test_fetching.py",
    "docs/test_reference.py",
    "road/test_unfinished.py",
    "door/test_replay_rules.py",
    "door/test_entering.py",
    "door/test_clock.py",
    "platforms/test_kill.py",
    "channel/test_sharing.py",
    "road/test_intake_kills.py",
    "ingest/test_comparing.py",
)
"""The longest first, so that no worker begins one when the other has nothing left to do; roughly, from ten seconds on.
The others follow as they are collected."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {HERE / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.fixture(scope="session", autouse=True)
def as_shipped() -> Iterator[Callable[[Any, Any], None]]:
    """How the product prepares a connection to SQLite; in the tests' own process nobody waits until the disk has it.

    What a power cut would cost is not seen by any test, and each commit would take 4 ms instead of a hundredth of it.
    Processes of the product that tests start and kill are as shipped.
    """
    shipped = vars(database)["_prepare_sqlite"]

    def unhurried(connection: Any, record: Any) -> None:
        shipped(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_prepare_sqlite", unhurried)
        yield shipped
