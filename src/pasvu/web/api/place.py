"""Where the API lives, who may ask, and how refusals are said to programs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from pasvu.channel import tokens
from pasvu.web.guard import public
from pasvu.web.house import house

api = Blueprint("api", __name__)

View = TypeVar("View", bound=Callable[..., Any])


def keyed(view: View) -> View:
    """Let in whoever shows a key that was not taken back, as `Authorization: Bearer …`; a session is no key."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
        here = house()
        with here.record.read() as session:
            found = tokens.find(session, secret.strip()) if kind.lower() == "bearer" else None
        if found is None:
            reply = refusal(401, "A key is needed: Authorization: Bearer pasvu_…")
            reply.headers["WWW-Authenticate"] = "Bearer"
            return reply
        if not tokens.noted(found, here.now):
            with here.record.write() as session:
                tokens.note(session, found.token_hash, here.now)
        return view(*args, **kwargs)

    return cast(View, public(checked))


def refusal(status: int, sentence: str) -> Response:
    """Why not, as JSON (RFC 9457)."""
    reply: Response = jsonify({"type": "about:blank", "status": status, "title": sentence})
    reply.status_code = status
    reply.content_type = "application/problem+json"
    return reply
