"""Tables of the programmes and their usual slots."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pasvu.channel.models.root import Base


class Programme(Base):
    """A show: its name, usual slots, wording and defaults."""

    __tablename__ = "programme"

    id: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    colour: Mapped[int] = mapped_column(default=1)
    title_template: Mapped[str] = mapped_column(default="{title}")
    description_template: Mapped[str] = mapped_column(default="{summary}\n\n{chapters}")
    tags: Mapped[list[str]] = mapped_column(default=list)
    category_id: Mapped[str] = mapped_column(default="25")
    language: Mapped[str] = mapped_column(default="fr")
    playlist_id: Mapped[str | None]
    license: Mapped[str | None]
    """This and the five below are what its episodes bear when they say nothing else; `None` is the field's default."""
    made_for_kids: Mapped[bool | None]
    synthetic_media: Mapped[bool | None]
    paid_promotion: Mapped[bool | None]
    embeddable: Mapped[bool | None]
    notify_subscribers: Mapped[bool | None]
    translations: Mapped[dict[str, Any] | None]
    """Wording in other languages: `{"en": {"title_template": …, "description_template": …}}`."""
    still_style: Mapped[str] = mapped_column(default="band")
    """How a title stands on its stills: `band` along the foot, or `poster`, large over the left."""
    intro: Mapped[str | None]
    """The file it opens with and, below, the one it closes with, as the team calls them: kept, not yet put on films."""
    outro: Mapped[str | None]
    podcast: Mapped[bool | None]
    """Whether each of its episodes has an audio rendition; `None` is what the house's setting says."""
    created_at: Mapped[datetime]

    slots: Mapped[list[Slot]] = relationship(back_populates="programme", cascade="all, delete-orphan")


class Slot(Base):
    """When a programme usually airs: a weekday (Monday is 0) and a wall-clock time in the channel's zone."""

    __tablename__ = "slot"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"))
    weekday: Mapped[int]
    at: Mapped[str]
    """`HH:MM`."""

    programme: Mapped[Programme] = relationship(back_populates="slots")
