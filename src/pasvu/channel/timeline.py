"""Which stretches of a recording a film holds, and where an instant of the recording falls in the film. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pasvu.channel.values import Span, Trim

_SHORTEST_S = 0.001


@dataclass(frozen=True)
class Timeline:
    """The stretches of a recording that a film shows one after the other, in their order, none overlapping.

    All instants are seconds: of the recording where nothing else is said, of the film where it says so.
    """

    kept: tuple[Span, ...]

    @classmethod
    def of(cls, spans: Iterable[Sequence[float]]) -> Timeline:
        """From pairs of start and end, as they are stored."""
        return cls(tuple(Span(start_s, end_s) for start_s, end_s in spans))

    @property
    def start_s(self) -> float:
        """Where it begins in the recording."""
        return self.kept[0].start_s if self.kept else 0.0

    @property
    def end_s(self) -> float:
        """Where it ends in the recording."""
        return self.kept[-1].end_s if self.kept else 0.0

    @property
    def duration_s(self) -> float:
        """How long the film is."""
        return sum(span.duration_s for span in self.kept)

    @property
    def removed(self) -> tuple[Span, ...]:
        """What is missing between its start and its end."""
        return tuple(Span(before.end_s, after.start_s) for before, after in pairwise(self.kept))

    @property
    def joins(self) -> tuple[float, ...]:
        """Where two stretches meet, in the film's time."""
        ends, passed_s = [], 0.0
        for span in self.kept[:-1]:
            passed_s += span.duration_s
            ends.append(passed_s)
        return tuple(ends)

    def at(self, time_s: float) -> float:
        """The film's time of an instant: one that was cut out falls on the join, one outside on an end."""
        passed_s = 0.0
        for span in self.kept:
            if time_s < span.end_s:
                return passed_s + max(0.0, time_s - span.start_s)
            passed_s += span.duration_s
        return passed_s

    def in_recording(self, film_s: float) -> float:
        """The recording's instant of one of the film's; beyond the film's end, as if its last stretch went on."""
        left_s = film_s
        for span in self.kept[:-1]:
            if left_s < span.duration_s:
                return span.start_s + left_s
            left_s -= span.duration_s
        return (self.kept[-1].start_s if self.kept else 0.0) + left_s

    def next_kept(self, time_s: float) -> float | None:
        """The first instant at or after this one that is shown; `None` after the end."""
        for span in self.kept:
            if time_s < span.end_s:
                return max(time_s, span.start_s)
        return None


def meant(trim: Trim, removed: Iterable[Span]) -> Timeline:
    """What a trim keeps once the removed stretches are taken out of it; empty when nothing is left."""
    kept = [Span(trim.start_s, trim.end_s)]
    for out in removed:
        kept = [left for span in kept for left in _without(span, out)]
    return Timeline(tuple(span for span in kept if span.duration_s > _SHORTEST_S))


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same stretches in order, those that touch or overlap as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start_s, span.end_s)):
        if found and span.start_s <= found[-1].end_s + _SHORTEST_S:
            found[-1] = Span(found[-1].start_s, max(found[-1].end_s, span.end_s))
        else:
            found.append(span)
    return found


def put_back(removed: Iterable[Span], back: Span) -> list[Span]:
    """Removed stretches, but for what is put back."""
    return [left for span in removed for left in _without(span, back) if left.duration_s > _SHORTEST_S]


def _without(span: Span, out: Span) -> list[Span]:
    if out.end_s <= span.start_s or span.end_s <= out.start_s:
        return [span]
    around = (Span(span.start_s, out.start_s), Span(out.end_s, span.end_s))
    return [left for left in around if left.duration_s > 0]
