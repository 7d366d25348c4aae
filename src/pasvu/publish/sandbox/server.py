"""Runs the stand-in on this machine's own address, and tells other processes where."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from waitress.server import create_server  # type: ignore[import-untyped]

from pasvu.channel.clock import Clock
from pasvu.channel.errors import Refused
from pasvu.publish.sandbox import discovery, tokens
from pasvu.publish.sandbox.app import make_app
from pasvu.publish.sandbox.rules import Rules
from pasvu.publish.sandbox.store import Store
from pasvu.publish.sandbox.world import OWNER, World, new_id

_HOST = "127.0.0.1"
_THREADS = 8
_LARGEST_BODY = 1 << 40


@dataclass
class Sandbox:
    """A running stand-in."""

    url: str
    home: Path
    channel_id: str
    _world: World
    _client_secret: str
    _server: Any
    _thread: threading.Thread
    _lock: IO[str]

    def authorized_user(self, scopes: tuple[str, ...] = tokens.SCOPES, *, account: str = OWNER) -> dict[str, Any]:
        """A fresh authorisation in the form of Google's authorized-user JSON.

        `account` is `owner`, or `viewer` for somebody without a channel.
        """
        with self._world.store.transaction() as db:
            refresh_token = tokens.grant(db, self._world.clock.now(), scopes, account)
        return _authorized_user(self.url, self._client_secret, refresh_token, scopes)

    def revoke(self, refresh_token: str) -> None:
        """Take an authorisation back, as the owner can in the account's settings."""
        with self._world.store.transaction() as db:
            tokens.revoke(db, refresh_token, self._world.clock.now())

    def close(self) -> None:
        """Stop answering; open connections are closed, everything received stays."""
        if self._lock.closed:
            return
        # Workers write to the server's wake-up pipe: they must be gone before it closes.
        self._server.task_dispatcher.shutdown(timeout=5)
        pipe = self._server.trigger
        # Under the lock, because `_close_all` closes the pipe and must not run before our own byte is in it.
        with pipe.lock:
            pipe.thunks.append(self._close_all)
            pipe.pull_trigger()
        self._thread.join(timeout=10)
        (self.home / "address").unlink(missing_ok=True)
        self._world.store.close()
        self._lock.close()

    def _close_all(self) -> None:
        for channel in list(self._server.active_channels.values()):
            channel.close()
        self._server.close()


def serve(home: Path, clock: Clock, *, port: int = 0, rules: Rules | None = None) -> Sandbox:
    """Start a stand-in whose memory is the folder `home`; raises `Refused` when one already runs there.

    With `port` 0 it takes the port of last time if that is free, so that upload sessions keep their address.
    `home/address`, `home/authorized_user.json` and `home/client_secret.json` are written for other programs.
    """
    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (home / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise Refused(f"A sandbox already runs in {home}; use the one at {home / 'address'}.") from error
    try:
        (home / "address").unlink(missing_ok=True)
        listening = _listen(port or _last_port(home), fixed=bool(port))
    except OSError as error:
        lock.close()
        raise Refused(f"The sandbox cannot listen on {_HOST}:{port}: {error.strerror}.") from error
    url = f"http://{_HOST}:{listening.getsockname()[1]}"
    world, client_secret, refresh_token = _world(Store(home), clock, rules or Rules(), url)
    server = create_server(
        make_app(world, client_secret),
        sockets=[listening],
        threads=_THREADS,
        ident="sandbox",
        max_request_body_size=_LARGEST_BODY,
    )
    # The thread holds the lock too: it stays held although the caller forgets the `Sandbox`.
    thread = threading.Thread(target=_run, args=(server, lock), name="sandbox", daemon=True)
    thread.start()
    _publish(home / "port", str(listening.getsockname()[1]))
    _publish(home / "client_secret.json", json.dumps(_client(url, client_secret)))
    _publish(
        home / "authorized_user.json",
        json.dumps(_authorized_user(url, client_secret, refresh_token, tokens.SCOPES)),
    )
    _publish(home / "address", url)
    return Sandbox(url, home, world.channel_id, world, client_secret, server, thread, lock)


def running(home: Path) -> str | None:
    """The address of the stand-in that lives in `home`, or `None` when none does."""
    try:
        with (home / "lock").open("r") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return (home / "address").read_text("utf-8")
    except FileNotFoundError:
        pass
    return None


def _run(server: Any, _lock: IO[str]) -> None:
    server.run()


def _world(store: Store, clock: Clock, rules: Rules, url: str) -> tuple[World, str, str]:
    with store.transaction() as db:
        channel_id = store.fact(db, "channel_id", new_id("UC", 22))
        client_secret = store.fact(db, "client_secret", "GOCSPX-" + secrets.token_urlsafe(21))
        row = db.execute("SELECT value FROM facts WHERE name = 'refresh_token'").fetchone()
        refresh_token = row["value"] if row else tokens.grant(db, clock.now())
        store.fact(db, "refresh_token", refresh_token)
    return World(store, clock, rules, discovery.load(), url, channel_id), client_secret, refresh_token


def _listen(port: int, *, fixed: bool) -> socket.socket:
    for wanted in (port,) if fixed else (port, 0):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # A restart must get its port back although connections of the last run still linger.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((_HOST, wanted))
        except OSError:
            listening.close()
            if fixed or wanted == 0:
                raise
        else:
            return listening
    raise AssertionError


def _last_port(home: Path) -> int:
    try:
        return int((home / "port").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return 0


def _client(url: str, client_secret: str) -> dict[str, Any]:
    """The client's own credentials, in the form of Google's client_secret.json."""
    return {
        "installed": {
            "client_id": tokens.CLIENT_ID,
            "client_secret": client_secret,
            "auth_uri": f"{url}/o/oauth2/auth",
            "token_uri": f"{url}/token",
            "redirect_uris": ["http://127.0.0.1"],
        }
    }


def _authorized_user(url: str, client_secret: str, refresh_token: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "type": "authorized_user",
        "client_id": tokens.CLIENT_ID,
        "client_secret": client_secret,
        "refresh_token": refresh_token,
        "token_uri": f"{url}/token",
        "scopes": list(scopes),
    }


def _publish(path: Path, text: str) -> None:
    """Write aside and rename, readable by nobody else: another process reads it at any moment."""
    aside = path.with_suffix(f".{os.getpid()}.part")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    aside.replace(path)
