"""Asking for a finished live by its address, trying again, stopping."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import replays, schedule
from pasvu.channel.errors import PasVuError
from pasvu.web.guard import actor, role, signed_in
from pasvu.web.house import house
from pasvu.web.pages.replays import render
from pasvu.web.words import _, say

actions = Blueprint("replaying", __name__)


@actions.post("/directs")
@role("media", "producer")
def ask() -> Response:
    """Ask for one; a refusal shows the page again with what was typed."""
    here = house()
    typed = request.form.to_dict()
    day, hour = typed.get("jour", ""), typed.get("heure", "")
    try:
        live_at = schedule.read_instant(f"{day}T{hour or '00:00'}", here.zone) if day else None
        with here.record.write() as session:
            replays.ask(
                session,
                typed.get("adresse", ""),
                here.now,
                actor(),
                allowed=here.settings.replays,
                any_site=signed_in().role in replays.ANY_SITE,
                programme=typed.get("emission") or None,
                live_at=live_at,
            )
    except PasVuError as refused:
        return render(typed, say(refused), 422)
    flash(_("Demandé. La récupération commence toute seule et se suit ici."), "done")
    return redirect(url_for("replays.show"), code=303)


@actions.post("/directs/<request_id>/relancer")
@role("media", "producer")
def retry(request_id: str) -> Response:
    """Try at once."""
    with house().record.write() as session:
        replays.retry(session, replays.find(session, request_id), house().now, actor())
    flash(_("Relancé : ce qui est déjà là n’est pas repris."), "done")
    return redirect(url_for("replays.show"), code=303)


@actions.post("/directs/<request_id>/arreter")
@role("media", "producer")
def stop(request_id: str) -> Response:
    """Stop asking for it."""
    with house().record.write() as session:
        replays.cancel(session, replays.find(session, request_id), house().now, actor())
    flash(_("Arrêté. Ce qui est déjà là est gardé pour un autre essai."), "done")
    return redirect(url_for("replays.show"), code=303)
