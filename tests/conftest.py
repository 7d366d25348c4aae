"""The order of the files: the longest first, so that no worker begins one when the other has nothing left to do."""

from __future__ import annotations

from pathlib import Path

import pytest

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
"""The files that take ten seconds or more, roughly by length; the others follow as they are collected."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {HERE / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
