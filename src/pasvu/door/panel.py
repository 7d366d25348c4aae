"""The panel, given the house."""

from __future__ import annotations

from flask import Flask

from pasvu.door import checks
from pasvu.door.house import House
from pasvu.door.jobs import Work
from pasvu.door.linking import YouTubeLinking
from pasvu.web.app import create_app


def make_panel(house: House) -> Flask:
    """The panel's application."""
    return create_app(
        house.record,
        house.settings,
        house.clock,
        platforms=house.platforms,
        jobs=Work(house),
        sandbox_url=house.connection.sandbox_url,
        linkings={"youtube": YouTubeLinking(house)},
        checks=lambda: [(line.level, line.sentence, line.cure or "") for line in checks.all_of(house)],
    )
