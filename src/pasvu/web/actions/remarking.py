"""Remarks: leaving one at a time of the film, and ticking one off."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import episodes, queries, review, wording
from pasvu.channel.errors import Refused
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.pages.episode import Draft, render
from pasvu.web.words import _, say

actions = Blueprint("remarking", __name__)


@actions.post("/e/<ref>/remarques")
@role("media", "producer")
def add(ref: str) -> Response:
    """Leave a remark, at a time of the recording or on the whole."""
    here = house()
    try:
        with here.record.write() as session:
            episode = episodes.find(session, ref)
            time_s = _time(request.form.get("at", ""))
            review.comment(session, episode, request.form.get("text", ""), here.now, actor(), time_s=time_s)
            episode_id = episode.id
    except Refused as refused:
        return render(ref, Draft("remarque", say(refused), request.form.to_dict()), 422)
    flash(_("Remarque ajoutée."), "done")
    return redirect(url_for("episode.show", ref=episode_id, _anchor="remarques"), code=303)


@actions.post("/remarques/<int:remark_id>/traitee")
@role("producer")
def resolve(remark_id: int) -> Response:
    """Tick a remark off."""
    here = house()
    with here.record.write() as session:
        remark = queries.remark(session, remark_id)
        review.resolve_remark(session, remark, here.now, actor())
        episode_id = remark.episode_id
    flash(_("Remarque traitée."), "done")
    return redirect(url_for("episode.show", ref=episode_id, _anchor="remarques"), code=303)


def _time(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return wording.read_stamp(text)
    except ValueError as unreadable:
        raise Refused("« {text} » n’est pas un temps : écrivez 1:23 ou 0:01:23.500.", text=text) from unreadable
