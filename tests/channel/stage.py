"""Episodes brought to each state by the product's own use cases."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from sqlalchemy.orm import Session

from pasvu.channel import intake, names, publications, review
from pasvu.channel.models import Episode, Publication
from pasvu.channel.states import PublicationState
from pasvu.channel.values import Chapter, Loudness, MediaInfo, Plan, PlanAction, Still, Trim

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
AIR = NOW + timedelta(hours=6)
WHOLE_S = 3600.0
MASTER = b"a small master" * 100


def received(session: Session, title: str = "Le grand débat", *, now: datetime = NOW) -> Episode:
    """A file has just been claimed."""
    file = intake.Received(
        title.encode(), title, b"/depot/" + title.encode(), Path("/vault") / names.slug(title), len(MASTER)
    )
    episode = intake.receive(session, names.new_id(), [file], origin="watch", title=title, now=now)
    session.flush()
    return episode


def in_review(
    session: Session, title: str = "Le grand débat", *, now: datetime = NOW, folder: Path = Path("/renditions")
) -> Episode:
    """Measured, cut and offered; the master is really there when `folder` exists."""
    episode = received(session, title, now=now)
    intake.begin(session, episode, now)
    part = episode.recording.parts[0]
    part.claimed_at, part.sha256 = now, hashlib.sha256(title.encode()).hexdigest()
    intake.keep_info(
        episode,
        [MediaInfo("mov", WHOLE_S, video_codec="h264", audio_codec="aac", width=1920, height=1080, fps=25.0)],
    )
    intake.keep_measures(episode, Loudness(-23.1, -4.2, 7.5), {"silences": []}, None, now)
    stills = [Still(folder / f"still-{number}.jpg", 100.0 * number, float(number)) for number in (1, 2, 3)]
    intake.propose(episode, Trim(12.0, 3500.0, "générique"), [], stills)
    intake.keep_plan(episode, Plan(PlanAction.AUDIO, "loudness"))
    keep_master(episode, folder, now)
    intake.offer_for_review(session, episode, episode.wanted_cut, now)
    session.flush()
    return episode


def keep_master(episode: Episode, folder: Path, now: datetime = NOW) -> None:
    """A master of the wanted cut."""
    path = folder / f"{episode.slug}-{episode.wanted_cut}.mp4"
    if folder.exists():
        path.write_bytes(MASTER)
        for still in episode.thumbnails:
            Path(still.path).write_bytes(picture())
    sha256 = hashlib.sha256(MASTER).hexdigest()
    loudness = Loudness(-14.0, -1.2, 6.0)
    intake.keep_rendition(episode, "master", episode.wanted_cut, path, len(MASTER), sha256, 3488.0, loudness, now)


def picture(width: int = 64, height: int = 36, kind: str = "JPEG") -> bytes:
    """A grey still."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "grey").save(out, kind)
    return out.getvalue()


def approved(
    session: Session, title: str = "Le grand débat", *, now: datetime = NOW, folder: Path = Path("/renditions")
) -> Episode:
    """A producer said yes."""
    episode = in_review(session, title, now=now, folder=folder)
    review.approve(session, episode, now, "nadia")
    return episode


def scheduled(
    session: Session,
    title: str = "Le grand débat",
    *,
    at: datetime = AIR,
    now: datetime = NOW,
    folder: Path = Path("/renditions"),
) -> Publication:
    """Approved, with an instant on YouTube."""
    episode = approved(session, title, now=now, folder=folder)
    publication = publications.schedule(session, episode, "youtube", at, PARIS, now, "nadia")
    session.flush()
    return publication


def held(session: Session, title: str = "Le grand débat", *, at: datetime = AIR, now: datetime = NOW) -> Publication:
    """Sent, and held by the platform until its instant."""
    publication = scheduled(session, title, at=at, now=now)
    publications.move(session, publication, PublicationState.UPLOADING, now)
    publication.video_id, publication.held_at = f"v-{publication.id}", at
    publication.sent_hash = publication.episode.approved_hash
    publication.total_bytes = publication.uploaded_bytes = len(MASTER)
    publications.move(session, publication, PublicationState.HELD, now)
    session.flush()
    return publication


def on_air(session: Session, title: str = "Le grand débat", *, at: datetime = AIR, now: datetime = NOW) -> Publication:
    """Seen public at its instant."""
    publication = held(session, title, at=at, now=now)
    publications.seen_public(session, publication, at + timedelta(seconds=20))
    session.flush()
    return publication


def chapters() -> list[Chapter]:
    """Three, as a platform wants them, in the recording's time."""
    return [Chapter(12.0, "Ouverture"), Chapter(600.0, "Invités"), Chapter(1800.0, "Questions")]
