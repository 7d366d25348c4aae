"""The record, as tables: programmes, episodes and all that belongs to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from pasvu.channel.columns import Instant, Word
from pasvu.channel.states import EpisodeState, PublicationState


class Base(DeclarativeBase):
    """Root of the record's tables; names of constraints are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: Instant,
        dict[str, Any]: JSON,
        list[str]: JSON,
        EpisodeState: Word(EpisodeState),
        PublicationState: Word(PublicationState),
    }


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


class Episode(Base):
    """One issue of a programme; the thing with a state."""

    __tablename__ = "episode"
    __table_args__ = (Index("ix_episode_state_updated_at", "state", "updated_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(default="fr")
    programme_id: Mapped[str | None] = mapped_column(ForeignKey("programme.id"), index=True)
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    recorded_on: Mapped[str | None]
    """Date of the recording, `YYYY-MM-DD`."""
    search: Mapped[str] = mapped_column(default="")
    """Title, guests, tags and programme, without accents and case."""

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
    guests: Mapped[list[Guest]] = relationship(
        back_populates="episode", order_by="Guest.position", cascade="all, delete-orphan"
    )
    remarks: Mapped[list[Remark]] = relationship(back_populates="episode", order_by="Remark.at")
    publications: Mapped[list[Publication]] = relationship(back_populates="episode")

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


class Recording(Base):
    """Raw footage received for one episode, in one or several parts; never changed, never deleted."""

    __tablename__ = "recording"

    id: Mapped[str] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), unique=True)
    origin: Mapped[str]
    """`watch`, `replay` or `command`."""
    received_at: Mapped[datetime]
    duration_s: Mapped[float | None]
    integrated_lufs: Mapped[float | None]
    true_peak_dbtp: Mapped[float | None]
    range_lu: Mapped[float | None]
    measures: Mapped[dict[str, Any] | None]
    """Silences, black, speech and scenes in seconds, as `ingest` measured them."""
    peaks_path: Mapped[str | None]
    measured_at: Mapped[datetime | None]

    episode: Mapped[Episode] = relationship(back_populates="recording")
    parts: Mapped[list[Part]] = relationship(back_populates="recording", order_by="Part.position")


class Part(Base):
    """One received file of a recording. A name is bytes: `name` as received, `shown_name` fit to print."""

    __tablename__ = "part"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[bytes] = mapped_column(LargeBinary)
    shown_name: Mapped[str]
    source: Mapped[bytes] = mapped_column(LargeBinary)
    """Where it was dropped, as bytes of a path."""
    path: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    claimed_at: Mapped[datetime | None]
    """When the file was safely in the vault; empty while the claim is under way."""
    sha256: Mapped[str | None] = mapped_column(index=True)
    info: Mapped[dict[str, Any] | None]
    """`MediaInfo` as the probe gave it."""

    recording: Mapped[Recording] = relationship(back_populates="parts")


class Rendition(Base):
    """A resulting file: `master`, `preview`, `audio` or `clip`."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("episode_id", "kind", "cut"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    kind: Mapped[str]
    cut: Mapped[int]
    path: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    start_s: Mapped[float | None]
    """Where it really starts in the recording: up to a group of pictures before the wanted instant when copied."""
    duration_s: Mapped[float]
    integrated_lufs: Mapped[float | None]
    true_peak_dbtp: Mapped[float | None]
    made_at: Mapped[datetime]

    episode: Mapped[Episode] = relationship(back_populates="renditions")


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

    episode: Mapped[Episode] = relationship(back_populates="thumbnails")


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


class Publication(Base):
    """An episode on one platform, with its own instant, state and remote id."""

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("episode_id", "platform"),
        Index("ix_publication_scheduled_at", "scheduled_at"),
        Index("ix_publication_state_air_at", "state", "air_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    platform: Mapped[str]
    state: Mapped[PublicationState] = mapped_column(default=PublicationState.PLANNED)
    state_reason: Mapped[str | None]
    scheduled_at: Mapped[datetime | None]
    """The instant a person chose; what the platform holds is `held_at`."""
    wall_time: Mapped[str | None]
    """The chosen wall-clock time and its zone, `2026-11-26T19:00 Europe/Paris`: what was meant if the rules change."""
    held_at: Mapped[datetime | None]
    """The instant the platform was last read to hold."""
    air_at: Mapped[datetime | None]
    """When it was first seen public, or the instant it was promised for when seen public after it."""

    video_id: Mapped[str | None]
    url: Mapped[str | None]
    marker: Mapped[str]
    """A private tag by which a lost upload is found again."""
    session_address: Mapped[str | None]
    """Address of the open upload: a capability, never shown or logged."""
    session_opened_at: Mapped[datetime | None]
    finishing: Mapped[bool] = mapped_column(default=False)
    """The last bytes may have left: from here a second upload is never begun by itself."""
    uploaded_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    total_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sent_sha256: Mapped[str | None]
    sent_hash: Mapped[str | None]
    """Fingerprint of the approved episode that was sent."""
    dressed: Mapped[list[str]] = mapped_column(default=list)
    """What was added to the video once it was there: `thumbnail:3`, `captions:fr:fr-1a2b…`, `playlist`."""
    settled: Mapped[bool] = mapped_column(default=True)
    """Whether the platform holds what a person last decided; if not, the next tick tells it."""
    processed_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=1)
    next_try_at: Mapped[datetime | None]

    views: Mapped[int | None] = mapped_column(BigInteger)
    likes: Mapped[int | None] = mapped_column(BigInteger)
    comments: Mapped[int | None] = mapped_column(BigInteger)
    views_at: Mapped[datetime | None]
    next_snapshot_at: Mapped[datetime | None]

    episode: Mapped[Episode] = relationship(back_populates="publications")
    horizons: Mapped[list[Horizon]] = relationship(order_by="Horizon.hours")


class ViewSnapshot(Base):
    """Counts of a publication at an instant; append-only. Small on purpose: there will be millions."""

    __tablename__ = "view_snapshot"
    __table_args__ = ({"sqlite_with_rowid": False},)

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    taken_at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    """Seconds since 1970, UTC."""
    views: Mapped[int] = mapped_column(BigInteger)
    likes: Mapped[int | None] = mapped_column(BigInteger)
    comments: Mapped[int | None] = mapped_column(BigInteger)


class Horizon(Base):
    """Views frozen at so many hours after air, with the error the two nearest snapshots allow; written once."""

    __tablename__ = "horizon"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    hours: Mapped[int] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)
    error_views: Mapped[int] = mapped_column(BigInteger)
    measured_at: Mapped[datetime]


class Account(Base):
    """A person who may enter the panel."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    shown_name: Mapped[str]
    role: Mapped[str]
    """`media`, `producer`, `staff` or `admin`."""
    password_hash: Mapped[str | None]
    epoch: Mapped[int] = mapped_column(default=1)
    """Raised when the password or the role changes: sessions of an older epoch end."""
    language: Mapped[str | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    previous_visit_at: Mapped[datetime | None]


class Invitation(Base):
    """A one-time link by which a person chooses a password; only its fingerprint is kept."""

    __tablename__ = "invitation"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class JournalEntry(Base):
    """Who did what, when, before and after; the database itself refuses to change or delete a row."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_episode_id_at", "episode_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    episode_id: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class JobProgress(Base):
    """How far the running step of a job is; overwritten about once a second."""

    __tablename__ = "job_progress"

    job_id: Mapped[str] = mapped_column(primary_key=True)
    episode_id: Mapped[str] = mapped_column(index=True)
    step: Mapped[str]
    share: Mapped[float | None]
    """0 to 1 of the running step, unknown when empty."""
    at: Mapped[datetime]


class QuotaEntry(Base):
    """One request's cost at a platform, written before it is made."""

    __tablename__ = "quota_entry"
    __table_args__ = (Index("ix_quota_entry_platform_bucket_at", "platform", "bucket", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str]
    bucket: Mapped[str]
    method: Mapped[str]
    units: Mapped[int]
    at: Mapped[datetime]
    publication_id: Mapped[int | None]


class Incoming(Base):
    """A file seen in a watched folder and not claimed yet: shown as a copy in progress."""

    __tablename__ = "incoming"

    source: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    shown_name: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    first_seen_at: Mapped[datetime]
    steady_since: Mapped[datetime]
    fingerprint: Mapped[str]
    """inode, size, mtime and ctime: unchanged, the file may be whole."""
    waiting_for: Mapped[str | None]


class WorkerBeat(Base):
    """A living worker; its count rises while it lives."""

    __tablename__ = "worker_beat"

    executor_id: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    does: Mapped[str] = mapped_column(default="")
