"""Sharing an episode with a guest, closing what was shared; and what the guest says."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from pasvu.channel import episodes, guests
from pasvu.channel.errors import Refused
from pasvu.web.actions.keeping import keep, seconds
from pasvu.web.guard import actor, public, role
from pasvu.web.house import house
from pasvu.web.pages.guest import link_of, render
from pasvu.web.words import _, say

actions = Blueprint("guesting", __name__)


@actions.post("/e/<ref>/invites")
@role("producer")
def invite(ref: str) -> Response:
    """A link for one guest; it is shown once."""
    here = house()
    with here.record.write() as writing:
        episode = episodes.find(writing, ref)
        days = request.form.get("days", 7, int)
        made = guests.invite(writing, episode, request.form.get("guest", ""), days, here.now, actor())
        episode_id = episode.id
    # The token is kept nowhere but in this person's own cookie, until the next page shows it.
    session["shared"] = {"token": made.token, "guest": made.guest, "episode": episode_id}
    return redirect(url_for("episode.show", ref=episode_id, _anchor="partage"), code=303)


@actions.post("/e/<ref>/invites/<int:link_id>/fermer")
@role("producer")
def revoke(ref: str, link_id: int) -> Response:
    """Close a guest's link at once."""
    return keep(
        ref,
        "partage",
        lambda writing, episode: guests.revoke(writing, episode, link_id, house().now, actor()),
        _("Lien fermé : il n’ouvre plus rien."),
    )


@actions.post("/apercu/<token>/remarques")
@public
def comment(token: str) -> Response:
    """A guest's remark, at a time of the film that they see."""
    here = house()
    text, at = request.form.get("text", ""), request.form.get("at", "")
    try:
        with here.record.write() as writing:
            link = link_of(writing, token)
            time_s = episodes.made_timeline(link.episode).in_recording(seconds(at)) if at.strip() else None
            guests.comment(writing, link, text, time_s, here.now)
    except Refused as refused:
        return render(token, typed=text, at=at, wrong=say(refused), code=422)
    flash(_("Merci : votre remarque est transmise."), "done")
    return redirect(url_for("guest.show", token=token, _anchor="remarques"), code=303)
