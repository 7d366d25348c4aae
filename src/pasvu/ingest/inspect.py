"""Asks ffprobe what a file is, and refuses with a sentence what cannot become an episode."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from pasvu.channel.errors import Unusable
from pasvu.channel.typography import marked
from pasvu.channel.values import Chapter, MediaInfo
from pasvu.ingest import chapterlists, commands, packets, process, structure
from pasvu.ingest.facts import Examined, Packets, Timing
from pasvu.ingest.layout import Layout, read_layout
from pasvu.ingest.tools import Tools

HOLE_S = 3600.0
"""A gap between two frames beyond this fills any disk once it is filled with frames (seen: 14 kB of file, 1.6 GB)."""
_PLAYED_VIDEO = {"h264", "vp8", "vp9", "av1"}
_PLAYED_AUDIO = {None, "aac", "mp3", "opus", "flac", "vorbis"}
_PLAYED_CONTAINERS = {"mov", "mp4", "matroska", "webm", "mp3", "wav", "ogg", "flac"}


def inspect(tools: Tools, path: Path, name: str | None = None) -> MediaInfo:
    """What the file is. `name` is what people call it, for the sentences.

    Raises:
        Unusable: empty, not media, not finished, or nothing to see or hear in it.
    """
    return examine(tools, path, name).info


def examine(tools: Tools, path: Path, name: str | None = None) -> Examined:
    """What the file is, how its frames follow each other and how it is laid out.

    Raises:
        Unusable: as `inspect`.
    """
    return examine_frames(tools, path, name)[0]


def examine_frames(tools: Tools, path: Path, name: str | None = None) -> tuple[Examined, Packets | None]:
    """What the file is, and the frames of its picture, if it has one (1 s of work per hour of footage).

    Raises:
        Unusable: as `inspect`.
    """
    shown = name or path.name
    if path.stat().st_size == 0:
        raise Unusable("« {name} » est vide (0 octet). Relancez la copie depuis la carte ou le disque.", name=shown)
    said: list[bytes] = []
    try:
        process.run(
            commands.probe(tools, path, "-show_format", "-show_streams", "-of", "json"),
            on_out=said.append,
            subject=shown,
            reads=[path],
            writes=(),
            deadline_s=120,
        )
        answer = json.loads(b"".join(said))
    except (process.ToolFailed, ValueError) as error:
        raise Unusable(_why_not(path, str(getattr(error, "detail", error))), name=shown) from error
    info = _info(answer)
    if not info.has_video and not info.has_audio:
        raise Unusable("« {name} » ne contient ni image ni son. Déposez une vidéo ou un son.", name=shown)
    frames = packets.read_packets(tools, path) if info.has_video else None
    timing = packets.timing(frames) if frames is not None else None
    layout = read_layout(path)
    info = _completed(info, timing)
    if info.duration_s <= 0:
        raise Unusable("« {name} » ne dure rien : l’enregistrement n’a pas été terminé.", name=shown)
    if timing is not None and timing.longest_gap_s > HOLE_S:
        raise Unusable(
            "« {name} » a un trou de {hours:.0f} h entre deux images : le fichier est abîmé. Exportez-le à nouveau.",
            name=shown,
            hours=timing.longest_gap_s / 3600,
        )
    return Examined(info, timing, layout), frames


def chapters_in(tools: Tools, path: Path) -> list[Chapter]:
    """The chapters that the file itself holds, as editors and recorders write them."""
    said: list[bytes] = []
    process.run(
        commands.probe(tools, path, "-show_chapters", "-of", "json"),
        on_out=said.append,
        reads=[path],
        writes=(),
        deadline_s=120,
    )
    return chapterlists.from_probe(json.loads(b"".join(said)))


def playable(info: MediaInfo, layout: Layout | None) -> bool:
    """Whether the browser can play the file as it is, quickly enough to be reviewed by."""
    if not set(info.container.split(",")) & _PLAYED_CONTAINERS or info.audio_codec not in _PLAYED_AUDIO:
        return False
    if layout is not None and not (layout.index_first and layout.samples_there):
        return False
    if not info.has_video:
        return True
    # Chromium opens Matroska only in its WebM form.
    if "matroska" in info.container and info.video_codec == "h264":
        return False
    light = (info.bit_rate or 0) <= commands.VIDEO_KBPS_FOR_PLAYING * 1000
    eight_bit = info.pixel_format in {"yuv420p", "yuvj420p"}
    return info.video_codec in _PLAYED_VIDEO and eight_bit and light and not info.interlaced


def _why_not(path: Path, detail: str) -> str:
    with path.open("rb") as file:
        start = file.read(2048)
    if "moov atom not found" in detail and start[4:8] in structure.FIRST_BOXES:
        return marked(
            "« {name} » n’a pas été terminé : son index manque. Si la copie s’est arrêtée, relancez-la ; "
            "si l’enregistreur s’est éteint, réparez le fichier avec son logiciel."
        )
    if _is_text(start):
        return marked("« {name} » est un fichier texte, pas une vidéo ni un son. Vérifiez que c’est le bon fichier.")
    if "whitelist" in detail:
        return marked(
            "« {name} » est d’un format que nous n’ouvrons pas. Exportez-le en MP4 (H.264 et AAC) puis redéposez-le."
        )
    return marked(
        "« {name} » n’est pas une vidéo ni un son lisible. Exportez-le en MP4 (H.264 et AAC) puis redéposez-le."
    )


def _is_text(start: bytes) -> bool:
    # A character may be cut in two where we stopped reading, hence `ignore`; more than that lost is no text.
    words = start.decode("utf-8", "ignore")
    if len(words.encode()) < len(start) - 3:
        return False
    return all(letter.isprintable() or letter in "\t\r\n" for letter in words)


def _info(answer: dict[str, Any]) -> MediaInfo:
    """Our words for ffprobe's answer."""
    form = answer.get("format", {})
    streams = answer.get("streams", [])
    pictures = [
        s for s in streams if s.get("codec_type") == "video" and not s.get("disposition", {}).get("attached_pic")
    ]
    picture = pictures[0] if pictures else {}
    sound: dict[str, Any] = next((s for s in streams if s.get("codec_type") == "audio"), {})
    real, average = _rate(picture.get("r_frame_rate")), _rate(picture.get("avg_frame_rate"))
    return MediaInfo(
        container=str(form.get("format_name", "")),
        duration_s=_number(form.get("duration")) or 0.0,
        start_s=_number(form.get("start_time")) or 0.0,
        bit_rate=_whole(form.get("bit_rate")),
        video_codec=picture.get("codec_name"),
        video_profile=picture.get("profile"),
        pixel_format=picture.get("pix_fmt"),
        width=picture.get("width"),
        height=picture.get("height"),
        fps=real or average,
        interlaced=picture.get("field_order", "progressive") not in ("progressive", "unknown"),
        rotation=_rotation(picture),
        color_transfer=picture.get("color_transfer"),
        video_timescale=_timescale(picture),
        audio_codec=sound.get("codec_name"),
        audio_profile=sound.get("profile"),
        channels=sound.get("channels"),
        sample_rate=_whole(sound.get("sample_rate")),
        audio_bit_rate=_whole(sound.get("bit_rate")),
        video_s=_length(picture),
        audio_s=_length(sound),
        created_at=form.get("tags", {}).get("creation_time"),
    )


def _completed(info: MediaInfo, timing: Timing | None) -> MediaInfo:
    """The rhythm by the packets, which say more than the rates that a container announces."""
    if timing is None or not info.fps:
        return info
    average = timing.frames / info.duration_s if info.duration_s else info.fps
    # A file whose real rate is a common multiple (600/s, 1000/s) announces no rate at all.
    fps = info.fps if info.fps <= 120 else average
    return replace(info, variable_frame_rate=timing.variable, fps=fps)


def _rate(text: str | None) -> float | None:
    try:
        return float(Fraction(text or "0")) or None
    except (ValueError, ZeroDivisionError):
        return None


def _length(stream: dict[str, Any]) -> float | None:
    """What a stream says it lasts; Matroska writes it as a tag, `00:01:02.345000000`."""
    told = _number(stream.get("duration"))
    if told is not None:
        return told
    try:
        hours, minutes, seconds = str(stream.get("tags", {}).get("DURATION", "")).split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return None


def _timescale(picture: dict[str, Any]) -> int | None:
    unit_s = _rate(picture.get("time_base"))
    return round(1 / unit_s) if unit_s else None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _whole(text: str | int | None) -> int | None:
    number = _number(str(text)) if text is not None else None
    return int(number) if number is not None else None


def _rotation(picture: dict[str, Any]) -> int:
    """Degrees clockwise by which a player turns the picture (ffprobe gives them counter-clockwise)."""
    for side in picture.get("side_data_list", []):
        if "rotation" in side:
            return int(-float(side["rotation"])) % 360
    return 0
