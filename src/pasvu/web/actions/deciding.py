"""Deciding about an episode: approve, send back, reopen, withdraw, retry; and the board's moves."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from pasvu.channel import bulk, episodes, incoming, publications, queries, review
from pasvu.channel.database import Session
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode
from pasvu.channel.queries import Column
from pasvu.publish import adopting
from pasvu.web import moves
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.moves import Move
from pasvu.web.troubles import back
from pasvu.web.words import COLUMNS, _

actions = Blueprint("deciding", __name__)


@actions.post("/e/<ref>/valider")
@role("producer")
def approve(ref: str) -> AnyResponse:
    """Say that this episode, exactly as it is, may go on air."""
    return _decide(
        ref,
        lambda session, episode: review.approve(session, episode, house().now, actor(), drawn_from=_drawn_from()),
        _("Validé. Il reste à choisir son heure."),
    )


@actions.post("/e/<ref>/renvoyer")
@role("producer")
def send_back(ref: str) -> AnyResponse:
    """Ask for changes, in words."""
    note = request.form.get("note", "")
    return _decide(
        ref,
        lambda session, episode: review.send_back(
            session, episode, note, house().now, actor(), drawn_from=_drawn_from()
        ),
        _("Renvoyé, avec votre remarque."),
    )


@actions.post("/e/<ref>/rouvrir")
@role("producer")
def reopen(ref: str) -> AnyResponse:
    """Bring an episode back to review."""
    return _decide(
        ref,
        lambda session, episode: review.reopen(session, episode, house().now, actor(), drawn_from=_drawn_from()),
        _("De nouveau à relire."),
    )


@actions.post("/e/<ref>/retirer")
@role("producer")
def withdraw(ref: str) -> AnyResponse:
    """Take an episode off the road, and from the public."""
    return _decide(
        ref,
        lambda session, episode: review.withdraw(session, episode, house().now, actor(), drawn_from=_drawn_from()),
        _("Retiré. Les fichiers sont gardés."),
    )


@actions.post("/e/<ref>/relancer")
@role("producer")
def retry(ref: str) -> AnyResponse:
    """Try again what failed: the publication if it is that, else the preparation."""

    def again(session: Session, episode: Episode) -> None:
        anew, as_it_is = (request.form.get(name) == "1" for name in ("again", "as_it_is"))
        bulk.try_again(session, episode, house().now, actor(), anew=anew, as_it_is=as_it_is)

    return _decide(ref, again, _("Relancé : ce qui est déjà fait n’est pas refait."))


@actions.post("/e/<ref>/adopter")
@role("producer")
def adopt(ref: str) -> AnyResponse:
    """Say which video on the platform is the lost one (`video`: its address or id); it is looked at before."""

    here = house()
    with here.record.read() as session:
        lost = [each.platform for each in episodes.find(session, ref).publications if publications.is_lost(each)]
    typed = request.form.get("video", "")
    found = [(here.platforms[name], adopting.look(here.platforms[name], typed)) for name in lost]

    def take(session: Session, episode: Episode) -> None:
        if not found:
            raise Refused("Aucune vidéo de « {title} » n’est recherchée.", title=episode.title)
        for platform, seen in found:
            adopting.adopt(session, platform, episode, seen, here.now, actor())

    return _decide(ref, take, _("C’est elle : la suite reprend."))


@actions.post("/arrivages/<key>/prendre")
@role("producer")
def take_as_it_is(key: str) -> AnyResponse:
    """Take a copy that stopped, now and as it is."""
    with house().record.write() as session:
        row = incoming.take_as_it_is(session, key, house().now, actor())
        sentence = _("« %(name)s » sera pris tel quel.", name=row.shown_name)
    flash(sentence, "done")
    return redirect(url_for("board.show"), 303)


@actions.post("/e/<ref>/etape")
@role("producer")
def move(ref: str) -> AnyResponse:
    """Move a card to a column of the board, where that is a decision; the reply is a notice that can undo it."""
    here = house()
    target = _column(request.form.get("vers", ""))
    with here.record.write() as session:
        episode = episodes.find(session, ref)
        card = queries.card(session, episode)
        meant = moves.moves(card).get(target)
        if meant is None:
            raise Refused(
                "« {title} » ne peut pas aller là d’ici : ouvrez sa fiche pour voir ce qu’il attend.",
                title=episode.title,
            )
        if meant == Move.SCHEDULE:
            there = url_for("episode.show", ref=episode.id, dialogue="programmer")
            return make_response("", 204, {"HX-Redirect": there})
        _MOVES[meant](session, episode)
        undo = moves.undo(meant, card.column) if card.column else None
        title = episode.title
    sentence = _("« %(title)s » passe dans « %(column)s ».", title=title, column=_(COLUMNS[target]))
    return make_response(
        render_template(
            "_toast.html", sentence=sentence, undo=url_for(".move", ref=ref) if undo else None, fields={"vers": undo}
        )
    )


def _unschedule(session: Session, episode: Episode) -> None:
    publications.unschedule(session, episode, None, house().now, actor())


_MOVES: dict[Move, Callable[[Session, Episode], None]] = {
    Move.APPROVE: lambda session, episode: review.approve(session, episode, house().now, actor()),
    Move.SEND_BACK: lambda session, episode: review.send_back(
        session, episode, request.form.get("note", ""), house().now, actor()
    ),
    Move.REOPEN: lambda session, episode: review.reopen(session, episode, house().now, actor()),
    Move.UNSCHEDULE: _unschedule,
}


def _decide(ref: str, decide: Callable[[Session, Episode], None], done: str) -> AnyResponse | Response:
    with house().record.write() as session:
        episode = episodes.find(session, ref)
        decide(session, episode)
        episode_id = episode.id
    flash(done, "done")
    return back(url_for("episode.show", ref=episode_id)) if request.referrer else redirect(url_for("board.show"), 303)


def _drawn_from() -> int | None:
    return request.form.get("version", None, int)


def _column(text: str) -> Column:
    try:
        return Column(text)
    except ValueError as unknown:
        raise Refused("Cette colonne n’existe pas : rechargez la page.") from unknown
