"""The order of the files: the longest first, so that no worker begins one when the other has nothing left to do."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONGEST = (
    "ingest/test_media_master.py",
    "browser/test_screens.py",
    "road/test_whole_road.py",
    "road/test_publish_kills.py",
    "road/test_kills.py",
    "browser/test_producer.py",
    "road/test_arrivals.py",
    "road/test_jobs.py",
    "web/test_door.py",
    "ingest/test_fetching.py",
    "publish_steps/test_holding_decisions.py",
    "road/test_replays.py",
    "browser/test_saving.py",
    "channel/test_sharing.py",
    "road/test_intake_kills.py",
    "road/test_full_disk.py",
    "road/test_parts.py",
    "road/test_unfinished.py",
    "platforms/test_kill.py",
    "ingest/test_comparing.py",
)
"""The files that take ten seconds or more, roughly by length; the others follow as they are collected."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {HERE / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
