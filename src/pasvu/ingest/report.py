"""Says in words what is to know about the quality of a recording: what to act on, and what was put right. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pasvu.channel.timeline import merged
from pasvu.channel.values import Finding, Loudness, MediaInfo, Span, Trim, Weight
from pasvu.channel.wording import stamp
from pasvu.ingest import loudness as loud
from pasvu.ingest.facts import Able, Examined, Measures
from pasvu.ingest.loudness import Mend

_LOW_LUFS, _HIGH_LUFS = -32.0, -9.0
_UNEVEN_DB = 6.0
_WIDE_LU = 18.0
_CLIPPED_DBTP = 0.0
_CLIPPED_LEAST = 3
_LONG_BLACK_S, _LONG_STILL_S, _LONG_SILENCE_S = 3.0, 60.0, 20.0
_APART_S, _DRIFT_S = 0.5, 0.2
_SMALL_LINES = 700
_WHOLLY = Able()


def findings(
    info: MediaInfo,
    examined: Examined,
    measures: Measures,
    trim: Trim,
    parts: Sequence[MediaInfo] = (),
    *,
    able: Able = _WHOLLY,
    tone_map: bool = False,
) -> list[Finding]:
    """What is to know of a recording, most serious first.

    `info` is of the received file (the first part), `examined` of the file that is worked on, `parts` of all parts;
    `able` is what can be done here with its picture, `tone_map` whether HDR becomes ordinary colours.
    """
    found = [
        *_of_reading(info, able),
        *_of_sound(info, measures),
        *_of_picture(info, examined, tone_map),
        *_of_time(measures, trim),
        *_of_parts(parts),
    ]
    return sorted(found, key=lambda finding: finding.weight is not Weight.WRONG)


def _of_reading(info: MediaInfo, able: Able) -> Iterator[Finding]:
    if info.has_video and not able.reads:
        yield Finding(
            "L’image n’a pas été regardée : le ffmpeg d’ici ne lit pas son codec ({codec}). Choisissez le début, la "
            "fin et la vignette à la main, ou installez le paquet « ffmpeg » du système.",
            Weight.WRONG,
            codec=(info.video_codec or "").upper(),
        )


def _of_sound(info: MediaInfo, measures: Measures) -> Iterator[Finding]:
    level = measures.loudness
    if not info.has_audio or level is None:
        yield Finding("Il n’y a pas de son.", Weight.WRONG)
        return
    if level.integrated_lufs <= loud.SILENT_LUFS:
        yield Finding("On n’entend rien : le son est presque muet du début à la fin.", Weight.WRONG)
        return
    yield from _of_sides(measures)
    yield from _of_level(level, measures)
    if info.channels is not None and info.channels > 2:
        yield Finding("Le son a {channels} canaux : il est réduit à deux.", channels=info.channels)
    if info.channels == 1:
        yield Finding("Le son est mono : il est mis des deux côtés.")


def _of_sides(measures: Measures) -> Iterator[Finding]:
    sides = measures.sides
    if sides is None:
        return
    match sides.mend:
        case Mend.LEFT_ON_BOTH:
            yield Finding("On n’entend rien à droite : le côté gauche est mis des deux côtés.", Weight.WRONG)
        case Mend.RIGHT_ON_BOTH:
            yield Finding("On n’entend rien à gauche : le côté droit est mis des deux côtés.", Weight.WRONG)
        case Mend.TURN_RIGHT:
            yield Finding("Les deux côtés sont en opposition de phase : le droit est retourné.", Weight.WRONG)
        case Mend.NOTHING if abs(sides.left_db - sides.right_db) >= _UNEVEN_DB:
            apart_db = round(abs(sides.left_db - sides.right_db))
            if sides.left_db < sides.right_db:
                yield Finding("Le son est trop faible à gauche, de {apart} dB.", Weight.WRONG, apart=apart_db)
            else:
                yield Finding("Le son est trop faible à droite, de {apart} dB.", Weight.WRONG, apart=apart_db)


def _of_level(level: Loudness, measures: Measures) -> Iterator[Finding]:
    heard = _decimal(level.integrated_lufs)
    if level.integrated_lufs < _LOW_LUFS:
        yield Finding(
            "Le son est très faible ({heard} LUFS) : il est relevé, et le bruit de fond avec lui.",
            Weight.WRONG,
            heard=heard,
        )
    elif level.integrated_lufs > _HIGH_LUFS:
        yield Finding("Le son est très fort ({heard} LUFS) : il est baissé.", heard=heard)
    if level.range_lu > _WIDE_LU:
        yield Finding(
            "Les voix sont de niveaux très différents ({range} LU d’écart) : certaines resteront faibles.",
            range=round(level.range_lu),
        )
    if measures.levels is None:
        return
    peaks = np.frombuffer(measures.levels.peaks, "<i2").astype(np.float64) / 100
    over = np.flatnonzero(peaks >= _CLIPPED_DBTP)
    if over.size >= _CLIPPED_LEAST:
        yield Finding(
            "Le son sature : {count} fois, la première à {at}.",
            Weight.WRONG,
            count=int(over.size),
            at=stamp(float(over[0]) / 10),
        )


def _of_picture(info: MediaInfo, examined: Examined, tone_map: bool) -> Iterator[Finding]:
    if not info.has_video:
        yield Finding("Il n’y a pas d’image : la carte de l’émission est montrée.")
        return
    timing = examined.timing
    if info.interlaced:
        yield Finding(
            "L’image est entrelacée ({fields}i) : elle est désentrelacée.", fields=round((info.fps or 25) * 2)
        )
    if timing is not None and timing.variable:
        yield Finding(
            "Le rythme des images est irrégulier ({fps} par seconde en moyenne, {gap} s au plus entre deux).",
            Weight.WRONG if timing.longest_gap_s >= _APART_S else Weight.NOTE,
            fps=_decimal(timing.frames / info.duration_s if info.duration_s else 0.0),
            gap=f"{timing.longest_gap_s:.2f}".replace(".", ","),
        )
    elif timing is not None and timing.longest_gap_s >= _APART_S:
        yield Finding(
            "L’image s’arrête jusqu’à {gap} s : des images manquent.", Weight.WRONG, gap=_decimal(timing.longest_gap_s)
        )
    if info.hdr and tone_map:
        yield Finding("L’image est en HDR ({transfer}) : elle est mise en couleurs ordinaires.", transfer=info.hdr)
    elif info.hdr:
        yield Finding("L’image est en HDR ({transfer}) : elle est gardée ainsi.", transfer=info.hdr)
    width, height = info.width or 0, info.height or 0
    if info.rotation % 180:
        width, height = height, width
    if height > width > 0:
        yield Finding("L’image est verticale ({width} × {height}).", width=width, height=height)
    elif 0 < height < _SMALL_LINES:
        yield Finding("L’image est petite ({width} × {height}).", width=width, height=height)


def _of_time(measures: Measures, trim: Trim) -> Iterator[Finding]:
    """What happens between the proposed start and end that somebody should look at."""
    for span in _inside(measures.black, trim, _LONG_BLACK_S):
        yield Finding("Image noire de {start} à {end}.", Weight.WRONG, start=stamp(span.start_s), end=stamp(span.end_s))
    for span in _inside(measures.still, trim, _LONG_STILL_S):
        yield Finding("Image immobile de {start} à {end}.", start=stamp(span.start_s), end=stamp(span.end_s))
    for span in _inside(measures.silences, trim, _LONG_SILENCE_S):
        yield Finding("Silence de {start} à {end}.", start=stamp(span.start_s), end=stamp(span.end_s))


def _inside(spans: Sequence[Span], trim: Trim, least_s: float) -> list[Span]:
    cut = (Span(max(span.start_s, trim.start_s), min(span.end_s, trim.end_s)) for span in spans)
    return [span for span in merged(span for span in cut if span.duration_s > 0) if span.duration_s >= least_s]


def _of_parts(parts: Sequence[MediaInfo]) -> Iterator[Finding]:
    drifts = [(info.audio_s or 0.0) - (info.video_s or 0.0) for info in parts if info.audio_s and info.video_s]
    worst_s = max(drifts, key=abs, default=0.0)
    if abs(worst_s) >= _APART_S:
        apart = _decimal(abs(worst_s))
        if worst_s > 0:
            yield Finding("Le son dure {apart} s de plus que l’image.", Weight.WRONG, apart=apart)
        else:
            yield Finding("Le son dure {apart} s de moins que l’image.", Weight.WRONG, apart=apart)
    elif len(parts) > 1 and abs(sum(drifts)) >= _DRIFT_S:
        yield Finding(
            "D’une partie à l’autre, son et image s’écartent de {apart} s en tout.",
            Weight.WRONG,
            apart=f"{abs(sum(drifts)):.2f}".replace(".", ","),
        )
    forms = {(info.video_codec, info.width, info.height, info.audio_codec) for info in parts}
    if len(forms) > 1:
        yield Finding("Les parties ne sont pas de la même sorte : elles sont refaites à l’image de la première.")


def _decimal(number: float) -> str:
    return f"{number:.1f}".replace(".", ",").replace("-", "−")
