"""The authorised line to one server: connections, tokens, the service, and what their errors mean."""

from __future__ import annotations

import http.client
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import SplitResult, urlsplit

import google.auth.exceptions
import google_auth_httplib2
import httplib2
from googleapiclient import discovery
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import Error as GoogleError
from googleapiclient.errors import HttpError

from pasvu.channel.clock import Clock
from pasvu.channel.typography import marked
from pasvu.publish.errors import NotConnected, PlatformBusy, PlatformRefused
from pasvu.publish.youtube.authorization import AuthorizedUser, check_scopes
from pasvu.publish.youtube.client.pacing import Pace
from pasvu.publish.youtube.client.transport import MemoryCredentials, OneTry
from pasvu.publish.youtube.faults import error_of, read_fault

LOG = logging.getLogger(__name__)

UNREACHABLE = marked("YouTube ne répond pas (réseau coupé ou panne)\u202f; nous réessaierons.")
GARBLED = marked("YouTube a donné une réponse incompréhensible\u202f; nous réessaierons.")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
RECONNECT = marked("YouTube n’accepte plus notre autorisation (retirée ou expirée). Reconnectez la chaîne.")


class Wire:
    """Shared by threads; each gets its own connection and service, since httplib2 objects are of one thread."""

    def __init__(self, base_url: str, user: AuthorizedUser, clock: Clock, pace: Pace | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self._pace = pace
        self._clock = clock
        check_scopes(user.scopes)
        self._credentials = MemoryCredentials(
            token=None,
            refresh_token=user.refresh_token,
            client_id=user.client_id,
            client_secret=user.client_secret,
            # Given by hand: from_authorized_user_info puts Google's address in its place.
            token_uri=user.token_uri,
        )
        self._document: str | None = None
        self._document_lock = threading.Lock()
        self._mine = threading.local()

    @property
    def is_google(self) -> bool:
        """Whether this is YouTube itself."""
        place = urlsplit(self.base_url)
        return place.scheme == "https" and _of_google(place.hostname)

    def own_address(self, address: str) -> str:
        """The address, if it is of this server: a token must not travel elsewhere.

        Raises:
            PlatformRefused: another host; the address itself is not told.
        """
        there, here = urlsplit(address), urlsplit(self.base_url)
        if self.is_google:
            ours = there.scheme == "https" and _of_google(there.hostname)
        else:
            ours = _place(there) == _place(here)
        if not ours:
            raise PlatformRefused(
                f"L’envoi a été ouvert sur un autre serveur ({there.hostname}) que celui des réglages "
                f"({here.hostname}). Remettez le réglage youtube_url, ou relancez la publication.",
                reason="otherHost",
            )
        return address

    def renew(self) -> None:
        """Get a new access token now."""
        self._credentials.refresh(google_auth_httplib2.Request(self._connection()))

    def service(self) -> Any:
        """This thread's service, built on first use."""
        if not hasattr(self._mine, "service"):
            authorised = google_auth_httplib2.AuthorizedHttp(self._credentials, http=self._connection())
            if self.is_google:
                # The document inside the library: one request less, and no surprise.
                self._mine.service = discovery.build("youtube", "v3", http=authorised, static_discovery=True)
            else:
                # Built whole from their document: with client_options.api_endpoint, uploads would go to https.
                document = self._discovered()
                self._mine.service = discovery.build_from_document(document, http=authorised)  # type: ignore[attr-defined]
        return self._mine.service

    def analytics(self) -> Any:
        """This thread's service of the Analytics API, built on first use."""
        if not hasattr(self._mine, "analytics"):
            authorised = google_auth_httplib2.AuthorizedHttp(self._credentials, http=self._connection())
            if self.is_google:
                self._mine.analytics = discovery.build("youtubeAnalytics", "v2", http=authorised, static_discovery=True)
            else:
                document = self._fetch_description("youtubeAnalytics", "v2")
                self._mine.analytics = discovery.build_from_document(document, http=authorised)  # type: ignore[attr-defined]
        return self._mine.analytics

    def strict_http(self) -> Any:
        """This thread's authorised connection, without the silent second sending that follows a 401."""
        if not hasattr(self._mine, "strict"):
            self._mine.strict = google_auth_httplib2.AuthorizedHttp(
                self._credentials, http=self._connection(), refresh_status_codes=()
            )
        return self._mine.strict

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn what the libraries raise into `publish.errors`; the cause is logged by kind, never by text.

        `from None`: the libraries' own texts quote addresses and answers.
        """
        try:
            yield
        except HttpError as error:
            fault = read_fault(error.resp.status, error.resp, error.content, self._clock.now())
            LOG.info("YouTube answered %d %s", fault.status, fault.reason)
            raise error_of(fault, self._clock.now()) from None
        except google.auth.exceptions.RefreshError as error:
            LOG.warning("the access token could not be refreshed (passing: %s)", error.retryable)
            raise (PlatformBusy(UNREACHABLE) if error.retryable else NotConnected(RECONNECT)) from None
        except (
            google.auth.exceptions.TransportError,
            httplib2.HttpLib2Error,
            http.client.HTTPException,
            OSError,
        ) as error:
            LOG.info("no answer from YouTube: %s", type(error).__name__)
            raise PlatformBusy(UNREACHABLE) from None
        except (GoogleError, ValueError, LookupError, TypeError, AttributeError) as error:
            # A cut or foreign answer makes the library fall over in any of these ways (`error.message` as an object…).
            LOG.warning("an answer from YouTube was not understood: %s", type(error).__name__)
            raise PlatformBusy(GARBLED) from None

    def picture(self, address: str) -> bytes | None:
        """What lies at the address, on this server or among Google's pictures; without a token, `None` when not had."""
        there = urlsplit(address)
        pictures = there.scheme == "https" and there.hostname is not None and there.hostname.endswith(".ytimg.com")
        ours = pictures if self.is_google else _place(there) == _place(urlsplit(self.base_url))
        if not ours:
            return None
        with self.translated():
            answer, content = self._connection().request(address)
            return bytes(content) if answer.status == 200 else None

    def close(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._mine, "connection"):
            self._mine.connection.close()

    def _connection(self) -> httplib2.Http:
        if not hasattr(self._mine, "connection"):
            self._mine.connection = OneTry(direct=urlsplit(self.base_url).hostname in LOOPBACK, pace=self._pace)
        connection: httplib2.Http = self._mine.connection
        return connection

    def _discovered(self) -> str:
        with self._document_lock:
            if self._document is None:
                self._document = self._fetch_description("youtube", "v3")
            return self._document

    def _fetch_description(self, api: str, version: str) -> str:
        address = f"{self.base_url}/$discovery/rest?api={api}&version={version}"
        answer, content = self._connection().request(address)
        if answer.status in (404, 405, 501):
            # A server of the same API need not describe itself: the description inside the library is of that API.
            content = get_static_doc(api, version)  # type: ignore[no-untyped-call]
        elif answer.status != 200:
            raise HttpError(answer, content)
        document = json.loads(content)
        # Whatever the document says of addresses, the server of the settings is the one that gets the token:
        # one that hands out Google's own document unchanged would else send us to Google.
        document["rootUrl"] = document["baseUrl"] = f"{self.base_url}/"
        # Else a machine with a client certificate would be sent to Google itself.
        document.pop("mtlsRootUrl", None)
        return json.dumps(document)


def _place(address: SplitResult) -> tuple[str, str | None, int | None]:
    """Where an address leads; the names of this machine's own loopback are one place."""
    host = "127.0.0.1" if address.hostname in LOOPBACK else address.hostname
    return address.scheme, host, address.port


def _of_google(hostname: str | None) -> bool:
    return hostname is not None and (hostname == "googleapis.com" or hostname.endswith(".googleapis.com"))
