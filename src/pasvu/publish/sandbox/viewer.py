"""The channel as a viewer sees it: public videos, their page, their picture and the received film."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request, send_file
from markupsafe import Markup, escape

from pasvu.publish.sandbox import broadcasts, videos
from pasvu.publish.sandbox.chapters import chapters
from pasvu.publish.sandbox.videos import Video
from pasvu.publish.sandbox.world import World

_LARGEST_ANSWER = 4 << 20
_ZONE = ZoneInfo("Europe/Paris")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)»]")


def viewer_pages(world: World) -> Blueprint:
    """`/`, `/watch`, `/vi/<id>/…` and `/media/<id>`."""
    pages = Blueprint("viewer", __name__)
    pages.add_app_template_filter(_count, "count")
    pages.add_app_template_filter(_clock, "clock")
    pages.add_app_template_filter(_linked, "linked")

    @pages.app_template_filter("age")
    def age(instant: datetime) -> str:
        return _age((world.clock.now() - instant).total_seconds())

    @pages.app_template_filter("day")
    def day(instant: datetime) -> str:
        local = instant.astimezone(_ZONE)
        return f"{local.day}{'er' if local.day == 1 else ''} {_MONTHS[local.month - 1]} {local.year}"

    def asked(video_id: str) -> Video | None:
        with world.store.transaction() as db:
            return videos.find(db, video_id, world.clock.now())

    @pages.get("/")
    def channel() -> str:
        with world.store.transaction() as db:
            shown = [video for video in videos.newest_first(db, world.clock.now()) if video.shown]
            lives = broadcasts.on_now(db, world.clock.now())
        shown.sort(key=lambda video: video.first_public_at or video.uploaded_at, reverse=True)
        return render_template("channel.html", title=world.rules.channel_title, videos=shown, lives=lives)

    @pages.get("/watch")
    def watch() -> tuple[str, int]:
        video = asked(request.args.get("v", ""))
        title = world.rules.channel_title
        if video is None or video.row["outcome"] != "processed":
            return render_template("absent.html", title=title, why="Cette vidéo n’est pas disponible"), 404
        if video.privacy == "private":
            return render_template("absent.html", title=title, why="Vidéo privée"), 403
        start_s = request.args.get("t", 0, type=int)
        description = video.resource.get("snippet", {}).get("description", "")
        found = chapters(description, video.duration_s)
        return render_template(
            "watch.html", title=title, video=video, description=description, chapters=found, start_s=start_s
        ), 200

    @pages.get("/media/<video_id>")
    def media(video_id: str) -> Response:
        video = asked(video_id)
        if video is None or video.privacy == "private" or not video.progress.playable or video.broadcast is not None:
            abort(404)
        return _piece_of(world, video)

    @pages.get("/vi/<video_id>/<name>")
    def picture(video_id: str, name: str) -> Response:
        video = asked(video_id)
        if video is None:
            abort(404)
        if video.row["thumbnail"]:
            path = world.store.received / f"{video.id}.thumbnail"
            return send_file(path.absolute(), mimetype=video.row["thumbnail"])
        hue = hashlib.sha256(video.id.encode()).digest()[0] * 360 // 256
        return Response(render_template("still.svg", hue=hue, letter=video.title[:1].upper()), mimetype="image/svg+xml")

    return pages


def _piece_of(world: World, video: Video) -> Response:
    """At most 4 MiB of the film: the browser asks for the rest as it plays."""
    size: int = video.row["bytes"]
    wanted = request.range.ranges[0] if request.range and request.range.units == "bytes" else (0, None)
    start = wanted[0] if wanted[0] >= 0 else max(0, size + wanted[0])
    if start >= size:
        return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    end = min(wanted[1] or size, size, start + _LARGEST_ANSWER)
    with (world.store.received / video.id).open("rb") as file:
        file.seek(start)
        content = file.read(end - start)
    whole = start == 0 and end == size and request.range is None
    headers = {"Accept-Ranges": "bytes"} | ({} if whole else {"Content-Range": f"bytes {start}-{end - 1}/{size}"})
    return Response(content, 200 if whole else 206, headers, mimetype="video/mp4")


def _count(number: int) -> str:
    """A count as French readers write it: narrow no-break spaces between thousands."""
    return f"{number:,}".replace(",", "\u202f")


def _clock(seconds: float | None) -> str:
    """A length as a player shows it."""
    left = round(seconds or 0)
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def _age(seconds: float) -> str:
    for length, one, many in (
        (365 * 86400, "an", "ans"), (30 * 86400, "mois", "mois"), (7 * 86400, "semaine", "semaines"),
        (86400, "jour", "jours"), (3600, "heure", "heures"), (60, "minute", "minutes"),
    ):  # fmt: skip
        number = int(seconds // length)
        if number >= 1:
            return f"il y a {number}\u00a0{one if number == 1 else many}"
    return "à l’instant"


def _linked(text: str) -> Markup:
    """A description with its addresses made into links."""
    made, at = Markup(), 0
    for match in _LINK.finditer(text):
        made += escape(text[at : match.start()])
        made += Markup('<a href="{0}" rel="nofollow noopener">{0}</a>').format(match.group())
        at = match.end()
    return made + escape(text[at:])
