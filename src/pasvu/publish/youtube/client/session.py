"""One resumable upload over the authorised line: asks and sends single chunks, and never decides to try again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from googleapiclient.errors import HttpError

from pasvu.channel.values import UploadProgress
from pasvu.publish.errors import PlatformBusy, SessionGone
from pasvu.publish.youtube.client.media import Chunks, Slice
from pasvu.publish.youtube.client.wire import UNREACHABLE, Wire


class Session:
    """An open session at its address; `media` is needed to send, not to ask."""

    def __init__(self, wire: Wire, address: str, total_bytes: int, media: Chunks | None) -> None:
        self._wire = wire
        self._address = address
        self._media = media
        self._renewed = False
        self.total_bytes = total_bytes
        self.chunk_bytes = media.chunksize() if media else 0

    def ask(self) -> UploadProgress:
        """What the server has received; raises `SessionGone`."""
        return self._put(f"bytes */{self.total_bytes}", None)

    def put(self, offset: int) -> UploadProgress:
        """Send the chunk at `offset` once.

        Not by the library's `next_chunk`: after an error it asks and sends in one call, leaving no moment to write
        down that the next bytes may be the last.
        """
        assert self._media is not None
        chunk = self._media.slice(offset, self.chunk_bytes)
        return self._put(f"bytes {offset}-{offset + len(chunk) - 1}/{self.total_bytes}", chunk)

    def _put(self, content_range: str, chunk: Slice | None) -> UploadProgress:
        headers = {"Content-Range": content_range, "Content-Length": str(len(chunk) if chunk else 0)}
        if chunk is not None and self._media is not None:
            headers["Content-Type"] = self._media.mimetype()
        with self._translated():
            answer, content = self._wire.strict_http().request(self._address, method="PUT", body=chunk, headers=headers)
            if answer.status == 308:
                # No Range header: nothing was kept.
                kept = answer.get("range")
                return UploadProgress(int(kept.rsplit("-", 1)[1]) + 1 if kept else 0)
            if answer.status not in (200, 201):
                raise HttpError(answer, content)
            return UploadProgress(self.total_bytes, json.loads(content)["id"])

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with self._wire.translated():
            try:
                yield
            except HttpError as error:
                if error.resp.status in (404, 410):
                    raise SessionGone("YouTube a oublié cet envoi\u202f; nous en ouvrirons un autre.") from None
                if error.resp.status != 401 or self._renewed:
                    raise
                self._wire.renew()
                self._renewed = True
                raise PlatformBusy(UNREACHABLE, retry_after_s=0.0) from None
            self._renewed = False
