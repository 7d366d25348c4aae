"""What the steps of a publication work with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.models import Publication
from pasvu.channel.promise import Hours
from pasvu.publish.platform import Platform

# The most ids that YouTube takes in one call; every platform is asked so.
AT_ONCE = 50


class Safe(Protocol):
    """Seals what is a capability before the record keeps it: whoever holds an upload's address may send to it."""

    def seal(self, text: str) -> str:
        """The text sealed."""
        ...

    def opened(self, sealed: str) -> str | None:
        """The text back; `None` when the key it was sealed with is gone."""
        ...


class Open:
    """No safe at all: where a record is made for a moment."""

    def seal(self, text: str) -> str:
        """The text itself."""
        return text

    def opened(self, sealed: str) -> str | None:
        """The text itself."""
        return sealed


@dataclass(frozen=True)
class Desk:
    """The record, the clock and the platforms; `margin` is how far ahead a planned instant must be.

    `hours` are those at which bytes may be sent, always when `None`.
    """

    record: Record
    clock: Clock
    platforms: Mapping[str, Platform]
    margin: timedelta
    hours: Hours | None = None
    report_every: timedelta = timedelta(seconds=1)
    """How often a sending writes down how far it is; where it really is, the platform is asked."""

    safe: Safe = field(default_factory=Open)

    def batches(self, publications: Iterable[Publication]) -> Iterator[tuple[Platform, list[tuple[int, str]]]]:
        """Publications that have a video, as (id, video's id), by platform and no more than fifty at a time."""
        by_platform: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for publication in publications:
            if publication.video_id is not None and publication.platform in self.platforms:
                by_platform[publication.platform].append((publication.id, publication.video_id))
        for name, pairs in by_platform.items():
            for start in range(0, len(pairs), AT_ONCE):
                yield self.platforms[name], pairs[start : start + AT_ONCE]
