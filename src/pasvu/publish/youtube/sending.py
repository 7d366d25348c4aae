"""Sends a file over an open upload session, whatever breaks on the way: asks first, then sends.

Protocol of developers.google.com/youtube/v3/guides/using_resumable_upload_protocol. A doubt is a start, an error,
an expired token, a dropped line or an answer that is not understood: after each, the platform says where the upload
stands before another byte goes out, so that no byte is guessed and no second video is made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from random import SystemRandom
from typing import Protocol

from pasvu.channel.errors import Cancelled
from pasvu.channel.values import UploadProgress
from pasvu.publish.errors import PlatformBusy
from pasvu.publish.platform import Sleep, Watching

LOG = logging.getLogger(__name__)

# Some twenty minutes with the waits below; the workflow above tries again later, and the session stays open.
TRIES_WITHOUT_PROGRESS = 16
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0
# A long wait is taken in pieces, so that a cancellation is heard.
WAIT_PIECE_S = 5.0

_JITTER = SystemRandom().random


class Line(Protocol):
    """An open upload session; both calls may raise the errors of `publish.errors`."""

    total_bytes: int
    chunk_bytes: int

    def ask(self) -> UploadProgress:
        """What the platform has received; sends nothing."""
        ...

    def put(self, offset: int) -> UploadProgress:
        """Send one chunk from `offset`, once, without asking and without trying again."""
        ...


def wait_s(tries: int, retry_after_s: float | None, jitter: float) -> float:
    """How long to wait after `tries` failures: exponential, full jitter in [0, 1), and at least what was asked."""
    backoff = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (tries - 1)) * jitter
    return max(backoff, retry_after_s or 0.0)


def send(line: Line, watching: Watching, sleep: Sleep, *, jitter: Callable[[], float] = _JITTER) -> str:
    """Send what the platform lacks and return the video's id.

    Raises `SessionGone`, `PlatformBusy` after `TRIES_WITHOUT_PROGRESS` in a row, `Cancelled` when told to stop.
    """
    best, offset, tries, certain = -1, 0, 0, False
    at: UploadProgress | None
    fault: PlatformBusy | None
    while True:
        if watching.should_stop():
            raise Cancelled("L’envoi a été annulé\u202f; rien n’est perdu.")
        try:
            if not certain:
                at = _unfinished(line.ask(), line.total_bytes)
            else:
                if offset + line.chunk_bytes >= line.total_bytes:
                    watching.about_to_finish()
                at = _unfinished(line.put(offset), line.total_bytes)
            fault = None
        except PlatformBusy as busy:
            at, fault = None, busy
        if at is not None and at.video_id is not None:
            watching.confirmed(line.total_bytes, line.total_bytes)
            return at.video_id
        if at is not None:
            offset = at.confirmed_bytes
            watching.confirmed(offset, line.total_bytes)
            asked, certain = not certain, True
            if offset > best:
                best, tries = offset, 0
                continue
            if asked:
                # An answer to a question is no progress, and no fault either: sending comes next.
                continue
        tries += 1
        if tries >= TRIES_WITHOUT_PROGRESS:
            raise fault or PlatformBusy("YouTube ne garde aucun des octets envoyés\u202f; nous réessaierons plus tard.")
        seconds = wait_s(tries, fault.retry_after_s if fault else None, jitter())
        LOG.info(
            "upload at byte %d of %d: try %d failed, asking again in %.1f s",
            max(best, 0),
            line.total_bytes,
            tries,
            seconds,
        )
        _wait(seconds, watching, sleep)
        certain = False


def _unfinished(at: UploadProgress, total_bytes: int) -> UploadProgress:
    """Every byte received and no video yet: there is nothing to send, only to ask again later."""
    if at.video_id is None and at.confirmed_bytes >= total_bytes:
        raise PlatformBusy("YouTube a tout reçu mais n’a pas encore créé la vidéo\u202f; nous réessaierons.")
    return at


def _wait(seconds: float, watching: Watching, sleep: Sleep) -> None:
    left = seconds
    while left > 0 and not watching.should_stop():
        sleep(min(left, WAIT_PIECE_S))
        left -= WAIT_PIECE_S
