"""Foresees what preparing a recording takes, before it begins: room on the disk, and time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pasvu.channel.typography import amount, fine
from pasvu.channel.values import MediaInfo, Span
from pasvu.ingest.facts import Cut, Examined, Stretch
from pasvu.ingest.inspect import playable
from pasvu.ingest.plan import LONG_S, must_encode
from pasvu.ingest.working import needs_remux

# CPU seconds for an hour of footage, measured at 1080p25 on the house's machine; the pace of earlier recordings
# corrects them for this one.
_HEARD, _COPIED, _ENCODED, _TONE_MAPPED = 90.0, 70.0, 2800.0, 1500.0
_PIXELS_S = 1920 * 1080 * 25
# What an encoding at our quality comes to at most, and a preview, in bits a second of 1080p25.
_MASTER_BITS, _PREVIEW_BITS = 12e6, 4e6
_SOUND_BITS = 384e3
# Measures, stills, what a file system keeps for itself.
_BESIDE_BYTES = 8 * 1024 * 1024
_SPARE = 1.05
# Where it will be cut is not known yet; most pictures can be cut somewhere.
_SOME = Stretch(0.0, 1.0, 0, copied=True, from_s=0.0)
_CLEAN = Cut(Span(0.0, 1.0), (_SOME,), _SOME, clean=True)


@dataclass(frozen=True)
class Forecast:
    """Room in bytes and time in seconds that a preparation takes."""

    bytes: int
    seconds: float


def foresee(
    parts: Sequence[tuple[int, Examined]], cores: int, pace: float = 1.0, *, tone_map: bool = False
) -> Forecast:
    """What these parts take: each its size in bytes and what it is. `pace` is how much slower than foreseen we were."""
    infos = [examined.info for _, examined in parts]
    size, duration_s = sum(received for received, _ in parts), sum(info.duration_s for info in infos)
    first = parts[0][1]
    work = max(_picture(info) for info in infos)
    encodes = not first.info.has_video or bool(must_encode(first.info, first.timing, (_CLEAN,), tone_map=tone_map))
    working = size if len(parts) > 1 or needs_remux(first) else 0
    master = max(size, duration_s * _MASTER_BITS * work / 8) if encodes and first.info.has_video else size
    watched = playable(replace(first.info, container="mp4") if working else first.info, None)
    preview = 0.0 if watched else duration_s * _PREVIEW_BITS * work / 8
    anew = (_encoded(first.info, tone_map) * work if encodes else _COPIED) + (0.0 if watched else _ENCODED * work / 2)
    seconds = duration_s / 3600 * (_HEARD + anew) / max(1, cores) * pace
    # Made once, it is kept beside the films that take it.
    sound = duration_s * _SOUND_BITS / 8 if any(info.has_audio for info in infos) else 0.0
    # Of a long film, what is written on the way: first the pieces of the sound, later the picture alone.
    between = max(sound, master) if duration_s > LONG_S else 0.0
    room = working + master + 2 * sound + preview + between
    return Forecast(int(room * _SPARE) + _BESIDE_BYTES, round(seconds, 1))


def lacking(forecast: Forecast, free: int) -> str | None:
    """What a person must know when the room is not there, in French; `None` when it is."""
    if forecast.bytes <= free:
        return None
    left = amount(max(0, free))
    return fine(
        f"Le disque est plein pour cela : le préparer demande environ {amount(forecast.bytes)}, et il en "
        f"reste {left} une fois gardé ce que d’autres attendent. L’original est intact ; libérez de la place et la "
        "préparation reprendra toute seule."
    )


def _encoded(info: MediaInfo, tone_map: bool) -> float:
    return _ENCODED + _TONE_MAPPED if tone_map and info.hdr else _ENCODED


def _picture(info: MediaInfo) -> float:
    """How much work a second of this picture is, against 1080p25."""
    return (info.width or 0) * (info.height or 0) * min(info.fps or 25.0, 60.0) / _PIXELS_S if info.has_video else 0.02
