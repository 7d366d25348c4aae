"""Canaries through a whole journey: no token, no address of an open upload, anywhere that the product leaves something.

The server at the other end is the tests' own: every secret it gives or gets has the word « canary » in it.
"""

from __future__ import annotations

import io
import json
import logging
import os
import tarfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import click
import pytest

from channel.stage import AIR, NOW, scheduled
from pasvu.channel import accounts, publications
from pasvu.channel.models import Publication
from pasvu.channel.settings import Settings
from pasvu.channel.states import JobState
from pasvu.door.backups import back_up
from pasvu.door.cli import main
from pasvu.door.house import House, opened
from pasvu.door.panel import make_panel
from pasvu.publish.steps import PublishSteps
from pasvu.publish.youtube.redaction import Redacting
from platforms.loopback import Drop, Loopback, Refuse
from platforms.test_calls import HELD

from .conftest import Line

PASSWORD = "une phrase bien longue"
WORD = "canary"


@pytest.fixture
def server() -> Iterator[Loopback]:
    made = Loopback()
    yield made
    made.close()


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything logged at DEBUG, through the filter that the product puts on its handlers."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.addFilter(Redacting())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def house(server: Loopback, tmp_path: Path) -> Iterator[House]:
    given = tmp_path / "given.json"
    given.write_text(
        json.dumps(
            {
                "client_id": "client",
                "client_secret": f"GOCSPX-{WORD}-client-secret",
                "refresh_token": f"1//{WORD}-refresh-token",
                "token_uri": f"{server.url}/token",
            }
        )
    )
    server.answer("GET channels", {"items": [{"id": "UC", "snippet": {"title": "La chaîne"}}]})
    server.answer("GET playlistItems", {"items": []})
    server.answer("GET videos", {"items": [{**HELD, "id": "video000000"}]})
    settings = Settings(home=tmp_path / "home", youtube_url=server.url, youtube_token_file=given, free_disk_gib=0)
    with opened(settings) as house:
        with house.record.write() as session:
            accounts.create(session, "Ada", "admin", PASSWORD, house.clock.now(), "test")
        yield house


def travel(house: House, server: Loopback, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[bytes]]:
    """Sent with every kind of trouble; the episode, and what lay on the disk while the upload was open."""
    folder.mkdir()
    now = house.clock.now()
    steps = PublishSteps(house.desk)
    with house.record.write() as session:
        publication = scheduled(session, now=now, at=now + (AIR - NOW), folder=folder)
        number, episode = publication.id, publication.episode_id
    youtube = house.platforms["youtube"]
    with monkeypatch.context() as broken:
        # Nobody foresaw this one: it ends in the log, with its traceback and the address in its text.
        def stumble(session: object, *_more: object) -> str:
            raise ValueError(f"PUT {session.address} with {server.token}")  # type: ignore[attr-defined]

        broken.setattr(youtube, "send", stumble)
        assert steps.send(number, "job") == JobState.FAILED
    under_way = on_disk(house)
    with house.record.write() as session:
        kept = session.get_one(Publication, number)
        assert kept.session_address is not None
        again = kept.attempt
    for fault in (Refuse(401, "authError"), Drop(), Refuse(503, "backendError", body=server.token.encode()), None):
        server.then("chunk", fault)
    with house.record.write() as session:
        publications.retry(session, session.get_one(Publication, number).episode, "youtube", house.clock.now(), "ada")
    monkeypatch.setattr(youtube, "_sleep", lambda _s: None)
    assert steps.send(number, f"job {again + 1}") == JobState.DONE
    assert list(server.videos) == ["video000000"]
    return episode, under_way


def on_disk(house: House) -> list[bytes]:
    return [path.read_bytes() for path in house.folders.home.rglob("*") if path.is_file()]


def pages(house: House, episode: str) -> list[bytes]:
    app = make_panel(house)
    visitor = app.test_client()
    token = visitor.get("/connexion").get_data(as_text=True).split('name="csrf" content="')[1].split('"')[0]
    visitor.post("/connexion", data={"csrf_token": token, "name": "Ada", "password": PASSWORD})
    plain = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    assert "/reglages/plateformes" in plain
    looked = [visitor.get(path) for path in (*plain, f"/e/{episode}", f"/e/{episode}/etat", f"/audience/{episode}")]
    assert sum(reply.status_code == 200 for reply in looked) > 15
    return [reply.get_data() + str(reply.headers).encode() for reply in looked]


def commands(house: House, server: Loopback, episode: str, folder: Path) -> list[bytes]:
    line = Line(
        house.settings.home,
        {"PASVU_YOUTUBE_URL": server.url, "PASVU_YOUTUBE_TOKEN_FILE": str(house.settings.youtube_token_file)},
    )
    export = folder / "views.csv"
    said = [
        line.run("--verbose", *words)
        for words in (
            ("episode", "show", episode, "--json"),
            ("episodes", "--json"),
            ("check", "--json"),
            ("quota", "show", "--json"),
            ("remote", "show", episode, "--json"),
            ("views", "export", "--csv", str(export)),
        )
    ]
    return [*(result.output.encode() for result in said), export.read_bytes()]


def test_a_whole_journey_leaves_no_secret_anywhere(
    house: House, server: Loopback, written: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = io.StringIO()
    with redirect_stdout(shown), redirect_stderr(shown):
        episode, under_way = travel(house, server, tmp_path / "renditions", monkeypatch)
        seen = pages(house, episode)
        answered = commands(house, server, episode, tmp_path)
        archive = tmp_path / "backup.tar.gz"
        back_up(house.record, house.folders, archive)
    with tarfile.open(archive) as unpacked:
        members = [file.read() for each in unpacked if (file := unpacked.extractfile(each))]
    places = {
        "log and tracebacks": [written.getvalue().encode()],
        "disk while sending": under_way,
        "disk after": on_disk(house),
        "pages and their headers": seen,
        "answers of commands, exports": answered,
        "backup": members,
        "screen": [shown.getvalue().encode(), b" " * 100],
        "arguments of processes": [Path(f"/proc/{os.getpid()}/cmdline").read_bytes(), b" " * 100],
    }
    for place, contents in places.items():
        assert sum(map(len, contents)) >= 100, place
        # Where it is, not what it is.
        assert [number for number, content in enumerate(contents) if WORD.encode() in content] == [], place
    # Controls: the journey was made, its trouble is in the log, the write-ahead log was looked at, and the other side
    # was really given what is searched for.
    assert "Traceback" in written.getvalue()
    assert "upload_id=…" in written.getvalue()
    assert list(house.folders.home.glob("pasvu.db-wal"))
    assert WORD in str([said.headers for said in server.journal])
    assert any(WORD in str(said.query) for said in server.of("chunk"))


def test_no_command_takes_a_secret_as_an_argument() -> None:
    """What is typed on a command line is read by every other user of the machine."""

    def options(command: click.Command) -> Iterator[click.Parameter]:
        yield from command.params
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                if found is not None:
                    yield from options(found)

    secret = [each for each in options(main) if any(w in (each.name or "") for w in ("password", "token", "secret"))]
    assert secret
    assert [
        each.name for each in secret if not isinstance(each.type, click.Path | click.File) and not each.is_eager
    ] == []
