"""The connection and the tokens under Google's client, without their silent second tries.

Behaviour read in httplib2 0.32 and google-auth 2.62.
"""

from __future__ import annotations

import json
import selectors
import socket
import ssl
import threading
from typing import Any

import httplib2
from google.oauth2.credentials import Credentials

from pasvu.publish.errors import NotConnected
from pasvu.publish.youtube.authorization import check_scopes
from pasvu.publish.youtube.client.media import Slice
from pasvu.publish.youtube.client.pacing import Pace

# The library's 60 s is shorter than the acknowledgement of a big chunk over a slow line.
TIMEOUT_S = 300.0


class OneTry(httplib2.Http):
    """A connection that never sends a request twice by itself, follows no redirect and leaves 308 to uploads."""

    def __init__(self, *, direct: bool, pace: Pace | None = None) -> None:
        self._pace = pace
        if direct:
            # A loopback server is not behind the proxy of the environment.
            super().__init__(timeout=TIMEOUT_S, proxy_info=None)
        else:
            super().__init__(timeout=TIMEOUT_S)
        # A redirect would carry the token elsewhere, and the API gives none: its 308 means "resume incomplete".
        self.follow_redirects = False

    def _conn_request(self, conn: Any, request_uri: str, method: str, body: Any, headers: Any) -> Any:
        """One sending, one reading; httplib2's own would connect again and repeat a chunk without asking."""
        if conn.sock is not None and _has_word(conn.sock):
            # An idle line that has something to say is a line being closed: nothing was sent on it, so a new one
            # is no second try. Without this, each call after a pause would fail once, and be paid twice.
            conn.close()
        try:
            if isinstance(body, Slice):
                conn.request(method, request_uri, None, headers)
                self._pour(body, conn)
            else:
                conn.request(method, request_uri, body, headers)
            answer = conn.getresponse()
            content = answer.read()
        except BaseException:
            # Whatever is left on the line belongs to no later answer.
            conn.close()
            raise
        response = httplib2.Response(answer)
        return response, httplib2._decompressContent(response, content, self.limit_kwargs)  # type: ignore[attr-defined]

    def _pour(self, body: Slice, conn: Any) -> None:
        if self._pace is None and not isinstance(conn.sock, ssl.SSLSocket):
            body.pour(conn.sock)
            return
        for piece in body if self._pace is None else self._pace.paced(body):
            conn.send(piece)


def _has_word(sock: socket.socket) -> bool:
    with selectors.DefaultSelector() as waiting:
        waiting.register(sock, selectors.EVENT_READ)
        return bool(waiting.select(0))


class MemoryCredentials(Credentials):
    """Refreshes in memory only, one thread at a time, and looks at what the person granted."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._renewing = threading.Lock()

    def refresh(self, request: Any) -> None:
        """Get a new access token; raises `NotConnected` without a refresh token, or when a needed scope is missing."""
        if not self.refresh_token:
            raise NotConnected("La chaîne YouTube n’est pas connectée. Connectez-la, puis réessayez.")
        said: list[str] = []

        def listening(*args: Any, **kwargs: Any) -> Any:
            answer = request(*args, **kwargs)
            try:
                said.append(str(json.loads(answer.data).get("scope", "")))
            except (ValueError, AttributeError):
                said.append("")
            return answer

        with self._renewing:
            super().refresh(listening)  # type: ignore[no-untyped-call]
        check_scopes(tuple(said[-1].split()))
