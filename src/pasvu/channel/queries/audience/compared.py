"""A few episodes side by side, aligned on the instant they aired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from pasvu.channel import audience, figures
from pasvu.channel.audience import Aligned
from pasvu.channel.models import Episode, Publication
from pasvu.channel.queries.audience import rows
from pasvu.channel.queries.audience.rows import PUBLICATION, ROWS, FigureRow

MOST = 8


@dataclass(frozen=True)
class Compared:
    """One of the episodes compared."""

    publication: FigureRow
    curve: Aligned
    before_break: bool
    """Aired before the meaning of a view changed."""


def compared(session: Session, episode_ids: Sequence[str], platform: str) -> list[Compared]:
    """Up to eight episodes that have aired, in the order asked for."""
    asked = list(dict.fromkeys(episode_ids))[:MOST]
    found = {row.episode_id: row for row in rows.read(session, _ASKED, asked=asked, platform=platform)}
    curves = figures.aligned(session, [row.id for row in found.values()])
    return [
        Compared(row, curves.get(row.id, ()), row.air_at is not None and row.air_at < audience.BREAK_AT)
        for episode_id in asked
        if (row := found.get(episode_id)) is not None
    ]


_ASKED = ROWS.where(
    PUBLICATION.episode_id.in_(bindparam("asked", expanding=True)),
    PUBLICATION.platform == bindparam("platform"),
    PUBLICATION.air_at.is_not(None),
)


def choices(session: Session, platform: str, wanted: str = "", limit: int = 40) -> list[Episode]:
    """Episodes that may be added to a comparison, newest first; by words of their title when given."""
    aired = (
        select(Episode)
        .join(Episode.publications)
        .where(Publication.platform == platform, Publication.air_at.is_not(None), Publication.views.is_not(None))
        .order_by(Publication.air_at.desc())
        .limit(limit)
    )
    for word in wanted.lower().split():
        aired = aired.where(Episode.search.contains(word, autoescape=True))
    return list(session.scalars(aired))
