"""Connecting the channel: a browser that says yes, no, too little, or something else."""

from __future__ import annotations

import http.client
import json
import logging
import os
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from pasvu.channel.clock import SetClock
from pasvu.publish.errors import NotConnected, PlatformBusy
from pasvu.publish.sandbox import Sandbox, serve
from pasvu.publish.youtube import YouTube
from pasvu.publish.youtube.authorization import ASKED_SCOPES
from pasvu.publish.youtube.oauth import ask, connect, redeem, revoke

from .conftest import CHUNK, NOW, Ledger


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    home = serve(tmp_path / "sandbox", SetClock(NOW))
    yield home
    home.close()


@pytest.fixture
def client_secret(sandbox: Sandbox) -> str:
    return (sandbox.home / "client_secret.json").read_text()


def browser(act: Callable[[str, dict[str, str]], None]) -> Callable[[str], None]:
    """What a person does with the address, in another thread as a browser would."""

    def show(address: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        threading.Thread(target=act, args=(address, asked), daemon=True).start()

    return show


def answer(address: str, asked: dict[str, str], said: str = "yes") -> None:
    """Press the button of the sandbox's consent page; the redirect to us is followed."""
    place = urlsplit(address)
    form = urlencode({**asked, "answer": said}).encode()
    with urllib.request.urlopen(f"{place.scheme}://{place.netloc}{place.path}", form, timeout=10) as page:
        page.read()


def visit(address: str, **query: str) -> int:
    try:
        with urllib.request.urlopen(f"{address}?{urlencode(query)}", timeout=10) as page:
            return int(page.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_person_says_yes(
    sandbox: Sandbox, client_secret: str, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: dict[str, str] = {}

    def act(address: str, asked: dict[str, str]) -> None:
        seen.update(asked)
        answer(address, asked)

    user = connect(client_secret, browser(act), timeout_s=20)
    assert seen["prompt"] == "consent"
    assert seen["access_type"] == "offline"
    assert seen["code_challenge_method"] == "S256"
    assert urlsplit(seen["redirect_uri"]).hostname == "127.0.0.1"
    assert user.token_uri == f"{sandbox.url}/token"
    assert user.scopes == ASKED_SCOPES
    youtube = YouTube(sandbox.url, user, chunk_bytes=CHUNK, clock=clock, spend=Ledger(), sleep=clock.sleep)
    assert youtube.channel_id() == sandbox.channel_id
    # oauthlib speaks of every token at this level: the control is that it spoke.
    assert "Obtained token" in caplog.text
    assert user.refresh_token not in caplog.text
    assert json.loads(client_secret)["installed"]["client_secret"] not in caplog.text
    assert "OAUTHLIB_INSECURE_TRANSPORT" not in os.environ


def test_a_person_says_no(client_secret: str) -> None:
    with pytest.raises(NotConnected, match="refusée dans le navigateur"):
        connect(client_secret, browser(lambda address, asked: answer(address, asked, "no")), timeout_s=20)


def test_answers_that_are_not_ours_are_passed_over(client_secret: str) -> None:
    codes: list[int] = []

    def act(address: str, asked: dict[str, str]) -> None:
        codes.append(visit(asked["redirect_uri"], code="stolen", state="guessed"))
        codes.append(visit(asked["redirect_uri"] + "favicon.ico"))
        codes.append(visit(asked["redirect_uri"], state=asked["state"]))
        answer(address, asked)

    assert connect(client_secret, browser(act), timeout_s=20).refresh_token
    assert codes == [404, 404, 404]


def test_a_code_that_the_server_did_not_give(client_secret: str) -> None:
    def act(address: str, asked: dict[str, str]) -> None:
        visit(asked["redirect_uri"], code="canary-code", state=asked["state"])

    with pytest.raises(NotConnected, match="refusé l’autorisation") as refused:
        connect(client_secret, browser(act), timeout_s=20)
    assert "canary" not in str(refused.value)


def test_an_unticked_box(client_secret: str) -> None:
    def act(address: str, asked: dict[str, str]) -> None:
        answer(address, {**asked, "scope": "https://www.googleapis.com/auth/youtube.readonly"})

    with pytest.raises(NotConnected, match=r"youtube\.force-ssl"):
        connect(client_secret, browser(act), timeout_s=20)


def test_nobody_answers(client_secret: str) -> None:
    with pytest.raises(NotConnected, match="Personne"):
        connect(client_secret, lambda address: None, timeout_s=0.05)


def test_the_token_server_is_away(client_secret: str) -> None:
    config = json.loads(client_secret)
    # Bound and let go: nobody listens there.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config["installed"]["token_uri"] = f"http://127.0.0.1:{listening.getsockname()[1]}/token"
    client_secret = json.dumps(config)
    with pytest.raises(PlatformBusy):
        connect(client_secret, browser(answer), timeout_s=20)


IN_CLEAR = {"client_id": "c", "client_secret": "s", "auth_uri": "http://a.example/", "token_uri": "http://a.example/t"}


@pytest.mark.parametrize(
    "text", ["", "{}", '{"web": {"client_id": "c"}}', '{"installed": {}}', json.dumps({"installed": IN_CLEAR})]
)
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(NotConnected, match=r"client_secret\.json"):
        connect(text, lambda address: None)


def test_a_panel_asks_and_redeems_by_itself(sandbox: Sandbox, client_secret: str) -> None:
    """The web flow: the answer comes to a page of ours, in another request and perhaps another process."""
    config = json.dumps({"web": json.loads(client_secret)["installed"]})
    redirect = "http://127.0.0.1:9/retour"
    consent = ask(config, redirect)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(consent.address).query).items()}
    assert (asked["state"], asked["code_challenge_method"], asked["redirect_uri"]) == (consent.state, "S256", redirect)
    assert consent.verifier not in consent.address
    assert consent.verifier not in repr(consent)
    code = granted(consent.address, asked)
    with pytest.raises(NotConnected):
        redeem(config, "another verifier" * 4, redirect, code)
    user = redeem(config, consent.verifier, redirect, granted(consent.address, asked))
    assert user.refresh_token
    # Taken back, it opens nothing any more; a second time is as good as the first.
    assert revoke(user)
    assert revoke(user)
    youtube = YouTube(sandbox.url, user, chunk_bytes=CHUNK, clock=SetClock(NOW), spend=Ledger(), sleep=lambda _: None)
    with pytest.raises(NotConnected):
        youtube.channel_id()
    sandbox.close()
    assert not revoke(user)
    assert not revoke(replace(user, token_uri="http://elsewhere.example/token"))


def granted(address: str, asked: dict[str, str]) -> str:
    """Say yes, and read the code off the redirect instead of following it."""
    place = urlsplit(address)
    body = urlencode({**asked, "answer": "yes"})
    line = http.client.HTTPConnection(place.netloc, timeout=10)
    line.request("POST", place.path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    to = line.getresponse().headers["Location"]
    line.close()
    query = parse_qs(urlsplit(to).query)
    assert query["state"] == [asked["state"]]
    return query["code"][0]
