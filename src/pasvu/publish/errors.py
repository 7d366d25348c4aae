"""What a platform may answer, sorted by what can be done about it."""

from __future__ import annotations

from datetime import datetime

from pasvu.channel.errors import Passing, PasVuError, Refused


class PlatformRefused(Refused):
    """The platform says no and will say no again; a person must change something.

    `reason` is the platform's own word (`invalidTitle`, `forbidden`, …).
    """

    def __init__(self, sentence: str, *, reason: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason


class PlatformBusy(Passing):
    """A fault of the network or the platform that passes; `retry_after_s` when the platform said how long."""

    def __init__(self, sentence: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class OutOfQuota(Passing):
    """The project's or the channel's allowance is spent until `until`; trying before costs more."""

    def __init__(self, sentence: str, *, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


class NotConnected(Refused):
    """The platform no longer accepts our authorisation; a person must connect again."""


class SessionGone(PasVuError):
    """The platform no longer knows this upload session; what it received may or may not exist."""


class Missing(PasVuError):
    """The platform does not know this video: deleted, or not ours."""
