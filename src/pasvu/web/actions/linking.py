"""Connecting a platform in the browser, and everything else that is done to its connection: administrators only."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from pasvu.channel.errors import NotFound, Refused
from pasvu.web.guard import actor, role
from pasvu.web.house import house
from pasvu.web.linking import Linking
from pasvu.web.words import _, told

actions = Blueprint("linking", __name__, url_prefix="/reglages/plateformes")

LARGEST_CLIENT = 64 * 1024


@actions.get("/<platform>/connecter")
@role("admin")
def leave(platform: str) -> Response:
    """Off to the consent page; a link and not a form, since the page's policy keeps forms at home."""
    departure = _linking(platform).leave(url_for(".come_back", platform=platform, _external=True))
    session["linking"] = departure.sealed
    return redirect(departure.address, code=303)


@actions.get("/<platform>/retour")
@role("admin")
def come_back(platform: str) -> Response:
    """Back from the consent page; the address with the code is left at once."""
    linking, kept = _linking(platform), session.pop("linking", None)
    if request.args.get("error"):
        flash(_("L’autorisation a été refusée dans le navigateur : rien n’a changé."), "wrong")
    elif kept is None or "code" not in request.args:
        raise Refused("Cette réponse n’est pas celle que l’on attendait : recommencez la connexion.")
    else:
        title = linking.come_back(kept, request.args.get("state", ""), request.args["code"], actor())
        flash(_("La chaîne « %(title)s » est connectée.", title=title), "done")
    return _page()


@actions.post("/<platform>/client")
@role("admin")
def keep_client(platform: str) -> Response:
    """Keep the `client_secret.json` of the team's own project."""
    given = request.files.get("client")
    text = given.read(LARGEST_CLIENT).decode("utf-8", "replace") if given else ""
    _linking(platform).keep_client(text, actor())
    flash(_("Le projet Google est enregistré : connectez maintenant la chaîne."), "done")
    return _page()


@actions.post("/<platform>/verifier")
@role("admin", "producer")
def check(platform: str) -> Response:
    """Ask the platform whether it still knows us."""
    wrong = _linking(platform).check()
    flash(told(wrong) if wrong else _("La plateforme nous reconnaît."), "wrong" if wrong else "done")
    return _page()


@actions.post("/<platform>/deconnecter")
@role("admin")
def disconnect(platform: str) -> Response:
    """Take the authorisation back at the platform and erase it here."""
    if _linking(platform).disconnect(actor()):
        flash(_("Déconnecté : l’autorisation est retirée et effacée."), "done")
    else:
        flash(
            _(
                "L’autorisation est effacée ici, mais la plateforme n’a pas confirmé : retirez-la aussi sur "
                "myaccount.google.com/permissions."
            ),
            "wrong",
        )
    return _page()


def _linking(platform: str) -> Linking:
    found = house().linkings.get(platform)
    if found is None:
        raise NotFound("Cette plateforme n’existe pas ici.")
    return found


def _page() -> Response:
    return redirect(url_for("rules.platforms"), code=303)
