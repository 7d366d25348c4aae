"""Asks a person for the channel's authorisation in a browser, and takes it back.

Flows of developers.google.com/identity/protocols/oauth2: the answer comes to a page of the panel, or from the command
line to 127.0.0.1 on a free port; PKCE, and a state that must come back. Tokens are given back as a value; nothing is
logged.
"""

from __future__ import annotations

import hmac
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from google_auth_oauthlib.flow import Flow

from pasvu.publish.errors import NotConnected, PlatformBusy
from pasvu.publish.youtube.authorization import ASKED_SCOPES, AuthorizedUser, check_scopes
from pasvu.publish.youtube.redaction import guard_logs

TIMEOUT_S = 300.0
REVOKE_S = 20.0

_DONE = "<!doctype html><meta charset=utf-8><title>Pas vu à la télé</title><p>{}</p>"


@dataclass(frozen=True)
class Consent:
    """What a person is sent to grant; the verifier is a secret until the code has come back."""

    address: str
    state: str
    verifier: str = field(repr=False)


def connect(client_secret: str, show: Callable[[str], None], *, timeout_s: float = TIMEOUT_S) -> AuthorizedUser:
    """Wait until a person has granted the channel, and return what was granted.

    Args:
        client_secret: the JSON of a client, downloaded from the Google console.
        show: tells the person the address to open (prints it, opens a browser).
        timeout_s: how long to wait for the person.

    Raises:
        NotConnected: not such a client, refused, too narrow, or nobody answered in time.
        PlatformBusy: the token server cannot be reached.
    """
    with _Answers() as answers:
        consent = ask(client_secret, answers.url)
        show(consent.address)
        return redeem(client_secret, consent.verifier, answers.url, answers.wait_for(consent.state, timeout_s))


def ask(client_secret: str, redirect_uri: str) -> Consent:
    """Where to send a person who shall grant the channel; the answer comes to `redirect_uri`.

    Raises:
        NotConnected: not the JSON of a client.
    """
    guard_logs()
    config = read_client(client_secret)
    (client,) = config.values()
    state, verifier = token_urlsafe(32), token_urlsafe(64)
    with _oauthlib_at_ease(client):
        # prompt=consent: without it a second authorisation brings no refresh token.
        address, _ = _flow(config, redirect_uri, verifier).authorization_url(
            access_type="offline", prompt="consent", state=state
        )
    return Consent(address, state, verifier)


def redeem(client_secret: str, verifier: str, redirect_uri: str, code: str) -> AuthorizedUser:
    """Trade the code that came back for an authorisation.

    Raises:
        NotConnected: refused, or too narrow.
        PlatformBusy: the token server cannot be reached.
    """
    guard_logs()
    config = read_client(client_secret)
    (client,) = config.values()
    with _oauthlib_at_ease(client):
        token = _exchange(_flow(config, redirect_uri, verifier), code)
    scopes = tuple(_listed(token.get("scope")))
    check_scopes(scopes)
    if not token.get("refresh_token"):
        raise NotConnected(
            "Google n’a pas donné d’autorisation durable. Retirez l’accès sur myaccount.google.com/permissions, "
            "puis reconnectez la chaîne."
        )
    return AuthorizedUser(
        client["client_id"], client["client_secret"], token["refresh_token"], client["token_uri"], scopes
    )


def revoke(user: AuthorizedUser) -> bool:
    """Take the grant back where it was given; whether the server confirmed (one that is gone already counts)."""
    guard_logs()
    # Google's two addresses are of one family, and those of its stand-ins too.
    address = user.token_uri.rpartition("/")[0] + "/revoke"
    if not (address.startswith("https://") or is_here(address)):
        return False
    asked = urllib.request.Request(address, data=urlencode({"token": user.refresh_token}).encode())  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=REVOKE_S):  # noqa: S310 - https, or this machine
            return True
    except urllib.error.HTTPError as answer:
        return answer.code == HTTPStatus.BAD_REQUEST
    except OSError:
        return False


def read_client(text: str) -> dict[str, dict[str, str]]:
    """The client of a `client_secret.json`, by its kind: `installed` (desktop) or `web`.

    Raises:
        NotConnected: not such a file, or its secrets would travel in clear.
    """
    try:
        config = json.loads(text)
        kind = next(kind for kind in ("installed", "web") if kind in config)
        client = config[kind]
        complete = all(isinstance(client[key], str) for key in ("client_id", "client_secret", "auth_uri", "token_uri"))
        # Secrets travel to both: in clear only when they do not leave this machine.
        complete = complete and all(
            client[key].startswith("https://") or is_here(client[key]) for key in ("auth_uri", "token_uri")
        )
    except (ValueError, KeyError, TypeError, StopIteration):
        complete = False
    if not complete:
        raise NotConnected(
            "Ce n’est pas le fichier client_secret.json d’un client OAuth. "
            "Téléchargez-le depuis la console Google (Identifiants), puis réessayez."
        )
    return {kind: client}


def _flow(config: dict[str, dict[str, str]], redirect_uri: str, verifier: str) -> Any:
    return Flow.from_client_config(
        config, ASKED_SCOPES, redirect_uri=redirect_uri, code_verifier=verifier, autogenerate_code_verifier=False
    )


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
def _oauthlib_at_ease(client: dict[str, str]) -> Iterator[None]:
    """Let oauthlib speak to a rehearsal server without TLS, only on this machine and only for this exchange."""
    here = all(is_here(client[key]) for key in ("auth_uri", "token_uri"))
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


def is_here(address: str) -> bool:
    """Whether an address is of this machine."""
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
