"""Backstage: the page on which a person orders trouble, and sees the clock, the quota and what was just asked."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request

from pasvu.publish.sandbox import broadcasts, faults, ledger, quota, studio, videos
from pasvu.publish.sandbox.answers import ApiError
from pasvu.publish.sandbox.world import World

LINES = 40
WHERE = {
    "youtube.videos.insert": "l’ouverture d’un envoi",
    "youtube.videos.insert.chunk": "un morceau de vidéo",
    "youtube.videos.insert.status": "la question « où en est l’envoi ? »",
    "youtube.videos.update": "un changement de la vidéo",
    "youtube.videos.list": "la lecture des vidéos",
    "youtube.thumbnails.set": "la vignette",
    "youtube.captions.insert": "les sous-titres",
    "youtube.playlistItems.insert": "l’ajout à une liste de lecture",
    "oauth.token": "le renouvellement du jeton",
    "*": "n’importe quelle demande",
}
TROUBLES = {
    "503": "panne passagère (503)",
    "500": "erreur interne (500)",
    "429": "trop de demandes (429)",
    "403:quotaExceeded": "quota épuisé (403)",
    "400:uploadLimitExceeded": "limite de la chaîne (400)",
    "401": "jeton refusé (401)",
    "404:videoNotFound": "vidéo inconnue (404)",
    "drop": "ligne coupée, rien n’est fait",
    "lose_answer": "fait, mais la réponse se perd",
    "slow": "réponse lente",
    "keep_fewer": "moins d’octets gardés",
    "session_gone": "envoi oublié par le serveur",
}


def backstage_pages(world: World) -> Blueprint:
    """`/coulisses`: reading by anyone on this machine, ordering with the page's own token only."""
    pages = Blueprint("backstage", __name__, url_prefix="/coulisses")
    # A page of another site could post here through the visitor's browser, and cannot read this.
    token = secrets.token_urlsafe(24)

    def page(wrong: str | None) -> str:
        words = {"where": WHERE, "troubles": TROUBLES, "edits": studio.EDITS, "wrong": wrong}
        return render_template("backstage.html", token=token, **words, **_seen(world))

    def ordered(order: Callable[[sqlite3.Connection], object], refused_as: int = 400) -> Any:
        """Carry out what the page’s own form asks for, then show the page; where it was refused, with the reason."""
        _check(token)
        try:
            with world.store.transaction() as db:
                order(db)
        except ApiError as refused:
            return page(refused.message), refused_as
        return redirect("/coulisses", 303)

    @pages.get("")
    def show() -> str:
        return page(None)

    @pages.post("/panne")
    def plan() -> Any:
        form = request.form
        wanted = {
            "method": form.get("ou", ""),
            "do": form.get("quoi", ""),
            "times": form.get("fois", 1, int),
            "after": form.get("apres", 0, int),
        }
        if wanted["do"] == "slow":
            wanted["seconds"] = 5
        return ordered(lambda db: faults.plan(db, wanted))

    @pages.post("/calme")
    def calm() -> Any:
        return ordered(faults.clear)

    @pages.post("/direct")
    def begin() -> Any:
        form = request.form
        wanted = {
            "title": form.get("titre", ""),
            "peak": form.get("personnes", -1, int),
            "minutes": form.get("minutes", 0, int),
            "announced": "annonce" in form,
            "hidden": "masque" in form,
        }
        return ordered(lambda db: broadcasts.begin(db, world.clock.now(), wanted))

    @pages.post("/direct/fin")
    def end() -> Any:
        return ordered(lambda db: broadcasts.end(db, request.form.get("direct", ""), world.clock.now()), 404)

    @pages.post("/studio")
    def by_hand() -> Any:
        def work(db: sqlite3.Connection) -> None:
            video = videos.find(db, request.form.get("video", ""), world.clock.now())
            if video is None:
                raise ApiError(404, "videoNotFound", "Il n’y a pas de telle vidéo.")
            studio.edit(db, video, world.store.received, request.form.get("quoi", ""), world.clock.now())

        return ordered(work)

    return pages


def _check(token: str) -> None:
    if not hmac.compare_digest(request.form.get("token", "").encode(), token.encode()):
        raise ApiError(403, "forbidden", "Open the page again, and order from there.")


def _seen(world: World) -> dict[str, Any]:
    now = world.clock.now()
    with world.store.transaction() as db:
        day = quota.pacific_day(now)
        rows = db.execute("SELECT bucket, units FROM spent WHERE day = ?", (day,)).fetchall()
        asked = ledger.entries(db)[-LINES:]
        return {
            "title": world.rules.channel_title,
            "now": now,
            "planned": faults.pending(db),
            "lives": broadcasts.on_now(db, now),
            "spent": [(row["bucket"], row["units"], world.rules.allowance(row["bucket"])) for row in rows],
            "asked": list(reversed(asked)),
            "videos": list(videos.newest_first(db, now)),
        }
