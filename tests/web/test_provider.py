"""Signing in through the organisation's identity provider, against a small real one on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from pasvu.channel import accounts
from pasvu.channel.settings import Settings
from web.channel import Channel
from web.conftest import Come, Visitor, open_app
from web.identity import Provider, provided


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provided() as made:
        yield made


@pytest.fixture
def app(fresh: Channel, provider: Provider) -> Flask:
    fresh.settings = Settings(
        home=fresh.settings.home,
        oidc_issuer=provider.address,
        oidc_client_id="pasvu",
        oidc_client_secret="secret",
        oidc_name="Nextcloud",
    )
    return open_app(fresh)


def bind(channel: Channel, name: str = "Inès Belkacem", subject: str = "sub-ines") -> None:
    with channel.record.write() as session:
        accounts.bind_subject(session, accounts.find(session, name), subject, channel.clock.now(), name)


def travel(visitor: Visitor, provider: Provider, start: str = "/connexion/organisation") -> str:
    """To the provider and back; the address one returns to."""
    sent = visitor.get(start)
    assert sent.status_code == 302
    assert sent.headers["Location"].startswith(provider.address)
    back = urlsplit(provider.authorize(sent.headers["Location"]))
    return f"{back.path}?{back.query}"


def test_a_known_person_comes_in(fresh: Channel, app: Flask, provider: Provider, come: Come) -> None:
    bind(fresh)
    visitor = come(app)
    assert "Entrer par Nextcloud" in visitor.page("/connexion")
    back = travel(visitor, provider, "/connexion/organisation?suite=/calendrier")
    reply = visitor.get(back)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/calendrier")
    assert "Inès Belkacem" in visitor.page("/")


def test_a_stranger_there_is_a_stranger_here(app: Flask, provider: Provider, come: Come) -> None:
    visitor = come(app)
    reply = visitor.get(travel(visitor, provider))
    assert reply.status_code == 422
    assert "n’est relié à aucun compte" in reply.get_data(as_text=True)
    assert visitor.get("/").status_code == 302


@pytest.mark.parametrize("how", ["replayed", "foreign state", "wrong nonce", "refused there"])
def test_what_was_not_begun_here_is_refused(
    fresh: Channel, app: Flask, provider: Provider, come: Come, how: str
) -> None:
    bind(fresh)
    visitor = come(app)
    if how == "wrong nonce":
        provider.nonce = "another"
    back = travel(visitor, provider)
    if how == "replayed":
        assert visitor.get(back).status_code == 303
        visitor.post("/deconnexion")
    elif how == "foreign state":
        back = back.replace("state=", "state=x")
    elif how == "refused there":
        back = back.split("?")[0] + "?error=access_denied&state=" + parse_qs(urlsplit(back).query)["state"][0]
    reply = visitor.get(back)
    assert reply.status_code == 422
    assert "n’a pas abouti" in reply.get_data(as_text=True)
    assert visitor.get("/").status_code == 302


def test_a_closed_account_stays_closed(fresh: Channel, app: Flask, provider: Provider, come: Come) -> None:
    bind(fresh)
    with fresh.record.write() as session:
        accounts.disable(session, accounts.find(session, "Inès Belkacem"), fresh.clock.now(), "Ada Minh")
    visitor = come(app)
    assert visitor.get(travel(visitor, provider)).status_code == 422


def test_one_binds_ones_own_account(fresh: Channel, app: Flask, provider: Provider, come: Come) -> None:
    visitor = come(app, "Malik Kone")
    assert "Relier ce compte à Nextcloud" in visitor.page("/reglages/moi")
    reply = visitor.get(travel(visitor, provider, "/connexion/organisation?relier=1"))
    assert reply.headers["Location"] == "/reglages/moi"
    assert "Vous entrez aussi par Nextcloud" in visitor.page("/reglages/moi")
    other = come(app)
    assert other.get(travel(other, provider)).status_code == 303
    assert "Malik Kone" in other.page("/")


def test_a_provider_that_does_not_answer_leaves_the_password(fresh: Channel, provider: Provider, come: Come) -> None:
    fresh.settings = Settings(home=fresh.settings.home, oidc_issuer="http://127.0.0.1:9", oidc_client_id="pasvu")
    visitor = come(open_app(fresh))
    reply = visitor.client.get("/connexion/organisation", follow_redirects=True)
    assert "ne répond pas" in reply.get_data(as_text=True)


def test_without_a_provider_there_is_no_such_door(fresh: Channel, come: Come) -> None:
    visitor = come(open_app(fresh))
    assert visitor.get("/connexion/organisation").status_code == 404
    assert "Entrer par" not in visitor.page("/connexion")
