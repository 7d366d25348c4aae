"""The door: signing in, and choosing a password from an invitation."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from pasvu.channel import accounts, queries
from pasvu.web import provider
from pasvu.web.guard import public
from pasvu.web.house import house

pages = Blueprint("entry", __name__)


@pages.get("/connexion")
@public
def sign_in_page() -> str | Response:
    """The sign-in form; where nobody can sign in yet, how to become the first."""
    with house().record.read() as session:
        anyone = accounts.anyone(session)
    return render_template(
        "sign_in.html", anyone=anyone, next_page=request.args.get("suite", ""), name="", wrong=None, **ways()
    )


def ways() -> dict[str, str | None]:
    """How people may sign in besides a password: what the organisation's provider is called here, if there is one."""
    return {"provider_name": house().settings.oidc_name if provider.known() else None}


@pages.get("/bienvenue/<token>")
@public
def welcome(token: str) -> tuple[str, int] | str:
    """The page an invitation opens."""
    return render_welcome(token, "", None)


def render_welcome(token: str, name: str, wrong: str | None, code: int = 200) -> tuple[str, int]:
    """The welcome page with what was typed; 410 when the link no longer opens."""
    here = house()
    with here.record.read() as session:
        invitation = accounts.invitation(session, token, here.now)
        account = queries.account(session, invitation.account_id) if invitation and invitation.account_id else None
        page = render_template(
            "welcome.html",
            invitation=invitation,
            account=account,
            token=token,
            name=name,
            wrong=wrong,
            shortest=accounts.PASSWORD_SHORTEST,
            sign_in_url=url_for("entry.sign_in_page"),
        )
    return page, code if invitation is not None else 410
