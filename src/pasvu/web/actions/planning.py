"""Choosing when an episode goes on air: by date and time, by a usual place, by a day of the calendar."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import episodes, programmes, publications, schedule, slots
from pasvu.channel.database import Session
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode
from pasvu.web import weeks
from pasvu.web.formats import clock, instant, iso
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.troubles import wants_fragment
from pasvu.web.words import _, say

actions = Blueprint("planning", __name__)


@actions.post("/e/<ref>/programmer")
@role("producer")
def plan(ref: str) -> Response:
    """Choose an instant: `quand` (ISO, from a suggestion or an undo), or `jour` and `heure` in the channel's zone."""
    here = house()
    day, hour = request.form.get("jour", ""), request.form.get("heure", "")
    try:
        with here.record.write() as session:
            episode = episodes.find(session, ref)
            at = schedule.read_instant(request.form.get("quand") or f"{day}T{hour}", here.zone)
            plan_everywhere(session, episode, at, request.form.get("version", None, int))
            episode_id, sentence = episode.id, _planned_so(session, episode, at)
    except Refused as why:
        if wants_fragment() or not day:
            raise
        # Another hour is the next thing to try: the dialogue is open again, with what was typed.
        flash(say(why), "wrong")
        there = url_for("episode.show", ref=ref, dialogue="programmer", jour=day, heure=hour)
        return redirect(there, code=303)
    if wants_fragment():
        return _notice(sentence, None, {})
    flash(sentence, "done")
    return redirect(url_for("episode.show", ref=episode_id), code=303)


@actions.post("/e/<ref>/maintenant")
@role("producer")
def publish_now(ref: str) -> Response:
    """Put an episode on air as soon as each platform has it whole: a decision, also where its hour was missed."""
    here = house()
    with here.record.write() as session:
        episode = episodes.find(session, ref)
        objections = here.objections(episode)
        for platform in here.platform_names:
            publications.publish_now(
                session,
                episode,
                platform,
                here.zone,
                here.now,
                actor(),
                objections=objections.get(platform, ()),
            )
        episode_id, title = episode.id, episode.title
    flash(_("« %(title)s » sera en ligne dès que la plateforme l’aura en entier.", title=title), "done")
    return redirect(url_for("episode.show", ref=episode_id), code=303)


@actions.post("/e/<ref>/deprogrammer")
@role("producer")
def unplan(ref: str) -> Response:
    """Take an episode out of the calendar."""
    with house().record.write() as session:
        episode = episodes.find(session, ref)
        before = _planned(episode)
        publications.unschedule(session, episode, None, house().now, actor())
        episode_id, title = episode.id, episode.title
    sentence = _("« %(title)s » est retiré du calendrier.", title=title)
    if wants_fragment():
        undo = url_for(".plan", ref=episode_id) if before else None
        return _notice(sentence, undo, {"quand": iso(before)} if before else {})
    flash(sentence, "done")
    return redirect(url_for("episode.show", ref=episode_id), code=303)


@actions.post("/e/<ref>/jour")
@role("producer")
def move_to_day(ref: str) -> Response:
    """Put an episode on a day of the calendar, at its own hour or its programme's; no day takes it out."""
    text = request.form.get("jour", "")
    if not text:
        return unplan(ref)
    here = house()
    with here.record.write() as session:
        episode = episodes.find(session, ref)
        before = _planned(episode)
        at = weeks.instant_on(weeks.read_day(text), episode, programmes.usual_slots(session), here.zone)
        plan_everywhere(session, episode, at)
        episode_id, sentence = episode.id, _planned_so(session, episode, at)
    if before:
        return _notice(sentence, url_for(".plan", ref=episode_id), {"quand": iso(before)})
    return _notice(sentence, url_for(".unplan", ref=episode_id), {})


def plan_everywhere(session: Session, episode: Episode, at: datetime, drawn_from: int | None = None) -> None:
    """Choose the same instant on every platform there is.

    Raises:
        Refused: not approved, the past, or a platform objects.
    """
    here = house()
    objections = here.objections(episode)
    for platform in here.platform_names:
        publications.schedule(
            session,
            episode,
            platform,
            at,
            here.zone,
            here.now,
            actor(),
            objections=objections.get(platform, ()),
            drawn_from=drawn_from,
        )
        drawn_from = None  # our own first change is not someone else's


def _planned_so(session: Session, episode: Episode, at: datetime) -> str:
    """What was decided, and what else airs too close to it: said, not forbidden, for a person may mean it."""
    done = _("« %(title)s » est programmé : %(when)s.", title=episode.title, when=instant(at))
    near = slots.neighbour(session, episode, at, house().settings.spacing)
    if near is None:
        return done
    return done + " " + _("Attention : « %(title)s » sort à %(time)s.", title=near[0], time=clock(near[1]))


def _planned(episode: Episode) -> datetime | None:
    return next((each.scheduled_at for each in episode.publications if each.scheduled_at), None)


def _notice(sentence: str, undo: str | None, fields: dict[str, str]) -> Response:
    return make_response(render_template("_toast.html", sentence=sentence, undo=undo, fields=fields))
