"""What people set up of what goes out: alert rules and their trial, keys of the API."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response

from pasvu.channel import alerts, tokens
from pasvu.channel.errors import PasVuError
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.words import _, say

actions = Blueprint("telling", __name__)


@actions.post("/audience/alertes")
@role("producer")
def add_rule() -> Response:
    """Set an alert."""
    here, form = house(), request.form
    threshold = form.get("threshold", "").replace("\u202f", "").replace(" ", "")
    try:
        with here.record.write() as session:
            wanted = int(threshold) if threshold.isdigit() else None
            alerts.add_rule(session, form.get("kind", ""), wanted, form.get("programme") or None, here.now, actor())
    except PasVuError as refused:
        flash(say(refused), "wrong")
    else:
        flash(_("Alerte posée."), "done")
    return _back()


@actions.post("/audience/alertes/<int:rule_id>/retirer")
@role("producer")
def retire_rule(rule_id: int) -> Response:
    """End an alert."""
    here = house()
    try:
        with here.record.write() as session:
            alerts.retire_rule(session, rule_id, here.now, actor())
    except PasVuError as refused:
        flash(say(refused), "wrong")
    else:
        flash(_("Alerte retirée."), "done")
    return _back()


@actions.post("/audience/alertes/essai")
@role("producer")
def try_alert() -> Response:
    """Send a trial to every address."""
    # Imported here: it knows a hundred and seventy services, and takes its time to.
    from pasvu.publish.alerting import Messenger

    try:
        Messenger(house().settings.alerts_to).trial(actor())
    except PasVuError as refused:
        flash(say(refused), "wrong")
    else:
        flash(_("Essai envoyé : regardez s’il est arrivé."), "done")
    return _back()


@actions.post("/audience/cles")
@role()
def create_token() -> Response:
    """Make a key; it is shown on the next page, once."""
    here = house()
    try:
        with here.record.write() as session:
            browser["fresh_token"] = tokens.create(session, request.form.get("name", ""), here.now, actor())
    except PasVuError as refused:
        flash(say(refused), "wrong")
    return _back()


@actions.post("/audience/cles/<token_hash>/retirer")
@role()
def revoke_token(token_hash: str) -> Response:
    """Take a key back."""
    here = house()
    try:
        with here.record.write() as session:
            tokens.revoke(session, token_hash, here.now, actor())
    except PasVuError as refused:
        flash(say(refused), "wrong")
    else:
        flash(_("Clé retirée : elle n’ouvre plus rien."), "done")
    return _back()


def _back() -> Response:
    return redirect(url_for("audience.outputs"), code=303)
