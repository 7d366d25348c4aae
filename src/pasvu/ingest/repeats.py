"""Tells a film that plays in a loop from what a camera films: the same movement is seen again, to the frame. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pasvu.ingest import seeing

_SHORTEST_S = 1.5
"""Of a loop; what moves to and fro in a picture is quicker."""
_TWICE_S = 2.0
"""So much must be seen a second time."""
_STEP_S = 0.2
_LEVEL, _ALIKE_SHARE, _MOVED_SHARE = 6.0, 0.12, 0.3
_MOST = 0.8
_HALF = 0.5


def repeats(frames: Sequence[np.ndarray], fps: float) -> bool:
    """Whether consecutive small grey frames are of a loop that moves: what they begin with is seen again, and the rest.

    A camera that stands still shows the same all the time: it must have shown something else in between.
    """
    pictures = np.array([seeing.blocks(frame).ravel() for frame in frames], np.float32)
    every, second = max(1, round(_STEP_S * fps)), round(fps)
    beginning = round(_TWICE_S * fps) // every
    for lag in range(round(_SHORTEST_S * fps), len(pictures) - round(_TWICE_S * fps) + 1):
        alike = _apart(pictures[:-lag:every], pictures[lag::every]) < _ALIKE_SHARE
        if min(alike.mean(), alike[:beginning].mean()) >= _MOST:
            moved = pictures[second::every]
            if np.mean(_apart(pictures[:-second:every][: len(moved)], moved) > _MOVED_SHARE) >= _HALF:
                return True
    return False


def _apart(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each pair of pictures, the share of their blocks that differ."""
    return np.asarray((np.abs(some - others) > _LEVEL).mean(axis=1))
