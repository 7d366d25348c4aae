"""What platforms were read to hold of ours: our changes written down and undone, those of others kept or put right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pasvu.channel import episodes, fields, journal, pieces, publications, undoing, videofields
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode, JournalEntry, Publication
from pasvu.channel.states import PublicationState
from pasvu.channel.values import Privacy, RemoteVideo

# A platform may answer with what it held a moment ago: what it says right after a writing proves nothing.
SETTLES_WITHIN = timedelta(minutes=5)
VISIBILITY = "visibility"
SHOWN = videofields.FIELDS
# A machine looks through a bounded past: what was undone twenty changes ago is no « last change ».
LOOKS_BACK = 20


def changed(session: Session, publication: Publication, before: RemoteVideo, after: RemoteVideo, now: datetime) -> None:
    """Keep what the platform holds after our writing, and put the difference in the journal."""
    publication.held_fields, publication.held_fields_at = dict(after.fields), now
    # What was answered of the texts is written over; a still or captions that someone changed are not.
    publication.drift = _of_pieces(publication) or None
    publication.drift_seen_at = publication.drift_seen_at if publication.drift else None
    # Our marker served to find a lost upload; it is nobody's business when it goes.
    tags = [tag for tag in before.fields.get("tags", ()) if tag != publication.marker]
    different = videofields.differences({**before.fields, "tags": tags}, after.fields)
    if before.privacy != after.privacy:
        different[VISIBILITY] = [str(before.privacy), str(after.privacy)]
    if before.publish_at != after.publish_at:
        different["publish_at"] = [_iso(before.publish_at), _iso(after.publish_at)]
    if different:
        _write(session, publication, "publication.changed", different, now)


def compare(session: Session, publication: Publication, remote: RemoteVideo, now: datetime) -> None:
    """Note what someone changed on the platform since our last writing; said once, unsaid when it is put right."""
    if publication.held_fields is None or not publication.settled:
        return
    if publication.held_fields_at is not None and now - publication.held_fields_at < SETTLES_WITHIN:
        return
    different = videofields.differences(publication.held_fields, remote.fields)
    if publication.state == PublicationState.ON_AIR and remote.privacy != wanted_visibility(publication):
        different[VISIBILITY] = [str(wanted_visibility(publication)), str(remote.privacy)]
    _note(session, publication, {**different, **_of_pieces(publication)}, now)


def compare_pieces(session: Session, publication: Publication, found: dict[str, str], now: datetime) -> None:
    """Note what someone made of what goes with the video, by piece; those left out are as we left them."""
    texts = {field: pair for field, pair in (publication.drift or {}).items() if not pieces.is_piece(field)}
    put = {pieces.of_dressed(done) for done in publication.dressed}
    known = publication.held_pieces or {}
    different = {
        piece: [pieces.OURS if known.get(piece, {}).get("there", piece in put) else pieces.NONE, theirs]
        for piece, theirs in found.items()
    }
    _note(session, publication, {**texts, **different}, now)


def _of_pieces(publication: Publication) -> dict[str, list[Any]]:
    return {field: pair for field, pair in (publication.drift or {}).items() if pieces.is_piece(field)}


def _note(session: Session, publication: Publication, different: dict[str, list[Any]], now: datetime) -> None:
    known = publication.drift or {}
    if different == known:
        return
    publication.drift = different or None
    publication.drift_seen_at = now if different else None
    episodes.touch(publication.episode, now)
    new = {field: pair for field, pair in different.items() if known.get(field) != pair}
    if new:
        _write(session, publication, "publication.drift", new, now)


def wanted_visibility(publication: Publication) -> Privacy:
    """Who shall see it once it has aired: everyone, unless people decided otherwise."""
    return Privacy(publication.visibility or Privacy.PUBLIC)


def keep_theirs(
    session: Session, episode: Episode, platform: str, now: datetime, by: str, *, only: Sequence[str] = ()
) -> None:
    """Take what was changed on the platform as what is meant there; `only` some fields when named.

    Raises:
        Refused: nothing was changed there.
    """
    publication, drift = _drifted(episode, platform, only)
    for field, (_ours, theirs) in drift.items():
        _mean(publication, field, theirs)
    _answered(session, publication, drift, "publication.keep_theirs", now, by)


def keep_ours(
    session: Session, episode: Episode, platform: str, now: datetime, by: str, *, only: Sequence[str] = ()
) -> None:
    """Have the platform show again what is meant here; fields left out by `only` are taken as they are there.

    Raises:
        Refused: nothing was changed there.
    """
    publication, drift = _drifted(episode, platform, only)
    for field, (_ours, theirs) in (publication.drift or {}).items():
        if field not in drift:
            _mean(publication, field, theirs)
        elif pieces.is_piece(field):
            _put_again(publication, field, theirs)
    if VISIBILITY in drift:
        # Said aloud: otherwise a correction leaves alone who sees the video.
        publication.visibility = str(wanted_visibility(publication))
    publication.drift = publication.drift_seen_at = None
    _answered(session, publication, drift, "publication.keep_ours", now, by)


def last_change(session: Session, publication: Publication) -> dict[str, list[Any]]:
    """What our last writing changed there, as `{field: [before, after]}`; empty when there is nothing to undo."""
    return _last_change(session, publication)[0]


def roll_back(session: Session, episode: Episode, platform: str, now: datetime, by: str) -> bool:
    """Undo our last change on the platform; whether the episode's own text went back with it.

    It does when that text is where the change came from, and no other platform shows it. Else the platform keeps the
    former text as its own from now on, and the episode keeps the newer one.

    Raises:
        Refused: there is nothing to undo.
    """
    publication = _there(episode, platform)
    undone, since, until = _last_change(session, publication)
    if not undone:
        raise Refused(
            "Aucun changement à annuler pour « {title} » sur {platform}.", title=episode.title, platform=platform
        )
    texts = {field: before for field, (before, _after) in undone.items() if field in videofields.FIELDS}

    def reached() -> bool:
        return not videofields.differences(texts, {field: meant(publication, field) for field in texts})

    alone = all(each is publication or each.state == PublicationState.WITHDRAWN for each in episode.publications)
    back = bool(texts) and alone and undoing.go_back(session, episode, since, until, reached, now, by)
    for field, (before, _after) in undone.items():
        if not back or field not in texts:
            _mean(publication, field, before)
    _answered(session, publication, undone, "publication.rollback", now, by)
    return back


def change_now(
    session: Session, episode: Episode, platform: str, changes: dict[str, Any], now: datetime, by: str
) -> None:
    """Mean something else on one platform from now on: fields of `channel.videofields`, and `visibility`.

    An empty text shows again what all platforms share.

    Raises:
        Refused: no video there, an unknown field, or a value it cannot hold.
    """
    publication = _there(episode, platform)
    if VISIBILITY in changes and publication.state != PublicationState.ON_AIR:
        raise Refused("« {title} » n’est pas encore en ligne : c’est son instant qui décide.", title=episode.title)
    before = {field: meant(publication, field) for field in changes}
    for field, value in changes.items():
        if field == VISIBILITY:
            publication.visibility = read_visibility(value)
        else:
            fields.set_own_text(episode, platform, field, value)
    after = {field: meant(publication, field) for field in changes}
    if after != before:
        told = {field: [before[field], after[field]] for field in changes}
        _answered(session, publication, told, "publication.mean", now, by)


def meant(publication: Publication, field: str) -> Any:
    """What this field shall be on the platform."""
    if field == VISIBILITY:
        return str(wanted_visibility(publication))
    return videofields.fields_of(publications.metadata(publication.episode, publication.platform)).get(field)


def read_visibility(value: Any) -> str:
    """`public`, `unlisted` or `private`.

    Raises:
        Refused: another word.
    """
    if value not in list(Privacy):
        raise Refused("« {value} » n’est pas une visibilité : public, unlisted ou private.", value=value)
    return str(value)


def _mean(publication: Publication, field: str, value: Any) -> None:
    """Make `value` what is meant there; what all platforms share anyway needs no text of its own."""
    episode, platform = publication.episode, publication.platform
    if field == VISIBILITY:
        publication.visibility = str(value)
        return
    if pieces.is_piece(field):
        publication.held_pieces = {**(publication.held_pieces or {}), field: pieces.known_by(value)}
        return
    fields.set_own_text(episode, platform, field, None)
    shared = videofields.fields_of(publications.metadata(episode, platform))
    if videofields.differences({field: shared[field]}, {field: value}):
        _keep_own(episode, platform, field, value)


def _put_again(publication: Publication, piece: str, theirs: str) -> None:
    """Have a piece put there again, or taken away when it is theirs alone."""
    put = [done for done in publication.dressed if pieces.of_dressed(done) == piece]
    if put:
        publication.dressed = [done for done in publication.dressed if done not in put]
    elif piece == pieces.THUMBNAIL:
        raise Refused("Une vignette ne s’ôte pas d’ici : ôtez-la sur la plateforme, ou gardez la leur.")
    elif theirs != pieces.NONE:
        # As if it were ours, and meant no more: what dresses the video takes it away.
        publication.dressed = [*publication.dressed, f"{piece}:theirs"]
    kept = {name: known for name, known in (publication.held_pieces or {}).items() if name != piece}
    publication.held_pieces = kept


def _keep_own(episode: Episode, platform: str, field: str, value: Any) -> None:
    # As it stands there, whatever a form would have made of it: an emptied description is empty, not shared.
    texts = {name: dict(own) for name, own in (episode.texts or {}).items()}
    texts.setdefault(platform, {})[field] = value
    episode.texts = texts


def _answered(
    session: Session, publication: Publication, told: dict[str, list[Any]], action: str, now: datetime, by: str
) -> None:
    if action == "publication.keep_theirs":
        left = {field: pair for field, pair in (publication.drift or {}).items() if field not in told}
        publication.held_fields = {
            **(publication.held_fields or {}),
            **{field: pair[1] for field, pair in told.items() if field in videofields.FIELDS},
        }
        publication.drift = left or None
        publication.drift_seen_at = publication.drift_seen_at if left else None
    episodes.keep_approval(publication.episode)
    if publication.drift is None:
        publication.settled, publication.next_try_at = False, None
    episodes.touch(publication.episode, now)
    _write(session, publication, action, told, now, by)


def _drifted(episode: Episode, platform: str, only: Sequence[str]) -> tuple[Publication, dict[str, list[Any]]]:
    publication = _there(episode, platform)
    drift = {field: pair for field, pair in (publication.drift or {}).items() if not only or field in only}
    if not drift:
        raise Refused(
            "Rien n’a été changé pour « {title} » sur {platform} : la page est peut-être ancienne.",
            title=episode.title,
            platform=platform,
        )
    return publication, drift


def _last_change(session: Session, publication: Publication) -> tuple[dict[str, list[Any]], int, int]:
    """As `last_change`, and the journal's lines between which people made it: after the first, before the second."""
    entries = session.scalars(
        select(JournalEntry)
        .where(
            JournalEntry.episode_id == publication.episode_id,
            JournalEntry.action.in_(["publication.changed", "publication.rollback"]),
        )
        .order_by(JournalEntry.id.desc())
        .limit(LOOKS_BACK)
    )
    found: dict[str, list[Any]] = {}
    until = 0
    for entry in entries:
        before, after = entry.before or {}, entry.after or {}
        if after.get("platform") != publication.platform:
            continue
        if found:
            if entry.action == "publication.changed":
                return found, entry.id, until
            continue
        if entry.action == "publication.rollback":
            return {}, 0, 0  # undone already, and not yet told to the platform
        found = {field: [before.get(field), after[field]] for field in after if _can_undo(publication, field)}
        until = entry.id
    return found, 0, until


def _there(episode: Episode, platform: str) -> Publication:
    publication = publications.of(episode, platform)
    known = (PublicationState.HELD, PublicationState.ON_AIR)
    if publication is None or publication.video_id is None or publication.state not in known:
        raise Refused("« {title} » n’est pas encore sur {platform}.", title=episode.title, platform=platform)
    return publication


def _can_undo(publication: Publication, field: str) -> bool:
    if field == VISIBILITY:
        # Before it airs, its instant decides; going public is undone by withdrawing.
        return publication.visibility is not None and publication.state == PublicationState.ON_AIR
    return field in videofields.FIELDS


def _write(
    session: Session,
    publication: Publication,
    action: str,
    different: dict[str, list[Any]],
    now: datetime,
    by: str = "pasvu",
) -> None:
    journal.write(
        session,
        now,
        by,
        action,
        episode_id=publication.episode_id,
        before={"platform": publication.platform, **{field: pair[0] for field, pair in different.items()}},
        after={"platform": publication.platform, **{field: pair[1] for field, pair in different.items()}},
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
