"""Signing in and out, accepting an invitation, choosing a language or a password."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, flash, g, redirect, render_template, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response as AnyResponse

from pasvu.channel import accounts, queries
from pasvu.channel.errors import PasVuError, Refused
from pasvu.web import provider
from pasvu.web.guard import EVERYONE, actor, enter, leave, public, role, signed_in
from pasvu.web.house import house
from pasvu.web.pages import entry
from pasvu.web.pages.entry import render_welcome
from pasvu.web.troubles import back
from pasvu.web.words import LANGUAGES, _, say

actions = Blueprint("entering", __name__)

GUESSES = "5 per minute; 40 per hour"


def limit_guesses(app: Flask) -> None:
    """Slow down whoever tries passwords, or invitation links, from one address."""
    # In memory: one process serves the panel, and a restart forgives.
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    for endpoint in (
        "entering.sign_in",
        "entering.accept",
        "guest.show",
        "guesting.comment",
        "entering.back_from_provider",
    ):
        view: Any = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit(GUESSES, deduct_when=_failed)(view)


@actions.post("/connexion")
@public
def sign_in() -> AnyResponse | tuple[str, int]:
    """Let in whoever knows the password."""
    here = house()
    name, next_page = request.form.get("name", ""), request.form.get("suite", "")
    with here.record.write() as writing:
        account = accounts.sign_in(writing, name, request.form.get("password", ""), here.now)
    if account is None:
        wrong = _("Nom ou mot de passe incorrect.")
        page = render_template("sign_in.html", anyone=True, next_page=next_page, name=name, wrong=wrong, **entry.ways())
        return page, 422
    enter(account)
    return redirect(_inside(next_page), code=303)


@actions.get("/connexion/organisation")
@public
def leave_for_provider() -> AnyResponse | tuple[str, int]:
    """To the organisation's identity provider; signed in already, to tell that the two are one person."""
    if not provider.known():
        abort(404)
    here = g.get("account")
    session["binding"] = here.id if here is not None and "relier" in request.args else None
    session["suite"] = request.args.get("suite", "")
    try:
        return provider.leave_for(url_for(".back_from_provider", _external=True))
    except PasVuError as wrong:
        return _at_the_door(say(wrong), session["suite"])


@actions.get("/connexion/organisation/retour")
@public
def back_from_provider() -> AnyResponse | tuple[str, int]:
    """Let in whoever the provider knows, if an account here is theirs: nobody gets a role from elsewhere."""
    if not provider.known():
        abort(404)
    here = house()
    binding, next_page = session.pop("binding", None), session.pop("suite", "")
    try:
        person = provider.come_back()
    except PasVuError as wrong:
        return _at_the_door(say(wrong), next_page)
    with here.record.write() as writing:
        if binding is not None and g.get("account") is not None and g.account.id == binding:
            account = queries.account(writing, binding)
            assert account is not None
            accounts.bind_subject(writing, account, person.subject, here.now, account.shown_name)
            flash(_("Vous pourrez désormais entrer par %(name)s.", name=here.settings.oidc_name), "done")
            return redirect(url_for("rules.me"), code=303)
        account = accounts.by_subject(writing, person.subject, here.now)
    if account is None:
        sentence = _(
            "%(who)s n’est relié à aucun compte d’ici : entrez avec votre mot de passe, puis reliez-le dans « Mon "
            "compte ».",
            who=person.name,
        )
        return _at_the_door(sentence, next_page)
    enter(account)
    return redirect(_inside(next_page), code=303)


def _at_the_door(sentence: str, next_page: str) -> tuple[str, int]:
    page = render_template("sign_in.html", anyone=True, next_page=next_page, name="", wrong=sentence, **entry.ways())
    return page, 422


@actions.post("/deconnexion")
@public
def sign_out() -> AnyResponse:
    """End the session."""
    leave()
    return redirect(url_for("entry.sign_in_page"), code=303)


@actions.post("/bienvenue/<token>")
@public
def accept(token: str) -> AnyResponse | tuple[str, int]:
    """Use an invitation, and come in."""
    here = house()
    name, password = request.form.get("name", ""), request.form.get("password", "")
    if password != request.form.get("again", ""):
        return render_welcome(token, name, _("Les deux mots de passe diffèrent."), 422)
    try:
        with here.record.write() as writing:
            account = accounts.accept(writing, token, name, password, here.now)
            writing.flush()
    except Refused as refused:
        return render_welcome(token, name, say(refused), 422)
    enter(account)
    return redirect(url_for("board.show"), code=303)


@actions.post("/langue")
@public
def choose_language() -> AnyResponse:
    """Show the panel in another language from now on."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return back(url_for("board.show"))


@actions.post("/reglages/moi")
@role(*EVERYONE)
def change_password() -> AnyResponse:
    """A new password for oneself; other sessions end, this one goes on."""
    here = house()
    me = signed_in()
    new = request.form.get("password", "")
    with here.record.write() as writing:
        if accounts.sign_in(writing, me.name, request.form.get("current", ""), here.now) is None:
            raise Refused("Le mot de passe actuel n’est pas le bon : rien n’a été changé.")
        if new != request.form.get("again", ""):
            raise Refused("Les deux mots de passe diffèrent : rien n’a été changé.")
        account = queries.account(writing, me.id)
        assert account is not None
        accounts.set_password(writing, account, new, here.now, actor())
    enter(account)
    flash(_("Mot de passe changé. Vos autres sessions sont fermées."), "done")
    return redirect(url_for("rules.me"), code=303)


def _failed(response: Response) -> bool:
    return response.status_code >= 400


def _inside(wished: str) -> str:
    # Only a path of ours: a link in a mail must not send a person elsewhere after the sign-in.
    parts = urlsplit(wished)
    ours = wished.startswith("/") and not wished.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return wished if ours else url_for("board.show")
