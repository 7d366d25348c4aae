"""The panel as a Flask application: everything it needs comes in as arguments, and nothing is opened at import."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.settings import Settings
from pasvu.publish.platform import Platform
from pasvu.web import files, formats, furniture, guard, headers, provider, troubles, words
from pasvu.web.actions import (
    captioning,
    choosing,
    deciding,
    editing,
    entering,
    freezing,
    guesting,
    joining,
    linking,
    picturing,
    planning,
    remarking,
    remote,
    replaying,
    ruling,
    telling,
    uploading,
    voicing,
)
from pasvu.web.api import api
from pasvu.web.house import Check, House
from pasvu.web.jobs import Jobs
from pasvu.web.linking import Linking
from pasvu.web.pages import audience, board, calendar, captions, deposit, entry, episode, guest, media, replays, rules
from pasvu.web.secret import session_key

# A form carries a title, a summary and chapters; footage comes in pieces, through one route of its own.
LARGEST_FORM = 2 * 1024 * 1024
SESSION_LASTS = timedelta(hours=12)

BLUEPRINTS = (
    board.pages,
    episode.pages,
    captions.pages,
    guest.pages,
    calendar.pages,
    deposit.pages,
    replays.pages,
    audience.pages,
    api,
    rules.pages,
    media.pages,
    entry.pages,
    entering.actions,
    editing.actions,
    captioning.actions,
    guesting.actions,
    joining.actions,
    picturing.actions,
    remarking.actions,
    deciding.actions,
    choosing.actions,
    planning.actions,
    freezing.actions,
    uploading.actions,
    voicing.actions,
    replaying.actions,
    ruling.actions,
    linking.actions,
    telling.actions,
    remote.actions,
)


def create_app(
    record: Record,
    settings: Settings,
    clock: Clock,
    *,
    platforms: Mapping[str, Platform],
    jobs: Jobs,
    sandbox_url: Callable[[], str | None],
    checks: Callable[[], Sequence[Check]] | None = None,
    linkings: Mapping[str, Linking] | None = None,
) -> Flask:
    """The panel, ready to be served.

    `sandbox_url` gives the sandbox's public page while rehearsing; `checks` the lines of the health page;
    `linkings` how each platform is connected.

    Raises:
        Refused: the session key cannot be used.
    """
    app = Flask("pasvu.web", root_path=files.ROOT.as_posix())
    app.extensions["pasvu"] = House(record, settings, clock, platforms, jobs, sandbox_url, checks, linkings or {})
    app.config.update(
        SECRET_KEY=session_key(settings.home),
        SESSION_COOKIE_NAME="pasvu",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not _loopback(settings.host),
        PERMANENT_SESSION_LIFETIME=SESSION_LASTS,
        # The guard does it, now and then.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        # The token lives as long as the session: a form left open over lunch is still good.
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_HEADERS_ENABLED=True,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    words.install(app)
    formats.install(app)
    files.install(app)
    furniture.install(app)
    uploading.take_pieces(app)
    CSRFProtect(app)
    provider.install(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    guard.watch_the_door(app)
    entering.limit_guesses(app)
    troubles.install(app)
    app.after_request(headers.protect)
    return app


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
