"""Sending the master: once, whatever dies and whenever."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pasvu.channel import episodes, journal, progress, publications
from pasvu.channel.errors import Refused
from pasvu.channel.models import Publication, Rendition
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import UploadSession
from pasvu.publish.desk import Desk
from pasvu.publish.errors import SessionGone
from pasvu.publish.platform import Platform

SMOOTHING = 0.3


def send(desk: Desk, publication_id: int, job_id: str) -> None:
    """Bring every byte of the approved master to the platform, once.

    Raises:
        Refused: the episode or its file is not what was approved, or a person must say whether to send again.
    """
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        if publication.video_id is not None:
            return
    master = _checked_master(desk, publication_id)
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        platform = desk.platforms[publication.platform]
        open_session = _session_of(publication)
    if open_session is None:
        open_session = _open_upload(desk, platform, publication_id, master)
    try:
        video_id = platform.send(open_session, master, Sending(desk, publication_id, job_id))
    except SessionGone:
        video_id = _after_lost_session(desk, platform, publication_id, master, job_id)
    _keep_video(desk, publication_id, video_id, platform.watch_url(video_id))


def _checked_master(desk: Desk, publication_id: int) -> Path:
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        episode = publication.episode
        if episode.state != EpisodeState.APPROVED or episode.approved_hash != episodes.fingerprint(episode):
            raise Refused("« {title} » a changé depuis sa validation : validez-le à nouveau.", title=episode.title)
        made = episode.rendition("master")
        assert made is not None
        made_id, path, size, sha256 = made.id, Path(made.path), made.bytes, made.sha256
        title = episode.title
    if not path.exists() or path.stat().st_size != size or _sha256(path) != sha256:
        with desk.record.write() as session:
            # It is no longer the file of the record: the same cut may then be made anew.
            session.delete(session.get_one(Rendition, made_id))
        raise Refused(
            "Le fichier prêt de « {title} » a changé ou disparu du disque : enregistrez à nouveau sa coupe."
            " Elle sera refaite, à valider ensuite.",
            title=title,
        )
    return path


def _open_upload(desk: Desk, platform: Platform, publication_id: int, master: Path) -> UploadSession:
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        metadata = replace(publications.metadata(publication.episode, publication.platform), marker=publication.marker)
        sent_hash = publication.episode.approved_hash
        made = publication.episode.rendition("master")
        sha256 = made.sha256 if made else None
    opened = platform.open_upload(master, metadata)
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.session_address = opened.address
        publication.session_opened_at = opened.opened_at
        publication.total_bytes = opened.total_bytes
        publication.uploaded_bytes = 0
        publication.sent_hash, publication.sent_sha256 = sent_hash, sha256
        publications.move(session, publication, PublicationState.UPLOADING, desk.clock.now())
    return opened


def _after_lost_session(desk: Desk, platform: Platform, publication_id: int, master: Path, job_id: str) -> str:
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        finishing, marker = publication.finishing, publication.marker
    if finishing:
        # The last bytes may have arrived: a video may exist. Look for it; never send a second one by guess.
        found = platform.find_by_marker(marker)
        if found is not None:
            return found
        raise Refused(
            "L’envoi s’est interrompu au dernier moment et la plateforme ne répond plus de lui : cette vidéo est "
            "peut-être déjà là-bas, en privé. Regardez dans YouTube Studio, puis choisissez de renvoyer ou non."
        )
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.session_address = publication.session_opened_at = None
        publication.uploaded_bytes = 0
    opened = _open_upload(desk, platform, publication_id, master)
    return platform.send(opened, master, Sending(desk, publication_id, job_id))


def _keep_video(desk: Desk, publication_id: int, video_id: str, url: str) -> None:
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        if publication.video_id is None:
            publication.video_id, publication.url = video_id, url
            publication.uploaded_bytes = publication.total_bytes or publication.uploaded_bytes
            publication.sent_at, publication.rate_bytes_s = desk.clock.now(), None
            # The address is a capability and serves no more.
            publication.session_address = None
            journal.write(
                session,
                desk.clock.now(),
                "pasvu",
                "publication.sent",
                episode_id=publication.episode_id,
                after={"platform": publication.platform, "video_id": video_id},
            )


class Sending:
    """Writes down how far a sending is, and hears that it must stop."""

    def __init__(self, desk: Desk, publication_id: int, job_id: str) -> None:
        self._desk, self._publication_id, self._job_id = desk, publication_id, job_id
        self._asked_at = desk.clock.now()

    def confirmed(self, sent_bytes: int, total_bytes: int) -> None:
        """Keep the confirmed bytes."""
        with self._desk.record.write() as session:
            publication = session.get_one(Publication, self._publication_id)
            _measure(publication, sent_bytes, (self._desk.clock.now() - self._asked_at).total_seconds())
            publication.uploaded_bytes, publication.total_bytes = sent_bytes, total_bytes
            episode_id = publication.episode_id
        progress.report(
            self._desk.record,
            self._job_id,
            episode_id,
            "upload",
            sent_bytes / max(1, total_bytes),
            self._desk.clock.now(),
        )

    def about_to_finish(self) -> None:
        """From here a video may exist."""
        with self._desk.record.write() as session:
            session.get_one(Publication, self._publication_id).finishing = True

    def should_stop(self) -> bool:
        """Whether a person withdrew the episode or stopped the sending; asked right before bytes go."""
        self._asked_at = self._desk.clock.now()
        with self._desk.record.read() as session:
            return session.get_one(Publication, self._publication_id).state != PublicationState.UPLOADING


def _measure(publication: Publication, sent_bytes: int, took_s: float) -> None:
    """Note the pace of what was just sent; waits between tries are no sending."""
    moved = sent_bytes - publication.uploaded_bytes
    if moved <= 0 or took_s <= 0:
        return
    publication.sending_s += took_s
    before = publication.rate_bytes_s
    # The shown time left must not jump with each chunk.
    publication.rate_bytes_s = moved / took_s if before is None else before + (moved / took_s - before) * SMOOTHING


def _session_of(publication: Publication) -> UploadSession | None:
    if publication.session_address is None or publication.session_opened_at is None:
        return None
    return UploadSession(publication.session_address, publication.session_opened_at, publication.total_bytes or 0)


def _sha256(path: Path) -> str:
    with suppress(FileNotFoundError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return ""
