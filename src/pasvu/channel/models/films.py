"""Tables of the files: recordings received, renditions made, copies in progress."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pasvu.channel.models.root import Base

if TYPE_CHECKING:
    from pasvu.channel.models.episodes import Episode


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
    foreseen: Mapped[dict[str, Any] | None]
    """What preparing it takes: `bytes` of disk, which are kept for it meanwhile, and `seconds`; then what it took."""
    set_aside_for: Mapped[str | None]
    """Why it was last put in quarantine: `unusable`, `cut_short` or `twin`."""
    as_it_is: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A person decided to use it though its end is missing, or though it was received before."""
    grown: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A late part was joined to it: what was made of fewer parts is to be done away with."""

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
    left_at_source: Mapped[str | None]
    """What the source was when it was copied, where its folder did not let it be set aside."""
    sha256: Mapped[str | None] = mapped_column(index=True)
    info: Mapped[dict[str, Any] | None]
    """`MediaInfo` as the probe gave it."""
    series: Mapped[str | None] = mapped_column(index=True)
    """What its name has in common with the other parts of one recording, where it bears a `number`."""
    number: Mapped[int | None]

    recording: Mapped[Recording] = relationship(back_populates="parts")


class Rendition(Base):
    """A resulting file: `master`, `preview`, `audio`, `clip`, or `guest`: the master for any browser."""

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
    kept: Mapped[list[list[float]] | None]
    """Which stretches of the recording it shows, one after the other: pairs of start and end in seconds."""
    duration_s: Mapped[float]
    integrated_lufs: Mapped[float | None]
    true_peak_dbtp: Mapped[float | None]
    made_at: Mapped[datetime]

    episode: Mapped[Episode] = relationship(back_populates="renditions")


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
    standing: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    """`waiting`, `stopped` (a copy that came to a halt), `refused` (never a recording) or `ignored`."""
    take_as_it_is: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A person asked to take it now, though its copy stopped."""

    @property
    def key(self) -> str:
        """A short name for it in addresses and forms, whatever bytes its own name is made of."""
        return hashlib.sha256(self.source).hexdigest()[:16]
