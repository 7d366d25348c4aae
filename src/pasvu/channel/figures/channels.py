"""The channel's own figures: subscribers as the platform rounds them, views, videos."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel.models import ChannelSnapshot
from pasvu.channel.values import ChannelFigures


def newest_channel(session: Session, platform: str) -> ChannelSnapshot | None:
    """The last figures of the channel."""
    return session.scalars(
        select(ChannelSnapshot)
        .where(ChannelSnapshot.platform == platform)
        .order_by(ChannelSnapshot.taken_at.desc())
        .limit(1)
    ).first()


def keep_channel(session: Session, platform: str, counted: ChannelFigures, taken_at: datetime) -> None:
    """Write the channel's figures, once for each instant."""
    second = int(taken_at.timestamp())
    last = newest_channel(session, platform)
    if last is None or last.taken_at < second:
        session.add(
            ChannelSnapshot(
                platform=platform,
                taken_at=second,
                subscribers=counted.subscribers,
                views=counted.views,
                videos=counted.videos,
            )
        )
