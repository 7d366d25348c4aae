"""A message service on loopback that takes what it is sent, or does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Mailbox:
    """What was sent, in order; `takes` says whether it is taken or refused."""

    url: str = ""
    takes: bool = True
    messages: list[str] = field(default_factory=list)


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """Listen until left."""
    box = Mailbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if box.takes:
                box.messages.append(told["message"])
            self.send_response(200 if box.takes else 503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    box.url = f"json://127.0.0.1:{server.server_port}/"
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
