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
    """The project's or the channel's allowance is spent until `until`; trying before costs more.

    `whose` is `quota` (the project's units of the day) or `channel_limit` (the channel's own uploads of the day).
    """

    def __init__(self, sentence: str, *, until: datetime, whose: str = "quota") -> None:
        super().__init__(sentence)
        self.until = until
        self.whose = whose


class ClocksDiffer(Passing):
    """Our clock and the platform's read differently: no instant may be handed over until one is mended."""


class OutsideHours(Passing):
    """The settings allow no sending before `until`; what was sent is kept."""

    def __init__(self, sentence: str, *, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


class NotReadyYet(Passing):
    """The platform still works on the video: what is wanted of it comes after."""


class TakenOver(PasVuError):
    """Another worker sends this publication now: this one stops, and writes nothing more about it."""


class NotConnected(Refused):
    """The platform no longer accepts our authorisation; a person must connect again."""


class Unknown(Refused):
    """Nobody knows whether the video arrived: a person looks and decides, while it is still being looked for."""


class SessionGone(PasVuError):
    """The platform no longer knows this upload session; what it received may or may not exist."""


class Missing(PasVuError):
    """The platform does not know this video: deleted, or not ours."""
