"""The server as a process: where it listens, who may join it, and how it dies; and what viewers see of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

import pasvu
from pasvu.channel.clock import SetClock, WallClock
from pasvu.channel.errors import Refused
from pasvu.publish.sandbox import Rules, running, serve

from .conftest import NOON, Begin, Talk, video_body
from .films import film

GRAIN = 262_144
_PROGRAM = """
import sys
from pathlib import Path
from pasvu.channel.clock import WallClock
from pasvu.publish.sandbox import serve
print(serve(Path(sys.argv[1]), WallClock()).url, flush=True)
sys.stdin.read()
"""


def test_one_server_per_home_and_others_find_it(tmp_path: Path, clock: SetClock) -> None:
    home = tmp_path / "home"
    assert running(home) is None
    sandbox = serve(home, clock)
    assert running(home) == sandbox.url
    assert sandbox.url.startswith("http://127.0.0.1:")
    with pytest.raises(Refused, match="already runs"):
        serve(home, clock)
    sandbox.close()
    assert running(home) is None
    with pytest.raises(OSError, match="refused"):
        Talk(sandbox, clock).send("GET", "/")


def test_a_taken_port_is_said(tmp_path: Path, clock: SetClock) -> None:
    sandbox = serve(tmp_path / "a", clock)
    with pytest.raises(Refused, match="cannot listen"):
        serve(tmp_path / "b", clock, port=int(sandbox.url.rpartition(":")[2]))
    sandbox.close()


def test_killed_in_the_middle_of_an_upload_nothing_confirmed_is_lost(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = os.environ | {"PYTHONPATH": str(Path(pasvu.__file__).parents[1])}
    command = [sys.executable, "-c", _PROGRAM, str(home)]
    content = film(size=2 * GRAIN + 9)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        assert running(home) == url
        other = serve(tmp_path / "unused", SetClock(NOON))
        talk = _at(url, home)
        address = talk.open(len(content)).headers["location"]
        assert talk.put(address, content[:GRAIN], 0, len(content)).status == 308
        process.send_signal(signal.SIGKILL)
        process.wait()
        other.close()
    assert running(home) is None
    again = serve(home, WallClock())
    try:
        assert again.url == url
        talk = _at(url, home)
        assert talk.ask(address).headers["range"] == f"bytes=0-{GRAIN - 1}"
        done = talk.put(address, content[GRAIN:], GRAIN, len(content))
        assert done.status == 201
        assert talk.truth(done.json["id"])["bytes"] == len(content)
    finally:
        again.close()


def _at(url: str, home: Path) -> Talk:
    """A client that knows only what the home tells other programs."""
    import json

    class Elsewhere:
        def __init__(self) -> None:
            self.url = url

    user = json.loads((home / "authorized_user.json").read_text())
    assert user["token_uri"] == f"{url}/token"
    return Talk(Elsewhere(), SetClock(NOON)).log_in(user)  # type: ignore[arg-type]


def test_at_high_speed_a_token_lives_some_real_minutes(tmp_path: Path) -> None:
    clock = WallClock(rate=100_000.0, anchor=datetime.now(UTC))
    sandbox = serve(tmp_path / "home", clock, rules=Rules())
    try:
        talk = Talk(sandbox, SetClock(NOON)).log_in()
        start = clock.now()
        while clock.now() - start < timedelta(hours=2):
            pass
        assert talk.call("GET", "channels", part="id", mine="true").status == 200
    finally:
        sandbox.close()


class _Page(HTMLParser):
    """Reads a page strictly enough to know that it is well formed and carries no inline style or script."""

    void = frozenset({"meta", "link", "img", "input", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []
        assert len(set(self.ids)) == len(self.ids)
        assert [tag for tag, _ in self.tags].count("h1") == 1
        assert ("html", {"lang": "fr"}) in self.tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        assert tag not in ("script", "style")
        assert not [name for name in values if name == "style" or name.startswith("on")]
        if tag == "img":
            assert "alt" in values
        self.tags.append((tag, values))
        if "id" in values:
            self.ids.append(str(values["id"]))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def page(talk: Talk, path: str, status: int = 200) -> _Page:
    answer = Talk(talk.sandbox, talk.clock).send("GET", path)
    assert answer.status == status
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    read = _Page(answer.content.decode())
    assert "ceci n’est pas YouTube" in read.text
    return read


class TestViewer:
    def test_the_channel_shows_what_is_public_and_nothing_else(self, begin: Begin) -> None:
        talk = begin()
        assert "Aucune vidéo publique" in page(talk, "/").text
        body = video_body(publishAt="2026-11-23T13:00:00Z")
        body["snippet"]["title"] = "Débat & « colère » à l’usine"
        video_id = talk.upload(film(3723), body)["id"]
        talk.clock.set(NOON + timedelta(minutes=59, seconds=59))
        assert "colère" not in page(talk, "/").text
        talk.clock.set(NOON + timedelta(hours=4))
        shown = page(talk, "/").text
        assert "Débat & « colère » à l’usine" in shown
        assert "1:02:03" in shown
        assert "il y a 3 heures" in shown
        talk = talk.log_in()
        talk.call("PUT", "videos", {"id": video_id, "status": {"privacyStatus": "private"}}, part="status")
        assert "colère" not in page(talk, "/").text

    def test_the_page_of_a_video(self, talk: Talk) -> None:
        body = video_body(privacyStatus="public")
        body["snippet"]["description"] = "00:00 Accueil\n00:20 Grève\n00:40 Fin\nVoir https://exemple.fr/a?b=1&c=2."
        video_id = talk.upload(film(60), body)["id"]
        early = page(talk, f"/watch?v={video_id}")
        assert "Traitement en cours" in early.text
        assert "video" not in [tag for tag, _ in early.tags]
        talk.clock.sleep(60)
        read = page(talk, f"/watch?v={video_id}&t=20")
        assert ("src", f"/media/{video_id}#t=20") in [pair for tag, values in read.tags for pair in values.items()]
        links = [values.get("href") for tag, values in read.tags if tag == "a"]
        assert f"/watch?v={video_id}&t=40" in links
        assert "https://exemple.fr/a?b=1&c=2" in links
        assert "publiée le 23 novembre 2026" in read.text

    def test_what_is_private_or_absent(self, talk: Talk, video_id: str) -> None:
        assert "Vidéo privée" in page(talk, f"/watch?v={video_id}", 403).text
        assert talk.send("GET", f"/media/{video_id}").status == 404
        assert "pas disponible" in page(talk, "/watch?v=nonexistent", 404).text

    def test_the_film_comes_in_pieces_of_at_most_4_mib(self, talk: Talk) -> None:
        content = film(60, size=5 << 20)
        video_id = talk.upload(content, video_body(privacyStatus="unlisted"))["id"]
        talk.clock.sleep(60)
        part = talk.send("GET", f"/media/{video_id}", headers={"Range": "bytes=0-"})
        assert (part.status, part.content) == (206, content[: 4 << 20])
        assert part.headers["content-range"] == f"bytes 0-{(4 << 20) - 1}/{len(content)}"
        rest = talk.send("GET", f"/media/{video_id}", headers={"Range": f"bytes={4 << 20}-"})
        assert part.content + rest.content == content
        tail = talk.send("GET", f"/media/{video_id}", headers={"Range": "bytes=-10"})
        assert tail.content == content[-10:]
        assert talk.send("GET", f"/media/{video_id}", headers={"Range": "bytes=99999999-"}).status == 416

    def test_the_consent_page(self, talk: Talk) -> None:
        asked = (
            f"client_id={talk.user['client_id']}&redirect_uri=http%3A%2F%2Flocalhost%3A9%2F"
            "&response_type=code&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fyoutube.readonly"
        )
        assert "lire la chaîne" in page(talk, f"/o/oauth2/auth?{asked}").text

    def test_static_files(self, talk: Talk) -> None:
        assert talk.send("GET", "/static/viewer.css").status == 200
        assert talk.send("GET", "/static/icon.svg").status == 200
