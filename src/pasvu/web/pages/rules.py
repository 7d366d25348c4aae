"""« Réglages »: programmes, accounts, jobs, health, journal, and one's own account."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from importlib import metadata

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from pasvu.channel import accounts, names, publications, queries
from pasvu.channel.categories import CATEGORIES, LICENSES
from pasvu.channel.errors import NotFound, PasVuError
from pasvu.channel.folders import look
from pasvu.channel.metadata import tried
from pasvu.channel.typography import marked
from pasvu.channel.values import RemotePlaylist
from pasvu.web import chronicle
from pasvu.web.guard import EVERYONE, may, role
from pasvu.web.house import DEFAULT_PLATFORM, house
from pasvu.web.pages.entry import ways
from pasvu.web.pages.episode import LANGUAGES
from pasvu.web.words import ROLES, _, say

pages = Blueprint("rules", __name__, url_prefix="/reglages")

JOBS_MOST = 50
JOURNAL_ABOUT = {
    "episode": marked("épisodes"),
    "publication": marked("publications"),
    "remark": marked("remarques"),
    "guest": marked("invités"),
    "programme": marked("émissions"),
    "account": marked("comptes"),
    "freeze": marked("périodes de réserve"),
    "expected": marked("épisodes annoncés"),
    "replay": marked("directs"),
    "connection": marked("connexions"),
    "alert": marked("alertes"),
    "token": marked("clés"),
}
"""What the journal can be narrowed to, by the first word of its actions."""
PARTS = (
    ("Flask", "flask"),
    ("SQLAlchemy", "sqlalchemy"),
    ("DBOS Transact", "dbos"),
    ("ffmpeg-python", "ffmpeg-python"),
    ("google-api-python-client", "google-api-python-client"),
    ("yt-dlp", "yt-dlp"),
)


@pages.get("/")
@role(*EVERYONE)
def first() -> Response:
    """The first page this person may see."""
    return redirect(url_for(".shows" if may("producer") else ".me"))


@pages.get("/emissions")
@role("producer")
def shows() -> str:
    """The programmes: name, colour, usual slots, wording."""
    playlists, wrong = _playlists("listes" in request.args)
    with house().record.read() as reading:
        newest = queries.newest_of_each(reading)
        return render_template(
            "rules_shows.html",
            programmes=queries.programmes(reading),
            may_change=may(),
            opened=request.args.get("e"),
            playlists=playlists,
            playlists_wrong=wrong,
            samples={each.programme.slug: publications.metadata(each) for each in newest if each.programme},
            categories=CATEGORIES,
            licenses=LICENSES,
            podcast=house().settings.podcast,
            languages_known=LANGUAGES,
            wording_words=("title", "summary", "guests", "programme", "date", "chapters"),
        )


@pages.post("/emissions/<slug>/essai")
@role("producer")
def try_wording(slug: str) -> str:
    """What viewers would read of the programme's newest episode with the templates being typed; nothing is kept."""
    form = request.form
    with house().record.read() as reading:
        newest = queries.newest_of_each(reading)
        sample = next((each for each in newest if each.programme and each.programme.slug == slug), None)
        if sample is None:
            raise NotFound("Cette émission n’a pas encore d’épisode.")
        return render_template(
            "_wording.html",
            sample=tried(sample, form.get("title_template", ""), form.get("description_template", "")),
        )


def _playlists(asked: bool) -> tuple[Sequence[RemotePlaylist] | None, str | None]:
    """The channel's playlists and why they could not be had; nothing of either until a person asks."""
    here = house()
    there = here.platforms.get(DEFAULT_PLATFORM)
    if there is None or not asked:
        return here.shelf.known(DEFAULT_PLATFORM, here.now), None
    try:
        return here.shelf.ask(there, here.now), None
    except PasVuError as error:
        return None, say(error)


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


@pages.get("/dossiers")
@role("producer")
def folders() -> str:
    """The watched folders: where they are, whether files can be taken out, what waits in them."""
    here = house()
    watched = here.settings.watch_dirs
    with here.record.read() as reading:
        waiting = queries.incoming_by_folder(reading, watched)
        shows_ = {show.slug: show for show in queries.programmes(reading)}
    return render_template(
        "rules_folders.html",
        folders=[look(path) for path in watched],
        waiting=waiting,
        shows=shows_,
        slug=names.slug,
        settle_s=here.settings.settle_s,
    )


@pages.get("/journal")
@role("producer")
def journal() -> str:
    """Who did what, newest first, narrowed by the address."""
    here, args = house(), request.args
    page = max(1, args.get("page", 1, int))
    looked = queries.Looked(
        who=args.get("qui", ""),
        about=args.get("quoi", "") if args.get("quoi") in JOURNAL_ABOUT else "",
        since=_midnight(args.get("du", ""), 0),
        until=_midnight(args.get("au", ""), 1),
        words=args.get("q", ""),
    )
    with here.record.read() as reading:
        entries, more = queries.journal(reading, looked, page)
        return render_template(
            "rules_journal.html",
            lines=chronicle.lines(entries),
            titles=queries.titles(reading, [entry.episode_id for entry in entries if entry.episode_id]),
            actors=[who for who in queries.actors(reading) if who != "pasvu"],
            about=JOURNAL_ABOUT,
            page=page,
            more=more,
            asked=args,
        )


def _midnight(text: str, days_after: int) -> datetime | None:
    """The beginning of a day of the channel's zone, or of the one after; `None` when it is not a day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day + timedelta(days=days_after), time(), house().zone)


@pages.get("/a-propos")
@role(*EVERYONE)
def about() -> str:
    """What is installed here, and under which licence."""
    here = house()
    return render_template(
        "rules_about.html",
        version=metadata.version("pasvu"),
        python=platform.python_version(),
        database="PostgreSQL" if here.settings.url.startswith("postgresql") else f"SQLite {sqlite3.sqlite_version}",
        parts=[(name, metadata.version(package)) for name, package in PARTS],
    )


@pages.get("/moi")
@role(*EVERYONE)
def me() -> str:
    """One's own account."""
    return render_template("rules_me.html", shortest=accounts.PASSWORD_SHORTEST, title=_("Mon compte"), **ways())
