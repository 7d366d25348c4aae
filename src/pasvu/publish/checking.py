"""Looking at what platforms hold: is it as meant, is it public at its instant and not before?"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from pasvu.channel import due, episodes, publications
from pasvu.channel import remote as remote_changes
from pasvu.channel.models import Publication
from pasvu.channel.states import PublicationState
from pasvu.channel.typography import fine, marked
from pasvu.channel.values import Privacy, RemoteVideo
from pasvu.publish.comparing import differences, meant_by
from pasvu.publish.desk import Desk
from pasvu.publish.dressing import why_missing
from pasvu.publish.holding import why_not_wanted
from pasvu.publish.ledger import protecting
from pasvu.publish.verdicts import why_unusable

# Platforms take minutes to hours; beyond, somebody should look.
PROCESSED_WITHIN = timedelta(hours=24)


def look(desk: Desk, now: datetime) -> None:
    """Ask each platform what it holds of ours, and write down what has become of it."""
    with desk.record.read() as session:
        watched = due.watched(session, now)
        # An instant has just passed: this look is a promise, and may be paid from the reserve.
        paid = protecting() if due.to_be_seen(session, now) else nullcontext()
    with paid:
        _look_at(desk, watched)


def _look_at(desk: Desk, watched: list[Publication]) -> None:
    for platform, some in desk.batches(watched):
        asked_at = desk.clock.now()
        there = platform.state_of([video_id for _, video_id in some])
        with desk.record.write() as session:
            heard_at = desk.clock.now()
            for publication_id, video_id in some:
                publication = session.get_one(Publication, publication_id)
                _note(session, publication, there.get(video_id), asked_at, heard_at)


def warn_of_unseen(desk: Desk, now: datetime) -> None:
    """Raise the alarm for instants that passed without the platform having been asked: nobody knows if it is public."""
    with desk.record.write() as session:
        for publication in due.to_be_seen(session, now):
            at = publication.scheduled_at
            if at is not None and now > at + due.PUBLIC_WITHIN and publication.settled:
                _say(session, publication, UNSEEN, now)


UNSEEN = marked(
    "ALERTE : l’heure est passée et la plateforme ne répond pas : nous ne savons pas si la vidéo est publique. "
    "Regardez sur la plateforme."
)


def _note(
    session: Session, publication: Publication, remote: RemoteVideo | None, asked_at: datetime, now: datetime
) -> None:
    # An answer is of some moment between the question and now: a video seen private was so when it was asked, and one
    # seen public may have become so at its instant, though that came while the answer was on its way.
    publication.checked_at = asked_at
    public = remote is not None and remote.privacy == Privacy.PUBLIC and remote.processing != "failed"
    match publication.state:
        case PublicationState.WITHDRAWN | PublicationState.UPLOADING:
            if public and publication.settled:
                _say(session, publication, UNEXPECTED, now)
            elif publication.state_reason == fine(UNEXPECTED):
                _say(session, publication, None, now)
            return
        case PublicationState.FAILED if not public:
            return  # its reason stays said
        case PublicationState.HELD | PublicationState.ON_AIR | PublicationState.FAILED:
            pass
        case _:
            return  # a person decided otherwise while we asked
    if remote is None:
        if publication.sent_at is not None and now - publication.sent_at < remote_changes.SETTLES_WITHIN:
            return  # what has just arrived may be listed late
        gone = fine("La vidéo n’est plus sur la plateforme : elle y a été supprimée, ou la chaîne a changé.")
        publications.move(session, publication, PublicationState.FAILED, now, gone)
        return
    if remote.processing == "failed":
        publications.move(session, publication, PublicationState.FAILED, now, why_unusable(remote.reason))
        return
    if remote.processing == "succeeded" and publication.processed_at is None:
        publication.processed_at = now
        episodes.touch(publication.episode, now)
    if public and publication.state != PublicationState.ON_AIR:
        publications.seen_public(session, publication, now)
    remote_changes.compare(session, publication, remote, now)
    if publication.state == PublicationState.ON_AIR:
        wrong = _why_not_on_air_as_meant(publication, remote, now)
    else:
        wrong = _why_not_as_meant(session, publication, remote, asked_at)
    _say(session, publication, wrong or why_missing(publication), now)


UNEXPECTED = marked(
    "ALERTE : la vidéo est publique sans que personne l’ait décidé ici. Rendez-la privée dans YouTube Studio, ou "
    "retirez l’épisode."
)


def _why_not_on_air_as_meant(publication: Publication, remote: RemoteVideo, now: datetime) -> str | None:
    if remote.privacy != remote_changes.wanted_visibility(publication):
        if remote.privacy == Privacy.PUBLIC:
            return marked(
                "La vidéo est publique alors que vous l’avez retirée de la vue : quelqu’un l’a changée là-bas."
            )
        return marked("La vidéo n’est plus publique : quelqu’un a changé sa visibilité sur la plateforme.")
    if publication.episode.approved_hash is None:
        return marked("ALERTE : la vidéo est publique sans validation : retirez l’épisode s’il ne doit pas l’être.")
    if publication.scheduled_at is None or now < publication.scheduled_at:
        return marked("ALERTE : la vidéo est publique avant son heure.")
    return None


def _why_not_as_meant(session: Session, publication: Publication, remote: RemoteVideo, now: datetime) -> str | None:
    if remote.privacy == Privacy.UNLISTED:
        return marked(
            "ALERTE : la vidéo est visible par son lien avant son heure : rendez-la privée sur la plateforme."
        )
    wrong = differences(meant_by(publication, now), remote)
    if wrong:
        return " ".join(wrong)
    held_back = why_not_wanted(session, publication)
    if held_back is not None and publication.settled and remote.publish_at is None:
        return held_back
    at = publication.scheduled_at
    if at is not None and now > at + due.PUBLIC_WITHIN and not publication.at_once:
        return marked(
            "ALERTE : l’heure est passée et la vidéo n’est pas publique. Publiez-la, ou choisissez un nouvel instant."
        )
    if publication.settled and remote.publish_at != publication.held_at:
        return marked("L’instant a été changé sur la plateforme : reprogrammez l’épisode ici pour le rétablir.")
    since = publication.sent_at
    if remote.processing == "processing" and since is not None and now > since + PROCESSED_WITHIN:
        return marked(
            "La plateforme traite la vidéo depuis plus d’un jour : regardez dans YouTube Studio si elle y est bloquée."
        )
    return None


def _say(session: Session, publication: Publication, sentence: str | None, now: datetime) -> None:
    said = fine(sentence) if sentence else None
    waits = publication.next_try_at is not None and not publication.settled
    if said == publication.state_reason or (said is None and waits):
        return  # what it waits for stays said
    if said is not None:
        publications.sound_alarm(session, publication, said, now)
    else:
        publication.state_reason = None
        episodes.touch(publication.episode, now)
