"""What happened between the parts of a recording: time that nobody filmed, or that two files both hold. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pasvu.channel.typography import fine, marked
from pasvu.channel.values import MediaInfo
from pasvu.ingest.grouping import started_at

# Below this it is the clock's second, or the closing of a file.
NOTICED_S = 2.0
# A recorder's clock that was set meanwhile says nothing of the film.
BELIEVED_S = 12 * 3600.0


@dataclass(frozen=True)
class Filmed:
    """One part: its name, and what the probe says of it."""

    name: str
    info: MediaInfo


def sentences(parts: Sequence[Filmed]) -> list[str]:
    """What a person should know of each seam, in French."""
    return [fine(sentence) for one, other in pairwise(parts) if (sentence := _sentence(one, other))]


def _sentence(one: Filmed, other: Filmed) -> str | None:
    gap_s = _gap_s(one, other)
    if gap_s is None or not NOTICED_S < abs(gap_s) < BELIEVED_S:
        return None
    if gap_s > 0:
        return marked(
            f"Entre « {one.name} » et « {other.name} », il manque environ {_said(gap_s)} : "
            "pause de l’enregistreur, ou fichier oublié."
        )
    return marked(
        f"« {one.name} » et « {other.name} » se recouvrent d’environ {_said(-gap_s)} : "
        "le même moment passe deux fois. Coupez l’un des deux."
    )


def _gap_s(one: Filmed, other: Filmed) -> float | None:
    """Seconds between the end of one and the start of the other, negative where they overlap; `None` if unknown."""
    if "mpegts" in one.info.container and other.info.start_s > one.info.start_s > 0:
        # Broadcast time stamps go on from one file to the next.
        return other.info.start_s - one.info.start_s - one.info.duration_s
    named = [started_at(part.name) for part in (one, other)]
    if named[0] is not None and named[1] is not None:
        return (named[1] - named[0]).total_seconds() - one.info.duration_s
    stamped = [_instant(part.info.created_at) for part in (one, other)]
    if stamped[0] is None or stamped[1] is None or stamped[1] <= stamped[0]:
        return None  # the chapters of a GoPro all bear the instant of the first
    apart_s = (stamped[1] - stamped[0]).total_seconds()
    # Some cameras write when a take began, others when it ended: only what is true of both is said.
    readings = sorted(apart_s - part.info.duration_s for part in (one, other))
    return readings[0] if readings[0] > 0 else min(readings[1], 0.0)


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    # A recorder whose clock was never set starts at its maker's beginning of time.
    return found if found is not None and found.tzinfo is not None and found.year > 2001 else None


def _said(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
