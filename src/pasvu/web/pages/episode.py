"""One episode: the film, its cut, its text, what is decided about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from flask import session as flask_session

from pasvu.channel import audio, episodes, guests, late, publications, queries, slots, undoing, wording
from pasvu.channel.database import Session
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import Chapter
from pasvu.web import chronicle, drawn, playable, there
from pasvu.web.checklist import chapter_notes, checklist
from pasvu.web.guard import EVERYONE, actor, may, role
from pasvu.web.house import house
from pasvu.web.promised import promised
from pasvu.web.words import say

pages = Blueprint("episode", __name__)

TARGET_LUFS = -14.0
HISTORY = 80
FORM_FIELDS = ("title", "summary", "programme", "owner", "guests", "tags", "recorded_on", "language")
"""Those of the episode's text, as they follow each other on the page."""
LANGUAGES = ("fr", "en", "es", "de", "it", "pt", "ar", "br", "oc", "ca", "eu")


@dataclass(frozen=True)
class Draft:
    """What a person typed in a form that was refused: shown again, so that nothing is lost."""

    form: str
    """Which form: `fiche`, `coupe`, `chapitres`, `chapitres-texte`, `remarque`."""
    sentence: str
    typed: Mapping[str, str] = field(default_factory=dict)
    lines: Sequence[tuple[str, str]] = ()
    """Chapters as typed: time and title; passages taken out: from and to."""
    wrong: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with each field, in the order of the form."""


@dataclass(frozen=True)
class Shown:
    """A platform's limit as the page shows it."""

    platform: str
    field: str
    used: int
    most: int
    unit: str


@pages.get("/e/<ref>")
@role(*EVERYONE)
def show(ref: str) -> Response:
    """The episode's page."""
    return render(ref)


@pages.get("/e/<ref>/etat")
@role(*EVERYONE)
def live(ref: str) -> Response:
    """How the episode fares now; 204 while nothing has changed since the page's `vu`."""
    with house().record.read() as session:
        episode = episodes.find(session, ref)
        card = queries.card(session, episode)
        seen = _fingerprint(card)
        if request.args.get("vu") == seen:
            return make_response("", 204)
        # A save of the page's own moves its version, also past a change of state that it has not drawn.
        drawn_from = (request.args.get("version", type=int), request.args.get("etat", str(episode.state)))
        moved = drawn_from != (episode.version, episode.state)
        return make_response(render_template("_status.html", e=episode, card=card, seen=seen, moved=moved))


def render(ref: str, draft: Draft | None = None, code: int = 200) -> Response:
    """The page, with what was typed when a form was refused."""
    here = house()
    with here.record.read() as session:
        episode = episodes.find(session, ref)
        return make_response(render_template("episode.html", **_shown(session, episode, draft)), code)


def saved(session: Session, episode: Episode, form: str) -> str:
    """The parts of the page that follow from what was just saved in that form, each under its id."""
    return render_template("episode/_changed.html", saved_at=house().now, form=form, **_following(session, episode))


def refused(sentence: str, conflicts: Mapping[str, str], wrong: Mapping[str, str], form: str) -> str:
    """The parts of the page that say why nothing was saved: what others saved meanwhile and what is wrong, by field."""
    return render_template(
        "episode/_refused.html",
        sentence=sentence,
        conflicts=conflicts,
        wrong=wrong,
        judged=FORM_FIELDS if form == "fiche" else (),
    )


def _following(session: Session, episode: Episode) -> dict[str, Any]:
    """What the page derives from the episode's own words."""
    here = house()
    undoable = undoing.last_change(session, episode, actor()) if may("producer") else None
    return {
        "e": episode,
        "items": checklist(episode, here.objections(episode), here.objections_to_chapters(episode)),
        "sent": publications.metadata(episode),
        "chapter_notes": chapter_notes(episode),
        "chapters_drawn": drawn.chapters(episode),
        "drawn": drawn.fields(episode),
        "limits": [
            Shown(platform, limit.field, limit.used, limit.most, limit.unit) for platform, limit in here.limits(episode)
        ],
        "undoable": chronicle.change(undoable) if undoable else None,
    }


def _shown(session: Session, episode: Episode, draft: Draft | None) -> dict[str, Any]:
    here = house()
    card = queries.card(session, episode)
    free = slots.next_free(session, episode, here.now, here.zone)
    publication = card.publication
    suggested = (publication.scheduled_at if publication else None) or next(iter(free), None)
    suggested = (suggested or here.now + timedelta(days=1)).astimezone(here.zone)
    trim = episodes.effective_trim(episode)
    return {
        **_following(session, episode),
        "card": card,
        "seen": _fingerprint(card),
        "trim": trim,
        "findings": [(found.weight, say(found)) for found in episodes.findings(episode)],
        "kept_s": episodes.meant_timeline(episode).duration_s,
        "taken": [(span.start_s, span.end_s) for span in episodes.removed(episode)],
        "film": playable.film(episode),
        "still": next((each for each in episode.thumbnails if each.chosen), None),
        "chapter_text": chapter_text(episode),
        "chapters_why": episodes.chapters_why(episode),
        "programmes": queries.programmes(session),
        "people": queries.people(session),
        "languages_known": LANGUAGES,
        "history": chronicle.lines(queries.history(session, episode.id, HISTORY)),
        "publication": publication,
        "master": episode.rendition("master"),
        "continues": late.belongs_to(session, episode) if episode.state in late.OPEN else None,
        "came_late": late.came_late(session, episode) if episode.state in late.OPEN else [],
        "late_open": late.OPEN,
        "audio_possible": audio.possible(episode),
        "target_lufs": TARGET_LUFS,
        "free": free,
        "promised": promised(session, episode, next(iter(free), None)),
        "plan_day": request.args.get("jour", f"{suggested:%Y-%m-%d}"),
        "plan_hour": request.args.get("heure", f"{suggested:%H:%M}"),
        "watch_url": _watch_url(card),
        "may_edit": may("producer") and episode.state != EpisodeState.WITHDRAWN,
        "may_comment": may("media", "producer"),
        "may_trim": _may_trim(episode),
        "draft": draft,
        "moved": False,
        "marks": [[mark.start_s, mark.title] for mark in episode.chapters],
        "there": there.there(session, episode),
        "meant_now": there.meant_now,
        "plannable": there.PLANNABLE,
        "links": [link for link in episode.review_links if link.revoked_at is None and link.expires_at > here.now],
        "guest_days": guests.DAYS,
        "shared": _shared(episode),
        "dialog": request.args.get("dialogue"),
        "EpisodeState": EpisodeState,
        "PublicationState": PublicationState,
    }


def _shared(episode: Episode) -> dict[str, str] | None:
    """The guest's link that this person has just made for this episode: shown once."""
    if flask_session.get("shared", {}).get("episode") != episode.id:
        return None
    found: dict[str, str] = flask_session.pop("shared")
    return found


def chapter_text(episode: Episode) -> str:
    """The chapters as text, one a line, in the episode's own time."""
    marks = [Chapter(mark.start_s, mark.title) for mark in episode.chapters]
    return wording.chapter_lines(wording.in_cut(marks, episodes.meant_timeline(episode)))


def _fingerprint(card: queries.Card) -> str:
    progress, publication = card.progress, card.publication
    parts = [card.episode.version, card.episode.updated_at.timestamp(), card.episode.job_state]
    parts += [progress.step, progress.share] if progress else []
    parts += [publication.state, publication.uploaded_bytes, publication.state_reason] if publication else []
    return "-".join(str(part) for part in parts)


def _may_trim(episode: Episode) -> bool:
    sent = any(publication.state != PublicationState.PLANNED for publication in episode.publications)
    measured = episode.recording is not None and episode.recording.duration_s is not None
    on_the_road = episode.state not in (EpisodeState.WITHDRAWN, EpisodeState.ON_AIR, EpisodeState.QUARANTINED)
    return may("producer") and measured and on_the_road and not sent


def _watch_url(card: queries.Card) -> str | None:
    publication = card.publication
    if publication is None or publication.video_id is None:
        return None
    platform = house().platforms.get(publication.platform)
    return platform.watch_url(publication.video_id) if platform else publication.url
