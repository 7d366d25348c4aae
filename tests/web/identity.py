"""A small identity provider (OpenID Connect) on loopback, as an organisation's own: for visitors and browsers alike."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

LATER_S = 4_000_000_000


@cache
def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "1"})


@dataclass
class Provider:
    """Issues codes and signed tokens for `subject`, and checks what a client must prove."""

    subject: str = "sub-ines"
    key: RSAKey = field(default_factory=_key)
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
            "exp": LATER_S,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": signed}


@contextmanager
def provided() -> Iterator[Provider]:
    """A provider at work; who comes to its page has signed in there already, and is sent back at once."""
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, body: dict[str, Any] | None) -> None:
            self.send_response(200 if body is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body or {"error": "invalid_grant"}).encode())

        def do_GET(self) -> None:
            if self.path.startswith("/authorize?"):
                self.send_response(302)
                self.send_header("Location", made.authorize(self.path))
                self.end_headers()
                return
            keys = {"keys": [made.key.as_dict(private=False)]}
            self.answer(keys if self.path == "/keys" else made.discovery())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(made.token({name: values[0] for name, values in parse_qs(body).items()}))

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # Looked at often: half a second at each end is the default.
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    made.address = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()
