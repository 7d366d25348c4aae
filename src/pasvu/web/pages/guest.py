"""What a guest sees by a link of their own: one episode as it will go on air, and a place to say what they think."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, make_response, render_template, send_file

from pasvu.channel import captions, episodes, guests
from pasvu.channel.database import Session
from pasvu.channel.models import ReviewLink
from pasvu.web import playable, ranges
from pasvu.web.guard import public
from pasvu.web.house import house

pages = Blueprint("guest", __name__, url_prefix="/apercu/<token>")

# A visit is written down now and then, not at each look.
NOTED_EVERY = timedelta(minutes=5)


@pages.get("/")
@public
def show(token: str) -> Response:
    """The film and the guest's own remarks; 410 when the link no longer opens."""
    return render(token)


@pages.get("/film")
@public
def film(token: str) -> Response:
    """The film as it will go on air, in short ranges."""
    with house().record.read() as session:
        found = playable.as_aired(link_of(session, token).episode)
    if found is None:
        abort(404)
    reply = ranges.reply(house().absolute(str(found.path)), found.media_type)
    reply.headers["Cache-Control"] = "private, no-store"
    return reply


@pages.get("/vignette")
@public
def still(token: str) -> Response:
    """The chosen still."""
    with house().record.read() as session:
        chosen = next((each for each in link_of(session, token).episode.thumbnails if each.chosen), None)
        path = house().absolute(chosen.path) if chosen else None
    if path is None or not path.is_file():
        abort(404)
    return send_file(path, conditional=True)


@pages.get("/sous-titres/<language>.vtt")
@public
def captions_file(token: str, language: str) -> Response:
    """The captions of one language, in the film's time."""
    with house().record.read() as session:
        episode = link_of(session, token).episode
        kept = next((each for each in episode.captions if each.language == language), None)
        if kept is None:
            abort(404)
        cues = captions.in_cut(captions.load(house().absolute(kept.path)), episodes.made_timeline(episode))
    return Response(captions.vtt(cues), mimetype="text/vtt")


def link_of(session: Session, token: str) -> ReviewLink:
    """The link that this token opens; 410 when none does."""
    link = guests.open_link(session, token, house().now)
    if link is None:
        abort(410)
    return link


def render(token: str, *, typed: str = "", at: str = "", wrong: str | None = None, code: int = 200) -> Response:
    """The guest's page, with what was typed when a remark was refused."""
    here = house()
    with here.record.read() as session:
        link = guests.open_link(session, token, here.now)
        if link is None:
            return make_response(render_template("guest.html", link=None), 410)
        noted = link.opened_at
        author = guests.author_of(link)
        page = render_template(
            "guest.html",
            link=link,
            token_=token,
            e=link.episode,
            film=playable.as_aired(link.episode),
            still=next((each for each in link.episode.thumbnails if each.chosen), None),
            remarks=[remark for remark in link.episode.remarks if remark.author == author],
            cut=episodes.made_timeline(link.episode),
            typed=typed,
            at=at,
            wrong=wrong,
        )
    if noted is None or here.now - noted > NOTED_EVERY:
        with here.record.write() as session:
            guests.note_visit(link_of(session, token), here.now)
    return make_response(page, code)
