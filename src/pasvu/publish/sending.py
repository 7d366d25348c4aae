"""Sending the master: once, whatever dies and whenever."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pasvu.channel import episodes, journal, progress, publications
from pasvu.channel.database import Session
from pasvu.channel.errors import Cancelled, Refused
from pasvu.channel.models import Publication, Rendition
from pasvu.channel.states import PublicationState
from pasvu.channel.typography import fine, marked
from pasvu.channel.values import UploadSession
from pasvu.publish.desk import Desk
from pasvu.publish.errors import OutsideHours, SessionGone, TakenOver, Unknown
from pasvu.publish.platform import Platform

SMOOTHING = 0.3
# A listing may lag behind what has just arrived: seconds between the looks that come before asking a person.
LISTING_LAGS_S = (1.0, 3.0, 8.0, 20.0)
UNKNOWN = marked(
    "L’envoi s’est interrompu au dernier moment et la plateforme ne répond plus de lui : cette vidéo est "
    "peut-être déjà là-bas, en privé. Nous la cherchons encore. Regardez dans YouTube Studio, puis choisissez de "
    "renvoyer ou non."
)
MISSED = marked(
    "L’heure de « {title} » est passée sans qu’il ait pu partir : publiez-le maintenant, choisissez un nouvel "
    "instant, ou retirez-le du calendrier."
)
STOPPED = marked("L’envoi a été arrêté\u202f; rien n’est perdu.")
OUTSIDE_HOURS = marked("L’envoi attend les heures permises par le réglage `upload_hours`.")


def send(desk: Desk, publication_id: int, job_id: str) -> None:
    """Bring every byte of the approved master to the platform, once.

    Raises:
        Refused: the episode or its file is not what was approved, its hour has passed, or a person must say whether
            to send again.
        TakenOver: another worker sends it now.
    """
    owner = _take_over(desk, publication_id)
    if owner is None:
        return
    master = _checked_master(desk, publication_id)
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        platform = desk.platforms[publication.platform]
        kept = publication.session_address, publication.session_opened_at, publication.total_bytes
        _check_hour(publication, desk)
    sending = Sending(desk, publication_id, job_id, owner)
    try:
        open_session = _session_of(desk, *kept) or _open_upload(desk, platform, publication_id, master, owner)
        video_id = platform.send(open_session, master, sending)
    except SessionGone:
        video_id = _after_lost_session(desk, platform, publication_id, master, sending)
    keep_video(desk, publication_id, video_id, platform.watch_url(video_id), sending.unreported_s)


def _take_over(desk: Desk, publication_id: int) -> str | None:
    """Become the only one who sends it: whoever sent before stops at its next word. `None` when it is there already."""
    owner = secrets.token_hex(8)
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        if publication.video_id is not None:
            return None
        publication.sending_owner = owner
    return owner


def _check_hour(publication: Publication, desk: Desk) -> None:
    """Before anything is opened: an instant that an outage missed is asked about, and the hour must allow sending."""
    now, at, begun = desk.clock.now(), publication.scheduled_at, publication.session_address is not None
    if publication.at_once:
        return
    if at is not None and at <= now and not begun:
        raise Refused(MISSED, title=publication.episode.title)
    if desk.hours is not None and not desk.hours.allow(now):
        raise OutsideHours(OUTSIDE_HOURS, until=desk.hours.next_change(now))


def _checked_master(desk: Desk, publication_id: int) -> Path:
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        episode = publication.episode
        if episode.state not in publications.MAY_GO_OUT or episode.approved_hash != episodes.fingerprint(episode):
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


def _open_upload(desk: Desk, platform: Platform, publication_id: int, master: Path, owner: str) -> UploadSession:
    with desk.record.read() as session:
        publication = _owned(session, publication_id, owner)
        metadata = replace(publications.metadata(publication.episode, publication.platform), marker=publication.marker)
        sent_hash = publication.episode.approved_hash
        made = publication.episode.rendition("master")
        sha256 = made.sha256 if made else None
    opened = platform.open_upload(master, metadata)
    with desk.record.write() as session:
        # Someone else's by now: the session just opened got no byte, and costs nothing more.
        publication = _owned(session, publication_id, owner)
        publication.session_address = desk.safe.seal(opened.address)
        publication.session_opened_at = opened.opened_at
        publication.total_bytes = opened.total_bytes
        publication.uploaded_bytes = 0
        publication.sending_s, publication.rate_bytes_s = 0.0, None
        publication.sent_hash, publication.sent_sha256 = sent_hash, sha256
        publications.move(session, publication, PublicationState.UPLOADING, desk.clock.now())
    return opened


def _after_lost_session(desk: Desk, platform: Platform, publication_id: int, master: Path, sending: Sending) -> str:
    with desk.record.read() as session:
        publication = _owned(session, publication_id, sending.owner)
        finishing, marker, some = publication.finishing, publication.marker, publication.uploaded_bytes > 0
    if finishing:
        # The last bytes may have arrived: a video may exist. Look for it; never send a second one by guess.
        return _search_awhile(desk, platform, publication_id, marker)
    # A cut upload has been seen to become a video; if it did, it must not get a second one beside it.
    found = platform.find_by_marker(marker) if some else None
    if found is not None:
        return found
    with desk.record.write() as session:
        publication = _owned(session, publication_id, sending.owner)
        publication.session_address = publication.session_opened_at = None
        publication.uploaded_bytes = 0
    opened = _open_upload(desk, platform, publication_id, master, sending.owner)
    return platform.send(opened, master, sending)


def _search_awhile(desk: Desk, platform: Platform, publication_id: int, marker: str) -> str:
    for pause_s in (*LISTING_LAGS_S, None):
        found = platform.find_by_marker(marker)
        if found is not None:
            return found
        if pause_s is not None:
            desk.clock.sleep(pause_s)
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        publication.lost_at = publication.lost_at or desk.clock.now()
    raise Unknown(UNKNOWN)


def search(desk: Desk, publication_id: int) -> None:
    """Look once more for a video whose arrival nobody knows; found, the publication goes on by itself.

    Raises:
        Unknown: not found yet.
    """
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        platform, marker = desk.platforms[publication.platform], publication.marker
    found = platform.find_by_marker(marker)
    if found is None:
        raise Unknown(UNKNOWN)
    keep_video(desk, publication_id, found, platform.watch_url(found))
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        if publication.state == PublicationState.FAILED and publication.video_id == found:
            publications.go_on(session, publication, desk.clock.now())


def keep_video(desk: Desk, publication_id: int, video_id: str, url: str, sending_s: float = 0.0) -> None:
    """Write down that the platform has it, whoever learnt it first; `sending_s` is what was not reported yet."""
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        if publication.video_id is None:
            publication.video_id, publication.url = video_id, url
            publication.sending_s += sending_s
            publication.uploaded_bytes = publication.total_bytes or publication.uploaded_bytes
            publication.sent_at, publication.rate_bytes_s, publication.lost_at = desk.clock.now(), None, None
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
        elif publication.video_id != video_id:
            said = fine(
                f"ALERTE : deux vidéos de cet épisode sont sur la plateforme ({publication.video_id} et {video_id}) : "
                "supprimez l’une des deux dans YouTube Studio."
            )
            publications.sound_alarm(session, publication, said, desk.clock.now())


class Sending:
    """Writes down how far a sending is, and hears that it must stop."""

    def __init__(self, desk: Desk, publication_id: int, job_id: str, owner: str) -> None:
        self.owner = owner
        self._desk, self._publication_id, self._job_id = desk, publication_id, job_id
        self._asked_at = desk.clock.now()
        self._reported_at = desk.clock.now()
        self._looked_at: datetime | None = None
        self.unreported_s = 0.0
        """Seconds of sending that the record does not know of yet."""

    def confirmed(self, sent_bytes: int, total_bytes: int) -> None:
        """Keep the confirmed bytes: not at each chunk, for a commit costs as much as a chunk on a quick line."""
        now = self._desk.clock.now()
        self.unreported_s += (now - self._asked_at).total_seconds()
        if now - self._reported_at < self._desk.report_every:
            return
        with self._desk.record.write() as session:
            publication = _owned(session, self._publication_id, self.owner)
            _measure(publication, sent_bytes, self.unreported_s)
            publication.uploaded_bytes, publication.total_bytes = sent_bytes, total_bytes
            share = sent_bytes / max(1, total_bytes)
            progress.note(session, self._job_id, publication.episode_id, "upload", share, now)
        self._reported_at, self.unreported_s = now, 0.0

    def about_to_finish(self) -> None:
        """From here a video may exist: written down in the same breath as the look at whether it is still wanted."""
        with self._desk.record.write() as session:
            publication = _owned(session, self._publication_id, self.owner)
            if publication.state != PublicationState.UPLOADING:
                raise Cancelled(STOPPED)
            publication.finishing = True

    def should_stop(self) -> bool:
        """Whether a person withdrew the episode or stopped the sending; asked right before bytes go.

        Raises:
            OutsideHours: nothing may be sent at this hour.
        """
        now = self._asked_at = self._desk.clock.now()
        if self._looked_at is not None and now - self._looked_at < self._desk.report_every:
            return False
        self._looked_at = now
        with self._desk.record.read() as session:
            publication = _owned(session, self._publication_id, self.owner)
            stopped = publication.state != PublicationState.UPLOADING
            hours = None if publication.at_once else self._desk.hours
        if not stopped and hours is not None and not hours.allow(now):
            raise OutsideHours(OUTSIDE_HOURS, until=hours.next_change(now))
        return stopped


def _owned(session: Session, publication_id: int, owner: str) -> Publication:
    publication = session.get_one(Publication, publication_id)
    if publication.sending_owner != owner:
        raise TakenOver("Un autre processus a repris cet envoi.")
    return publication


def _measure(publication: Publication, sent_bytes: int, took_s: float) -> None:
    """Note the pace of what was just sent; waits between tries are no sending."""
    moved = sent_bytes - publication.uploaded_bytes
    if moved <= 0 or took_s <= 0:
        return
    publication.sending_s += took_s
    before = publication.rate_bytes_s
    # The shown time left must not jump with each chunk.
    publication.rate_bytes_s = moved / took_s if before is None else before + (moved / took_s - before) * SMOOTHING


def _session_of(
    desk: Desk, sealed: str | None, opened_at: datetime | None, total_bytes: int | None
) -> UploadSession | None:
    if sealed is None or opened_at is None:
        return None
    address = desk.safe.opened(sealed)
    if address is None:
        raise SessionGone(
            "L’adresse de cet envoi était scellée par une clé qui n’est plus là : nous en ouvrirons un autre."
        )
    return UploadSession(address, opened_at, total_bytes or 0)


def _sha256(path: Path) -> str:
    with suppress(FileNotFoundError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return ""
