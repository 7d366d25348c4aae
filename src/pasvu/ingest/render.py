"""Makes the master that is sent and the preview that is reviewed; the original is only ever read.

A master is written aside, checked, measured after its encoder, and only then gets its name.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from pasvu.channel.errors import Cancelled, PasVuError
from pasvu.channel.timeline import Timeline, merged
from pasvu.channel.values import Loudness, MediaInfo, Plan, PlanAction, Span
from pasvu.ingest import aside, check, commands, interleave, picture, process, rereading, soundtrack, tone
from pasvu.ingest import plan as plans
from pasvu.ingest.facts import Cut, Examined, Master, Stretch
from pasvu.ingest.loudness import Levels, Mend
from pasvu.ingest.soundtrack import Laying, Soundtrack
from pasvu.ingest.tools import Tools

log = logging.getLogger(__name__)

_SOUND = 0.7
"""Of the progress shown: making the sound; a cut that finds it made goes on from there."""
_PREVIEW_HEIGHT = 540
_APART_S = plans.LONG_S
"""Beyond this, picture and sound are written one after the other and joined by `interleave`: ffmpeg holds every packet
that it reads and writes, and for 12 h of both at once that is 460 MB beside our own 200."""


def master(
    tools: Tools,
    source: Path,
    out: Path,
    examined: Examined,
    plan: Plan,
    wanted: Timeline,
    loudness: Loudness | None,
    *,
    cuts: Sequence[Cut] = (),
    levels: Levels | None = None,
    mend: Mend = Mend.NOTHING,
    sound: Path | None = None,
    still: Path | None = None,
    sees: bool = True,
    tone_map: bool = False,
    on_progress: process.OnProgress | None = None,
    should_stop: process.ShouldStop | None = None,
) -> Master:
    """Make `out`, an MP4 that YouTube takes: index first, no edit list, −14 LUFS ±0.5 and at most −1 dBTP.

    `source` is one file (several parts are first joined by `working.prepare`), `loudness` that of what is wanted, as
    stereo, and `levels` those of the whole; `cuts` are how each stretch of its picture can be had. The sound made for
    it is kept at `sound`, where the next cut finds it. `still` is a JPEG shown while there is no picture; `sees`
    says whether the picture can be decoded here, and so be looked at around its joins, `tone_map` whether one in HDR
    that is encoded comes out in ordinary colours. The result says what the film
    really shows: a copied picture may start up to a group of frames before the wanted instant.

    Raises:
        BrokenJoin: the picture around a join is not the recording's.
        NoRoom, Cancelled, ToolFailed: as these, nothing is left at `out` or beside it, and the source is untouched.
    """
    info = examined.info
    out.parent.mkdir(parents=True, exist_ok=True)
    # On the same disk as `out`: the renaming must be one step.
    with tempfile.TemporaryDirectory(prefix=f".{out.stem[:40]}.", suffix=".part", dir=out.parent) as name:
        folder = Path(name)
        stretches = plans.stretches(info, plan, wanted, cuts)
        shows = _shown(stretches)
        track = soundtrack.ready(
            tools,
            source,
            info,
            shows,
            loudness,
            levels,
            sound or folder / "sound.m4a",
            mend=mend,
            on_progress=_scaled(on_progress, 0.0, _SOUND),
            should_stop=should_stop,
        )
        laying = soundtrack.laid(shows, track.starts) if track is not None else soundtrack.NOTHING
        work = _Work(tools, source, examined, still, folder, tone_map, should_stop)
        shown, options = work.picture(plan, stretches, shows, laying)
        film = work.write(shown, options, shows, track, laying, _scaled(on_progress, _SOUND, 1.0))
        finished = check.check_file(tools, film, shows.duration_s, video=True, audio=info.has_audio)
        if plan.action is not PlanAction.ENCODE and sees:
            rereading.check_joins(tools, film, source, info, stretches, laying, should_stop)
        aside.keep(film, out)
    if on_progress is not None:
        on_progress(1.0)
    level = track.loudness_of(shows) if track is not None else None
    return Master(out, shows, finished.duration_s, out.stat().st_size, level)


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


def _shown(stretches: Sequence[Stretch]) -> Timeline:
    """What the master will really show."""
    spans = (Span(round(stretch.start_s, 6), round(stretch.end_s, 6)) for stretch in stretches)
    return Timeline(tuple(merged(spans)))


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
        examined: Examined,
        still: Path | None,
        folder: Path,
        tone_map: bool,
        should_stop: process.ShouldStop | None,
    ) -> None:
        self._tools, self._source, self._info, self._still = tools, source, examined.info, still
        self._delay_frames = examined.timing.delay_frames if examined.timing is not None else 0
        self._folder, self._tone_map, self._should_stop = folder, tone_map, should_stop

    def picture(
        self, plan: Plan, stretches: Sequence[Stretch], shows: Timeline, laying: Laying
    ) -> tuple[Any, dict[str, Any]]:
        """Stream and options of the picture, laid against the sound."""
        if not self._info.has_video:
            if self._still is None:
                raise PasVuError("Un son seul a besoin d’une image : donnez celle de l’émission.")
            return picture.card(self._still, shows.duration_s)
        if plan.action is PlanAction.ENCODE:
            return picture.encoded(self._source, self._info, shows, laying.slips_s, self._table())
        made = []
        for number, stretch in enumerate(stretches):
            if not stretch.copied:
                suffix = "ts" if picture.in_band(self._info) else "mp4"
                made.append(self._folder / f"made-{number}.{suffix}")
                picture.make_stretch(
                    self._tools, self._source, self._info, stretch, self._delay_frames, made[-1], self._should_stop
                )
        return picture.joined(
            self._tools, self._source, self._info, stretches, made, self._folder, laying.slips_s, self._should_stop
        )

    def _table(self) -> Path | None:
        """The table of colours of a picture in HDR that is to have ordinary ones."""
        if not self._tone_map or not self._info.hdr:
            return None
        path = self._folder / "tone.cube"
        path.write_text(tone.cube(str(self._info.color_transfer)), encoding="ascii")
        return path

    def write(
        self,
        shown: Any,
        options: dict[str, Any],
        shows: Timeline,
        track: Soundtrack | None,
        laying: Laying,
        on_progress: process.OnProgress | None,
    ) -> Path:
        """Put picture and sound together in a new file."""
        film = self._folder / "film.mp4"
        if track is None or shows.duration_s <= _APART_S:
            return self._together(film, shown, options, shows, track, laying, on_progress)
        picture_path, sound_path = self._folder / "picture.mp4", track.path
        taken: tuple[tuple[int, int], ...] | None = laying.taken
        self._alone(picture_path, shown, options, shows, _scaled(on_progress, 0.0, 0.5))
        if track.read is not None:
            sound_path, taken = self._folder / "heard.mp4", None
            heard = soundtrack.taken(track, laying, self._folder / "sound.ffconcat")
            self._alone(sound_path, heard, {"acodec": "copy"}, shows, _scaled(on_progress, 0.5, 0.6), track.path)
        told = _scaled(on_progress, 0.6, 1.0)
        try:
            interleave.join(
                picture_path, sound_path, film, laying.longer_s, lambda share: self._joined(share, told), taken
            )
        except interleave.Unjoinable as why:
            log.warning("%s: joined by the media tool, with more memory: %s", self._source.name, why)
            tag = {name: value for name, value in options.items() if name == "tag:v"}
            shown, options = commands.received(picture_path)["V:0"], {"vcodec": "copy", **tag}
            return self._together(film, shown, options, shows, track, laying, told)
        return film

    def _joined(self, share: float, told: process.OnProgress | None) -> None:
        if self._should_stop is not None and self._should_stop():
            raise Cancelled("Préparation arrêtée.")
        if told is not None:
            told(share)

    def _together(
        self,
        film: Path,
        shown: Any,
        options: dict[str, Any],
        shows: Timeline,
        track: Soundtrack | None,
        laying: Laying,
        on_progress: process.OnProgress | None,
    ) -> Path:
        """Write both in one go."""
        streams, made = [shown], dict(options)
        reads = self._reads()
        if track is not None:
            streams.append(soundtrack.taken(track, laying, self._folder / "sound.ffconcat"))
            made |= {"acodec": "copy"}
            reads.append(track.path)
        if laying.longer_s > 0:
            # Packets of sound last 21 ms: the first may begin that much before the picture, whose first frame then
            # stays that much longer, and all is together to the sample.
            later = f"if(N,round({laying.longer_s:.6f}/TB),0)"
            made["bsf:v"] = f"setts=pts=PTS+{later}:dts=DTS+{later}".replace(",", r"\,")
        self._run(
            ffmpeg.output(*streams, commands.address(film), **made, **commands.WHOLE_FILE), reads, shows, on_progress
        )
        return film

    def _alone(
        self,
        path: Path,
        stream: Any,
        options: dict[str, Any],
        shows: Timeline,
        on_progress: process.OnProgress | None,
        *reads: Path,
    ) -> None:
        """Write picture or sound without the other; the index stays at the end, nobody plays this."""
        form = {**commands.WHOLE_FILE, "movflags": "+negative_cts_offsets"}
        output = ffmpeg.output(stream, commands.address(path), **options, **form)
        self._run(output, [*self._reads(), *reads], shows, on_progress)

    def _reads(self) -> list[Path]:
        return [path for path in (self._source, self._folder, self._still) if path is not None]

    def _run(self, output: Any, reads: Sequence[Path], shows: Timeline, on_progress: process.OnProgress | None) -> None:
        process.run(
            commands.command(self._tools, [output]),
            subject=self._source.name,
            reads=reads,
            writes=[self._folder],
            on_progress=on_progress,
            duration_s=shows.duration_s,
            should_stop=self._should_stop,
        )
