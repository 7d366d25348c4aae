"""Counting: views of what is on air, by the cheapest call of each platform."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from pasvu.channel import figures
from pasvu.channel.models import Publication
from pasvu.channel.states import PublicationState
from pasvu.publish.desk import Desk

AT_ONCE = 50


def count(desk: Desk, now: datetime, *, everything: bool = False) -> int:
    """Take the snapshots that are due (or of all on air); how many were taken."""
    with desk.record.read() as session:
        due = figures.on_air(session) if everything else figures.due(session, now)
        by_platform: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for publication in due:
            assert publication.video_id is not None
            by_platform[publication.platform].append((publication.id, publication.video_id))
    taken = 0
    for name, counted in by_platform.items():
        platform = desk.platforms.get(name)
        if platform is None:
            continue
        for start in range(0, len(counted), AT_ONCE):
            some = counted[start : start + AT_ONCE]
            asked_at = desk.clock.now()
            there = platform.figures([video_id for _, video_id in some])
            with desk.record.write() as session:
                for publication_id, video_id in some:
                    publication = session.get_one(Publication, publication_id)
                    found = there.get(video_id)
                    if found is not None and publication.state == PublicationState.ON_AIR:
                        figures.keep(session, publication, found, asked_at)
                        taken += 1
                    elif found is None:
                        figures.skip(publication, asked_at)
    return taken
