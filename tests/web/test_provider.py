"""Signing in through the organisation's identity provider, against a small real one on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey

from pasvu.channel import accounts
from pasvu.channel.settings import Settings
from web.channel import Channel
from web.conftest import Come, Visitor, open_app

NOW_S = 4_000_000_000


@dataclass
class Provider:
    """Issues codes and signed tokens for `subject`, and checks what a client must prove."""

    subject: str = "sub-ines"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    nonce: str | None = None
    """A nonce to lie about, instead of the one that was asked for."""
    address: str = ""

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize(self, address: str) -> str:
        """What a person's browser does there: the address it is sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self.asked)}"
        self.asked[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        query = self.asked.pop(form["code"], None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if query is None or proof != query["code_challenge"]:
            return None
        claims = {
            "iss": self.address,
            "aud": query["client_id"],
            "sub": self.subject,
            "name": "Inès B.",
            "nonce": self.nonce or query["nonce"],
            "iat": 1_000_000_000,
            "exp": NOW_S,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": signed}


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, body: dict[str, Any] | None) -> None:
            self.send_response(200 if body is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body or {"error": "invalid_grant"}).encode())

        def do_GET(self) -> None:
            keys = {"keys": [made.key.as_dict(private=False)]}
            self.answer(keys if self.path == "/keys" else made.discovery())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(made.token({name: values[0] for name, values in parse_qs(body).items()}))

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.address = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def app(fresh: Channel, provider: Provider) -> Flask:
    fresh.settings = Settings(
        home=fresh.settings.home,
        oidc_issuer=provider.address,
        oidc_client_id="pasvu",
        oidc_client_secret="secret",
        oidc_name="Nextcloud",
    )
    return open_app(fresh)


def bind(channel: Channel, name: str = "Inès Belkacem", subject: str = "sub-ines") -> None:
    with channel.record.write() as session:
        accounts.bind_subject(session, accounts.find(session, name), subject, channel.clock.now(), name)


def travel(visitor: Visitor, provider: Provider, start: str = "/connexion/organisation") -> str:
    """To the provider and back; the address one returns to."""
    sent = visitor.get(start)
    assert sent.status_code == 302
    assert sent.headers["Location"].startswith(provider.address)
    back = urlsplit(provider.authorize(sent.headers["Location"]))
    return f"{back.path}?{back.query}"


def test_a_known_person_comes_in(fresh: Channel, app: Flask, provider: Provider, come: Come) -> None:
    bind(fresh)
    visitor = come(app)
    assert "Entrer par Nextcloud" in visitor.page("/connexion")
    back = travel(visitor, provider, "/connexion/organisation?suite=/calendrier")
    reply = visitor.get(back)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/calendrier")
    assert "Inès Belkacem" in visitor.page("/")


def test_a_stranger_there_is_a_stranger_here(app: Flask, provider: Provider, come: Come) -> None:
    visitor = come(app)
    reply = visitor.get(travel(visitor, provider))
    assert reply.status_code == 422
    assert "n’est relié à aucun compte" in reply.get_data(as_text=True)
    assert visitor.get("/").status_code == 302


@pytest.mark.parametrize("how", ["replayed", "foreign state", "wrong nonce", "refused there"])
def test_what_was_not_begun_here_is_refused(
    fresh: Channel, app: Flask, provider: Provider, come: Come, how: str
) -> None:
    bind(fresh)
    visitor = come(app)
    if how == "wrong nonce":
        provider.nonce = "another"
    back = travel(visitor, provider)
    if how == "replayed":
        assert visitor.get(back).status_code == 303
        visitor.post("/deconnexion")
    elif how == "foreign state":
        back = back.replace("state=", "state=x")
    elif how == "refused there":
        back = back.split("?")[0] + "?error=access_denied&state=" + parse_qs(urlsplit(back).query)["state"][0]
    reply = visitor.get(back)
    assert reply.status_code == 422
    assert "n’a pas abouti" in reply.get_data(as_text=True)
    assert visitor.get("/").status_code == 302


def test_a_closed_account_stays_closed(fresh: Channel, app: Flask, provider: Provider, come: Come) -> None:
    bind(fresh)
    with fresh.record.write() as session:
        accounts.disable(session, accounts.find(session, "Inès Belkacem"), fresh.clock.now(), "Ada Minh")
    visitor = come(app)
    assert visitor.get(travel(visitor, provider)).status_code == 422


def test_one_binds_ones_own_account(fresh: Channel, app: Flask, provider: Provider, come: Come) -> None:
    visitor = come(app, "Malik Kone")
    assert "Relier ce compte à Nextcloud" in visitor.page("/reglages/moi")
    reply = visitor.get(travel(visitor, provider, "/connexion/organisation?relier=1"))
    assert reply.headers["Location"] == "/reglages/moi"
    assert "Vous entrez aussi par Nextcloud" in visitor.page("/reglages/moi")
    other = come(app)
    assert other.get(travel(other, provider)).status_code == 303
    assert "Malik Kone" in other.page("/")


def test_a_provider_that_does_not_answer_leaves_the_password(fresh: Channel, provider: Provider, come: Come) -> None:
    fresh.settings = Settings(home=fresh.settings.home, oidc_issuer="http://127.0.0.1:9", oidc_client_id="pasvu")
    visitor = come(open_app(fresh))
    reply = visitor.client.get("/connexion/organisation", follow_redirects=True)
    assert "ne répond pas" in reply.get_data(as_text=True)


def test_without_a_provider_there_is_no_such_door(fresh: Channel, come: Come) -> None:
    visitor = come(open_app(fresh))
    assert visitor.get("/connexion/organisation").status_code == 404
    assert "Entrer par" not in visitor.page("/connexion")
