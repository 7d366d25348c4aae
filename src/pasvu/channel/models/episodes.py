"""Tables of the episodes and what is written on their cards."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pasvu.channel.models.root import Base
from pasvu.channel.states import EpisodeState

if TYPE_CHECKING:
    from pasvu.channel.models.films import Recording, Rendition
    from pasvu.channel.models.people import Account, ReviewLink
    from pasvu.channel.models.publications import Publication
    from pasvu.channel.models.shows import Programme


class Episode(Base):
    """One issue of a programme; the thing with a state."""

    __tablename__ = "episode"
    __table_args__ = (
        Index("ix_episode_state_updated_at", "state", "updated_at"),
        Index("ix_episode_created_at", "created_at"),
        # With the id, a programme's episodes are found in the index alone.
        Index("ix_episode_programme_id", "programme_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(default="fr")
    programme_id: Mapped[str | None] = mapped_column(ForeignKey("programme.id"))
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    recorded_on: Mapped[str | None]
    """Date of the recording, `YYYY-MM-DD`."""
    search: Mapped[str] = mapped_column(default="")
    """Title, guests, tags and programme, without accents and case."""

    category_id: Mapped[str | None]
    """This and the seven below: `None` is what the programme says."""
    license: Mapped[str | None]
    made_for_kids: Mapped[bool | None]
    synthetic_media: Mapped[bool | None]
    paid_promotion: Mapped[bool | None]
    embeddable: Mapped[bool | None]
    notify_subscribers: Mapped[bool | None]
    playlist_id: Mapped[str | None]
    localizations: Mapped[dict[str, Any] | None]
    """Title and summary in other languages: `{"en": {"title": …, "summary": …}}`."""
    texts: Mapped[dict[str, Any] | None]
    """What one platform shall show instead: `{"youtube": {"title": …}}`, fields of `channel.videofields`."""

    state: Mapped[EpisodeState] = mapped_column(default=EpisodeState.RECEIVED)
    state_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    trim_start_s: Mapped[float | None]
    trim_end_s: Mapped[float | None]
    proposed_start_s: Mapped[float | None]
    proposed_end_s: Mapped[float | None]
    proposed_why: Mapped[str | None]
    removed: Mapped[list[list[float]]] = mapped_column(default=list)
    """Stretches taken out of the middle: pairs of start and end in seconds of the recording, in order, apart."""
    plan_action: Mapped[str | None]
    plan_why: Mapped[str | None]

    wanted_cut: Mapped[int] = mapped_column(default=1)
    cut: Mapped[int] = mapped_column(default=0)
    """Number of the last cut made; behind `wanted_cut`, ingest has work to do."""
    attempt: Mapped[int] = mapped_column(default=1)
    job_state: Mapped[str | None]
    """How the last job ended when it did not end well: `failed`, `cancelled`, `waiting`."""

    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    approved_hash: Mapped[str | None]
    """Fingerprint of what was approved; publishing anything else is refused."""

    programme: Mapped[Programme | None] = relationship()
    owner: Mapped[Account | None] = relationship()
    recording: Mapped[Recording] = relationship(back_populates="episode", uselist=False)
    renditions: Mapped[list[Rendition]] = relationship(back_populates="episode", order_by="Rendition.cut")
    chapters: Mapped[list[ChapterMark]] = relationship(
        back_populates="episode", order_by="ChapterMark.start_s", cascade="all, delete-orphan"
    )
    captions: Mapped[list[Caption]] = relationship(back_populates="episode", cascade="all, delete-orphan")
    thumbnails: Mapped[list[Thumbnail]] = relationship(
        back_populates="episode", order_by="Thumbnail.score.desc()", cascade="all, delete-orphan"
    )
    wanted_stills: Mapped[list[WantedStill]] = relationship(
        back_populates="episode", order_by="WantedStill.id", cascade="all, delete-orphan"
    )
    wanted_audio: Mapped[WantedAudio | None] = relationship(
        back_populates="episode", uselist=False, cascade="all, delete-orphan"
    )
    review_links: Mapped[list[ReviewLink]] = relationship(back_populates="episode", order_by="ReviewLink.created_at")
    guests: Mapped[list[Guest]] = relationship(
        back_populates="episode", order_by="Guest.position", cascade="all, delete-orphan"
    )
    remarks: Mapped[list[Remark]] = relationship(back_populates="episode", order_by="Remark.at")
    publications: Mapped[list[Publication]] = relationship(back_populates="episode", order_by="Publication.id")

    @property
    def waits_for_cut(self) -> bool:
        """Whether a cut was asked for that is not made yet."""
        return self.cut < self.wanted_cut

    def rendition(self, kind: str) -> Rendition | None:
        """The newest rendition of this kind."""
        return next((made for made in reversed(self.renditions) if made.kind == kind), None)


class Guest(Base):
    """A person appearing in an episode, with a role."""

    __tablename__ = "guest"

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)

    episode: Mapped[Episode] = relationship(back_populates="guests")


class ChapterMark(Base):
    """A titled start, in seconds of the recording."""

    __tablename__ = "chapter"

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    start_s: Mapped[float]
    title: Mapped[str]

    episode: Mapped[Episode] = relationship(back_populates="chapters")


class Caption(Base):
    """Timed text in one language."""

    __tablename__ = "caption"
    __table_args__ = (UniqueConstraint("episode_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    language: Mapped[str]
    path: Mapped[str]
    origin: Mapped[str]

    episode: Mapped[Episode] = relationship(back_populates="captions")


class Thumbnail(Base):
    """A still proposed for an episode; one is chosen."""

    __tablename__ = "thumbnail"

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    path: Mapped[str]
    time_s: Mapped[float]
    score: Mapped[float]
    chosen: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[str] = mapped_column(default="proposed")
    """`proposed` by the machine, `frame` chosen in the film, `given` as a file, `titled`: a title set on another."""

    episode: Mapped[Episode] = relationship(back_populates="thumbnails")


class WantedStill(Base):
    """A still that a person asked for and the machine has not made yet; gone once it is made."""

    __tablename__ = "wanted_still"

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    time_s: Mapped[float | None]
    """A frame of the recording, in its seconds; else `given_path` or `source_path` says what to make it from."""
    given_path: Mapped[str | None]
    """A picture as it was received."""
    source_path: Mapped[str | None]
    """A still of ours, on which `title` is to be set."""
    title: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    trouble: Mapped[str | None]
    """Why it could not be made, for the person who asked."""

    episode: Mapped[Episode] = relationship(back_populates="wanted_stills")


class WantedAudio(Base):
    """An audio rendition that a person asked for and the machine has not made yet; gone once it is made."""

    __tablename__ = "wanted_audio"

    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), primary_key=True)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    trouble: Mapped[str | None]
    """Why it could not be made, for the person who asked."""

    episode: Mapped[Episode] = relationship(back_populates="wanted_audio")


class Remark(Base):
    """What a person asks to mend, at a time of the recording or of the whole."""

    __tablename__ = "remark"

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    author: Mapped[str]
    at: Mapped[datetime]
    time_s: Mapped[float | None]
    text: Mapped[str]
    done_at: Mapped[datetime | None]

    episode: Mapped[Episode] = relationship(back_populates="remarks")
