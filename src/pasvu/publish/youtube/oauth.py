"""Asks a person for the channel's authorisation, from the command line: browser, loopback answer, file.

Desktop flow of developers.google.com/identity/protocols/oauth2/native-app: a redirect to 127.0.0.1 on a free port,
PKCE, and a state that must come back. Tokens are given back as a value; nothing is logged.
"""

from __future__ import annotations

import hmac
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlsplit

from google_auth_oauthlib.flow import Flow

from pasvu.publish.errors import NotConnected, PlatformBusy
from pasvu.publish.youtube.authorization import NEEDED_SCOPES, AuthorizedUser, check_scopes
from pasvu.publish.youtube.redaction import guard_logs

TIMEOUT_S = 300.0

_DONE = "<!doctype html><meta charset=utf-8><title>Pas vu à la télé</title><p>{}</p>"


def connect(client_secret: Path, show: Callable[[str], None], *, timeout_s: float = TIMEOUT_S) -> AuthorizedUser:
    """Wait until a person has granted the channel, and return what was granted.

    Args:
        client_secret: the `client_secret.json` of a desktop client, downloaded from the Google console.
        show: tells the person the address to open (prints it, opens a browser).
        timeout_s: how long to wait for the person.

    Raises:
        NotConnected: not such a file, refused, too narrow, or nobody answered in time.
        PlatformBusy: the token server cannot be reached.
    """
    guard_logs()
    config = _read_config(client_secret)
    with _oauthlib_at_ease(config), _Answers() as answers:
        flow = Flow.from_client_config(config, NEEDED_SCOPES, redirect_uri=answers.url, autogenerate_code_verifier=True)
        state = token_urlsafe(32)
        # prompt=consent: without it a second authorisation brings no refresh token.
        address, _ = flow.authorization_url(access_type="offline", prompt="consent", state=state)
        show(address)
        token = _exchange(flow, answers.wait_for(state, timeout_s))
    scopes = tuple(_listed(token.get("scope")))
    check_scopes(scopes)
    if not token.get("refresh_token"):
        raise NotConnected(
            "Google n’a pas donné d’autorisation durable. Retirez l’accès sur myaccount.google.com/permissions, "
            "puis reconnectez la chaîne."
        )
    client = config["installed"]
    return AuthorizedUser(
        client["client_id"], client["client_secret"], token["refresh_token"], client["token_uri"], scopes
    )


def _read_config(path: Path) -> dict[str, dict[str, str]]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        client = config["installed"]
        complete = all(isinstance(client[key], str) for key in ("client_id", "client_secret", "auth_uri", "token_uri"))
        # Secrets travel to both: in clear only when they do not leave this machine.
        complete = complete and all(
            client[key].startswith("https://") or _is_here(client[key]) for key in ("auth_uri", "token_uri")
        )
    except (OSError, ValueError, KeyError, TypeError):
        complete = False
    if not complete:
        raise NotConnected(
            f"{path.name} n’est pas le fichier d’un client «\u202fapplication de bureau\u202f». "
            "Téléchargez-le depuis la console Google (Identifiants), puis réessayez."
        )
    return {"installed": client}


def _exchange(flow: Any, code: str) -> dict[str, Any]:
    try:
        # include_client_id: the client goes in the form, where Google documents it, not in a Basic header.
        token: dict[str, Any] = flow.fetch_token(code=code, include_client_id=True)
    except OSError:
        raise PlatformBusy("Le serveur d’autorisation ne répond pas\u202f; réessayez dans un moment.") from None
    except Exception:
        # oauthlib has a class for each refusal, and their texts quote the exchange.
        raise NotConnected("Google a refusé l’autorisation. Recommencez depuis le début.") from None
    return token


@contextmanager
def _oauthlib_at_ease(config: dict[str, dict[str, str]]) -> Iterator[None]:
    """Let oauthlib speak to a rehearsal server without TLS, only on this machine and only for this exchange."""
    here = all(_is_here(config["installed"][key]) for key in ("auth_uri", "token_uri"))
    # Fewer scopes than asked is said by check_scopes, in words; oauthlib would raise a bare Warning.
    wanted = {"OAUTHLIB_RELAX_TOKEN_SCOPE": "1", **({"OAUTHLIB_INSECURE_TRANSPORT": "1"} if here else {})}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _is_here(address: str) -> bool:
    return urlsplit(address).hostname in ("127.0.0.1", "::1", "localhost")


def _listed(scope: object) -> list[str]:
    if isinstance(scope, str):
        return scope.split()
    return [str(each) for each in scope] if isinstance(scope, list | tuple) else []


class _Answers(HTTPServer):
    """Listens on a free loopback port for the browser's return."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Return)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.query: dict[str, list[str]] = {}
        self.state = ""

    def wait_for(self, state: str, timeout_s: float) -> str:
        """The code that came with our state; answers with another state are not ours and are passed over."""
        self.state = state
        until = time.monotonic() + timeout_s
        while not self.query:
            self.timeout = until - time.monotonic()
            if self.timeout <= 0:
                raise NotConnected(
                    "Personne n’a répondu dans le navigateur. Relancez «\u202fpasvu connect youtube\u202f»."
                )
            self.handle_request()
        if "code" not in self.query:
            raise NotConnected("L’autorisation a été refusée dans le navigateur. Relancez la connexion.")
        return self.query["code"][0]


class _Return(BaseHTTPRequestHandler):
    server: _Answers
    # A browser that opens a line and says nothing must not stop the wait.
    timeout = 5

    def do_GET(self) -> None:
        """Take the answer if it is ours."""
        query = parse_qs(urlsplit(self.path).query)
        ours = hmac.compare_digest(query.get("state", [""])[0].encode(), self.server.state.encode())
        ours = ours and ("code" in query or "error" in query)
        if ours:
            self.server.query = query
        page = _DONE.format("C’est fait\u202f: vous pouvez fermer cette page." if ours else "Cette page n’attend rien.")
        self.send_response(200 if ours else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the request line holds the code."""
