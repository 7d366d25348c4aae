"""Reads the body of a request: JSON, or JSON and a file sent together."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import IO, Any

from werkzeug.wrappers import Request

from pasvu.publish.sandbox.answers import ApiError

_LARGEST_JSON = 4 << 20
_LARGEST_TOGETHER = 64 << 20


@dataclass(frozen=True)
class Together:
    """Metadata and a file from one `multipart/related` body."""

    body: Any
    media: IO[bytes]
    content_type: str


def json_of(request: Request) -> Any:
    """The JSON body, `{}` when there is none; 400 `parseError`."""
    return _parsed(request.stream.read(_LARGEST_JSON))


def length_of(request: Request) -> int:
    """`Content-Length`, 0 when absent."""
    return request.content_length or 0


def together(request: Request) -> Together:
    """Take a `multipart/related` body apart: first JSON, then the file. Small files only: it is held in memory."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/related" or not boundary:
        raise ApiError(400, "badRequest", "A multipart upload is multipart/related with a boundary.")
    if length_of(request) > _LARGEST_TOGETHER:
        raise ApiError(413, "uploadTooLarge", "Send large files with the resumable protocol.")
    first = b"--" + boundary.encode()
    content = request.stream.read(_LARGEST_TOGETHER)
    # RFC 2046 wants CRLF before a boundary; Google's Python client writes bare line feeds, and the platform takes both.
    end = b"\r\n" if content.startswith(first + b"\r\n") else b"\n"
    parts = (end + content).split(end + first)[1:]
    if len(parts) != 3 or not parts[2].startswith(b"--"):
        raise ApiError(400, "badRequest", "A multipart upload has exactly two parts: metadata and media.")
    _, metadata = _part(parts[0])
    media_type, media = _part(parts[1])
    return Together(_parsed(metadata), io.BytesIO(media), media_type)


def _part(text: bytes) -> tuple[str, bytes]:
    """Media type and content of one part."""
    text = text.removeprefix(b"\r").removeprefix(b"\n")
    for end in (b"\r\n\r\n", b"\n\n"):
        head, found, content = text.partition(end)
        if found:
            break
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return value.strip(), content
    return "application/octet-stream", content


def _parsed(text: bytes) -> Any:
    if not text.strip():
        return {}
    try:
        return json.loads(text)
    except ValueError as error:
        raise ApiError(400, "parseError", "Parse Error") from error
