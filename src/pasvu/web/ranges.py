"""A file in pieces: one byte range per reply, cut short, so that no player holds a thread of the server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from flask import Response, abort, request

# Browsers take a shorter answer than they asked for and come back; measured on Chromium and Firefox.
LONGEST_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 256 * 1024


def reply(path: Path, media_type: str) -> Response:
    """The range that the running request asks of `path`, at most 4 MiB of it.

    404 when the file is not there, 416 when the range lies outside it.
    """
    try:
        opened = os.open(path, os.O_RDONLY)
    except OSError:
        abort(404)
    size = os.fstat(opened).st_size
    wanted = request.range
    first, last = 0, size
    if wanted is not None and len(wanted.ranges) == 1:
        found = wanted.range_for_length(size)
        if found is None:
            os.close(opened)
            abort(Response(status=416, headers={"Content-Range": f"bytes */{size}"}))
        first, last = found[0], min(found[1], found[0] + LONGEST_BYTES)
    else:
        wanted = None  # several ranges at once: the whole is a right answer too
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(last - first),
        "Cache-Control": "private, max-age=3600",
    }
    if wanted is not None:
        headers["Content-Range"] = f"bytes {first}-{last - 1}/{size}"
    if request.method == "HEAD":
        os.close(opened)
        return Response(status=206 if wanted else 200, headers=headers, mimetype=media_type)
    pieces = Pieces(opened, first, last)
    return Response(pieces, 206 if wanted else 200, headers, mimetype=media_type, direct_passthrough=True)


class Pieces:
    """Bytes `[first, last)` of an open file, which is closed at the end, or when the reader leaves."""

    def __init__(self, opened: int, first: int, last: int) -> None:
        self._opened: int | None = opened
        self._at, self._last = first, last

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._opened is None or self._at >= self._last:
            self.close()
            raise StopIteration
        piece = os.pread(self._opened, min(CHUNK_BYTES, self._last - self._at), self._at)
        if not piece:
            self.close()
            raise StopIteration
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Let go of the file; the server calls this however the reply ends."""
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None
