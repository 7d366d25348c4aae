"""The shapes of the API's answers: its errors, its etags and its pages of results."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

Json = dict[str, Any]

_STATUS_WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class ApiError(Exception):
    """An answer other than success, with the platform's own `reason` (the only thing a client may branch on)."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: str | None = None,
        location_type: str = "parameter",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location
        self.location_type = location_type
        self.retry_after_s = retry_after_s

    def body(self) -> Json:
        """The error document, in the shape of Google's older APIs (`errors[0].reason`)."""
        one: Json = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location is not None:
            one |= {"location": self.location, "locationType": self.location_type}
        error: Json = {"code": self.status, "message": self.message, "errors": [one]}
        if self.status in _STATUS_WORDS:
            error["status"] = _STATUS_WORDS[self.status]
        return {"error": error}


def body_error(reason: str, message: str, field: str, *, domain: str = "youtube.video") -> ApiError:
    """A 400 about one field of the request's body, e.g. `body.snippet.title`."""
    return ApiError(400, reason, message, domain=domain, location=f"body.{field}", location_type="other")


def with_etag(resource: Json) -> Json:
    """The resource with an etag that changes with its content."""
    digest = hashlib.sha256(json.dumps(resource, sort_keys=True).encode()).digest()[:20]
    return {"kind": resource["kind"], "etag": base64.urlsafe_b64encode(digest).decode().rstrip("="), **resource}


def page(kind: str, items: list[Json], *, asked: int, token: str | None) -> Json:
    """One page of `items` (all of them given) as a list response, with the token of the next one."""
    start = _offset(token)
    answer: Json = {"kind": kind, "pageInfo": {"totalResults": len(items), "resultsPerPage": asked}}
    if start + asked < len(items):
        answer["nextPageToken"] = base64.urlsafe_b64encode(f"from:{start + asked}".encode()).decode()
    answer["items"] = items[start : start + asked]
    return with_etag(answer)


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if word == "from":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise ApiError(
        400,
        "invalidPageToken",
        "The request specifies an invalid page token.",
        domain="youtube.parameter",
        location="pageToken",
    )
