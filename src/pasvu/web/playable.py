"""Which file of an episode a browser can play, and where its time starts in the recording. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pasvu.channel import guests
from pasvu.channel.episodes import made_timeline
from pasvu.channel.models import Episode

# What Chromium, Firefox and Safari all play inside these boxes.
_MP4 = ({"h264", None}, {"aac", "mp3", None})
_WEBM = ({"vp8", "vp9", "av1", None}, {"opus", "vorbis", None})


@dataclass(frozen=True)
class Film:
    """A file to play; `offset_s` is the recording's time at its first frame."""

    path: Path
    media_type: str
    offset_s: float
    tag: str
    """Changes with the file: part of its address, so that browsers may keep it."""


def film(episode: Episode) -> Film | None:
    """The preview, else the recording itself where a browser plays it, else the master."""
    preview = episode.rendition("preview")
    if preview is not None:
        return Film(Path(preview.path), "video/mp4", 0.0, f"a{preview.cut}")
    part = next(iter(episode.recording.parts), None) if episode.recording else None
    if part is not None and part.claimed_at is not None:
        media_type = played_as(part.info or {})
        if media_type is not None:
            return Film(Path(part.path), media_type, 0.0, "o")
    master = episode.rendition("master")
    if master is not None:
        return Film(Path(master.path), "video/mp4", made_timeline(episode).start_s, f"m{master.cut}")
    return None


def as_aired(episode: Episode) -> Film | None:
    """The film as it will go on air, in a form that every browser plays; guests see nothing that was cut out."""
    shown = guests.film(episode)
    return Film(Path(shown.path), "video/mp4", 0.0, f"{shown.kind[0]}{shown.cut}") if shown is not None else None


def played_as(info: Mapping[str, Any]) -> str | None:
    """The media type as which browsers play a file with this `MediaInfo`, or `None`."""
    boxes = set(str(info.get("container") or "").split(","))
    video, audio = info.get("video_codec"), info.get("audio_codec")
    if video is None and audio is None:
        return None
    if boxes & {"mp4", "mov"}:
        plays = video in _MP4[0] and audio in _MP4[1] and info.get("pixel_format") in guests.EIGHT_BITS
        return "video/mp4" if plays else None
    if "webm" in boxes:
        return "video/webm" if video in _WEBM[0] and audio in _WEBM[1] else None
    return None
