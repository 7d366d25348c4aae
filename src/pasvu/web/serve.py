"""Serving the panel: waitress in a thread of this process."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask
from waitress.server import create_server  # type: ignore[import-untyped]

from pasvu.channel.errors import Refused


class Served:
    """The running server; `port` is the real one when 0 was asked for."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.port: int = server.effective_port
        self._thread = threading.Thread(target=server.run, name="panel", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and let the threads go."""
        self._server.close()
        self._server.task_dispatcher.shutdown()
        self._thread.join(timeout=5)


def serve(app: Flask, host: str, port: int) -> Served:
    """Start serving `app`.

    Raises:
        Refused: the address is taken or not ours.
    """
    try:
        server = create_server(
            app,
            host=host,
            port=port,
            # Measured: with replies cut to 4 MB, 16 threads keep pages under 20 ms while four people scrub.
            threads=16,
            # A browser keeps several connections open for each tab; the default of 100 fills with a small team.
            connection_limit=1000,
            # A silent connection is dropped after this many seconds.
            channel_timeout=20,
            ident=None,
        )
    except OSError as taken:
        raise Refused(
            "Le panneau ne peut pas écouter sur {host}:{port} ({why}) : changez `port` dans les réglages.",
            host=host,
            port=port,
            why=taken.strerror or str(taken),
        ) from taken
    return Served(server)
