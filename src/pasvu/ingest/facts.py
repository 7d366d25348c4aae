"""What the ingest room finds out about a recording and hands to itself: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pasvu.channel.values import Loudness, MediaInfo, Span, Trim
from pasvu.ingest.layout import Layout
from pasvu.ingest.loudness import Levels, of_levels


@dataclass(frozen=True)
class Timing:
    """How the frames of a picture follow each other, from its packets."""

    frames: int
    longest_gap_s: float
    variable: bool
    open_gop: bool
    """Some keyframe is followed by frames shown before it: a cut there stops Chromium's decoder."""
    keyframe_gap_s: float


@dataclass(frozen=True)
class Examined:
    """All that is known of a file without decoding it. `layout` is `None` for anything but MP4 and MOV."""

    info: MediaInfo
    timing: Timing | None
    layout: Layout | None


@dataclass(frozen=True)
class Cut:
    """Where a picture can be cut without making it anew, in seconds of the recording.

    `key_s` is the last clean keyframe at or before the wanted start and `next_key_s` the first at or after it;
    `start_s` is the first frame at or after the wanted start, `head_frames` how many stand between it and `next_key_s`.
    `end_s` is the end nearest to the wanted one that needs no new frame; the file is left at decoding time
    `out_dts_s` (`None`: at its end).
    """

    key_s: float
    start_s: float
    next_key_s: float | None
    head_frames: int
    end_s: float
    out_dts_s: float | None
    clean: bool


@dataclass(frozen=True)
class Sample:
    """One frame looked at: its instant and how good a still it would make (higher is better)."""

    time_s: float
    score: float


@dataclass(frozen=True)
class Measures:
    """What one pass over a recording tells, in seconds of the recording.

    `dead` holds the stretches at both ends where the picture stands still or is black, exact to the frame.
    `black`, `still` and `cuts` are known to the keyframe (about 2 s). `speech` is what a voice detector heard.
    `peaks` is the waveform: pairs of signed bytes, lowest and highest sample of each 100 ms.
    """

    duration_s: float
    levels: Levels | None = None
    silences: tuple[Span, ...] = ()
    speech: tuple[Span, ...] = ()
    dead: tuple[Span, ...] = ()
    black: tuple[Span, ...] = ()
    still: tuple[Span, ...] = ()
    cuts: tuple[float, ...] = ()
    samples: tuple[Sample, ...] = ()
    peaks: bytes = b""

    @property
    def loudness(self) -> Loudness | None:
        """Loudness of the whole recording, as stereo; `None` without sound."""
        return self.loudness_of(Span(0.0, self.duration_s))

    def loudness_of(self, part: Span | Trim) -> Loudness | None:
        """Loudness of a stretch, as stereo, by the same gating as a fresh measurement; nothing is read again."""
        if self.levels is None:
            return None
        return of_levels(self.levels, part.start_s, part.end_s)


@dataclass(frozen=True)
class Master:
    """A finished master: where it is, where it was really cut, and what was measured on the result."""

    path: Path
    trim: Trim
    duration_s: float
    bytes: int
    loudness: Loudness | None
