"""« Réglages »: programmes, accounts, jobs, health, journal, and one's own account."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from pasvu.channel import accounts, queries
from pasvu.channel.errors import PasVuError
from pasvu.web import chronicle
from pasvu.web.guard import EVERYONE, may, role
from pasvu.web.house import house
from pasvu.web.words import ROLES, _, say

pages = Blueprint("rules", __name__, url_prefix="/reglages")

JOBS_MOST = 50
JOURNAL_MOST = 200


@pages.get("/")
@role(*EVERYONE)
def first() -> Response:
    """The first page this person may see."""
    return redirect(url_for(".shows" if may("producer") else ".me"))


@pages.get("/emissions")
@role("producer")
def shows() -> str:
    """The programmes: name, colour, usual slots, wording."""
    with house().record.read() as reading:
        return render_template(
            "rules_shows.html", programmes=queries.programmes(reading), may_change=may(), opened=request.args.get("e")
        )


@pages.get("/comptes")
@role("admin")
def people() -> str:
    """The accounts, and the invitation just made: its link is shown once."""
    with house().record.read() as reading:
        invited = session.pop("invited", None)
        link = url_for("entry.welcome", token=invited["token"], _external=True) if invited else None
        return render_template(
            "rules_people.html", accounts=queries.every_account(reading), roles=ROLES, link=link, invited=invited
        )


@pages.get("/plateformes")
@role("producer")
def platforms() -> str:
    """Each platform's connection: its channel, its age and health, what is left of its allowance."""
    return render_template("rules_platforms.html", links=[each.status() for each in house().linkings.values()])


@pages.get("/travaux")
@role("producer")
def jobs() -> str:
    """The engine's jobs, newest first."""
    try:
        found, wrong = list(house().jobs.list(JOBS_MOST)), None
    except PasVuError as error:
        found, wrong = [], say(error)
    return render_template("rules_jobs.html", jobs=found, wrong=wrong)


@pages.get("/systeme")
@role("producer")
def health() -> str:
    """The same lines as `pasvu check`, where the product gives them to the panel."""
    here = house()
    lines = list(here.checks()) if here.checks else None
    return render_template(
        "rules_health.html", lines=lines, watch=[str(folder) for folder in here.settings.watch_dirs], home=here.settings
    )


@pages.get("/journal")
@role("producer")
def journal() -> str:
    """Who did what, newest first."""
    with house().record.read() as reading:
        lines = [chronicle.line(entry) for entry in queries.history(reading, limit=JOURNAL_MOST)]
    return render_template("rules_journal.html", lines=lines)


@pages.get("/moi")
@role(*EVERYONE)
def me() -> str:
    """One's own account."""
    return render_template("rules_me.html", shortest=accounts.PASSWORD_SHORTEST, title=_("Mon compte"))
