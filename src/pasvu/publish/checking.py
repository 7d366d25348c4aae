"""Looking at what platforms hold: is it as meant, is it public at its instant and not before?"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pasvu.channel import episodes, freezes, journal, publications
from pasvu.channel import remote as remote_changes
from pasvu.channel.models import Publication
from pasvu.channel.states import PublicationState
from pasvu.channel.typography import fine
from pasvu.channel.values import Privacy, RemoteVideo
from pasvu.publish.desk import Desk
from pasvu.publish.holding import why_frozen

PUBLIC_WITHIN = timedelta(minutes=2)
DURATION_MAY_DIFFER_S = 1.0


def look(desk: Desk, now: datetime) -> None:
    """Ask each platform what it holds of ours, and write down what has become of it."""
    with desk.record.read() as session:
        watched = publications.watched(session, now)
    for platform, some in desk.batches(watched):
        there = platform.state_of([video_id for _, video_id in some])
        with desk.record.write() as session:
            for publication_id, video_id in some:
                publication = session.get_one(Publication, publication_id)
                _note(session, publication, there.get(video_id), now)


def _note(session: Session, publication: Publication, remote: RemoteVideo | None, now: datetime) -> None:
    if publication.state not in (PublicationState.HELD, PublicationState.ON_AIR, PublicationState.FAILED):
        return  # a person decided otherwise while we asked
    publication.checked_at = now
    seen = remote is not None and remote.privacy == Privacy.PUBLIC and remote.processing != "failed"
    if publication.state == PublicationState.FAILED and not seen:
        return  # its reason stays said
    if remote is None:
        gone = "La vidéo n’est plus sur la plateforme : elle y a été supprimée, ou la chaîne a changé."
        publications.move(session, publication, PublicationState.FAILED, now, fine(gone))
        return
    if remote.processing == "failed":
        why = f"La plateforme n’a pas pu traiter la vidéo ({remote.reason or 'sans raison donnée'})."
        publications.move(session, publication, PublicationState.FAILED, now, why)
        return
    if remote.processing == "succeeded" and publication.processed_at is None:
        publication.processed_at = now
        episodes.touch(publication.episode, now)
    if remote.privacy == Privacy.PUBLIC and publication.state != PublicationState.ON_AIR:
        publications.seen_public(session, publication, now)
    remote_changes.compare(session, publication, remote, now)
    if publication.state == PublicationState.ON_AIR:
        _say(session, publication, _why_not_on_air_as_meant(publication, remote, now), now)
    else:
        frozen = freezes.of(session, publication)
        held_back = why_frozen(frozen) if frozen is not None else None
        _say(session, publication, _why_not_as_meant(publication, remote, held_back, now), now)


def _why_not_on_air_as_meant(publication: Publication, remote: RemoteVideo, now: datetime) -> str | None:
    if remote.privacy != remote_changes.wanted_visibility(publication):
        if remote.privacy == Privacy.PUBLIC:
            return "La vidéo est publique alors que vous l’avez retirée de la vue : quelqu’un l’a changée là-bas."
        return "La vidéo n’est plus publique : quelqu’un a changé sa visibilité sur la plateforme."
    if publication.episode.approved_hash is None:
        return "ALERTE : la vidéo est publique sans validation : retirez l’épisode s’il ne doit pas l’être."
    if publication.scheduled_at is None or now < publication.scheduled_at:
        return "ALERTE : la vidéo est publique avant son heure."
    return None


def _why_not_as_meant(
    publication: Publication, remote: RemoteVideo, held_back: str | None, now: datetime
) -> str | None:
    made = publication.episode.rendition("master")
    if made is not None and remote.bytes is not None and remote.bytes != publication.total_bytes:
        return f"La plateforme annonce {remote.bytes} octets au lieu de {publication.total_bytes} : renvoyez la vidéo."
    if (
        made is not None
        and remote.duration_s is not None
        and remote.processing == "succeeded"
        and abs(remote.duration_s - made.duration_s) > DURATION_MAY_DIFFER_S
    ):
        return (
            f"La plateforme annonce {remote.duration_s:.0f} s au lieu de {made.duration_s:.0f} s : vérifiez la vidéo."
        )
    if held_back is not None and publication.settled and remote.publish_at is None:
        return held_back
    if publication.scheduled_at is not None and now > publication.scheduled_at + PUBLIC_WITHIN:
        return (
            "ALERTE : l’heure est passée et la vidéo n’est pas publique. Publiez-la, ou choisissez un nouvel instant."
        )
    if publication.settled and remote.publish_at != publication.held_at:
        return "L’instant a été changé sur la plateforme : reprogrammez l’épisode ici pour le rétablir."
    return None


def _say(session: Session, publication: Publication, sentence: str | None, now: datetime) -> None:
    said = fine(sentence) if sentence else None
    waits = publication.next_try_at is not None and not publication.settled
    if said == publication.state_reason or (said is None and waits):
        return  # what it waits for stays said
    publication.state_reason = said
    episodes.touch(publication.episode, now)
    if said is not None:
        journal.write(
            session, now, "pasvu", "publication.alarm", episode_id=publication.episode_id, after={"reason": said}
        )
