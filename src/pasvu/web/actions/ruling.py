"""Changing the house's rules: programmes, accounts; stopping and restarting jobs."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from pasvu.channel import accounts, episodes, programmes, queries
from pasvu.channel.database import Session
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import Account
from pasvu.web.guard import actor, role
from pasvu.web.house import DEFAULT_PLATFORM, house
from pasvu.web.shelf import read_playlist_id
from pasvu.web.troubles import back
from pasvu.web.words import _

actions = Blueprint("ruling", __name__)


@actions.post("/reglages/emissions")
@role("admin")
def create_show() -> Response:
    """A new programme."""
    here = house()
    with here.record.write() as writing:
        made = programmes.create(writing, request.form.get("name", ""), here.now, actor())
        slug, name = made.slug, made.name
    flash(_("L’émission « %(name)s » est créée.", name=name), "done")
    return redirect(url_for("rules.shows", e=slug, _anchor=f"e-{slug}"), code=303)


@actions.post("/reglages/emissions/<slug>")
@role("admin")
def change_show(slug: str) -> Response:
    """Change a programme's name, colour, slots and wording."""
    here = house()
    form = request.form
    name = " ".join(form.get("name", "").split())
    if not name:
        raise Refused("Donnez un nom à l’émission.")
    changes = {
        "name": name,
        "colour": min(max(form.get("colour", 1, int), 1), programmes.COLOURS),
        "title_template": form.get("title_template", "").strip() or "{title}",
        "description_template": form.get("description_template", "").replace("\r\n", "\n").strip(),
        "tags": [word.strip() for word in form.get("tags", "").split(",") if word.strip()],
        "playlist_id": read_playlist_id(form.get("playlist_other", ""))
        or read_playlist_id(form.get("playlist_id", "")),
        "category_id": form.get("category_id", programmes.DEFAULT_CATEGORY),
        "license": form.get("license") or None,
        "language": form.get("language", "fr"),
        "still_style": form.get("still_style", programmes.STILL_STYLES[0]),
        "intro": form.get("intro", "").strip() or None,
        "outro": form.get("outro", "").strip() or None,
        "podcast": {"yes": True, "no": False}.get(form.get("podcast", "")),
        "slots": [
            f"{weekday} {at}"
            for weekday, at in zip(form.getlist("weekday"), form.getlist("at"), strict=False)
            if weekday and at
        ],
    }
    with here.record.write() as writing:
        programmes.change(writing, episodes.programme(writing, slug), changes, here.now, actor())
    flash(_("L’émission « %(name)s » est enregistrée.", name=name), "done")
    return redirect(url_for("rules.shows", e=slug, _anchor=f"e-{slug}"), code=303)


@actions.post("/reglages/emissions/<slug>/liste")
@role("admin")
def make_playlist(slug: str) -> Response:
    """A new playlist on the platform, named after the programme, which its episodes go to from now on."""
    here = house()
    platform = here.platforms.get(DEFAULT_PLATFORM)
    if platform is None:
        raise NotFound("Cette plateforme n’existe pas ici.")
    with here.record.read() as reading:
        name = episodes.programme(reading, slug).name
    # Asked before anything is written: no writing waits for a platform.
    made = here.shelf.make(platform, name)
    with here.record.write() as writing:
        show = episodes.programme(writing, slug)
        programmes.change(writing, show, {"playlist_id": made.id}, here.now, actor())
    flash(_("La liste de lecture « %(title)s » est créée, publique.", title=made.title), "done")
    return redirect(url_for("rules.shows", e=slug, _anchor=f"e-{slug}"), code=303)


@actions.post("/reglages/comptes")
@role("admin")
def invite() -> Response:
    """A one-time link for a new person."""
    here = house()
    with here.record.write() as writing:
        made = accounts.invite(writing, request.form.get("role", ""), here.now, actor())
    _show_once(made)
    return redirect(url_for("rules.people"), code=303)


@actions.post("/reglages/comptes/<account_id>/lien")
@role("admin")
def invite_again(account_id: str) -> Response:
    """A one-time link by which someone chooses a new password."""
    here = house()
    with here.record.write() as writing:
        account = _account(writing, account_id)
        made = accounts.invite(writing, account.role, here.now, actor(), account)
    _show_once(made)
    return redirect(url_for("rules.people"), code=303)


@actions.post("/reglages/comptes/<account_id>/role")
@role("admin")
def change_role(account_id: str) -> Response:
    """Another role; that person's sessions end."""
    here = house()
    with here.record.write() as writing:
        account = _account(writing, account_id)
        accounts.set_role(writing, account, request.form.get("role", ""), here.now, actor())
        name = account.shown_name
    flash(_("Le rôle de %(name)s est changé.", name=name), "done")
    return redirect(url_for("rules.people"), code=303)


@actions.post("/reglages/comptes/<account_id>/fermer")
@role("admin")
def close_account(account_id: str) -> Response:
    """Close an account; its sessions end."""
    here = house()
    with here.record.write() as writing:
        account = _account(writing, account_id)
        accounts.disable(writing, account, here.now, actor())
        name = account.shown_name
    flash(_("Le compte de %(name)s est fermé.", name=name), "done")
    return redirect(url_for("rules.people"), code=303)


@actions.post("/travaux/annuler")
@role("producer")
def cancel_job() -> Response:
    """Stop a job."""
    house().jobs.cancel(request.form.get("job", ""), actor())
    flash(_("Travail arrêté : rien de ce qui est fait n’est perdu."), "done")
    return back(url_for("rules.jobs"))


@actions.post("/travaux/relancer")
@role("producer")
def retry_job() -> Response:
    """Start a job again."""
    house().jobs.retry(request.form.get("job", ""), actor())
    flash(_("Travail relancé : ce qui est déjà fait n’est pas refait."), "done")
    return back(url_for("rules.jobs"))


def _account(writing: Session, account_id: str) -> Account:
    found = queries.account(writing, account_id)
    if found is None:
        raise NotFound("Ce compte n’existe plus.")
    return found


def _show_once(made: accounts.Invited) -> None:
    # The token is kept nowhere but in this administrator's own cookie, until the next page shows it.
    session["invited"] = {"token": made.token, "role": made.role, "expires_at": made.expires_at.isoformat()}
