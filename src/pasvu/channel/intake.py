"""What ingest writes down: recordings received, what was measured, renditions made, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from pasvu.channel import episodes, fields, journal, names
from pasvu.channel.errors import CutShort
from pasvu.channel.models import (
    ChapterMark,
    Episode,
    Part,
    Programme,
    Recording,
    Rendition,
    ReplayRequest,
    Thumbnail,
)
from pasvu.channel.states import EpisodeState, ReplayState
from pasvu.channel.timeline import Timeline
from pasvu.channel.typography import fine
from pasvu.channel.values import Chapter, Finding, Loudness, MediaInfo, Plan, Still, Trim

BY = "pasvu"
# Preparations that the pace is taken from, newest first; and how many it takes to believe them.
PACE_OF, PACE_LEAST = 20, 3
NEAR = timedelta(days=45)
"""How far apart a local recording and the replay of its live may come; Facebook keeps a live thirty days."""


@dataclass(frozen=True)
class Received:
    """A file about to be taken: its name as bytes, where it lies, where it goes, its size."""

    name: bytes
    shown_name: str
    source: bytes
    path: Path
    bytes: int
    series: str | None = None
    number: int | None = None
    """Its place in a series of parts, where its name tells one."""


def receive(
    session: Session,
    recording_id: str,
    files: Sequence[Received],
    *,
    origin: str,
    title: str,
    now: datetime,
    programme: Programme | None = None,
    recorded_on: str | None = None,
    guests: Sequence[str] = (),
    by: str = BY,
) -> Episode:
    """Write down a recording before its files are touched; the episode is then in `received`."""
    episode = Episode(
        id=names.new_id(),
        slug=names.free_slug(title, lambda slug: _taken(session, slug)),
        title=title,
        programme=programme,
        language=programme.language if programme else "fr",
        recorded_on=recorded_on,
        created_at=now,
        updated_at=now,
    )
    episode.recording = Recording(id=recording_id, origin=origin, received_at=now)
    episode.recording.parts = [
        Part(
            position=position,
            name=file.name,
            shown_name=file.shown_name,
            source=file.source,
            path=str(file.path),
            bytes=file.bytes,
            series=file.series,
            number=file.number,
        )
        for position, file in enumerate(files)
    ]
    session.add(episode)
    # Columns have their defaults once written.
    session.flush()
    if guests:
        fields.write(episode, "guests", [(guest, "") for guest in guests])
    episodes.index(episode)
    journal.write(
        session,
        now,
        by,
        "episode.received",
        episode_id=episode.id,
        after={"files": [file.shown_name for file in files], "origin": origin},
    )
    return episode


def tell(episode: Episode, said: Mapping[str, Any], picture: Path | None) -> None:
    """Keep what came beside the recording: fields of the form, and a picture, which is then the chosen thumbnail."""
    for field, value in said.items():
        fields.write(episode, field, value)
    if picture is not None:
        episode.thumbnails.append(Thumbnail(path=str(picture), time_s=0.0, score=1.0, chosen=True))
    episodes.index(episode)


def give_back(session: Session, episode: Episode, now: datetime) -> None:
    """Forget a recording whose files went back to where they lay: only the journal keeps a trace."""
    recording = episode.recording
    names_of = [part.shown_name for part in recording.parts]
    journal.write(session, now, BY, "episode.given_back", episode_id=episode.id, after={"files": names_of})
    # A live that it came from is not received after all.
    undone = {"episode_id": None, "received_at": None, "state": ReplayState.FETCHING}
    session.execute(update(ReplayRequest).where(ReplayRequest.episode_id == episode.id).values(undone))
    for each in (*episode.remarks, *recording.parts, recording, episode):
        session.delete(each)


def left_behind(session: Session) -> dict[bytes, str]:
    """Sources that were copied and could not be set aside, each with what it was: they are not taken again."""
    rows = session.execute(select(Part.source, Part.left_at_source).where(Part.left_at_source.is_not(None)))
    return {source: mark for source, mark in rows if mark is not None}


def unclaimed(session: Session) -> list[Part]:
    """Parts written down whose file was not yet seen safe in the vault: a claim that a crash cut short."""
    return list(session.scalars(select(Part).where(Part.claimed_at.is_(None))))


def twin(session: Session, part: Part) -> Part | None:
    """An older part with the same bytes, of another episode that is not itself in quarantine or withdrawn."""
    return session.scalar(
        select(Part)
        .join(Part.recording)
        .join(Recording.episode)
        .where(
            Part.sha256 == part.sha256,
            Part.recording_id != part.recording_id,
            Part.id < part.id,
            Episode.state.not_in([EpisodeState.QUARANTINED, EpisodeState.WITHDRAWN]),
        )
        .order_by(Part.id)
        .limit(1)
    )


def unhashed_elders(session: Session, part: Part) -> list[Part]:
    """Older parts of the same size that nobody hashed yet: one of them may be this part's twin."""
    return list(
        session.scalars(
            select(Part).where(
                Part.sha256.is_(None),
                Part.bytes == part.bytes,
                Part.recording_id != part.recording_id,
                Part.id < part.id,
                Part.claimed_at.is_not(None),
            )
        )
    )


def cut_short_namesakes(session: Session, part: Part) -> list[Part]:
    """Shorter files of the same name whose end was missing, and that lie in quarantine."""
    return list(
        session.scalars(
            select(Part)
            .join(Part.recording)
            .join(Recording.episode)
            .where(
                Part.name == part.name,
                Part.bytes < part.bytes,
                Part.recording_id != part.recording_id,
                Recording.set_aside_for == CutShort.kind,
                Episode.state == EpisodeState.QUARANTINED,
            )
        )
    )


def supersede(session: Session, episode: Episode, by_episode: Episode, now: datetime) -> None:
    """The whole copy of a recording cut short has come: the card in quarantine asks nothing of anyone any more."""
    sentence = fine(
        f"La copie entière est arrivée depuis : c’est l’épisode « {by_episode.title} » ({by_episode.slug})."
    )
    episodes.change_state(session, episode, EpisodeState.WITHDRAWN, now, BY, sentence)


def of_other_origin(session: Session, episode: Episode, limit: int = 20) -> list[Episode]:
    """Measured episodes that may be of the same event: replays for a local recording, local ones for a replay.

    The nearest in time come first; a replay is fetched while its site still keeps it, within weeks.
    """
    replay = Recording.origin == "replay"
    found = session.scalars(
        select(Episode)
        .join(Episode.recording)
        .where(
            ~replay if episode.recording.origin == "replay" else replay,
            Recording.peaks_path.is_not(None),
            Recording.received_at.between(episode.recording.received_at - NEAR, episode.recording.received_at + NEAR),
            Episode.state != EpisodeState.WITHDRAWN,
        )
        .options(selectinload(Episode.recording))
    ).all()
    received_at = episode.recording.received_at
    return sorted(found, key=lambda other: abs(other.recording.received_at - received_at))[:limit]


def wanting_work(session: Session) -> list[Episode]:
    """Episodes whose cut is still to be made and whose last job did not stop for a person."""
    return list(
        session.scalars(
            select(Episode)
            .where(
                Episode.state.in_([EpisodeState.RECEIVED, EpisodeState.PROCESSING]),
                Episode.job_state.is_(None),
                Episode.cut < Episode.wanted_cut,
            )
            .order_by(Episode.created_at)
        )
    )


def waiting_for_room(session: Session) -> list[Episode]:
    """Episodes that stopped because the disk was full."""
    return list(session.scalars(select(Episode).where(Episode.job_state == "waiting")))


def begin(session: Session, episode: Episode, now: datetime) -> None:
    """Work has started on it."""
    if episode.state == EpisodeState.RECEIVED:
        episodes.change_state(session, episode, EpisodeState.PROCESSING, now, BY)


def stop(session: Session, episode: Episode, job_state: str, sentence: str, now: datetime) -> None:
    """The job ended without its cut: `failed`, `cancelled` or `waiting`, and why."""
    episode.job_state = job_state
    episode.state_reason = sentence
    episodes.touch(episode, now)
    journal.write(session, now, BY, "job.stopped", episode_id=episode.id, after={"job": job_state, "reason": sentence})


def quarantine(session: Session, episode: Episode, sentence: str, now: datetime, kind: str = "unusable") -> None:
    """Set it aside with a reason that a person can act on; `kind` as in `errors.Unusable`."""
    episode.job_state = None
    episode.recording.set_aside_for = kind
    episodes.change_state(session, episode, EpisodeState.QUARANTINED, now, BY, sentence)


def keep_info(episode: Episode, infos: Sequence[MediaInfo]) -> None:
    """Keep what the probe said of each part."""
    for part, info in zip(episode.recording.parts, infos, strict=True):
        part.info = asdict(info)
    episode.recording.duration_s = sum(info.duration_s for info in infos)


def keep_measures(
    episode: Episode, loudness: Loudness | None, measures: dict[str, Any], peaks: Path | None, now: datetime
) -> None:
    """Keep what was measured of the whole recording."""
    recording = episode.recording
    if loudness is not None:
        recording.integrated_lufs = loudness.integrated_lufs
        recording.true_peak_dbtp = loudness.true_peak_dbtp
        recording.range_lu = loudness.range_lu
    recording.measures = measures
    recording.peaks_path = str(peaks) if peaks else None
    recording.measured_at = now


def keep_findings(episode: Episode, findings: Sequence[Finding]) -> None:
    """Keep what was found out about the quality of the recording, as sentences."""
    found = [{"sentence": each.sentence, "weight": each.weight, "about": each.about} for each in findings]
    # Another dictionary, or the change would not be seen.
    episode.recording.measures = {**(episode.recording.measures or {}), "findings": found}


def propose(
    episode: Episode,
    trim: Trim,
    chapters: Sequence[Chapter],
    stills: Sequence[Still],
    *,
    chapters_why: str | None = None,
) -> None:
    """Offer a trim, chapters and stills, each with its reason; what a person already chose stays."""
    episode.proposed_start_s, episode.proposed_end_s = trim.start_s, trim.end_s
    episode.proposed_why = trim.why
    if not episode.chapters:
        episode.chapters = [ChapterMark(start_s=chapter.start_s, title=chapter.title) for chapter in chapters]
    if chapters_why is not None:
        offered = [[chapter.start_s, chapter.title] for chapter in chapters]
        said = {"why": chapters_why, "offered": offered}
        episode.recording.measures = {**(episode.recording.measures or {}), "chapters": said}
    there = {thumbnail.path for thumbnail in episode.thumbnails}
    chosen = any(thumbnail.chosen for thumbnail in episode.thumbnails)
    best = None if chosen else max(stills, key=lambda still: still.score, default=None)
    for still in stills:
        if str(still.path) not in there:
            episode.thumbnails.append(
                Thumbnail(path=str(still.path), time_s=still.time_s, score=still.score, chosen=still is best)
            )


def keep_plan(episode: Episode, plan: Plan) -> None:
    """Keep what had to be made anew, and why."""
    episode.plan_action, episode.plan_why = plan.action, plan.why


def redo(session: Session, episode: Episode, sentence: str, detail: str, now: datetime) -> None:
    """A film that was just made is not right: it is made anew by a safer way, and why is written down."""
    journal.write(session, now, BY, "cut.redone", episode_id=episode.id, after={"reason": sentence, "detail": detail})


def keep_rendition(
    episode: Episode,
    kind: str,
    cut: int,
    path: Path,
    size: int,
    sha256: str,
    duration_s: float,
    loudness: Loudness | None,
    now: datetime,
    *,
    kept: Timeline | None = None,
) -> None:
    """Keep a rendition that is safe on disk; making the same cut again replaces its line."""
    made = next((each for each in episode.renditions if each.kind == kind and each.cut == cut), None)
    if made is None:
        made = Rendition(kind=kind, cut=cut)
        episode.renditions.append(made)
    made.start_s = kept.start_s if kept is not None else None
    made.kept = [[span.start_s, span.end_s] for span in kept.kept] if kept is not None else None
    made.path, made.bytes, made.sha256, made.duration_s, made.made_at = str(path), size, sha256, duration_s, now
    made.integrated_lufs = loudness.integrated_lufs if loudness else None
    made.true_peak_dbtp = loudness.true_peak_dbtp if loudness else None


def foresee(episode: Episode, size: int, seconds: float, now: datetime) -> None:
    """Keep what its preparation is foreseen to take; the room is its own until it is made."""
    episode.recording.foreseen = {"bytes": size, "seconds": seconds, "since": now.isoformat()}


def reserved(session: Session, besides: str | None = None) -> dict[str, int]:
    """Bytes kept for each preparation under way, by episode; `besides` is left out."""
    rows = session.execute(
        select(Episode.id, Recording.foreseen)
        .join(Episode.recording)
        .where(
            Episode.state == EpisodeState.PROCESSING,
            Episode.job_state.is_(None),
            Episode.id != (besides or ""),
            Recording.foreseen.is_not(None),
        )
    )
    # A cut made again has its room already.
    return {
        episode_id: int(foreseen["bytes"]) for episode_id, foreseen in rows if foreseen and "took_s" not in foreseen
    }


def pace(session: Session) -> float:
    """How many times longer than foreseen the last preparations took here; 1 before there are any."""
    rows = session.scalars(
        select(Recording.foreseen).where(Recording.foreseen.is_not(None)).order_by(Recording.id.desc()).limit(PACE_OF)
    )
    ratios = [each["took_s"] / each["seconds"] for each in rows if each and each.get("took_s") and each["seconds"]]
    return median(ratios) if len(ratios) >= PACE_LEAST else 1.0


def offer_for_review(session: Session, episode: Episode, cut: int, now: datetime) -> None:
    """The cut is made: people may look. A newer cut asked for meanwhile keeps the episode in preparation.

    Said again after a crash, it changes nothing: what people decided since stands.
    """
    episode.cut = max(episode.cut, cut)
    foreseen = episode.recording.foreseen
    if foreseen and "took_s" not in foreseen:
        took_s = (now - datetime.fromisoformat(foreseen["since"])).total_seconds()
        episode.recording.foreseen = {**foreseen, "took_s": took_s}
    if not episode.waits_for_cut and episode.state == EpisodeState.PROCESSING:
        episodes.change_state(session, episode, EpisodeState.IN_REVIEW, now, BY)


def _taken(session: Session, slug: str) -> bool:
    return session.scalar(select(Episode.id).where(Episode.slug == slug)) is not None
