"""Makes the master that is sent and the preview that is reviewed; the original is only ever read.

A master is written aside, checked, measured after its encoder, and only then gets its name.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ffmpeg

from pasvu.channel.errors import PasVuError
from pasvu.channel.values import Loudness, MediaInfo, Plan, PlanAction, Span, Trim
from pasvu.ingest import aside, check, commands, picture, process, sound
from pasvu.ingest.cutting import find_cut
from pasvu.ingest.facts import Cut, Master
from pasvu.ingest.sound import Treatment
from pasvu.ingest.tools import Tools

log = logging.getLogger(__name__)

_RENDERED, _HEARD = 0.75, 0.95
"""Of the progress shown; the rest is for the rare second attempt."""
_PREVIEW_HEIGHT = 540


def master(
    tools: Tools,
    source: Path,
    out: Path,
    info: MediaInfo,
    plan: Plan,
    trim: Trim,
    loudness: Loudness | None,
    *,
    still: Path | None = None,
    on_progress: process.OnProgress | None = None,
    should_stop: process.ShouldStop | None = None,
) -> Master:
    """Make `out`, an MP4 that YouTube takes: index first, no edit list, −14 LUFS ±0.5 and at most −1 dBTP.

    `source` is one file (several parts are first joined by `working.prepare`), `loudness` that of the trim, as stereo.
    `still` is a JPEG shown while there is no picture. The result says where the film was really cut: a copied picture
    may start up to a group of frames before the wanted instant.

    Raises:
        NoRoom, Cancelled, ToolFailed: nothing is left at `out` or beside it, and the source is untouched.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    # On the same disk as `out`: the renaming must be one step.
    with tempfile.TemporaryDirectory(prefix=f".{out.stem[:40]}.", suffix=".part", dir=out.parent) as folder:
        work = _Work(tools, source, info, still, Path(folder), should_stop)
        cut = find_cut(tools, source, info, trim) if plan.action is not PlanAction.ENCODE else None
        part = _real_part(info, plan, trim, cut)
        treatment = sound.choose(tools, source, info, part, loudness, should_stop)
        shown, options = work.picture(plan, part, cut)
        film = work.write("film.mp4", shown, options, part, treatment, _scaled(on_progress, 0.0, _RENDERED))
        level = work.hear(film, part, _scaled(on_progress, _RENDERED, _HEARD)) if info.has_audio else None
        better = sound.corrected(treatment, level) if treatment is not None and level is not None else None
        if better is not None:
            log.info("%s: %s is not right, once more with %s", source.name, level, better)
            # The picture is good already: copied from the first result, only the sound is made again.
            first = commands.received(film)["V:0"]
            again = {"vcodec": "copy", **{name: tag for name, tag in options.items() if name == "tag:v"}}
            film = work.write("again.mp4", first, again, part, better, _scaled(on_progress, _HEARD, 1.0))
            level = work.hear(film, part, None)
        finished = check.check_file(tools, film, part.duration_s, video=True, audio=info.has_audio)
        aside.keep(film, out)
    if on_progress is not None:
        on_progress(1.0)
    done = Trim(round(part.start_s, 6), round(part.end_s, 6), trim.why)
    return Master(out, done, finished.duration_s, out.stat().st_size, level)


def preview(
    tools: Tools,
    source: Path,
    out: Path,
    info: MediaInfo,
    *,
    on_progress: process.OnProgress | None = None,
    should_stop: process.ShouldStop | None = None,
) -> Path:
    """Make `out`, the whole recording small enough for any browser, on the recording's own time.

    Needed only where `inspect.playable` says no.

    Raises:
        NoRoom, Cancelled, ToolFailed: nothing is left at `out`.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    streams: list[Any] = []
    options: dict[str, Any] = {"f": "mp4", "movflags": "+faststart", "map_metadata": -1}
    if info.has_video:
        small = commands.received(source)["V:0"]
        if info.interlaced:
            small = small.filter("bwdif", mode="send_frame", deint="interlaced")
        # -2: the width that keeps the shape, made even. min: never larger than it was.
        streams.append(small.filter("scale", "-2", f"min({_PREVIEW_HEIGHT},trunc(ih/2)*2)").filter("format", "yuv420p"))
        # Looked at once and thrown away: speed before size. A keyframe per second makes seeking quick.
        options |= {
            "vcodec": "libx264",
            "preset": "ultrafast",
            "crf": 26,
            "g": round(info.fps or 25),
            "fps_mode": "vfr",
        }
    if info.has_audio:
        streams.append(commands.received(source)["a:0"].filter("aformat", channel_layouts="stereo"))
        options |= {"acodec": "aac", "audio_bitrate": "96k", "ar": 48000}
    with tempfile.TemporaryDirectory(prefix=f".{out.stem[:40]}.", suffix=".part", dir=out.parent) as folder:
        film = Path(folder) / "preview.mp4"
        process.run(
            commands.command(tools, [ffmpeg.output(*streams, commands.address(film), **options)]),
            subject=source.name,
            reads=[source],
            writes=[Path(folder)],
            on_progress=on_progress,
            duration_s=info.duration_s,
            should_stop=should_stop,
        )
        return aside.keep(film, out)


def _real_part(info: MediaInfo, plan: Plan, trim: Trim, cut: Cut | None) -> Span:
    """The stretch of the recording that the master will really hold."""
    if cut is None:
        return Span(max(0.0, trim.start_s), min(trim.end_s, info.duration_s))
    start_s = cut.start_s if plan.action is PlanAction.SMART_CUT else cut.key_s
    return Span(start_s, cut.end_s)


def _scaled(told: process.OnProgress | None, start: float, end: float) -> process.OnProgress | None:
    if told is None:
        return None
    tell: Callable[[float], None] = told
    return lambda share: tell(start + (end - start) * share)


class _Work:
    """One master in the making: its source, the card where there is no picture, and its folder."""

    def __init__(
        self,
        tools: Tools,
        source: Path,
        info: MediaInfo,
        still: Path | None,
        folder: Path,
        should_stop: process.ShouldStop | None,
    ) -> None:
        self._tools, self._source, self._info, self._still = tools, source, info, still
        self._folder, self._should_stop = folder, should_stop

    def picture(self, plan: Plan, part: Span, cut: Cut | None) -> tuple[Any, dict[str, Any]]:
        """Stream and options of the picture."""
        if not self._info.has_video:
            if self._still is None:
                raise PasVuError("Un son seul a besoin d’une image : donnez celle de l’émission.")
            return picture.card(self._still, part.duration_s)
        if plan.action is PlanAction.ENCODE or cut is None:
            return picture.encoded(self._source, self._info, part)
        head = None
        if plan.action is PlanAction.SMART_CUT:
            head = self._folder / "head.mp4"
            picture.make_head(self._tools, self._source, self._info, cut, head, self._should_stop)
        return picture.copied(self._source, self._info, cut, self._folder, head)

    def write(
        self,
        name: str,
        shown: Any,
        options: dict[str, Any],
        part: Span,
        treatment: Treatment | None,
        on_progress: process.OnProgress | None,
    ) -> Path:
        """Put picture and sound together in a new file."""
        film = self._folder / name
        streams, made = [shown], dict(options)
        if treatment is not None:
            streams.append(self._heard(part, treatment))
            made |= {"acodec": "copy"} if treatment.copied else commands.AAC
        output = ffmpeg.output(*streams, commands.address(film), **made, **commands.WHOLE_FILE)
        process.run(
            commands.command(self._tools, [output]),
            subject=self._source.name,
            reads=[self._source] if self._still is None else [self._source, self._still],
            writes=[self._folder],
            on_progress=on_progress,
            duration_s=part.duration_s,
            should_stop=self._should_stop,
        )
        return film

    def hear(self, film: Path, part: Span, on_progress: process.OnProgress | None) -> Loudness:
        """Loudness of what was written."""
        return check.hear(self._tools, film, part.duration_s, on_progress, self._should_stop)

    def _heard(self, part: Span, treatment: Treatment) -> Any:
        # A copied sound starts at the packet nearest to the cut, an encoded one later by the encoder's priming.
        shift_s = -sound.PRIMING_S / 2 if treatment.copied else sound.PRIMING_S
        start_s = max(0.0, part.start_s + shift_s)
        length_s = max(0.04, part.end_s - start_s)
        source = commands.received(self._source, ss=f"{start_s:.6f}", t=f"{length_s:.6f}", vn=None, sn=None, dn=None)
        return source["a:0"] if treatment.copied else sound.treated(source["a:0"], treatment)
