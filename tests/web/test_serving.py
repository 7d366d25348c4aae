"""The server itself: it answers on a free port, closes, and says when its address is taken."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from pasvu.channel.errors import Refused
from pasvu.web.serve import serve
from web.channel import Channel
from web.conftest import open_app


def test_it_serves_and_closes(fresh: Channel) -> None:
    app = open_app(fresh)
    server = serve(app, "127.0.0.1", 0)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/connexion", timeout=10) as reply:
            assert reply.status == 200
        with pytest.raises(Refused, match="changez `port`"):
            serve(app, "127.0.0.1", server.port)
    finally:
        server.close()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/connexion", timeout=2)
