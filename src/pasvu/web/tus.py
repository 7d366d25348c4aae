"""The words of the tus protocol, 1.0.0 (https://tus.io/protocols/resumable-upload): headers in and out. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
PIECE_TYPE = "application/offset+octet-stream"
LARGEST_PIECE = 64 * 1024 * 1024
"""The server takes a whole request before it hands it on: what a cut loses is at most one piece."""


def metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: pairs of a key and its value in Base64, comma-separated; what cannot be read is left out."""
    found: dict[str, str] = {}
    for pair in header.split(","):
        key, _, encoded = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return {key: value for key, value in found.items() if key}


def whole_number(header: str | None) -> int | None:
    """A count of bytes, or `None` where there is none."""
    return int(header) if header is not None and header.isascii() and header.isdigit() else None


def progress(offset: int, whole: int, expires_at: datetime | None) -> dict[str, str]:
    """The headers that say how far an upload is, and until when it may be continued."""
    said = {"Tus-Resumable": VERSION, "Upload-Offset": str(offset), "Upload-Length": str(whole)}
    if expires_at is not None and offset < whole:
        said["Upload-Expires"] = format_datetime(expires_at.astimezone(UTC), usegmt=True)
    return said


def abilities() -> Mapping[str, str]:
    """What this server speaks."""
    return {"Tus-Resumable": VERSION, "Tus-Version": VERSION, "Tus-Extension": EXTENSIONS}
