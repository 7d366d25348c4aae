"""What is said of the time between the parts of a recording."""

from __future__ import annotations

import pytest

from pasvu.channel.values import MediaInfo
from pasvu.ingest.seams import Filmed, sentences


def part(name: str, at: str | None = None, duration_s: float = 600.0, start_s: float = 0.0) -> Filmed:
    container = "mpegts" if name.endswith(".ts") else "mov,mp4"
    return Filmed(name, MediaInfo(container, duration_s, start_s, created_at=at and f"2026-11-20T{at}Z"))


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (part("2026-11-20 20-00-00.mkv"), part("2026-11-20 20-10-01.mkv"), None),
        (part("2026-11-20 20-00-00.mkv"), part("2026-11-20 20-10-45.mkv"), "il manque environ 45 s"),
        (part("2026-11-20 20-00-00.mkv"), part("2026-11-20 20-09-30.mkv"), "se recouvrent d’environ 30 s"),
        (part("C0001.MP4", "20:00:00"), part("C0002.MP4", "20:10:01"), None),
        (part("C0001.MP4", "20:00:00"), part("C0002.MP4", "20:15:00"), "il manque environ 5 min"),
        (part("C0001.MP4", "20:00:00"), part("C0002.MP4", "20:05:00"), "se recouvrent d’environ 5 min"),
        # Written at the end of each take, and the last one is short: nothing is missing.
        (part("C0001.MP4", "20:10:00"), part("C0002.MP4", "20:11:00", 60), None),
        # The chapters of a GoPro bear one instant.
        (part("GX010007.MP4", "20:00:00"), part("GX020007.MP4", "20:00:00"), None),
        (part("a_p1.mp4"), part("a_p2.mp4"), None),
        (part("a_p1.ts", start_s=10.0), part("a_p2.ts", start_s=610.1), None),
        (part("a_p1.ts", start_s=10.0), part("a_p2.ts", start_s=640.0), "il manque environ 30 s"),
    ],
)
def test_gaps_and_overlaps_are_said_in_words(one: Filmed, other: Filmed, words: str | None) -> None:
    said = sentences([one, other])
    assert said == [] if words is None else len(said) == 1 and words in said[0].replace("\u202f", " "), said
    if said:
        assert one.name in said[0]
        assert other.name in said[0]
