"""What goes with a video on a platform, still and captions: as we left it there, as others changed it. Pure.

Pieces are named `thumbnail`, `captions:fr`, and `captions:fr/Nom` for a track that bears a name. What is known of one
is `{"there": bool, "mark": text}`: a mark is the print of a picture, or when captions were last changed. What someone
made of one is a word and its mark: `none`, `changed …`, `added …`, `draft …`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pasvu.channel.values import RemoteTrack

THUMBNAIL = "thumbnail"
CAPTIONS = "captions:"
OURS = "there"
NONE = "none"
# A platform works on captions for a while after they were sent, and says that they changed.
SETTLE_WITHIN = timedelta(minutes=10)
# Mean difference of the 8-bit values of two prints: compression stays below, another picture does not.
PRINTS_DIFFER = 10.0

Known = Mapping[str, Any]


def is_piece(field: str) -> bool:
    """Whether a field of a drift is one of these, and not a text or flag."""
    return field == THUMBNAIL or field.startswith(CAPTIONS)


def captions_of(language: str, name: str = "") -> str:
    """The name of a track."""
    return f"{CAPTIONS}{language}/{name}" if name else f"{CAPTIONS}{language}"


def track_of(piece: str) -> tuple[str, str]:
    """Language and name of a track."""
    language, _, name = piece.removeprefix(CAPTIONS).partition("/")
    return language, name


def of_dressed(done: str) -> str:
    """The piece that one entry of a publication’s `dressed` put there; the playlist is none and keeps its word."""
    return THUMBNAIL if done.startswith(f"{THUMBNAIL}:") else done.rpartition(":")[0] or done


def known_by(theirs: str) -> dict[str, Any]:
    """What is known of a piece from now on, when what someone made of it is kept."""
    word, _, mark = theirs.partition(" ")
    return {"there": word != NONE, "mark": mark, "draft": word == "draft"}


def of_thumbnail(custom: bool, print_: str | None, put: bool, known: Known | None) -> tuple[str | None, dict[str, Any]]:
    """What someone made of the still, or `None`; and what is known of it now."""
    expected = known["there"] if known is not None else put
    now = {"there": custom, "mark": print_ or (known or {}).get("mark", "")}
    if custom and not expected:
        return f"added {print_ or ''}".strip(), now
    if not custom and expected:
        return NONE, now
    mark = (known or {}).get("mark")
    if custom and mark and print_ and prints_differ(mark, print_):
        return f"changed {print_}", now
    # The first print stays: small changes of compression must not add up.
    return None, {**now, "mark": mark or now["mark"]}


def of_captions(
    tracks: Sequence[RemoteTrack], put: Iterable[str], known: Mapping[str, Known], put_at: datetime
) -> tuple[dict[str, str], dict[str, Any]]:
    """What someone made of each track; and what is known of those that are as expected."""
    there = {captions_of(track.language, track.name): track for track in tracks}
    ours = set(put)
    changed: dict[str, str] = {}
    settled: dict[str, Any] = {}
    for piece in sorted(ours | there.keys() | {name for name in known if name.startswith(CAPTIONS)}):
        word = _of_track(there.get(piece), piece in ours, known.get(piece), put_at)
        if word is not None:
            changed[piece] = word
        elif piece in there:
            settled[piece] = {"there": True, "mark": _mark(there[piece]), "draft": there[piece].draft}
        else:
            settled[piece] = {"there": False, "mark": ""}
    return changed, settled


def _of_track(track: RemoteTrack | None, put: bool, known: Known | None, put_at: datetime) -> str | None:
    expected = known["there"] if known is not None else put
    if track is None:
        return NONE if expected else None
    mark = _mark(track)
    if not expected:
        return f"added {mark}".strip()
    if track.draft and not (known or {}).get("draft"):
        return f"draft {mark}".strip()
    if known is not None and known["mark"]:
        return f"changed {mark}" if mark and mark != known["mark"] else None
    late = track.updated_at is not None and track.updated_at > put_at + SETTLE_WITHIN
    return f"changed {mark}" if late else None


def prints_differ(one: str, other: str) -> bool:
    """Whether two prints are of different pictures."""
    a, b = bytes.fromhex(one), bytes.fromhex(other)
    return len(a) != len(b) or sum(abs(x - y) for x, y in zip(a, b, strict=True)) / max(1, len(a)) > PRINTS_DIFFER


def _mark(track: RemoteTrack) -> str:
    return track.updated_at.isoformat() if track.updated_at else ""
