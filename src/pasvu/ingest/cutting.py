"""Finds where a picture can be cut without making it anew: between which packets, and how many frames a head needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pasvu.channel.values import MediaInfo, Trim
from pasvu.ingest.facts import Cut
from pasvu.ingest.packets import Packets, read_packets
from pasvu.ingest.tools import Tools

_AT_END_S = 0.1
"""What a container says it lasts may miss its last frames: an end this near to the last frame means all of it."""


def find_cut(tools: Tools, path: Path, info: MediaInfo, wanted: Trim) -> Cut | None:
    """The cut of this file nearest to the wanted one (1 s of work per hour); `None` without a picture."""
    if not info.has_video:
        return None
    return cut_points(read_packets(tools, path), wanted, origin_s=info.start_s)


def cut_points(packets: Packets, wanted: Trim, origin_s: float = 0.0) -> Cut | None:
    """The cut by the packets alone, in seconds from `origin_s`; `None` when there is no keyframe to start from."""
    if not packets.keys.any():
        return None
    shown, decoded = packets.shown - origin_s, packets.decoded - origin_s
    in_order = np.sort(shown)
    steps = np.diff(in_order)
    step = float(np.median(steps)) if steps.size else 0.04
    near = 0.4 * step
    clean = packets.clean_keys()
    usable, is_clean = (clean, True) if clean.any() else (packets.keys, False)
    keys = np.sort(shown[usable])
    before = keys[keys <= wanted.start_s + near]
    after = keys[keys >= wanted.start_s - near]
    key_s = float(before[-1] if before.size else keys[0])
    later = in_order[in_order >= wanted.start_s - near]
    start_s = float(later[0]) if later.size else key_s
    next_key_s = float(after[0]) if after.size else None
    head = int(((in_order >= start_s - near) & (in_order < (next_key_s or np.inf) - near)).sum())
    end_s, out_dts_s = _end(shown, decoded, wanted.end_s, float(in_order[-1]) + step, near)
    return Cut(key_s, start_s, next_key_s, head if next_key_s is not None else 0, end_s, out_dts_s, is_clean)


def _end(
    shown: np.ndarray, decoded: np.ndarray, wanted_s: float, last_s: float, near: float
) -> tuple[float, float | None]:
    """The end nearest to the wanted one where all packets so far are shown before all that follow."""
    if wanted_s >= last_s - max(near, _AT_END_S) or len(shown) < 2:
        return last_s, None
    latest_before = np.maximum.accumulate(shown)[:-1]
    earliest_after = np.minimum.accumulate(shown[::-1])[::-1][1:]
    places = np.flatnonzero(latest_before < earliest_after)
    if not places.size:
        return last_s, None
    place = places[int(np.argmin(np.abs(earliest_after[places] - wanted_s)))]
    return float(earliest_after[place]), float(decoded[place + 1])
