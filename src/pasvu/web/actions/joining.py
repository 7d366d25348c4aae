"""Joining an episode whose files came late to the one that they continue."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from pasvu.channel import episodes, late
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.words import _

actions = Blueprint("joining", __name__)


@actions.post("/e/<ref>/joindre/<into>")
@role("media", "producer")
def join(ref: str, into: str) -> Response:
    """Make the files of `ref` parts of `into`, which is then prepared again."""
    here = house()
    with here.record.write() as session:
        whole = episodes.find(session, into)
        late.join(session, episodes.find(session, ref), whole, here.now, actor())
        episode_id, title = whole.id, whole.title
    flash(_("La suite est jointe à « %(title)s » : la préparation recommence.", title=title), "done")
    return redirect(url_for("episode.show", ref=episode_id), code=303)
