"""Asking for a still: a frame of the film, a picture of one's own, a title on one; and giving one up."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from pasvu.channel import names, stills
from pasvu.channel.database import Session
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.web.actions.keeping import keep, seconds
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.words import _

actions = Blueprint("picturing", __name__)

JPEG = b"\xff\xd8\xff"


@actions.post("/e/<ref>/vignette/image")
@role("producer")
def frame(ref: str) -> Response:
    """The frame at a time of the recording."""

    def change(session: Session, episode: Episode) -> None:
        stills.want_frame(session, episode, seconds(request.form.get("at", "")), house().now, actor())

    return keep(ref, "vignette", change, _("L’image est demandée : elle arrive dans un instant."))


@actions.post("/e/<ref>/vignette/fichier")
@role("producer")
def given(ref: str) -> Response:
    """A picture of one's own: a JPEG, which the browser makes of other kinds."""

    def change(session: Session, episode: Episode) -> None:
        file = request.files.get("picture")
        data = file.read() if file else b""
        if not data:
            raise Refused("Choisissez une image.")
        if not data.startswith(JPEG):
            raise Refused("Cette image n’est pas un JPEG : exportez-la en JPEG, puis recommencez.")
        folder = Folders(house().settings.home.absolute()).renditions / episode.id / "stills"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"given-{names.new_id()}.jpg"
        path.write_bytes(data)
        stills.want_given(session, episode, path, house().now, actor())

    return keep(ref, "vignette", change, _("L’image est reçue : elle arrive dans un instant."))


@actions.post("/e/<ref>/vignette/titre")
@role("producer")
def titled(ref: str) -> Response:
    """The chosen still, with a title on it in the programme's style."""

    def change(session: Session, episode: Episode) -> None:
        chosen = next((still.id for still in episode.thumbnails if still.chosen), None)
        if chosen is None:
            raise Refused("Choisissez d’abord une image : le titre sera posé dessus.")
        stills.want_titled(session, episode, chosen, request.form.get("title", ""), house().now, actor())

    return keep(ref, "vignette", change, _("Le titre est demandé : la vignette arrive dans un instant."))


@actions.post("/e/<ref>/vignette/oublier/<int:wanted_id>")
@role("producer")
def forget(ref: str, wanted_id: int) -> Response:
    """Give up a still that is not made."""

    def change(session: Session, episode: Episode) -> None:
        wanted = next((each for each in episode.wanted_stills if each.id == wanted_id), None)
        if wanted is None:
            raise NotFound("Cette image n’est plus attendue.")
        stills.forget(session, wanted)

    return keep(ref, "vignette", change, _("Image abandonnée."))
