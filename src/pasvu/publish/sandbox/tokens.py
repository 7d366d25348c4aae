"""Who may do what: refresh tokens, access tokens that expire by the clock, and codes of the consent page."""

from __future__ import annotations

import base64
import hashlib
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta

from pasvu.channel.clock import Clock
from pasvu.publish.sandbox import instants
from pasvu.publish.sandbox.answers import ApiError, Json
from pasvu.publish.sandbox.rules import Rules
from pasvu.publish.sandbox.world import OWNER, Caller

CLIENT_ID = "repetition.apps.sandbox.invalid"
SCOPES = tuple(
    f"https://www.googleapis.com/auth/{name}"
    for name in ("youtube.upload", "youtube.readonly", "youtube.force-ssl", "yt-analytics.readonly")
)
_CODE_LIFE = timedelta(minutes=10)
_REAL_TOKEN_LIFE_S = 600.0


class TokenError(Exception):
    """A refusal of the token endpoint, in OAuth's own shape."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


def grant(db: sqlite3.Connection, now: datetime, scopes: tuple[str, ...] = SCOPES, account: str = OWNER) -> str:
    """A new refresh token."""
    token = "1//" + secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO grants (refresh_token, account, scopes, granted_at) VALUES (?, ?, ?, ?)",
        (token, account, " ".join(scopes), instants.written(now)),
    )
    return token


def revoke(db: sqlite3.Connection, token: str, now: datetime) -> bool:
    """Take back a grant by its refresh token or one of its access tokens; its access tokens die with it."""
    row = db.execute("SELECT refresh_token FROM access WHERE token = ?", (token,)).fetchone()
    refresh_token = row["refresh_token"] if row else token
    done = db.execute(
        "UPDATE grants SET revoked_at = ? WHERE refresh_token = ? AND revoked_at IS NULL",
        (instants.written(now), refresh_token),
    )
    db.execute("DELETE FROM access WHERE refresh_token = ?", (refresh_token,))
    return done.rowcount > 0


def code(db: sqlite3.Connection, now: datetime, asked: Mapping[str, str]) -> str:
    """A code that the consent page hands over, good for ten minutes and one exchange."""
    made = "4/" + secrets.token_urlsafe(24)
    challenge = asked.get("code_challenge", "")
    method = asked.get("code_challenge_method", "plain")
    db.execute(
        "INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?)",
        (made, asked["redirect_uri"], asked["scope"], challenge, method, instants.written(now + _CODE_LIFE)),
    )
    return made


def exchange(db: sqlite3.Connection, clock: Clock, rules: Rules, secret: str, form: Mapping[str, str]) -> Json:
    """The token endpoint: grants `refresh_token` and `authorization_code` (with PKCE)."""
    if form.get("client_id") != CLIENT_ID or not secrets.compare_digest(form.get("client_secret", ""), secret):
        raise TokenError(401, "invalid_client", "The OAuth client was not found.")
    now = clock.now()
    if form.get("grant_type") == "refresh_token":
        refresh_token = form.get("refresh_token", "")
        return _access(db, clock, rules, refresh_token)
    if form.get("grant_type") == "authorization_code":
        refresh_token = _redeem(db, now, form)
        return _access(db, clock, rules, refresh_token) | {"refresh_token": refresh_token}
    raise TokenError(400, "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type')}")


def caller_of(db: sqlite3.Connection, now: datetime, header: str | None, *, with_scope: list[str]) -> Caller:
    """Who holds the `Authorization` header; 401 without a live token, 403 when none of `with_scope` was granted."""
    scheme, _, token = (header or "").partition(" ")
    if not token or scheme.lower() != "bearer":
        raise ApiError(
            401,
            "required",
            "Login Required.",
            location="Authorization",
            location_type="header",
        )
    row = db.execute(
        "SELECT account, access.scopes AS scopes FROM access JOIN grants USING (refresh_token)"
        " WHERE token = ? AND expires_at > ? AND revoked_at IS NULL",
        (token, instants.written(now)),
    ).fetchone()
    if row is None:
        raise ApiError(401, "authError", "Invalid Credentials", location="Authorization", location_type="header")
    caller = Caller(row["account"], frozenset(row["scopes"].split()))
    if with_scope and not caller.scopes & set(with_scope):
        raise ApiError(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
    return caller


def _access(db: sqlite3.Connection, clock: Clock, rules: Rules, refresh_token: str) -> Json:
    row = db.execute(
        "SELECT scopes FROM grants WHERE refresh_token = ? AND revoked_at IS NULL", (refresh_token,)
    ).fetchone()
    if row is None:
        raise TokenError(400, "invalid_grant", "Token has been expired or revoked.")
    token = "ya29." + secrets.token_urlsafe(32)
    now = clock.now()
    expires_at = now + timedelta(seconds=_life_s(clock, rules))
    db.execute("DELETE FROM access WHERE expires_at <= ?", (instants.written(now),))
    db.execute(
        "INSERT INTO access VALUES (?, ?, ?, ?)", (token, refresh_token, row["scopes"], instants.written(expires_at))
    )
    return {
        "access_token": token,
        "expires_in": int(rules.access_token_life_s),
        "scope": row["scopes"],
        "token_type": "Bearer",
    }


def _life_s(clock: Clock, rules: Rules) -> float:
    """Seconds of the clock that a token lives: at a rehearsal's high speed, at least some real minutes.

    Clients measure a token's age with the system's time; one that lived 3600 s of a clock running 3600 times too
    fast would be dead before its first request arrived.
    """
    real_s = clock.real_s(1.0)
    hurried = real_s > 0 and real_s < 1.0
    return max(rules.access_token_life_s, _REAL_TOKEN_LIFE_S / real_s) if hurried else rules.access_token_life_s


def _redeem(db: sqlite3.Connection, now: datetime, form: Mapping[str, str]) -> str:
    row = db.execute("DELETE FROM codes WHERE code = ? RETURNING *", (form.get("code", ""),)).fetchone()
    if row is None or row["expires_at"] <= instants.written(now) or row["redirect_uri"] != form.get("redirect_uri"):
        raise TokenError(400, "invalid_grant", "Bad Request")
    verifier = form.get("code_verifier", "")
    if row["challenge_method"] == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if row["challenge"] and not secrets.compare_digest(verifier, row["challenge"]):
        raise TokenError(400, "invalid_grant", "Invalid code verifier.")
    return grant(db, now, tuple(row["scopes"].split()))
