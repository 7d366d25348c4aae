"""Where the audience pages live, and what all of them take from the address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, request

from pasvu.channel.audience import BREAK_AT
from pasvu.channel.database import Session
from pasvu.channel.episodes import find
from pasvu.channel.errors import NotFound
from pasvu.channel.models import Episode
from pasvu.web.house import house
from pasvu.web.words import _

pages = Blueprint("audience", __name__)

PERIODS = (7, 28, 90, 365)
READERS = ("producer", "staff")


def period() -> int:
    """The days asked for."""
    days = request.args.get("jours", 28, int)
    return days if days in PERIODS else 28


def platform() -> str:
    """The platform whose figures are shown: the first, until there are several."""
    return house().platform_names[0]


def episode_of(session: Session, reference: str) -> Episode:
    """The episode of the address, or the page that says there is none."""
    try:
        return find(session, reference)
    except NotFound:
        abort(404)


def chart_words() -> dict[str, str]:
    """What the lines of a curve are called."""
    return {
        "own": _("Cet épisode"),
        "median": _("Médiane"),
        "low": _("Bas de la fourchette"),
        "high": _("Haut de la fourchette"),
        "forecast": _("Prévision"),
    }


def right_missing() -> bool:
    """Whether the authorisation is there, but not the right to read detailed statistics."""
    linking = house().linkings.get(platform())
    return linking is not None and linking.statistics() is False


def common() -> dict[str, Any]:
    """What every audience page shows."""
    return {"periods": PERIODS, "days": period(), "break_at": BREAK_AT}
