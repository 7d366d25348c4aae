"""What the steps of a publication work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.publish.platform import Platform


@dataclass(frozen=True)
class Desk:
    """The record, the clock and the platforms; `margin` is how far ahead a planned instant must be."""

    record: Record
    clock: Clock
    platforms: Mapping[str, Platform]
    margin: timedelta
