"""Calls to YouTube by Google's own client; this folder is the only place that knows it.

Its behaviour was read in googleapiclient 2.202, and each trap worked around here has a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from random import SystemRandom
from typing import Any
from urllib.parse import urljoin

from googleapiclient.errors import HttpError

from pasvu.channel.clock import Clock
from pasvu.channel.typography import marked
from pasvu.channel.values import UploadSession
from pasvu.publish.errors import Missing, PlatformBusy, PlatformRefused
from pasvu.publish.platform import Sleep, SpendQuota
from pasvu.publish.youtube.authorization import AuthorizedUser
from pasvu.publish.youtube.client.media import CHANGED, Chunks
from pasvu.publish.youtube.client.pacing import Pace, SharedTurns
from pasvu.publish.youtube.client.session import Session
from pasvu.publish.youtube.client.wire import GARBLED, Wire
from pasvu.publish.youtube.quota import cost_of
from pasvu.publish.youtube.redaction import guard_logs
from pasvu.publish.youtube.sending import wait_s

__all__ = ["Chunks", "Client"]

TRIES = 4
# A longer wait belongs to the workflow, which does not hold a thread while it waits.
LONGEST_HELD_WAIT_S = 60.0
# What else a server may call a video that its listing does not show yet.
NOT_THERE = ("notFound", "404")
NO_DATE = marked(
    "YouTube ne dit pas son heure\u202f: aucun instant n’est confié tant que les deux horloges ne sont pas "
    "comparées\u202f; nous réessaierons."
)


class Client:
    """One authorised client of one server; may be shared by threads."""

    def __init__(
        self,
        base_url: str,
        user: AuthorizedUser,
        *,
        clock: Clock,
        spend: SpendQuota,
        sleep: Sleep,
        limit_bytes_s: float | None = None,
        turns_file: Path | None = None,
    ) -> None:
        guard_logs()
        turns = SharedTurns(turns_file) if turns_file else None
        self._wire = Wire(base_url, user, clock, Pace(limit_bytes_s, turns) if limit_bytes_s else None)
        self._clock = clock
        self._spend = spend
        self._sleep = sleep
        self._jitter = SystemRandom().random

    def page(self, resource: str, **query: Any) -> Any:
        """One page of a list; what is `None` is not asked."""
        query = {name: value for name, value in query.items() if value is not None}
        return self.call(f"{resource}.list", lambda service: getattr(service, resource)().list(**query))

    def call(
        self,
        method: str,
        request: Callable[[Any], Any],
        *,
        fresh: bool = False,
        done: Callable[[], bool] | None = None,
    ) -> Any:
        """Make one call that may be repeated safely, with patience; each try is paid for before it is made.

        Args:
            method: its name in the price list, such as `videos.list`.
            request: builds the request from the service.
            fresh: the video may have been uploaded a moment ago, so that "not found" is worth another try.
            done: whether an earlier try did it after all, its answer lost: asked before trying again. Then `None`.
        """
        tries = 0
        while True:
            tries += 1
            try:
                self.pay(method)
                with self._wire.translated():
                    return request(self._wire.service()).execute(num_retries=0)
            except PlatformBusy as busy:
                if tries >= TRIES or (busy.retry_after_s or 0.0) > LONGEST_HELD_WAIT_S:
                    raise
                self._sleep(wait_s(tries, busy.retry_after_s, self._jitter()))
                if done is not None and done():
                    return None
            except Missing:
                if not fresh or tries >= TRIES:
                    raise
                # A second at least: the video is there, the listing is late.
                self._sleep(wait_s(tries, 1.0, self._jitter()))
            except PlatformRefused as refused:
                if not fresh or refused.reason not in NOT_THERE or tries >= TRIES:
                    raise
                self._sleep(wait_s(tries, 1.0, self._jitter()))

    def report(self, **query: Any) -> Any:
        """One query of the Analytics API, with patience; its quota is apart from the Data API's."""
        tries = 0
        while True:
            tries += 1
            try:
                with self._wire.translated():
                    return self._wire.analytics().reports().query(ids="channel==MINE", **query).execute(num_retries=0)
            except PlatformBusy as busy:
                if tries >= TRIES or (busy.retry_after_s or 0.0) > LONGEST_HELD_WAIT_S:
                    raise
                self._sleep(wait_s(tries, busy.retry_after_s, self._jitter()))

    def picture(self, address: str) -> bytes | None:
        """A picture of this server, or of Google's for pictures; asked for without a token. `None` when not had."""
        return self._wire.picture(address)

    def clock_gap_s(self) -> float:
        """Our clock minus the server's, by the `Date` of the cheapest request; whole seconds on their side."""
        dates: list[str] = []

        def asking(service: Any) -> Any:
            request = service.channels().list(part="id", mine=True)
            request.add_response_callback(lambda answer: dates.append(answer.get("date", "")))
            return request

        before = self._clock.now()
        self.call("channels.list", asking)
        after = self._clock.now()
        theirs = _read_date(dates[-1])
        # The header drops the fraction: half a second on average.
        return ((before + (after - before) / 2) - theirs).total_seconds() - 0.5

    def open_session(self, master: Path, parts: str, body: Mapping[str, Any], *, notify: bool) -> str:
        """Open a resumable upload and return its address; sends the text, no byte of the file.

        The library's own start sends the first chunk in the same call, before the address can be written down.
        """
        tries = 0
        while True:
            tries += 1
            self.pay("videos.insert")
            try:
                with self._wire.translated(), Chunks(master, 1) as media:
                    request = (
                        self._wire.service()
                        .videos()
                        .insert(part=parts, body=body, media_body=media, notifySubscribers=notify)
                    )
                    answer, content = request.http.request(
                        request.uri,
                        method=request.method,
                        body=request.body,
                        headers={
                            **request.headers,
                            "X-Upload-Content-Type": media.mimetype(),
                            "X-Upload-Content-Length": str(media.size()),
                        },
                    )
                    if answer.status not in (200, 201):
                        raise HttpError(answer, content)
                    if not answer.get("location"):
                        raise PlatformBusy(GARBLED)
                    # RFC 9110, 10.2.2: it may be relative to what was asked.
                    return self._wire.own_address(urljoin(request.uri, answer["location"]))
            except PlatformBusy as busy:
                if tries >= TRIES or (busy.retry_after_s or 0.0) > LONGEST_HELD_WAIT_S:
                    raise
                self._sleep(wait_s(tries, busy.retry_after_s, self._jitter()))
            except PlatformRefused as refused:
                # Seen in the wild on a start that was never made; a session that is not used costs nothing else.
                if refused.reason != "alreadyExists" or tries >= TRIES:
                    raise

    @contextmanager
    def session(self, session: UploadSession, master: Path | None, chunk_bytes: int) -> Iterator[Session]:
        """An open upload session to ask and, when `master` is given, to send."""
        address = self._wire.own_address(session.address)
        if master is None:
            yield Session(self._wire, address, session.total_bytes, None)
            return
        with Chunks(master, chunk_bytes) as media:
            if media.size() != session.total_bytes:
                raise PlatformRefused(CHANGED.format(name=master.name), reason="masterChanged")
            yield Session(self._wire, address, session.total_bytes, media)

    def pay(self, method: str) -> None:
        """Write the price of one request into the ledger; raises `OutOfQuota` when it cannot be paid."""
        cost = cost_of(method)
        self._spend(cost.bucket, cost.units, method)

    def close(self) -> None:
        """Close this thread's connection."""
        self._wire.close()


def _read_date(header: str) -> datetime:
    try:
        read = parsedate_to_datetime(header)
    except ValueError:
        raise PlatformBusy(NO_DATE) from None
    # Written `-0000`, it is UTC of an unknown place, and read without a zone.
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
