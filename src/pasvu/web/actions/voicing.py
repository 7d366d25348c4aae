"""Asking for an episode's audio version: the machine makes it a moment later."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from pasvu.channel import audio
from pasvu.channel.database import Session
from pasvu.channel.models import Episode
from pasvu.web.actions.keeping import keep
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.words import _

actions = Blueprint("voicing", __name__)


@actions.post("/e/<ref>/audio")
@role("media", "producer")
def ask(ref: str) -> Response:
    """Make it, or make it again with the names, chapters and cover of today."""

    def change(session: Session, episode: Episode) -> None:
        audio.want(session, episode, house().now, actor())

    return keep(ref, "audio", change, _("La version audio est demandée : elle arrive dans un instant."))
