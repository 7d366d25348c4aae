"""Keeps tokens and upload addresses out of the logs, ours and those of the libraries underneath."""

from __future__ import annotations

import logging
import re

HIDDEN = "…"

_SECRETS = (
    re.compile(r"(?i)(upload_id(?:=|%3D))[^&\s\"'>\])]+"),
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)[^\s\"',}]+"),
    re.compile(
        r"(?i)(\b(?:access_token|refresh_token|id_token|client_secret|code_verifier|code|state)"
        r"[\"']?\s*(?:[=:]|%3D)\s*[\"']?)[^&\s\"',})]+"
    ),
    # Google's own shapes, wherever they stand: access tokens, refresh tokens, client secrets.
    re.compile(r"()\bya29\.[\w.\-]+"),
    re.compile(r"()\b1//[\w\-]{8,}"),
    re.compile(r"()\bGOCSPX-[\w\-]+"),
)

# A filter on a parent logger does not see the records of its children: each one that speaks is named.
_SPEAKERS = (
    "google.auth._default",
    "google.oauth2._client",
    "google.oauth2.credentials",
    "google_auth_httplib2",
    "google_auth_oauthlib.flow",
    "googleapiclient._helpers",
    "googleapiclient.discovery",
    "googleapiclient.http",
    "googleapiclient.model",
    "httplib2",
    "oauthlib",
    "requests_oauthlib.oauth2_session",
    "urllib3.connectionpool",
    "pasvu.publish.youtube",
    "pasvu.publish.youtube.client.wire",
    "pasvu.publish.youtube.oauth",
    "pasvu.publish.youtube.sending",
)


def redact(text: str) -> str:
    """The text with every token and upload address replaced by `…`."""
    for secret in _SECRETS:
        text = secret.sub(lambda found: found.group(1) + HIDDEN, text)
    return text


class Redacting(logging.Filter):
    """Rewrites records before any handler sees them; may also be hung on a handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without its secrets."""
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and record.exc_info[1] is not None:
            # A traceback quotes the exception's text: it is formatted here, cleaned, and formatted no more.
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True


_FILTER = Redacting()


def guard_logs() -> None:
    """Hang the filter on every logger that could speak of a request; safe to call again."""
    for name in _SPEAKERS:
        logging.getLogger(name).addFilter(_FILTER)
