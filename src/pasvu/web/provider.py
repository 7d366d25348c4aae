"""Signing in through the organisation's identity provider (OpenID Connect), where the settings name one.

Authorization code with PKCE and a nonce; the library checks state, signature, issuer, audience and nonce.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from pasvu.channel.errors import Passing, Refused
from pasvu.channel.settings import Settings

ANSWER_S = 10


@dataclass(frozen=True)
class Person:
    """Who came back from the provider: `subject` never changes there, `name` is what they are called."""

    subject: str
    name: str


def install(app: Flask, settings: Settings) -> None:
    """Make the provider known to `app`; its addresses are asked for at the first sign-in, not at the start."""
    if not settings.oidc_issuer:
        return
    oauth = OAuth(app)
    oauth.register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret or None,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "timeout": ANSWER_S},
    )
    app.extensions["pasvu.provider"] = oauth.provider


def known() -> bool:
    """Whether people may sign in through a provider."""
    return "pasvu.provider" in current_app.extensions


def leave_for(return_address: str) -> Response:
    """Send the browser to the provider, to come back to `return_address`.

    Raises:
        Passing: the provider does not answer.
    """
    try:
        sent: Response = _client().authorize_redirect(return_address)
    except requests.RequestException as silent:
        raise Passing("Le service d’identité ne répond pas : entrez avec votre mot de passe.") from silent
    return sent


def come_back() -> Person:
    """Who the provider says has come back.

    Raises:
        Refused: not a sign-in begun here, or one that was already used.
        Passing: the provider does not answer.
    """
    try:
        token = _client().authorize_access_token()
    except requests.RequestException as silent:
        raise Passing("Le service d’identité ne répond pas : entrez avec votre mot de passe.") from silent
    except (AuthlibBaseError, JoseError, KeyError, ValueError) as wrong:
        raise Refused("Cette connexion n’a pas abouti, ou a déjà servi : recommencez-la d’ici.") from wrong
    claims = token.get("userinfo") or {}
    if not claims.get("sub"):
        raise Refused("Cette connexion n’a pas abouti, ou a déjà servi : recommencez-la d’ici.")
    return Person(str(claims["sub"]), str(claims.get("name") or claims["sub"]))


def _client() -> Any:
    return current_app.extensions["pasvu.provider"]
