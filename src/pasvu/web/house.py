"""What the panel's pages and actions reach: the record, the settings, the clock, the platforms, the jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import current_app

from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.models import Episode
from pasvu.channel.publications import metadata
from pasvu.channel.settings import Settings
from pasvu.channel.uploads import Place
from pasvu.channel.values import Limit
from pasvu.publish.platform import Platform
from pasvu.web.jobs import Jobs
from pasvu.web.linking import Linking
from pasvu.web.shelf import Shelf

DEFAULT_PLATFORM = "youtube"

Check = tuple[str, str, str]
"""A line about the system's health: `ok`, `warning` or `wrong`; a sentence; its cure, or nothing."""


@dataclass(frozen=True)
class House:
    """Everything that a request may need, put together once."""

    record: Record
    settings: Settings
    clock: Clock
    platforms: Mapping[str, Platform]
    jobs: Jobs
    sandbox_url: Callable[[], str | None]
    checks: Callable[[], Sequence[Check]] | None = None
    linkings: Mapping[str, Linking] = field(default_factory=dict)
    """How each platform is connected, by its name."""

    shelf: Shelf = field(default_factory=Shelf)
    """The channel's playlists, as they were last told."""

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    @property
    def zone(self) -> ZoneInfo:
        """The channel's zone."""
        return self.settings.zone

    @property
    def place(self) -> Place:
        """Where files sent through the browser grow, and where they are left."""
        return Place(self.settings.watch_dirs[0], int(self.settings.free_disk_gib * 1024**3))

    def absolute(self, path: str) -> Path:
        """Where a file of the record lies: paths may be relative to the home, so that a home can be moved."""
        return (self.settings.home.absolute() / path).resolve()

    @property
    def platform_names(self) -> list[str]:
        """Where episodes go on air."""
        return list(self.platforms) or [DEFAULT_PLATFORM]

    def limits(self, episode: Episode) -> list[tuple[str, Limit]]:
        """How much of each platform's limits this uses, with the platform's name."""
        return [
            (name, limit)
            for name, platform in self.platforms.items()
            for limit in platform.limits(metadata(episode, name))
        ]

    def objections(self, episode: Episode) -> dict[str, list[str]]:
        """What each platform would not take of this episode, in words; platforms without objection are left out."""
        return self._objections(episode)

    def objections_to_chapters(self, episode: Episode) -> dict[str, list[str]]:
        """Those of `objections` that would be gone without its chapters."""
        others = self._objections(episode, chapters=False)
        found = {
            name: [why for why in wrong if why not in others.get(name, ())]
            for name, wrong in self._objections(episode).items()
        }
        return {name: wrong for name, wrong in found.items() if wrong}

    def _objections(self, episode: Episode, *, chapters: bool = True) -> dict[str, list[str]]:
        found = {
            name: platform.objections(metadata(episode, name, chapters=chapters))
            for name, platform in self.platforms.items()
        }
        return {name: wrong for name, wrong in found.items() if wrong}


def house() -> House:
    """The house of the running request's application."""
    found: House = current_app.extensions["pasvu"]
    return found
