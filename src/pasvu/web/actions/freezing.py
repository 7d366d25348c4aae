"""Periods in which nothing airs: declared, lifted, passed over by name; and the calendar's private address renewed."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import accounts, episodes, freezes, schedule
from pasvu.channel.errors import Refused
from pasvu.channel.queries import account as find_account
from pasvu.web.formats import counted, instant
from pasvu.web.guard import EVERYONE, actor, role, signed_in
from pasvu.web.house import house
from pasvu.web.troubles import back
from pasvu.web.words import _

actions = Blueprint("freezing", __name__)


@actions.post("/gels")
@role("producer")
def add() -> Response:
    """Freeze a period, for one programme or the whole channel."""
    here = house()
    form = request.form
    since = schedule.read_instant(f"{form.get('du', '')}T{form.get('de', '') or '00:00'}", here.zone)
    until = schedule.read_instant(f"{form.get('au', '')}T{form.get('a', '') or '00:00'}", here.zone)
    with here.record.write() as session:
        show = episodes.programme(session, form["emission"]) if form.get("emission") else None
        made = freezes.add(session, since, until, form.get("raison", ""), here.now, actor(), programme=show)
        reason = made.reason
    flash(
        _(
            "Rien ne sortira du %(since)s au %(until)s : %(reason)s.",
            since=instant(since),
            until=instant(until),
            reason=reason,
        ),
        "done",
    )
    return back(url_for("calendar.show"))


@actions.post("/gels/<int:freeze_id>/lever")
@role("producer")
def lift(freeze_id: int) -> Response:
    """End a freeze before its time."""
    with house().record.write() as session:
        released = len(freezes.lift(session, freezes.find(session, freeze_id), house().now, actor()))
    flash(
        _("Gel levé.")
        + (
            " " + counted(released, "{n} publication reprend son cours.", "{n} publications reprennent leur cours.")
            if released
            else ""
        ),
        "done",
    )
    return back(url_for("calendar.show"))


@actions.post("/gels/<int:freeze_id>/laisser-passer/<ref>")
@role("producer")
def let_through(freeze_id: int, ref: str) -> Response:
    """Let one episode go on air in spite of a freeze; a person answers for it by name."""
    here = house()
    with here.record.write() as session:
        episode = episodes.find(session, ref)
        freeze = freezes.find(session, freeze_id)
        planned = [each for each in episode.publications if each.scheduled_at is not None]
        if not planned:
            raise Refused("« {title} » n’est pas programmé.", title=episode.title)
        for publication in planned:
            freezes.override(session, freeze, publication, request.form.get("raison", ""), here.now, actor())
        title = episode.title
    flash(_("« %(title)s » sortira malgré le gel ; votre nom et la raison restent au journal.", title=title), "done")
    return back(url_for("calendar.show"))


@actions.post("/calendrier/adresse")
@role(*EVERYONE)
def renew_address() -> Response:
    """Give the calendar of this account another private address; the former one answers no more."""
    with house().record.write() as session:
        account = find_account(session, signed_in().id)
        assert account is not None
        accounts.renew_feed(session, account, house().now)
    flash(_("Nouvelle adresse : l’ancienne ne répond plus. Abonnez à nouveau vos agendas."), "done")
    return back(url_for("calendar.show"))
