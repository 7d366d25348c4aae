"""The two doors of OAuth: the page where the owner says yes, and the endpoint that trades codes for tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, redirect, render_template, request

from pasvu.publish.sandbox import faults, instants, ledger, tokens
from pasvu.publish.sandbox.answers import ApiError
from pasvu.publish.sandbox.world import World

_SAID = {
    "youtube.upload": "déposer des vidéos",
    "youtube.readonly": "lire la chaîne et ses vidéos",
    "youtube.force-ssl": "modifier les vidéos, les sous-titres et les listes",
    "youtube": "gérer la chaîne",
    "yt-analytics.readonly": "lire les statistiques",
}


def consent_pages(world: World, client_secret: str) -> Blueprint:
    """`/o/oauth2/auth`, `/token` and `/revoke`."""
    pages = Blueprint("consent", __name__)

    @pages.get("/o/oauth2/auth")
    @pages.get("/o/oauth2/v2/auth")
    def ask() -> str:
        _check(request.args)
        scopes = [scope.rpartition("/")[2] for scope in request.args["scope"].split()]
        said = [_SAID.get(scope, scope) for scope in scopes]
        return render_template("consent.html", asked=request.args, said=said, title=world.rules.channel_title)

    @pages.post("/o/oauth2/auth")
    def decide() -> Any:
        _check(request.form)
        back = {"state": request.form["state"]} if request.form.get("state") else {}
        if request.form.get("answer") == "yes":
            with world.store.transaction() as db:
                made = tokens.code(db, world.clock.now(), request.form)
            back |= {"code": made, "scope": request.form["scope"]}
        else:
            back |= {"error": "access_denied"}
        target = request.form["redirect_uri"]
        return redirect(f"{target}{'&' if '?' in target else '?'}{urlencode(back)}", 303)

    @pages.post("/token")
    def token() -> tuple[Response, int]:
        status, answer = 200, {}
        try:
            with world.store.transaction() as db:
                fault = faults.due(db, "oauth.token")
            if fault is not None:
                fault.raise_status()
            with world.store.transaction() as db:
                answer = tokens.exchange(db, world.clock, world.rules, client_secret, request.form)
        except tokens.TokenError as error:
            status, answer = error.status, {"error": error.error, "error_description": error.description}
        except ApiError as error:
            status, answer = error.status, {"error": error.reason, "error_description": error.message}
        _write_down(world, "oauth.token", status)
        return jsonify(answer), status

    @pages.post("/revoke")
    def revoke() -> tuple[Response, int]:
        with world.store.transaction() as db:
            done = tokens.revoke(db, request.values.get("token", ""), world.clock.now())
        status = 200 if done else 400
        _write_down(world, "oauth.revoke", status)
        return jsonify({} if done else {"error": "invalid_token"}), status

    return pages


def _check(asked: Any) -> None:
    """400 before anything is shown: codes go only to an address on this machine."""
    if asked.get("client_id") != tokens.CLIENT_ID:
        raise ApiError(401, "invalid_client", "The OAuth client was not found.")
    target = urlsplit(asked.get("redirect_uri", ""))
    if target.scheme != "http" or target.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ApiError(400, "redirect_uri_mismatch", "The redirect address must be http on this machine.")
    if asked.get("response_type", "code") != "code" or not asked.get("scope"):
        raise ApiError(400, "invalid_request", "Ask for response_type=code and at least one scope.")


def _write_down(world: World, method: str, status: int) -> None:
    with world.store.transaction() as db:
        ledger.write(
            db,
            {
                "at": instants.shown(world.clock.now()),
                "method": method,
                "http": "POST",
                "path": request.path,
                "params": {"grant_type": request.form.get("grant_type")},
                "status": status,
                "reason": None,
                "bucket": None,
                "units": 0,
                "fault": None,
            },
        )
