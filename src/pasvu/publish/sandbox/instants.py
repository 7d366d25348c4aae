"""Instants as the API writes and reads them; pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")


def written(instant: datetime) -> str:
    """An instant as text that sorts like time: UTC, microseconds, `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(text: str) -> datetime:
    """The instant that `written` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def shown(instant: datetime) -> str:
    """An instant as the API answers it: RFC 3339, UTC, whole seconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339(text: str) -> datetime | None:
    """The instant of an RFC 3339 date-time with its offset, or `None` when the text is not one."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    fraction = match.group(1) or ""
    if len(fraction) > 7:
        text = text.replace(fraction, fraction[:7])
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except ValueError:
        return None


def iso_duration(seconds: float) -> str:
    """A length as `contentDetails.duration` says it, in whole seconds: `PT1H2M3S`, `P0D` when there is none."""
    left = round(seconds)
    if left <= 0:
        return "P0D"
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{left}S" if left else "")
