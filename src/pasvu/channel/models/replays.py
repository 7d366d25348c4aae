"""The table of the finished lives that people ask to have fetched."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pasvu.channel.models.root import Base
from pasvu.channel.states import ReplayState

if TYPE_CHECKING:
    from pasvu.channel.models.episodes import Episode
    from pasvu.channel.models.shows import Programme


class ReplayRequest(Base):
    """A finished live asked for by its address, until it is an episode."""

    __tablename__ = "replay_request"
    __table_args__ = (Index("ix_replay_request_state_next_try_at", "state", "next_try_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    site: Mapped[str]
    """Key of a site of `channel/sites.py`."""
    any_site: Mapped[bool] = mapped_column(default=False)
    """Whether whoever asked may name a site that is not one of those known."""
    programme_id: Mapped[str | None] = mapped_column(ForeignKey("programme.id"))
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]

    state: Mapped[ReplayState] = mapped_column(default=ReplayState.ASKED)
    reason: Mapped[str | None]
    """Why it waits or failed, as a sentence in French."""
    attempt: Mapped[int] = mapped_column(default=1)
    tries: Mapped[int] = mapped_column(default=0)
    """How often the site was not ready since a person last asked: each wait is longer than the one before."""
    next_try_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]

    title: Mapped[str | None]
    """As the site gives it; someone else's text."""
    live_at: Mapped[datetime | None]
    """When it went on air, as the site says, else as whoever asked says."""
    announced_s: Mapped[float | None]
    """Length as the site announces it, in seconds."""
    received_s: Mapped[float | None]
    received_bytes: Mapped[int | None] = mapped_column(BigInteger)
    total_bytes: Mapped[int | None] = mapped_column(BigInteger)
    share: Mapped[float | None]
    """0 to 1 of the fetching, unknown when empty."""

    episode_id: Mapped[str | None] = mapped_column(ForeignKey("episode.id"), index=True)
    received_at: Mapped[datetime | None]
    local_id: Mapped[str | None] = mapped_column(ForeignKey("episode.id"))
    """The episode of the team's own recording of the same event, when there is one."""
    compared: Mapped[dict[str, Any] | None]
    """How the two compare: `better` (`replay`, `local` or `same`), `why` in French, and what was measured."""

    programme: Mapped[Programme | None] = relationship()
    episode: Mapped[Episode | None] = relationship(foreign_keys=[episode_id])
    local: Mapped[Episode | None] = relationship(foreign_keys=[local_id])
