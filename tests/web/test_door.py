"""Who may come in: every view is guarded, every form carries its token, every role has its bounds."""

from __future__ import annotations

import re
import stat
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter

from pasvu.channel import accounts
from pasvu.channel.settings import Settings
from web.channel import PASSWORD, PEOPLE, Channel
from web.conftest import Come, Visitor, open_app

PUBLIC = {
    "calendar.ics",
    "static",
    "entry.sign_in_page",
    "entry.welcome",
    "entering.sign_in",
    "entering.sign_out",
    "entering.accept",
    "entering.choose_language",
    "guest.show",
    "entering.leave_for_provider",
    "entering.back_from_provider",
    "guest.film",
    "guest.still",
    "guest.captions_file",
    "guesting.comment",
}


SCRIPTS = "api."
OPEN_TO_SCRIPTS = {"api.describe"}


def test_what_scripts_ask_for_wants_a_token(app: Flask, channel: Channel, come: Come) -> None:
    stranger = come(app)
    asked = 0
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith(SCRIPTS) or rule.endpoint in OPEN_TO_SCRIPTS:
            continue
        for method in methods(rule):
            assert stranger.client.open(address(app, rule, channel), method=method).status_code == 401, rule
            asked += 1
    assert asked


def test_every_view_says_who_may_come_in(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        assert hasattr(view, "roles"), f"{rule} has neither roles nor @public"
        # What scripts ask for has tokens of its own in place of roles; its tests are in test_api.py.
        if rule.endpoint.startswith(SCRIPTS):
            continue
        assert (view.roles is None) == (rule.endpoint in PUBLIC), rule


def test_a_bare_view_is_refused(app: Flask, come: Come) -> None:
    app.add_url_rule("/nu", "nu", lambda: "secret")
    assert come(app, "Ada Minh").get("/nu").status_code == 403


def address(app: Flask, rule: object, channel: Channel) -> str:
    numbers = {name for name, converter in rule._converters.items() if isinstance(converter, IntegerConverter)}  # type: ignore[attr-defined]
    wanted = {name: 1 if name in numbers else "x" for name in rule.arguments}  # type: ignore[attr-defined]
    wanted |= {"ref": channel.ids["review"]} if "ref" in wanted else {}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **wanted)  # type: ignore[attr-defined]


def methods(rule: object) -> set[str]:
    """Every way in; Flask answers HEAD and OPTIONS by itself where a view does not say them."""
    return {m for m in rule.methods if m not in ("HEAD", "OPTIONS")} or set(rule.methods)  # type: ignore[attr-defined]


def test_a_stranger_is_sent_to_the_door(app: Flask, channel: Channel, come: Come) -> None:
    stranger = come(app)
    token = stranger.token()
    seen = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC or rule.endpoint.startswith(SCRIPTS):
            continue
        for method in methods(rule):
            headers = {"X-CSRFToken": token}
            reply = stranger.client.open(address(app, rule, channel), method=method, headers=headers)
            assert reply.status_code == 302, (rule, method)
            assert reply.headers["Location"].startswith("/connexion"), rule
            seen += 1
    assert seen > 30


@pytest.mark.parametrize("who", ["Malik Kone", "Inès Belkacem", "Yann Le Goff"])
def test_every_route_refuses_the_roles_it_does_not_name(app: Flask, channel: Channel, come: Come, who: str) -> None:
    visitor = come(app, who)
    token = visitor.token("/")
    role = PEOPLE[who]
    refused = 0
    for rule in app.url_map.iter_rules():
        roles = app.view_functions[rule.endpoint].roles  # type: ignore[attr-defined]
        if roles is None or role in roles:
            continue
        for method in methods(rule):
            reply = visitor.client.open(address(app, rule, channel), method=method, headers={"X-CSRFToken": token})
            assert reply.status_code == 403, (rule, method)
            refused += 1
    assert refused > 5


@pytest.mark.parametrize(
    ("who", "refused", "allowed"),
    [
        (
            "Malik Kone",
            ["/audience", "/reglages/comptes", "/reglages/emissions"],
            ["/", "/calendrier", "/reglages/moi"],
        ),
        ("Inès Belkacem", ["/reglages/comptes"], ["/audience", "/reglages/emissions", "/reglages/travaux"]),
        ("Yann Le Goff", ["/reglages/comptes", "/reglages/journal"], ["/audience", "/calendrier"]),
        ("Ada Minh", [], ["/", "/audience", "/reglages/comptes", "/reglages/journal", "/reglages/systeme"]),
    ],
)
def test_roles_open_their_pages_only(app: Flask, come: Come, who: str, refused: list[str], allowed: list[str]) -> None:
    visitor = come(app, who)
    for path in refused:
        reply = visitor.get(path)
        assert reply.status_code == 403, path
        assert "Pas avec votre rôle" in reply.get_data(as_text=True)
    for path in allowed:
        assert visitor.get(path).status_code == 200, path


@pytest.mark.parametrize("who", ["Malik Kone", "Yann Le Goff"])
@pytest.mark.parametrize(
    "action", ["fiche", "coupe", "chapitres", "vignette", "valider", "renvoyer", "rouvrir", "retirer", "relancer"]
)
def test_only_producers_change_episodes(app: Flask, channel: Channel, come: Come, who: str, action: str) -> None:
    reply = come(app, who).post(f"/e/{channel.ids['review']}/{action}", {"note": "x", "title": "Autre"})
    assert reply.status_code == 403


def test_staff_may_not_comment(app: Flask, channel: Channel, come: Come) -> None:
    reply = come(app, "Yann Le Goff").post(f"/e/{channel.ids['review']}/remarques", {"text": "Bonjour"})
    assert reply.status_code == 403


def test_a_form_without_its_token_is_refused_in_words(app: Flask, channel: Channel, come: Come) -> None:
    visitor = come(app, "Inès Belkacem")
    for path in ("/deconnexion", f"/e/{channel.ids['review']}/valider", "/reglages/moi"):
        reply = visitor.client.post(path)
        assert reply.status_code == 400
        assert "Ce formulaire n’est plus valable" in reply.get_data(as_text=True)
    assert visitor.get("/").status_code == 200


def test_a_script_sends_its_token_in_a_header(app: Flask, channel: Channel, come: Come) -> None:
    visitor = come(app, "Inès Belkacem")
    headers = {"X-CSRFToken": visitor.token(), "X-Requested-With": "fetch"}
    path = f"/e/{channel.ids['review']}/etape"
    reply = visitor.client.post(path, headers=headers, data={"vers": "arriving"})
    assert reply.status_code == 422
    assert 'class="toast toast-wrong"' in reply.get_data(as_text=True)


def test_the_door_leads_back_to_the_wished_page(app: Flask, come: Come) -> None:
    stranger = come(app)
    reply = stranger.get("/calendrier?du=2027-03-22")
    assert reply.headers["Location"] == "/connexion?suite=/calendrier?du%3D2027-03-22"
    reply = stranger.post(
        "/connexion", {"name": "ines belkacem", "password": PASSWORD, "suite": "/calendrier?du=2027-03-22"}
    )
    assert reply.headers["Location"] == "/calendrier?du=2027-03-22"


@pytest.mark.parametrize("wished", ["https://mal.example/", "//mal.example", "/\\mal.example", "javascript:alert(1)"])
def test_the_door_never_leads_elsewhere(app: Flask, come: Come, wished: str) -> None:
    reply = come(app).post("/connexion", {"name": "Inès Belkacem", "password": PASSWORD, "suite": wished})
    assert reply.headers["Location"] == "/"


def test_guessing_passwords_is_slowed_down(app: Flask, come: Come) -> None:
    stranger = come(app)
    replies = [stranger.sign_in("Inès Belkacem", f"mauvais mot {n}").status_code for n in range(7)]
    assert replies == [422] * 5 + [429] * 2
    assert come(app).sign_in("Inès Belkacem").status_code == 429


def test_right_passwords_are_not_counted(app: Flask, come: Come) -> None:
    assert {come(app).sign_in("Inès Belkacem").status_code for _ in range(8)} == {303}


def test_an_invitation_opens_an_account_once(fresh: Channel, come: Come) -> None:
    app = open_app(fresh)
    admin = come(app, "Ada Minh")
    reply = admin.post("/reglages/comptes", {"role": "media"})
    assert reply.status_code == 303
    link = re.search(r'value="http://localhost(/bienvenue/[^"]+)"', admin.page("/reglages/comptes"))
    assert link is not None
    assert "/bienvenue/" not in admin.page("/reglages/comptes"), "the link is shown once"
    guest = come(app)
    fields = {"name": "Léa", "password": "courte", "again": "courte"}
    reply = guest.post(link[1], fields)
    assert reply.status_code == 422
    assert "trop court" in reply.get_data(as_text=True)
    assert 'value="Léa"' in reply.get_data(as_text=True)
    reply = guest.post(link[1], {"name": "Léa", "password": PASSWORD, "again": PASSWORD})
    assert reply.headers["Location"] == "/"
    assert "Léa" in guest.page("/")
    assert come(app).get(link[1]).status_code == 410


@pytest.mark.parametrize("change", ["role", "password", "close"])
def test_a_change_of_account_ends_its_sessions(fresh: Channel, come: Come, change: str) -> None:
    app = open_app(fresh)
    visitor = come(app, "Malik Kone")
    assert visitor.get("/").status_code == 200
    with fresh.record.write() as session:
        account = accounts.find(session, "Malik Kone")
        now = fresh.clock.now()
        if change == "role":
            accounts.set_role(session, account, "staff", now, "Ada Minh")
        elif change == "password":
            accounts.set_password(session, account, "une autre phrase", now, "Ada Minh")
        else:
            accounts.disable(session, account, now, "Ada Minh")
    assert visitor.get("/").status_code == 302


def test_changing_ones_password_keeps_this_session_and_ends_others(fresh: Channel, come: Come) -> None:
    app = open_app(fresh)
    here, there = come(app, "Malik Kone"), come(app, "Malik Kone")
    new = "une phrase toute neuve"
    wrong = here.post("/reglages/moi", {"current": "non", "password": new, "again": new})
    assert wrong.status_code == 303
    assert "n’est pas le bon" in here.page("/reglages/moi")
    here.post("/reglages/moi", {"current": PASSWORD, "password": new, "again": new})
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    assert come(app).sign_in("Malik Kone", new).status_code == 303


def test_the_session_key_is_kept_and_private(fresh: Channel) -> None:
    app = open_app(fresh)
    path = fresh.settings.home / "secrets/session.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_app(fresh).config["SECRET_KEY"] == app.config["SECRET_KEY"]


@pytest.mark.parametrize(
    ("host", "secure"), [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True)]
)
def test_cookies_are_for_this_panel_only(fresh: Channel, come: Come, host: str, secure: bool) -> None:
    fresh.settings = Settings(home=fresh.settings.home, host=host)
    reply = open_app(fresh).test_client().get("/connexion")
    cookie = reply.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) == secure


def test_a_late_answer_does_not_put_a_closed_session_back(fresh: Channel, come: Come) -> None:
    visitor: Visitor = come(open_app(fresh), "Malik Kone")
    visitor.page("/")
    # Asked before the person left, answered after: such an answer must not bring the old cookie back.
    assert "Set-Cookie" not in visitor.get("/", headers={"HX-Request": "true"}).headers
    fresh.clock.sleep(timedelta(hours=1, minutes=1).total_seconds())
    assert "Expires=" in visitor.get("/").headers["Set-Cookie"]
    assert "Set-Cookie" not in visitor.get("/").headers


def test_headers_of_every_reply(app: Flask, come: Come) -> None:
    visitor: Visitor = come(app, "Ada Minh")
    for path in ("/", "/connexion", "/rien", "/static/css/base.css"):
        headers = visitor.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
    assert visitor.get("/").headers["Cache-Control"] == "no-store"
    assert "immutable" in visitor.get("/static/css/base.css?v=1").headers["Cache-Control"]


def test_a_visit_is_noted_and_becomes_the_last_one(fresh: Channel, come: Come) -> None:
    app = open_app(fresh)
    come(app, "Malik Kone").get("/")
    fresh.clock.sleep(timedelta(hours=7).total_seconds())
    visitor = come(app, "Malik Kone")
    assert "Depuis 09:41" in visitor.page("/")
