"""Counting: views of what is on air, by the cheapest call of each platform."""

from __future__ import annotations

from datetime import datetime

from pasvu.channel import figures
from pasvu.channel.models import Publication
from pasvu.channel.states import PublicationState
from pasvu.publish.desk import Desk


def count(desk: Desk, now: datetime, *, everything: bool = False) -> int:
    """Take the snapshots that are due (or of all on air); how many were taken."""
    with desk.record.read() as session:
        due = figures.on_air(session) if everything else figures.due(session, now)
    taken = 0
    for platform, some in desk.batches(due):
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
