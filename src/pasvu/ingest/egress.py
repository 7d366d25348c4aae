"""The one way out for a tool that fetches: a proxy that looks names up itself and connects to public addresses only.

It connects to the very address that it checked: a name that leads elsewhere when asked a second time (DNS rebinding)
gains nothing. HTTP proxies: https://www.rfc-editor.org/rfc/rfc9110#name-connect
"""

from __future__ import annotations

import ipaddress
import logging
import selectors
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pasvu.channel.addresses import is_public

log = logging.getLogger(__name__)

Place = tuple[str, int]
Resolve = Callable[..., Sequence[tuple[Any, ...]]]
Connect = Callable[[Place, float], socket.socket]

PORTS = (80, 443)
APART_PORT = 3128
CONNECT_S = 20.0
IDLE_S = 120.0
_HEAD_LONGEST = 65536
_CHUNK = 1 << 16
_MOST_LINES = 64
_REFUSAL = b"HTTP/1.1 403 Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_UNREACHABLE = b"HTTP/1.1 502 Unreachable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Unknown(Exception):
    """A name that leads nowhere."""


class NotPublic(Exception):
    """What was asked for is not a place of the public internet, or not one that this proxy goes to."""


class Egress:
    """A proxy on this machine, for the time of one `with`; listens on a port of its own choosing.

    With `apart`, it listens in the network of the tool instead, which hands the listener over as it starts.
    `instead` is for tests alone: places (`host`, port) that are looked up here and reached without a check.
    """

    def __init__(
        self,
        most_bytes: int,
        *,
        resolve: Resolve = socket.getaddrinfo,
        connect: Connect = socket.create_connection,
        ports: Sequence[int] = PORTS,
        instead: Mapping[Place, Place] | None = None,
        apart: bool = False,
    ) -> None:
        self._most_bytes, self._resolve, self._connect, self._ports = most_bytes, resolve, connect, ports
        self._instead = dict(instead or {})
        self._apart = apart
        self._listener: socket.socket | None = None
        self._ours: socket.socket | None = None
        self.port = 0
        self.handover: int | None = None
        """What the tool sends its listener through, when it has a network of its own."""
        self._counting = threading.Lock()
        self._lines = threading.Semaphore(_MOST_LINES)
        self._open: set[socket.socket] = set()
        self.received = 0
        """Bytes that came from outside."""
        self.refused: list[str] = []
        """Why each request that was refused was, newest last."""
        self.unknown: list[str] = []
        """Hosts that were asked for and do not exist, newest last."""

    def __enter__(self) -> Egress:
        if self._apart:
            # Its own network: every port there is free.
            self.port, (self._ours, theirs) = APART_PORT, socket.socketpair()
            self.handover = theirs.detach()
        else:
            self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
            self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="egress", daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        # Whoever waits for it is woken: closing alone would leave the thread asleep.
        for waiting in (self._listener, self._ours):
            if waiting is not None:
                with suppress(OSError):
                    waiting.shutdown(socket.SHUT_RDWR)
                waiting.close()
        with self._counting:
            for line in self._open:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    @property
    def full(self) -> bool:
        """Whether as much came as was allowed."""
        return self.received >= self._most_bytes

    def places(self, host: str, port: int) -> list[Place]:
        """Where to connect for this host: every address that it has, once all of them are known to be public.

        Raises:
            NotPublic: another port than the web's, or one address that is not public.
            Unknown: nobody knows the name.
        """
        if (host, port) in self._instead:
            return [self._instead[host, port]]
        if port not in self._ports:
            raise NotPublic(f"port {port} of {host}")
        try:
            found = self._resolve(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as unknown:
            raise Unknown(host) from unknown
        places = [(str(entry[4][0]), port) for entry in found]
        for address, _ in places:
            # One internal address among public ones is a trap: which one is taken would be chance.
            if not is_public(ipaddress.ip_address(address.partition("%")[0])):
                raise NotPublic(f"{host} is {address}")
        if not places:
            raise Unknown(host)
        return places

    def _accept(self) -> None:
        if self._ours is not None:
            try:
                _, handed, *_ = socket.recv_fds(self._ours, 1, 1)
            except OSError:
                return
            if not handed:
                return  # the tool did not start
            self._listener = socket.socket(fileno=handed[0])
        assert self._listener is not None
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), name="egress line", daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with self._lines, line:
            self._keep(line)
            try:
                self._carry(line)
            except NotPublic as why:
                log.warning("egress refused: %s", why)
                self.refused.append(str(why))
                with suppress(OSError):
                    line.sendall(_REFUSAL)
            except Unknown as name:
                self.unknown.append(str(name))
                with suppress(OSError):
                    line.sendall(_UNREACHABLE)
            except (OSError, ValueError) as broken:
                log.debug("egress: %s", broken)
                with suppress(OSError):
                    line.sendall(_UNREACHABLE)
            finally:
                self._forget(line)

    def _carry(self, line: socket.socket) -> None:
        line.settimeout(CONNECT_S)
        head, rest = _read_head(line)
        method, target, lines = _read_request(head)
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            places = self.places(host.strip("[]").lower().rstrip("."), int(port))
            first = rest
        else:
            parts = urlsplit(target)
            if parts.scheme != "http" or not parts.hostname:
                raise NotPublic(f"{parts.scheme}: is not fetched")
            places = self.places(parts.hostname.rstrip("."), parts.port or 80)
            path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
            # One request a connection: the next one may be for another host, and is checked anew.
            kept = [each for each in lines if not each.lower().startswith(("proxy-", "connection:", "keep-alive:"))]
            asked = "\r\n".join([f"{method} {path} HTTP/1.1", "Connection: close", *kept])
            first = f"{asked}\r\n\r\n".encode("latin-1") + rest
        with self._reach(places) as far:
            self._keep(far)
            try:
                if method == "CONNECT":
                    line.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                if first:
                    far.sendall(first)
                if method != "CONNECT":
                    self._answer(line, far)
                self._pump(line, far)
            finally:
                self._forget(far)

    def _answer(self, line: socket.socket, far: socket.socket) -> None:
        """Pass on the head of an answer, and say in it that this connection serves once."""
        head, rest = _read_head(far)
        status, *lines = head.split("\r\n")
        kept = [each for each in lines if not each.lower().startswith(("connection:", "keep-alive:"))]
        said = "\r\n".join([status, "Connection: close", *kept])
        with self._counting:
            self.received += len(head) + len(rest)
        line.sendall(f"{said}\r\n\r\n".encode("latin-1") + rest)

    def _reach(self, places: Sequence[Place]) -> socket.socket:
        for place in places[:-1]:
            with suppress(OSError):
                return self._connect(place, CONNECT_S)
        return self._connect(places[-1], CONNECT_S)

    def _pump(self, line: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(line, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, line)
            while not self.full:
                ready = selector.select(IDLE_S)
                if not ready:
                    return
                for key, _ in ready:
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    chunk = source.recv(_CHUNK)
                    if source is far:
                        with self._counting:
                            self.received += len(chunk)
                    if not chunk:
                        return
                    key.data.sendall(chunk)

    def _keep(self, line: socket.socket) -> None:
        with self._counting:
            self._open.add(line)

    def _forget(self, line: socket.socket) -> None:
        with self._counting:
            self._open.discard(line)


def _read_head(line: socket.socket) -> tuple[str, bytes]:
    """The lines of a request or an answer, and what came after them."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        if len(heard) > _HEAD_LONGEST:
            raise ValueError("the head has no end")
        chunk = line.recv(_CHUNK)
        if not chunk:
            raise ValueError("the head was cut")
        heard += chunk
    head, _, rest = heard.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def _read_request(head: str) -> tuple[str, str, list[str]]:
    """Method, target and header lines.

    Raises:
        ValueError: it is not a request to a proxy.
    """
    first, *lines = head.split("\r\n")
    method, target, _version = first.split(" ")
    return method, target, lines
