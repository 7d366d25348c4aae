"""What is said of a recording's quality."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pasvu.channel.values import MediaInfo, Span, Trim, Weight
from pasvu.ingest.facts import Examined, Measures, Timing
from pasvu.ingest.loudness import Levels, Sides
from pasvu.ingest.report import findings

FILM = MediaInfo(
    container="mov,mp4",
    duration_s=600.0,
    video_codec="h264",
    pixel_format="yuv420p",
    width=1920,
    height=1080,
    fps=25.0,
    audio_codec="aac",
    channels=2,
    sample_rate=48000,
    video_s=600.0,
    audio_s=600.02,
)
EVEN = Timing(frames=15000, longest_gap_s=0.04, variable=False, delay_frames=2, open_gop=False, keyframe_gap_s=2.0)
TRIM = Trim(60.0, 560.0)


def levels(momentary_db: float = -20.0, peak_db: float = -6.0) -> Levels:
    return Levels(*(np.full(6000, round(db * 100), "<i2").tobytes() for db in (momentary_db, peak_db)))


MEASURED = Measures(duration_s=600.0, levels=levels(), sides=Sides(-23.0, -23.0, 0.9))


def said(
    info: MediaInfo = FILM, timing: Timing = EVEN, parts: tuple[MediaInfo, ...] = (), **found: object
) -> list[str]:
    measures = replace(MEASURED, **found)  # type: ignore[arg-type]
    return [str(each) for each in findings(info, Examined(info, timing, None), measures, TRIM, parts or (info,))]


def test_of_a_good_recording_nothing_is_said() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"levels": None}, "pas de son"),
        ({"levels": levels(-70.0, -60.0)}, "presque muet"),
        ({"levels": levels(-36.0)}, "très faible (−36,0 LUFS)"),
        ({"levels": levels(-7.0)}, "très fort"),
        ({"levels": levels(-14.0, 0.4)}, "sature : 6000 fois, la première à 0:00"),
        ({"sides": Sides(-23.0, -70.0, 0.0)}, "rien à droite"),
        ({"sides": Sides(-70.0, -23.0, 0.0)}, "rien à gauche"),
        ({"sides": Sides(-23.0, -23.5, -0.97)}, "opposition de phase"),
        ({"sides": Sides(-33.0, -23.0, 0.9)}, "trop faible à gauche, de 10 dB"),
        ({"sides": Sides(-23.0, -31.0, 0.9)}, "trop faible à droite, de 8 dB"),
        ({"black": (Span(50.0, 62.0), Span(200.0, 206.0))}, "Image noire de 3:20 à 3:26"),
        ({"still": (Span(0.0, 61.0), Span(300.0, 380.0))}, "immobile de 5:00 à 6:20"),
        ({"silences": (Span(100.0, 130.0),)}, "Silence de 1:40 à 2:10"),
    ],
)
def test_what_was_measured_is_said(found: dict[str, object], words: str) -> None:
    (sentence,) = said(**found)  # type: ignore[arg-type]
    assert words in sentence


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"audio_codec": None}, "pas de son"),
        ({"channels": 6}, "6 canaux"),
        ({"channels": 1}, "mono"),
        ({"video_codec": None}, "pas d’image"),
        ({"interlaced": True}, "(50i)"),
        ({"color_transfer": "arib-std-b67"}, "HDR (HLG)"),
        ({"rotation": 90}, "verticale (1080 × 1920)"),
        ({"width": 640, "height": 360}, "petite (640 × 360)"),
        ({"audio_s": 590.0}, "10,0 s de moins"),
        ({"audio_s": 603.0}, "3,0 s de plus"),
    ],
)
def test_what_the_file_is_is_said(change: dict[str, object], words: str) -> None:
    (sentence,) = said(replace(FILM, **change))  # type: ignore[arg-type]
    assert words in sentence


def test_the_rhythm_of_the_picture_is_said() -> None:
    (sentence,) = said(timing=replace(EVEN, variable=True, longest_gap_s=0.12, frames=14000))
    assert "irrégulier (23,3 par seconde en moyenne, 0,12 s au plus entre deux)" in sentence
    (sentence,) = said(timing=replace(EVEN, longest_gap_s=3.0))
    assert "s’arrête jusqu’à 3,0 s" in sentence


def test_what_parts_add_up_to_is_said() -> None:
    part = replace(FILM, audio_s=600.15)
    assert "s’écartent de 0,30 s" in said(parts=(part, part))[0]
    assert "de la même sorte" in said(parts=(FILM, replace(FILM, width=1280)))[0]


def test_what_must_be_acted_on_comes_first() -> None:
    found = findings(
        replace(FILM, channels=1), Examined(FILM, EVEN, None), replace(MEASURED, black=(Span(200.0, 206.0),)), TRIM
    )
    assert [each.weight for each in found] == [Weight.WRONG, Weight.NOTE]
