"""What every page carries: navigation, the signed-in person, the rehearsal banner, names of things."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, get_flashed_messages, request

from pasvu.channel.values import VISIBILITIES
from pasvu.web import words
from pasvu.web.fieldnames import FIELDS
from pasvu.web.formats import day
from pasvu.web.guard import may
from pasvu.web.house import house


def install(app: Flask) -> None:
    """Give every template the furniture."""
    app.context_processor(_furniture)
    app.jinja_env.filters["told"] = words.told
    names = {
        "role_name": words.ROLES,
        "column_name": words.COLUMNS,
        "episode_state": words.EPISODE_STATES,
        "publication_state": words.PUBLICATION_STATES,
        "job_state": words.JOB_STATES,
        "replay_state": words.REPLAY_STATES,
        "step_name": words.STEPS,
        "plan_name": words.PLANS,
        "platform_name": words.PLATFORMS,
        "caption_origin": words.CAPTION_ORIGINS,
        "unit_name": words.UNITS,
        "bucket_name": words.BUCKETS,
        "visibility_name": VISIBILITIES,
        "field_name": FIELDS,
    }
    for filter_name, known in names.items():
        app.jinja_env.filters[filter_name] = _namer(known)


def _namer(known: dict[str, str]) -> Any:
    return lambda key: words.name_of(known, key)


def _furniture() -> dict[str, Any]:
    here = house()
    return {
        "me": g.get("account"),
        "may": may,
        "language": words.language(),
        "languages": words.LANGUAGES,
        "rehearsing": here.settings.rehearsing,
        "sandbox_url": here.sandbox_url() if here.settings.rehearsing else None,
        "zone": here.zone.key,
        "today": day(here.now),
        "week": here.now.astimezone(here.zone).isocalendar().week,
        "now": here.now,
        "hour": here.now.astimezone(here.zone).hour,
        "notices": get_flashed_messages(with_categories=True),
        "section": (request.blueprint or "board").split(".")[0],
    }
