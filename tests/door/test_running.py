"""The product as a process that stays: what it does once it is up."""

from __future__ import annotations

import gc
import signal

import pytest

from pasvu.channel.settings import Settings
from pasvu.door.house import opened
from pasvu.door.product import Product

from .conftest import Line


def test_what_stays_until_the_end_is_not_looked_through_for_waste(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    line.begin()
    with opened(Settings(home=line.home, free_disk_gib=0)) as house:
        product = Product(house)
        product.stop()
        product.wait()
    stays = gc.get_freeze_count()
    gc.unfreeze()
    assert stays > 10_000
