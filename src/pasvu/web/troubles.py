"""What goes wrong, as a page or a notice in words."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from pasvu.channel.errors import NotFound, PasVuError
from pasvu.web.words import _, say


def install(app: Flask) -> None:
    """Have every failure of `app` said in words."""
    app.register_error_handler(PasVuError, _refused)
    app.register_error_handler(CSRFError, _no_token)
    app.register_error_handler(RateLimitExceeded, _too_many)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def wants_fragment() -> bool:
    """Whether a script of ours asked, and not a person's browser by itself."""
    return bool(request.headers.get("HX-Request")) or request.headers.get("X-Requested-With") == "fetch"


def back(fallback: str) -> AnyResponse:
    """Back to the page the form was on, or to `fallback`; never to another site."""
    came = urlsplit(request.referrer or "")
    if came.netloc == request.host and came.path:
        return redirect(came.path + (f"?{came.query}" if came.query else ""), code=303)
    return redirect(fallback, code=303)


def toast(sentence: str, code: int = 200, *, wrong: bool = False) -> Response:
    """A notice that a script adds to the page."""
    return make_response(render_template("_toast.html", sentence=sentence, undo=None, wrong=wrong), code)


def _refused(error: PasVuError) -> Response | AnyResponse:
    sentence = say(error)
    if request.method == "GET":
        code = 404 if isinstance(error, NotFound) else 422
        return _page(code, _("Introuvable") if code == 404 else _("Impossible"), sentence)
    if wants_fragment():
        return toast(sentence, 422, wrong=True)
    flash(sentence, "wrong")
    return back(url_for("board.show"))


def _no_token(error: CSRFError) -> Response:
    sentence = _("Ce formulaire n’est plus valable : rechargez la page et recommencez. Rien n’a été changé.")
    if current_app.config["SESSION_COOKIE_SECURE"] and not request.is_secure:
        sentence = _(
            "Le panneau n’est pas ouvert en HTTPS : hors de cette machine, il en a besoin pour vous reconnaître. "
            "Rien n’a été changé."
        )
    if wants_fragment():
        reply = toast(sentence, 400, wrong=True)
        # A script can fetch a new one and go on: the person signed in anew in another tab.
        reply.headers["X-Token"] = "refused"
        return reply
    return _page(400, _("Formulaire refusé"), sentence)


def _too_many(error: RateLimitExceeded) -> Response:
    return _page(429, _("Trop d’essais"), _("Trop d’essais d’affilée : attendez une minute, puis recommencez."))


def _http(error: HTTPException) -> Response | HTTPException:
    match error.code:
        case 403:
            title = _("Pas avec votre rôle")
            sentence = _("Votre compte ne permet pas cela. Une personne de l’administration peut changer votre rôle.")
        case 404:
            title = _("Introuvable")
            sentence = _("Il n’y a rien à cette adresse. L’épisode a peut-être été retiré, ou le lien est incomplet.")
        case 405:
            title = _("Impossible")
            sentence = _("Cette adresse ne s’ouvre pas ainsi : passez par les boutons du panneau.")
        case 413:
            title = _("Trop long")
            sentence = _("Ce formulaire est trop grand : raccourcissez le texte. Rien n’a été changé.")
        case _:
            if error.code is not None and error.code < 400:
                return error
            title = _("Impossible")
            sentence = _("La demande n’a pas été comprise : rechargez la page et recommencez.")
    code = error.code or 500
    reply = toast(sentence, code, wrong=True) if wants_fragment() else _page(code, title, sentence)
    if error.get_response().headers.get("Content-Range"):
        reply.headers["Content-Range"] = error.get_response().headers["Content-Range"]
    return reply


def _broken(error: Exception) -> Response:
    current_app.logger.exception("a page failed: %s %s", request.method, request.path)
    sentence = _(
        "Le panneau a rencontré une erreur. Rien n’est perdu : rechargez la page ; "
        "si cela continue, donnez l’heure à la personne qui s’occupe de l’installation."
    )
    return toast(sentence, 500, wrong=True) if wants_fragment() else _page(500, _("Une erreur chez nous"), sentence)


def _page(code: int, title: str, sentence: str) -> Response:
    return make_response(render_template("trouble.html", title=title, sentence=sentence, code=code), code)
