"""What the ingest room finds out about a recording and hands to itself: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pasvu.channel.timeline import Timeline
from pasvu.channel.values import Loudness, MediaInfo, Span, Trim
from pasvu.ingest.layout import Layout
from pasvu.ingest.loudness import Levels, Mend, Sides, mended, of_levels

_LEADING = 40
"""How many packets after a keyframe may still be shown before it; H.264 allows 16 frames of reordering."""


@dataclass(frozen=True)
class Timing:
    """How the frames of a picture follow each other, from its packets."""

    frames: int
    longest_gap_s: float
    variable: bool
    delay_frames: int
    """By how many frames decoding runs ahead of showing."""
    open_gop: bool
    """Some keyframe is followed by frames shown before it: a cut there stops Chromium's decoder."""
    keyframe_gap_s: float


@dataclass(frozen=True)
class Packets:
    """Frames in decoding order: when each is shown and decoded (seconds), and whether it is a keyframe."""

    shown: np.ndarray
    decoded: np.ndarray
    keys: np.ndarray

    def __len__(self) -> int:
        return len(self.shown)

    def clean_keys(self) -> np.ndarray:
        """Which packets are keyframes that no later packet is shown before."""
        clean = self.keys.copy()
        for index in np.flatnonzero(clean):
            after = self.shown[index + 1 : index + 1 + _LEADING]
            clean[index] = not (after < self.shown[index] - 1e-6).any()
        return clean


@dataclass(frozen=True)
class Examined:
    """All that is known of a file without decoding it. `layout` is `None` for anything but MP4 and MOV."""

    info: MediaInfo
    timing: Timing | None
    layout: Layout | None


@dataclass(frozen=True)
class Stretch:
    """Consecutive frames of a picture that are copied, or made anew, in seconds of the recording.

    Copied ones start at a keyframe, and the file is left at decoding time `out_dts_s` (`None`: at its end). To make
    them anew it is entered at `from_s`, between the frame before and the first.
    """

    start_s: float
    end_s: float
    frames: int
    copied: bool
    out_dts_s: float | None = None
    from_s: float = 0.0


@dataclass(frozen=True)
class Cut:
    """How one wanted stretch of a picture can be had, in seconds of the recording.

    `exact` begins with the first frame at or after the wanted start and ends before the first at or after the wanted
    end: copied but for the frames that no keyframe opens or that others need. `copied` makes nothing anew, and may
    begin at the keyframe before and end a few frames off. `clean` says whether its keyframe is one to start from.
    """

    wanted: Span
    exact: tuple[Stretch, ...]
    copied: Stretch
    clean: bool

    @property
    def start_s(self) -> float:
        """The first wanted frame."""
        return self.exact[0].start_s

    @property
    def span(self) -> Span:
        """From the first wanted frame to the end of the last."""
        return Span(self.exact[0].start_s, self.exact[-1].end_s)

    @property
    def made_frames(self) -> int:
        """How many frames are made anew by the exact way."""
        return sum(stretch.frames for stretch in self.exact if not stretch.copied)


@dataclass(frozen=True)
class Able:
    """What the installed ffmpeg can do with a recording's picture."""

    joins: bool = True
    """New frames in the same codec and format can be made to stand among the camera's."""
    reads: bool = True
    """It can be decoded."""


@dataclass(frozen=True)
class Sample:
    """One frame looked at: its instant and how good a still it would make (higher is better)."""

    time_s: float
    score: float


@dataclass(frozen=True)
class Measures:
    """What one pass over a recording tells, in seconds of the recording.

    `dead` holds the stretches at both ends where the picture stands still or is black, exact to the frame.
    `waiting` is what moves before and behind the programme while nobody speaks, exact to the frame too.
    `black`, `still` and `cuts` are known to the keyframe, usually `keys_apart_s` after the one before. `speech` is what
    a voice detector heard.
    `peaks` is the waveform: pairs of signed bytes, lowest and highest sample of each 100 ms.
    """

    duration_s: float
    levels: Levels | None = None
    sides: Sides | None = None
    silences: tuple[Span, ...] = ()
    speech: tuple[Span, ...] = ()
    dead: tuple[Span, ...] = ()
    waiting: tuple[Span, ...] = ()
    black: tuple[Span, ...] = ()
    still: tuple[Span, ...] = ()
    cuts: tuple[float, ...] = ()
    keys_apart_s: float = 2.0
    samples: tuple[Sample, ...] = ()
    peaks: bytes = b""

    @property
    def mend(self) -> Mend:
        """What must be done to the channels in the master."""
        return self.sides.mend if self.sides is not None else Mend.NOTHING

    @property
    def loudness(self) -> Loudness | None:
        """Loudness of the whole recording, as stereo; `None` without sound."""
        return of_levels(self.levels, [(0.0, self.duration_s)]) if self.levels is not None else None

    def loudness_of(self, *parts: Span | Trim) -> Loudness | None:
        """Loudness of stretches, as stereo and with its channels mended, by the same gating as a fresh measurement."""
        if self.levels is None:
            return None
        return mended(of_levels(self.levels, [(part.start_s, part.end_s) for part in parts]), self.mend)


@dataclass(frozen=True)
class Master:
    """A finished master: where it is, what it really shows, and what was measured on the result."""

    path: Path
    shows: Timeline
    duration_s: float
    bytes: int
    loudness: Loudness | None
