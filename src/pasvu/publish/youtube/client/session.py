"""One resumable upload over Google's client: asks and sends single chunks, and never decides to try again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

from googleapiclient.errors import HttpError

from pasvu.channel.values import UploadProgress
from pasvu.publish.errors import PlatformBusy, SessionGone
from pasvu.publish.youtube.client.media import Chunks
from pasvu.publish.youtube.client.wire import UNREACHABLE, Wire


class Session:
    """An open session at its address; `media` is needed to send, not to ask."""

    def __init__(self, wire: Wire, address: str, total_bytes: int, media: Chunks | None) -> None:
        self._wire = wire
        self._address = address
        self._media = media
        self._renewed = False
        self._blank: Any = None
        self.total_bytes = total_bytes
        self.chunk_bytes = media.chunksize() if media else 0

    def ask(self) -> UploadProgress:
        """What the server has received; raises `SessionGone`."""
        with self._translated():
            answer, content = self._wire.strict_http().request(
                self._address,
                method="PUT",
                headers={"Content-Range": f"bytes */{self.total_bytes}", "Content-Length": "0"},
            )
            if answer.status == 308:
                # No Range header: nothing was kept.
                kept = answer.get("range")
                return UploadProgress(int(kept.rsplit("-", 1)[1]) + 1 if kept else 0)
            if answer.status not in (200, 201):
                raise HttpError(answer, content)
            return UploadProgress(self.total_bytes, json.loads(content)["id"])

    def put(self, offset: int) -> UploadProgress:
        """Send the chunk at `offset` once."""
        with self._translated():
            # A fresh copy each time: a request that saw an error would ask and send in one call, leaving no moment to
            # write down that the next bytes may be the last. Making one from the service costs more than a chunk.
            if self._blank is None:
                self._blank = self._wire.service().videos().insert(part="id", body={}, media_body=self._media)
            request = copy(self._blank)
            request.resumable_uri = self._address
            request.resumable_progress = offset
            # num_retries=0: the library would send again without asking.
            status, video = request.next_chunk(http=self._wire.strict_http(), num_retries=0)
            if video is not None:
                return UploadProgress(self.total_bytes, video["id"])
            return UploadProgress(status.resumable_progress)

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
