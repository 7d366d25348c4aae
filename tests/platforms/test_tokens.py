"""Tokens: where they come from, when they are renewed, and that they are told to nobody."""

from __future__ import annotations

import json
import logging
import stat
import threading
from pathlib import Path

import pytest

from pasvu.channel.clock import SetClock
from pasvu.channel.values import VideoMetadata
from pasvu.publish.errors import NotConnected, PlatformBusy
from pasvu.publish.youtube import AuthorizedUser, YouTube
from pasvu.publish.youtube.authorization import (
    GOOGLE_TOKEN_URI,
    authorized_user_json,
    read_authorized_user,
    write_authorized_user,
)
from pasvu.publish.youtube.redaction import redact

from .conftest import CHUNK, CLIENT_SECRET, REFRESH_TOKEN, Ledger, Master, Watcher
from .loopback import Drop, Loopback, Refuse

CHANNEL = {"items": [{"id": "UC-ours"}]}


def test_the_token_address_of_the_file_is_honoured(youtube: YouTube, server: Loopback) -> None:
    server.answer("GET channels", CHANNEL)
    assert youtube.channel_id() == "UC-ours"
    (asked,) = server.of("token")
    assert f"client_secret={CLIENT_SECRET}" in asked.body.decode()
    assert "scope" not in asked.body.decode()


def test_one_token_serves_many_calls_and_threads(youtube: YouTube, server: Loopback) -> None:
    server.answer("GET channels", CHANNEL)
    found: list[str] = []
    youtube.channel_id()
    threads = [threading.Thread(target=lambda: found.append(youtube.channel_id())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["UC-ours"] * 3
    assert server.tokens_given == 1
    assert len(server.of("discovery")) == 1


def test_a_refused_token_is_renewed_once(youtube: YouTube, server: Loopback) -> None:
    server.answer("GET channels", CHANNEL)
    youtube.channel_id()
    server.token = "ya29.canary-revoked"
    assert youtube.channel_id() == "UC-ours"
    assert server.tokens_given == 2


def test_a_withdrawn_authorisation_asks_for_a_person(youtube: YouTube, server: Loopback) -> None:
    server.then("token", Refuse(400, body=b'{"error": "invalid_grant", "error_description": "revoked 1//canary"}'))
    with pytest.raises(NotConnected) as refused:
        youtube.channel_id()
    assert "Reconnectez" in str(refused.value)
    assert "canary" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_an_unreachable_token_server_passes(youtube: YouTube, server: Loopback) -> None:
    server.then("token", *[Drop()] * 10)
    with pytest.raises(PlatformBusy):
        youtube.channel_id()


def test_an_unticked_box_is_said(youtube: YouTube, server: Loopback) -> None:
    server.scope = "https://www.googleapis.com/auth/youtube.readonly"
    with pytest.raises(NotConnected, match=r"youtube\.force-ssl"):
        youtube.channel_id()
    assert not server.of("call")


@pytest.mark.parametrize("scope", [None, "https://www.googleapis.com/auth/youtube openid"])
def test_enough_scopes(youtube: YouTube, server: Loopback, scope: str | None) -> None:
    server.scope = scope
    server.answer("GET channels", CHANNEL)
    assert youtube.channel_id() == "UC-ours"


def test_too_narrow_a_file_is_refused_at_once(server: Loopback, clock: SetClock, ledger: Ledger) -> None:
    narrow = AuthorizedUser("c", "s", "r", f"{server.url}/token", ("https://www.googleapis.com/auth/youtube.upload",))
    with pytest.raises(NotConnected):
        YouTube(server.url, narrow, chunk_bytes=CHUNK, clock=clock, spend=ledger, sleep=lambda _: None)


def test_without_an_authorisation_only_the_pure_part_serves(
    server: Loopback, clock: SetClock, ledger: Ledger, metadata: VideoMetadata
) -> None:
    nobody = AuthorizedUser("", "", "", f"{server.url}/token")
    youtube = YouTube(server.url, nobody, chunk_bytes=CHUNK, clock=clock, spend=ledger, sleep=lambda _: None)
    assert youtube.objections(metadata) == []
    with pytest.raises(NotConnected, match="n’est pas connectée"):
        youtube.channel_id()
    assert not server.of("token", "call")


def test_a_google_account_without_channel(youtube: YouTube, server: Loopback) -> None:
    server.answer("GET channels", {"items": []})
    with pytest.raises(NotConnected, match="pas de chaîne"):
        youtube.channel_id()


def test_reading_and_writing_the_file(tmp_path: Path) -> None:
    user = AuthorizedUser("c", "s", "r", "http://127.0.0.1:1/token", ("a", "b"))
    path = tmp_path / "secrets" / "youtube.json"
    write_authorized_user(path, user)
    write_authorized_user(path, user)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["youtube.json"]
    assert read_authorized_user(path.read_text()) == user
    assert "'s'" not in repr(user)
    assert "'r'" not in repr(user)


def test_a_file_of_googles_own_tools_is_read() -> None:
    user = read_authorized_user('{"client_id": "c", "client_secret": "s", "refresh_token": "r"}')
    assert user.token_uri == GOOGLE_TOKEN_URI
    assert user.scopes == ()
    assert json.loads(authorized_user_json(user))["type"] == "authorized_user"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"client_id": "c", "client_secret": "canary"}'])
def test_a_file_that_is_not_one_says_so(text: str) -> None:
    with pytest.raises(NotConnected) as refused:
        read_authorized_user(text)
    assert "canary" not in str(refused.value)


def test_no_secret_reaches_the_logs(
    youtube: YouTube,
    server: Loopback,
    master: Master,
    metadata: VideoMetadata,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.then("chunk", Refuse(503, "backendError"), Drop(), Refuse(401, "authError"), None)
    session = youtube.open_upload(master.path, metadata)
    youtube.send(session, master.path, Watcher())
    logging.getLogger("googleapiclient.http").warning("PUT %s with %s", session.address, {"access_token": server.token})
    try:
        raise ValueError(session.address)
    except ValueError:
        logging.getLogger("pasvu.publish.youtube.sending").exception("Authorization: Bearer %s", server.token)
    # The log is not silent (a control), and holds no secret in any record, argument or traceback.
    assert "URL being requested" in caplog.text
    assert "Traceback" in caplog.text
    assert "canary" not in caplog.text
    assert not any("canary" in str(record.__dict__.get("args")) for record in caplog.records)


@pytest.mark.parametrize(
    "text",
    [
        "PUT http://h/u?uploadType=resumable&upload_id=canary&x=1",
        "http://h/redirect?to=%3Fupload_id%3Dcanary",
        "{'Authorization': 'Bearer canary'}",
        "{'Authorization': 'Basic canary=='}",
        '{"access_token": "canary", "expires_in": 3}',
        "grant_type=refresh_token&refresh_token=canary&client_secret=canary",
        "code=canary&code_verifier=canary&state=canary",
        "token ya29.canary_x-y",
        f"given {REFRESH_TOKEN}",
        f"given {CLIENT_SECRET}",
    ],
)
def test_redaction(text: str) -> None:
    assert "canary" not in redact(text)
    assert "…" in redact(text)


def test_redaction_leaves_the_rest() -> None:
    assert redact("PUT http://h/u?upload_id=abc&x=1 failed") == "PUT http://h/u?upload_id=…&x=1 failed"
    assert redact("status code 503, exit code: see above") != ""
    assert redact("chunk 3 of 8") == "chunk 3 of 8"
