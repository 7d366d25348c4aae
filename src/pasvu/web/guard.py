"""Who may come in: every view says its roles or that it is public, and everything else is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from pasvu.channel import accounts, queries
from pasvu.channel.models import Account
from pasvu.web.house import house

View = TypeVar("View", bound=Callable[..., Any])

EVERYONE = ("media", "producer", "staff", "admin")
# A visit is written down now and then, not at each poll: a read must not become a write.
NOTED_EVERY = timedelta(minutes=5)
RENEWED_EVERY = timedelta(hours=1)
"""Pages left open ask at any moment: a cookie written at each answer would put back what another page has just changed,
a notice already shown or a session just closed."""


def role(*names: str) -> Callable[[View], View]:
    """Let these roles in; `admin` may do everything."""
    unknown = set(names) - set(accounts.ROLES)
    if unknown:
        raise ValueError(f"unknown roles {unknown}")

    def mark(view: View) -> View:
        cast(Any, view).roles = frozenset({*names, "admin"})
        return view

    return mark


def public(view: View) -> View:
    """Let anyone in, signed in or not."""
    cast(Any, view).roles = None
    return view


def signed_in() -> Account:
    """The account of this request; only views with a role may ask."""
    account: Account = g.account
    return account


def actor() -> str:
    """The name that the journal keeps."""
    return signed_in().shown_name


def may(*names: str) -> bool:
    """Whether the signed-in account has one of these roles, or is an administrator."""
    account: Account | None = g.get("account")
    return account is not None and account.role in {*names, "admin"}


def enter(account: Account) -> None:
    """Begin a session for this account; whatever the browser kept before is dropped."""
    language = session.get("language")
    session.clear()
    session.permanent = True
    session["account"] = account.id
    session["epoch"] = account.epoch
    _renew()
    if language:
        session["language"] = language


def _renew() -> None:
    """Have the session's cookie written again, and with it the day on which it ends."""
    session["renewed_at"] = house().now.timestamp()


def leave() -> None:
    """End the session."""
    session.clear()


def watch_the_door(app: Flask) -> None:
    """Have every request of `app` checked before it reaches a view."""
    public(app.view_functions["static"])
    app.before_request(_check)


def _check() -> Response | None:
    g.account = _account_of_session()
    if request.endpoint is None:
        return None  # no such address: the 404 page says so, to anyone
    view = current_app.view_functions[request.endpoint]
    roles: frozenset[str] | None = getattr(view, "roles", frozenset())
    if roles is None:
        return None
    if g.account is None:
        return _to_the_door()
    if g.account.role not in roles:
        abort(403)
    return None


def _account_of_session() -> Account | None:
    account_id = session.get("account")
    if account_id is None:
        return None
    here = house()
    account = here.record.kept(("account", account_id), lambda found: queries.account(found, account_id))
    # The epoch moves with the password and the role: an older session is over.
    if account is None or account.disabled_at is not None or account.epoch != session.get("epoch"):
        leave()
        return None
    if abs(here.now.timestamp() - session.get("renewed_at", 0.0)) > RENEWED_EVERY.total_seconds():
        _renew()
    if account.last_seen_at is None or here.now - account.last_seen_at > NOTED_EVERY:
        with here.record.write() as writing:
            seen = queries.account(writing, account_id)
            if seen is not None:
                accounts.see(writing, seen, here.now)
                account = seen
    return account


def _to_the_door() -> Response:
    wished = request.full_path.rstrip("?") if request.method == "GET" else None
    door = url_for("entry.sign_in_page", suite=wished) if wished not in (None, "/") else url_for("entry.sign_in_page")
    if request.headers.get("HX-Request"):
        # A fragment asked for by a page left open: the whole page goes to the door, not a corner of it.
        return current_app.response_class(status=204, headers={"HX-Redirect": url_for("entry.sign_in_page")})
    if request.headers.get("X-Requested-With") == "fetch":
        # A script must not take the door's page for an answer: what is typed stays unsaved, and says so.
        return current_app.response_class(status=401)
    return redirect(door)
