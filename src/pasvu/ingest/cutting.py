"""Finds where a picture can be cut: between which packets it is copied, and which few frames must be made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pasvu.channel.values import MediaInfo, Span
from pasvu.ingest.facts import Cut, Packets, Stretch
from pasvu.ingest.packets import read_packets
from pasvu.ingest.tools import Tools

_AT_END_S = 0.1
"""What a container says it lasts may miss its last frames: an end this near to the last frame means all of it."""


def find_cuts(
    tools: Tools,
    path: Path,
    info: MediaInfo,
    wanted: Sequence[Span],
    avoid: Sequence[float] = (),
    packets: Packets | None = None,
) -> list[Cut]:
    """The cuts of this file for these stretches; none without a picture. Its packets are read where not given.

    A stretch in which no frame begins is left out. Nothing is copied from the keyframes of `avoid` on.
    """
    if not info.has_video:
        return []
    return cut_points(packets or read_packets(tools, path), wanted, info.start_s, avoid)


def cut_points(
    packets: Packets, wanted: Sequence[Span], origin_s: float = 0.0, avoid: Sequence[float] = ()
) -> list[Cut]:
    """The cuts by the packets alone, in seconds from `origin_s`; none when there is no keyframe to start from."""
    if not packets.keys.any():
        return []
    table = _Table(packets, origin_s, avoid)
    found = (_cut(table, span) for span in wanted)
    return [cut for cut in found if cut is not None]


class _Table:
    """What is asked of the packets again and again: frames in order, keyframes, and where a copy may end."""

    def __init__(self, packets: Packets, origin_s: float, avoid: Sequence[float]) -> None:
        self.shown = packets.shown - origin_s
        self.decoded = packets.decoded - origin_s
        self.in_order = np.sort(self.shown)
        steps = np.diff(self.in_order)
        steps = steps[steps > 1e-6]
        self.step = float(np.median(steps)) if steps.size else 0.04
        self.near = 0.4 * self.step
        clean = packets.clean_keys()
        self.clean = bool(clean.any())
        keys = np.sort(self.shown[clean if self.clean else packets.keys])
        # The first stays: without it a film could not even be encoded from its start.
        trusted = [key_s for key_s in keys[1:] if not any(abs(key_s - other_s) < self.near for other_s in avoid)]
        self.keys = np.array([*keys[:1], *trusted])
        self.first_key_s = float(self.shown[packets.keys].min())
        self.last_s = float(self.in_order[-1]) + self.step
        latest_before = np.maximum.accumulate(self.shown)[:-1]
        earliest_after = np.minimum.accumulate(self.shown[::-1])[::-1][1:]
        places = np.flatnonzero(latest_before < earliest_after)
        self.ends_s = earliest_after[places]
        """Instants where all packets so far are shown before all that follow."""
        self.ends_dts_s = self.decoded[places + 1]

    def frames(self, start_s: float, end_s: float) -> int:
        """How many frames begin in a stretch."""
        first, last = np.searchsorted(self.in_order, (start_s - self.near, end_s - self.near))
        return int(last - first)

    def first_frame(self, time_s: float) -> float:
        """The first frame at or after an instant; the end of the last when there is none."""
        if time_s >= self.last_s - max(self.near, _AT_END_S):
            return self.last_s
        place = int(np.searchsorted(self.in_order, time_s - self.near))
        return float(self.in_order[place]) if place < len(self.in_order) else self.last_s

    def between(self, time_s: float) -> float:
        """Halfway between a frame and the one before it."""
        place = int(np.searchsorted(self.in_order, time_s - 1e-6))
        before_s = float(self.in_order[place - 1]) if place else time_s - self.step
        return max(0.0, (before_s + time_s) / 2)

    def made(self, start_s: float, end_s: float) -> Stretch:
        """Frames to make anew."""
        return Stretch(start_s, end_s, self.frames(start_s, end_s), copied=False, from_s=self.between(start_s))

    def kept(self, start_s: float, end: _End) -> Stretch:
        """Frames to copy."""
        return Stretch(start_s, end.at_s, self.frames(start_s, end.at_s), copied=True, out_dts_s=end.dts_s)


@dataclass(frozen=True)
class _End:
    """Where a copy may end, and the decoding time of the packet that follows."""

    at_s: float
    dts_s: float | None


def _cut(table: _Table, wanted: Span) -> Cut | None:
    # Nothing before the first keyframe can be decoded: a recorder switched on in the middle of a stream.
    start_s = max(table.first_frame(wanted.start_s), table.first_key_s)
    end_s = table.first_frame(wanted.end_s)
    if end_s <= start_s:
        return None
    before = table.keys[table.keys <= wanted.start_s + table.near]
    key_s = float(before[-1] if before.size else table.keys[0])
    nearest = _nearest_end(table, wanted.end_s, end_s)
    return Cut(wanted, tuple(_exact(table, start_s, end_s)), table.kept(key_s, nearest), table.clean)


def _exact(table: _Table, start_s: float, end_s: float) -> list[Stretch]:
    """Head, body and tail: frames up to the next keyframe, what can be copied, frames after the last clean end."""
    after = table.keys[table.keys >= start_s - table.near]
    end = _last_end(table, end_s)
    body_s = float(after[0]) if after.size else end_s
    # Left at a packet decoded before the keyframe is shown, the list would end before it begins.
    nothing = end.dts_s is not None and end.dts_s <= body_s + table.near
    if nothing or body_s >= end.at_s - table.near:
        return [table.made(start_s, end_s)]
    stretches = [table.made(start_s, body_s)] if body_s > start_s + table.near else []
    stretches.append(table.kept(body_s, end))
    if end.at_s < end_s - table.near:
        stretches.append(table.made(end.at_s, end_s))
    return stretches


def _last_end(table: _Table, end_s: float) -> _End:
    """The last place at or before `end_s` where a copy may end."""
    if end_s >= table.last_s - table.near:
        return _End(table.last_s, None)
    place = int(np.searchsorted(table.ends_s, end_s + table.near)) - 1
    return _End(float(table.ends_s[place]), float(table.ends_dts_s[place])) if place >= 0 else _End(0.0, None)


def _nearest_end(table: _Table, wanted_s: float, end_s: float) -> _End:
    """The place nearest to the wanted end where a copy may end."""
    if end_s >= table.last_s - table.near or not table.ends_s.size:
        return _End(table.last_s, None)
    place = int(np.argmin(np.abs(table.ends_s - wanted_s)))
    return _End(float(table.ends_s[place]), float(table.ends_dts_s[place]))
