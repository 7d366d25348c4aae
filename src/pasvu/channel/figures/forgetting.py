"""What a platform counted, forgotten when the right to keep it ends; what we froze or added up ourselves stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from pasvu.channel.figures.channels import newest_channel
from pasvu.channel.figures.reading import instant
from pasvu.channel.models import (
    AlignedCurve,
    ChannelSnapshot,
    Live,
    LiveCount,
    Publication,
    ViewDay,
    ViewSnapshot,
)

# Thirty days at most after the right ended (YouTube API Services, Developer Policies III.E.4); counts cannot be asked
# for again, so people get nearly all of them to mend it.
COUNTS_KEPT = timedelta(days=29)


def counts_kept_until(session: Session, platform: str) -> datetime | None:
    """When the counts of a platform that answers no more must go; `None` when there are none."""
    last = newest_channel(session, platform)
    return instant(last.taken_at) + COUNTS_KEPT if last is not None else None


def forget_counts(session: Session, platform: str, publication_ids: Iterable[int] | None = None) -> int:
    """Delete the counts of some publications, or of the platform whole; of how many videos counts went.

    Frozen horizons, and a live's peak and average, are our own figures: they stay. The days that a forgotten video
    added to are made anew by `rebuild`.
    """
    ours = select(Publication.id).where(Publication.platform == platform)
    lives = select(Live.id).where(Live.platform == platform)
    if publication_ids is not None:
        ids = list(publication_ids)
        ours = ours.where(Publication.id.in_(ids))
        lives = lives.where(Live.video_id.in_(select(Publication.video_id).where(Publication.id.in_(ids))))
    else:
        session.execute(delete(ChannelSnapshot).where(ChannelSnapshot.platform == platform))
        session.execute(delete(ViewDay).where(ViewDay.platform == platform))
    session.execute(delete(LiveCount).where(LiveCount.live_id.in_(lives)))
    for table in (ViewSnapshot, AlignedCurve):
        session.execute(delete(table).where(table.publication_id.in_(ours)))
    nothing = dict.fromkeys(("views", "likes", "comments", "views_at", "day_gain"))
    counted = (Publication.id.in_(ours), Publication.views_at.is_not(None))
    gone = session.execute(update(Publication).where(*counted).values(nothing))
    return int(gone.rowcount)  # type: ignore[attr-defined]
