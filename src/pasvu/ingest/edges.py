"""Finds to the frame where a dead picture (slate, black) at either end of a recording gives way to the programme.

The pass over keyframes knows it to 2 s; here only the frames between two keyframes are decoded (0.1 to 0.9 s of work),
and half a minute where that leaves a doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pasvu.channel.values import Span
from pasvu.ingest import commands, process, seeing
from pasvu.ingest.repeats import repeats
from pasvu.ingest.tools import Tools

_ALIKE_SHARE, _TURN_SHARE = 0.25, 0.5
_ALIKE_LEVEL = 6.0
_STILL_SHARE = 0.12
_SAMPLE_S = 1.0
_LONG_GAP_S = 4.0
"""With keyframes rarer than this (they come at scene cuts only), one extra look is needed before a change."""
BEFORE_VOICE_S = 10.0
"""A programme begins at most this long before its first word."""
_WAITED_S = 15.0
"""Titles are shorter; people are made to wait for longer."""
_LONG_WAIT_S = 30.0
"""No titles are so long, whatever they show."""
_AGAIN_SHARE = 0.4
"""A loop seen every two seconds is seen at other moments each time round; of a montage nothing comes back."""
AFTER_VOICE_S = 20.0
"""A programme ends at most this long after its last word: people clap."""
_LATE_S = 0.5
_STAYED_S = 5.0
_SUNG_S = 2.5
"""For so long may music be taken for a voice that goes on."""
_LOOKED_S = 30.0
"""How much is decoded to see a loop come round: 2 s of work in 1080p."""
_DOUBTS = 2
"""How many changes of picture are looked at so closely."""
Look = Callable[[float, float], "Shots"]


class Shots:
    """Consecutive small grey frames with their instants in the recording."""

    def __init__(self, times: Sequence[float], frames: Sequence[np.ndarray]) -> None:
        count = min(len(times), len(frames))
        self.times, self.frames = list(times[:count]), list(frames[:count])

    @property
    def fps(self) -> float:
        """How many frames there are in a second; 25 where that cannot be known."""
        return 1 / float(np.median(np.diff(self.times))) if len(self.times) > 1 else 25.0


def looker(tools: Tools, path: Path, should_stop: process.ShouldStop | None = None) -> Look:
    """A function that decodes the frames between two instants of this file."""

    def look(start_s: float, end_s: float) -> Shots:
        frames, seen = seeing.Frames(), list[np.ndarray]()
        start_s = max(0.0, start_s)
        shrunk = shrink(commands.received(path, ss=f"{start_s:.6f}", t=f"{max(0.04, end_s - start_s):.6f}")["V:0"])
        # passthrough: frames as they are, none doubled to fill a rhythm.
        output = shrunk.output("@frames", f="rawvideo", fps_mode="passthrough", an=None)
        process.run(
            commands.command(tools, [output], verbose=True),
            subject=path.name,
            reads=[path],
            writes=(),
            sinks={"@frames": lambda chunk: seen.extend(frames.cut(chunk))},
            on_line=frames.heard,
            should_stop=should_stop,
        )
        return Shots([start_s + time for time in frames.times], seen)

    return look


def shrink(picture: Any) -> Any:
    """Frames as `seeing` wants them, with their instants in the log."""
    return (
        # The cheapest scaler is exact enough for means of blocks.
        picture.filter("scale", seeing.WIDTH, seeing.HEIGHT, flags="fast_bilinear")
        .filter("format", "gray")
        # No checksum: it costs more than the scaling.
        .filter("showinfo", checksum=0)
    )


def dead_ends(seen: seeing.Seeing, duration_s: float, look: Look) -> list[Span]:
    """The dead stretches at the start and at the end, exact to the frame; none where the programme fills the file."""
    times = seen.times[: len(seen.dark)]
    if not times:
        return []
    dead = [
        dark or same or (index + 1 < len(times) and seen.same[index + 1])
        for index, (dark, same) in enumerate(zip(seen.dark, seen.same, strict=True))
    ]
    head = _leading(dead)
    if head == len(times):
        return []
    if head == 0 and len(times) > 1 and times[1] - times[0] > _LONG_GAP_S:
        shots = look(times[1] - 0.2 - _SAMPLE_S, times[1] - 0.2)
        head = 1 if _stays(look(times[0], times[0] + 0.2), shots) else 0
        head += _leading(dead[1:]) if head else 0
    tail = _leading(dead[::-1])
    left_s = duration_s - times[-1]
    if tail == 0 and left_s > _SAMPLE_S:
        shots = look(duration_s - _SAMPLE_S / 2, duration_s)
        tail = 1 if _stays(look(times[-1], times[-1] + 0.2), shots) else 0
        tail += _leading(dead[-2::-1]) if tail else 0
        # A second without movement, alone, is only a pause for breath.
        tail = 0 if tail == 1 and left_s < _LONG_GAP_S / 2 else tail
    spans = []
    if head:
        until = times[head] if head < len(times) else duration_s
        spans.append(Span(0.0, _first_alive(look(times[head - 1], until + 0.001), until)))
    if tail and tail < len(times):
        first_dead = times[-tail]
        reference = look(first_dead, first_dead + 0.2)
        before = look(times[-tail - 1], first_dead)
        spans.append(Span(_last_alive(before, reference, first_dead), duration_s))
    return [span for span in spans if span.duration_s > 0]


def waiting(seen: seeing.Seeing, first_said_s: float, look: Look, *, closely: bool = True) -> list[Span]:
    """What lies before the programme where the picture moves: a countdown, a loop under music; none when in doubt.

    Nobody has spoken yet, and shortly before somebody does, a black ends, or pictures that kept coming back give way,
    or any after half a minute. `closely`: whether changes that those leave in doubt are looked at frame by frame.
    """
    times = seen.times[: len(seen.dark)]
    near = [
        place
        for place in range(1, len(times))
        if first_said_s - BEFORE_VOICE_S <= times[place - 1] and times[place - 1] <= first_said_s
    ]
    lit = [place for place in near if seen.dark[place - 1] and not seen.dark[place]]
    new = [place for place in near if _is_new(seen, place)]
    told = lit[-1:] or [
        place for place in reversed(new) if times[new[-1]] >= _LONG_WAIT_S or _goes_round(seen, 0, new[-1])
    ]
    for place in told if closely else told[:1]:
        at_s = _turn(look(times[place - 1], times[place] + 0.001))
        if at_s is not None:
            return [Span(0.0, at_s)] if at_s >= _WAITED_S else []
    for place in _doubtful(seen, reversed(near)) if closely else ():
        shots = look(times[place - 1], times[place] + 0.001)
        at_s = _turn(shots)
        if at_s is None or at_s < _WAITED_S:
            continue
        if _has_dark(shots) or _is_loop(look(at_s - _LOOKED_S, at_s - 0.001), backwards=True):
            return [Span(0.0, at_s)]
    return []


def staying(
    seen: seeing.Seeing, last_said_s: float, duration_s: float, look: Look, *, closely: bool = True
) -> list[Span]:
    """What lies behind the programme where the picture moves: a loop under music; none when in doubt.

    Nobody speaks any more, and shortly after somebody did, a black begins or pictures come that keep coming back.
    """
    times = seen.times[: len(seen.dark)]
    # A voice is heard to end a little late.
    heard_s = last_said_s - _LATE_S
    near = [place for place in range(1, len(times)) if heard_s <= times[place] <= last_said_s + AFTER_VOICE_S]
    darkened = [place for place in near if seen.dark[place] and not seen.dark[place - 1]]
    new = [place for place in near if _is_new(seen, place) and _goes_round(seen, place, len(times))]
    if darkened or new:
        place = min([*darkened[:1], *new[:1]])
        at_s = _turn(look(times[place - 1], times[place] + 0.001), ends=True)
        if at_s is not None:
            return [Span(at_s, duration_s)] if duration_s - at_s >= _STAYED_S else []
    if duration_s - last_said_s < _STAYED_S or not closely:
        return []
    after_s, until_s = last_said_s - _SUNG_S, last_said_s + AFTER_VOICE_S
    later = [place for place in range(1, len(times)) if after_s <= times[place] and times[place - 1] <= until_s]
    for place in _doubtful(seen, later):
        shots = look(times[place - 1], times[place] + 0.001)
        at_s, lit_s = _turn(shots, ends=True), _turn(shots)
        if at_s is None or lit_s is None or duration_s - at_s < _STAYED_S:
            continue
        dark = at_s >= heard_s and _has_dark(shots)
        if dark or _is_loop(look(lit_s, min(lit_s + _LOOKED_S, duration_s))):
            return [Span(at_s, duration_s)]
    return []


def _doubtful(seen: seeing.Seeing, places: Iterable[int]) -> list[int]:
    """Those that are worth a closer look: the picture changed.

    Between rare keyframes a black hides, and of a loop that moves fast no two of them are alike.
    """
    lit = [place for place in places if not (seen.dark[place - 1] or seen.dark[place])]
    return [place for place in lit if seen.cut_here[place]][:_DOUBTS]


def _is_loop(shots: Shots, *, backwards: bool = False) -> bool:
    """Whether what these shots begin with comes back in them; or `backwards`: what they end with was there before."""
    return repeats(shots.frames[::-1] if backwards else shots.frames, shots.fps)


def _is_new(seen: seeing.Seeing, place: int) -> bool:
    """Whether a shot begins that was not there shortly before."""
    return seen.cut_here[place] and not seen.again[place]


def _goes_round(seen: seeing.Seeing, first: int, last: int) -> bool:
    """Whether the later half of some keyframes shows again what the earlier showed: a loop, or one shot that stays."""
    later = seen.again[(first + last + 1) // 2 : last]
    return not later or sum(later) >= _AGAIN_SHARE * len(later)


def _turn(shots: Shots, *, ends: bool = False) -> float | None:
    """The instant at which the programme begins: with the last black or the last of other shots gone; or `ends`: with
    the first that comes."""
    pairs = list(zip(shots.frames, shots.frames[1:], shots.times[1:], strict=False))
    dark = [(seeing.is_dark(one), seeing.is_dark(other), time_s) for one, other, time_s in pairs]
    turns = [time_s for was, becomes, time_s in dark if was is not ends and becomes is ends]
    if not turns:
        turns = [at_s for one, other, at_s in pairs if seeing.changed(one, other, _ALIKE_LEVEL) >= _TURN_SHARE]
    if not turns:
        return None
    return turns[0] if ends else turns[-1]


def _has_dark(shots: Shots) -> bool:
    return any(seeing.is_dark(frame) for frame in shots.frames)


def _leading(flags: Sequence[bool]) -> int:
    return next((index for index, flag in enumerate(flags) if not flag), len(flags))


def _stays(reference: Shots, later: Shots) -> bool:
    """Whether the picture of `reference` is still there later."""
    if not reference.frames or not later.frames:
        return False
    first, last = reference.frames[0], later.frames[-1]
    # A mixer goes from its slate to black, and from there to the stage.
    return seeing.is_dark(last) or seeing.changed(first, last, _ALIKE_LEVEL) < _STILL_SHARE


def _is_dead(frame: np.ndarray, reference: np.ndarray) -> bool:
    # Compared with the dead picture itself, not with the neighbour: a panning camera changes little per frame.
    return seeing.is_dark(frame) or seeing.changed(reference, frame, _ALIKE_LEVEL) < _ALIKE_SHARE


def _first_alive(shots: Shots, otherwise: float) -> float:
    """The instant of the first frame after the last dead one."""
    dead = [_is_dead(frame, shots.frames[0]) for frame in shots.frames]
    for index in reversed(range(len(dead))):
        if dead[index]:
            return shots.times[index + 1] if index + 1 < len(dead) else otherwise
    return otherwise


def _last_alive(shots: Shots, reference: Shots, otherwise: float) -> float:
    """The instant after the last frame that is not dead."""
    if not reference.frames:
        return otherwise
    dead = [_is_dead(frame, reference.frames[0]) for frame in shots.frames]
    for index in reversed(range(len(dead))):
        if not dead[index]:
            return shots.times[index + 1] if index + 1 < len(dead) else otherwise
    return shots.times[0] if shots.times else otherwise
