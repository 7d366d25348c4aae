"""Who could see a video, and when: the past and present of its privacy, derived from what was written; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Wish:
    """A privacy as a request wrote it, with the planned instant if there was one."""

    at: datetime
    privacy: str
    publish_at: datetime | None = None


@dataclass(frozen=True)
class Moment:
    """From `at` on, the video was `privacy`; `cause` is `written` or `publishAt`."""

    at: datetime
    privacy: str
    cause: str
    publish_at: datetime | None = None


def timeline(wishes: Sequence[Wish], until: datetime, *, may_publish: bool = True) -> list[Moment]:
    """Every change of privacy up to `until`, oldest first.

    A planned instant that has come makes the video public at that instant, or at once when it was already past
    when written. Nothing happens by itself to a video that failed or was rejected (`may_publish` false).
    """
    moments: list[Moment] = []
    for number, wish in enumerate(wishes):
        if wish.at > until and moments:
            break
        moments.append(Moment(wish.at, wish.privacy, "written", wish.publish_at))
        end = wishes[number + 1].at if number + 1 < len(wishes) else None
        if may_publish and wish.privacy == "private" and wish.publish_at is not None:
            flips_at = max(wish.publish_at, wish.at)
            if flips_at <= until and (end is None or flips_at <= end):
                moments.append(Moment(flips_at, "public", "publishAt"))
    return moments


def public_spans(moments: Sequence[Moment], until: datetime) -> list[tuple[datetime, datetime]]:
    """The stretches of time during which anybody could find the video."""
    spans: list[tuple[datetime, datetime]] = []
    for number, moment in enumerate(moments):
        end = moments[number + 1].at if number + 1 < len(moments) else until
        if moment.privacy == "public" and end > moment.at:
            spans.append((moment.at, end))
    return spans


def first_public(moments: Sequence[Moment]) -> datetime | None:
    """When the video was first public."""
    return next((moment.at for moment in moments if moment.privacy == "public"), None)
