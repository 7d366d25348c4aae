"""Looks at small grey frames as they are decoded: black, still, cut, sharp; keeps a few numbers per frame."""

from __future__ import annotations

import re

import numpy as np

WIDTH, HEIGHT = 160, 90
_SIZE = WIDTH * HEIGHT
_BLOCK = 10
DARK_LEVEL = 32
DARK_SHARE = 0.95
"""A mixer's black is 16 with noise; 5 % of the picture may hold a clock or a logo."""
SAME_LEVEL, SAME_SHARE = 1.5, 0.12
"""Two keyframes are one still picture when fewer than 12 % of their blocks differ by 1.5 levels (coding noise)."""
_MOVED_LEVEL, _MOVED_SHARE = 6.0, 0.04
"""Nor is it still when somebody moves in a corner of it: a clock is smaller than that."""
CUT_DIFFERENCE = 0.2
_BINS = 32
_AGAIN_DIFFERENCE, _AGAIN_AMONG = 0.1, 60
"""A loop comes round within a minute or two."""
_PTS = re.compile(r"pts_time:\s*(-?[\d.]+)")


def changed(one: np.ndarray, other: np.ndarray, level: float) -> float:
    """Share of the 10×10 blocks of two frames that differ by more than `level` on average."""
    return float((blocks(np.abs(one.astype(np.float32) - other.astype(np.float32))) > level).mean())


def blocks(frame: np.ndarray) -> np.ndarray:
    """The mean of each 10×10 block."""
    return np.asarray(frame.reshape(HEIGHT // _BLOCK, _BLOCK, WIDTH // _BLOCK, _BLOCK).mean(axis=(1, 3)))


def is_dark(frame: np.ndarray) -> bool:
    """Whether a frame is black to the eye."""
    return bool(np.count_nonzero(frame < DARK_LEVEL) > DARK_SHARE * frame.size)


def _is_still(one: np.ndarray, other: np.ndarray) -> bool:
    return changed(one, other, SAME_LEVEL) < SAME_SHARE and changed(one, other, _MOVED_LEVEL) < _MOVED_SHARE


def still_score(frame: np.ndarray) -> float:
    """How good a still this frame makes: sharp, contrasted, well exposed; 0 when too dark or too bright."""
    grey = frame.astype(np.float32)
    if not 45 < grey.mean() < 210:
        return 0.0
    inner = grey[1:-1, 1:-1]
    edges = -4 * inner + grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float(np.log1p(edges.var()) + grey.std() / 32)


class Frames:
    """Cuts a stream of raw grey frames into pictures, and their instants out of `showinfo` lines."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self.times: list[float] = []

    def heard(self, line: str) -> bool:
        """Take a log line; says whether it was one of `showinfo`'s about a frame."""
        if "Parsed_showinfo" not in line:
            return False
        match = _PTS.search(line)
        if match is not None:
            self.times.append(float(match[1]))
        return True

    def cut(self, chunk: bytes) -> list[np.ndarray]:
        """The frames that are complete with this chunk."""
        self._waiting += chunk
        count = len(self._waiting) // _SIZE
        data = bytes(self._waiting[: count * _SIZE])
        del self._waiting[: count * _SIZE]
        return list(np.frombuffer(data, np.uint8).reshape(-1, HEIGHT, WIDTH))


class Seeing(Frames):
    """Judges each keyframe against the one before; `again` says whether a shot looks like one of shortly before."""

    def __init__(self) -> None:
        super().__init__()
        self._last: np.ndarray | None = None
        # The newest first; nothing looks like the rows that are not filled yet.
        self._histograms = np.full((_AGAIN_AMONG, _BINS), 2.0)
        self.dark: list[bool] = []
        self.same: list[bool] = []
        self.cut_here: list[bool] = []
        self.again: list[bool] = []
        self.scores: list[float] = []

    def take(self, chunk: bytes) -> None:
        """Look at more frames."""
        for frame in self.cut(chunk):
            self._look(frame)

    def _look(self, frame: np.ndarray) -> None:
        histogram = np.bincount(frame.ravel() >> 3, minlength=_BINS) / _SIZE
        apart = np.abs(self._histograms - histogram).sum(axis=1) / 2
        self.dark.append(is_dark(frame))
        self.same.append(self._last is not None and _is_still(self._last, frame))
        self.cut_here.append(self._last is not None and bool(apart[0] > CUT_DIFFERENCE))
        self.again.append(bool(apart.min() < _AGAIN_DIFFERENCE))
        self.scores.append(still_score(frame))
        self._last = frame
        self._histograms = np.roll(self._histograms, 1, axis=0)
        self._histograms[0] = histogram
