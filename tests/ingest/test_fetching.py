"""Lives fetched by the real yt-dlp, in its real jail, over real sockets, from a site on this machine."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pasvu.channel.errors import Cancelled, Passing, Refused
from pasvu.ingest import fetching, jail, process, replay, unfetched
from pasvu.ingest.egress import Egress
from pasvu.ingest.fetching import Fetched, Found, Pace
from pasvu.ingest.tools import Tools

from .live_site import DURATION_S, HOST, LiveSite, leads_to, says, serving

pytestmark = [pytest.mark.media, pytest.mark.jail]


@pytest.fixture
def site(lives: Path) -> Iterator[LiveSite]:
    with serving(lives) as running:
        yield running


class Try:
    """One call of `fetch`, and what it told on the way."""

    def __init__(self, tools: Tools, site: LiveSite, folder: Path) -> None:
        self.tools, self.site, self.folder = tools, site, folder
        self.found: list[Found] = []
        self.progress: list[tuple[int, int | None, float | None]] = []
        self.stop_when: Callable[[], bool] = lambda: False
        self.egress: fetching.MakeEgress = site.egress
        self.signed_in: str | None = None

    def __call__(self, name: str, *, any_site: bool = True, free_bytes: int = 1 << 30) -> Fetched:
        return fetching.fetch(
            self.tools,
            name if "://" in name else self.site.address(name),
            self.folder,
            any_site=any_site,
            free_bytes=free_bytes,
            on_found=self.found.append,
            on_progress=lambda *told: self.progress.append(told),
            should_stop=lambda: self.stop_when(),
            egress=self.egress,
            signed_in=self.signed_in,
        )


@pytest.fixture
def fetch(tools: Tools, site: LiveSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Try:
    monkeypatch.setattr(fetching, "PATIENCE_S", 0.01)
    return Try(tools, site, tmp_path / "live")


def test_this_machine_can_show_it() -> None:
    assert jail.kernel().closes_ports, "these tests need Linux 6.7 with Landlock and seccomp"


def test_segments_of_dash_become_one_film_and_are_not_fetched_twice(fetch: Try, tools: Tools, lives: Path) -> None:
    film = fetch("dash.mpd").film
    assert film.name == "replay.mp4"
    assert picture_of(tools, film) == picture_of(tools, lives / "plain.mp4")
    # A try that died after the film was made: its streams are there.
    film.unlink()
    before = fetch.site.sent.total()
    again = fetch("dash.mpd")
    assert fetch.site.sent.total() - before < 20_000
    assert (again.info.video_codec, again.info.audio_codec) == ("h264", "aac")
    assert again.info.duration_s == pytest.approx(DURATION_S, abs=0.2)


def test_segments_of_hls_with_a_hole_are_never_a_shorter_film(
    fetch: Try, site: LiveSite, tools: Tools, lives: Path
) -> None:
    site.faults["hls3.ts"] = [says(503)]
    site.faults["hls7.ts"] = [says(404)] * 100
    with pytest.raises(Passing, match="ne répond pas bien"):
        fetch("hls.m3u8")
    assert site.asked["hls3.ts"] == 2
    assert not list(fetch.folder.glob("replay.*"))
    site.faults.clear()
    site.asked.clear()
    fetched = fetch("hls.m3u8")
    assert (site.asked["hls0.ts"], site.asked["hls7.ts"]) == (0, 1), site.asked
    assert fetched.film.name == "replay.ts"
    assert fetched.info.duration_s == pytest.approx(DURATION_S, abs=0.2)
    assert picture_of(tools, fetched.film) == picture_of(tools, lives / "plain.mp4")


def picture_of(tools: Tools, path: Path) -> str:
    """A digest of the coded pictures, whatever file they are in."""
    said: list[bytes] = []
    words = [tools.ffmpeg, "-v", "error", "-i", path, "-map", "0:v", "-c", "copy", "-bsf:v", "h264_mp4toannexb"]
    process.run([*words, "-f", "h264", "-"], reads=[path], writes=(), on_out=said.append)
    # Parameter sets come once in an MP4 and with each keyframe elsewhere.
    units = [unit.strip(b"\0") for unit in b"".join(said).split(b"\0\0\1")]
    return hashlib.sha256(b"".join(unit for unit in units if unit and unit[0] & 31 in (1, 5))).hexdigest()


def test_what_the_page_says_comes_along(fetch: Try) -> None:
    fetched = fetch("short.html")
    found = fetched.found
    assert fetch.found == [found]
    assert found.title == "Le grand direct d’Angoulême"
    assert found.live_at == datetime(2026, 11, 20, 19, tzinfo=UTC)
    # It announces ten minutes and gives half of one.
    assert fetching.missing_s(fetched.info, found) == pytest.approx(600 - DURATION_S, abs=0.2)
    assert found.chapters == ((0.0, "Ouverture"), (8.0, "Questions de la salle"), (16.0, "Fin"))
    assert "débat" in (found.description or "")
    assert fetched.picture is not None
    assert fetched.picture.read_bytes()[:3] == b"\xff\xd8\xff"


def test_the_best_of_several_with_its_sound_and_its_captions(
    fetch: Try, site: LiveSite, tools: Tools, lives: Path
) -> None:
    fetched = fetch("master.m3u8")
    assert (fetched.info.width, fetched.info.height, fetched.info.audio_codec) == (320, 180, "aac")
    assert fetched.film.suffix == ".mp4"
    assert fetched.info.duration_s == pytest.approx(DURATION_S, abs=0.2)
    assert picture_of(tools, fetched.film) == picture_of(tools, lives / "plain.mp4")
    assert not any(name.startswith("small") and name.endswith(".ts") for name in site.asked)
    assert "Bonsoir à tous." in fetched.captions["fr"].read_text()


def test_as_a_signed_in_person_with_a_secret_that_stays_nowhere(fetch: Try, site: LiveSite) -> None:
    there, elsewhere = (f"{host}\tFALSE\t/\tFALSE\t0\txs\tSECRET" for host in (HOST, "example.net"))
    fetch.signed_in = f"# Netscape HTTP Cookie File\n{there}\n{elsewhere}\n"
    fetch("plain.mp4")
    assert set(site.cookies) == {"xs=SECRET"}
    assert not [path for path in fetch.folder.parent.rglob("*") if path.is_file() and b"SECRET" in path.read_bytes()]
    # Whose session has ended is told so.
    assert "ne reconnaît pas, ou plus" in str(unfetched.failure_of("Log in to see this", signed_in=True))


def test_a_plain_file_goes_on_where_it_stopped(fetch: Try, site: LiveSite, lives: Path) -> None:
    whole = (lives / "plain.mp4").read_bytes()
    site.bytes_per_s = len(whole) // 3
    fetch.stop_when = lambda: part_of(fetch.folder) > len(whole) // 3
    with pytest.raises(Cancelled):
        fetch("plain.mp4")
    kept = part_of(fetch.folder)
    assert 0 < kept < len(whole)
    site.bytes_per_s, fetch.stop_when = None, lambda: False
    site.ranges.clear()
    fetched = fetch("plain.mp4")
    assert fetched.film.read_bytes() == whole
    assert fetched.film.name == "replay.mp4"
    assert ("plain.mp4", f"bytes={kept}-") in site.ranges
    assert fetch.progress[-1][2] == 1.0
    assert fetching.missing_s(fetched.info, fetched.found) == 0


def part_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.part"))


def test_a_live_that_is_still_on_waits(fetch: Try, site: LiveSite) -> None:
    with pytest.raises(Passing, match="n’est pas terminé"):
        fetch("live.m3u8")
    assert site.asked["hls0.ts"] == 0


def test_a_file_that_is_no_film_is_refused_and_begun_anew(fetch: Try, lives: Path) -> None:
    (lives / "false.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + os.urandom(20_000))
    with pytest.raises(Refused):
        fetch("false.mp4")
    assert not fetch.folder.exists()


def test_a_download_without_end_stops_at_the_room_there_is(fetch: Try, site: LiveSite, lives: Path) -> None:
    with pytest.raises(Passing, match="plus assez de place"):
        fetch("plain.mp4", free_bytes=200_000)
    assert sum(path.stat().st_size for path in fetch.folder.iterdir()) <= 100_000
    with pytest.raises(Passing, match="plus assez de place"):
        fetch("plain.mp4", free_bytes=0)


def test_an_unknown_site_is_refused_to_those_who_may_not(fetch: Try, site: LiveSite) -> None:
    with pytest.raises(Refused, match="pas de vidéo que nous sachions récupérer"):
        fetch("plain.mp4", any_site=False)
    assert not site.asked


def test_a_page_that_leads_inside_is_refused(fetch: Try, site: LiveSite) -> None:
    inside: list[str] = []
    with serving(fetch.folder.parent) as internal:
        site.faults["page.html"] = [leads_to(f"http://127.0.0.1:{internal.place[1]}/secret.mp4")]
        with pytest.raises(Refused, match="machine interne"):
            fetch("page.html")
        inside += internal.asked
    assert inside == []


def test_a_name_that_nobody_knows(fetch: Try) -> None:
    def nobody(*_args: object, **_options: object) -> list[tuple[object, ...]]:
        raise OSError("no such name")

    fetch.egress = lambda most, apart: Egress(most, resolve=nobody, apart=apart)
    with pytest.raises(Refused, match="introuvable"):
        fetch("http://nulle-part.example/direct")


def test_little_by_little_for_ever_is_told_from_slow() -> None:
    now, received = 0.0, 0
    pace = Pace(lambda: received, lambda: now)
    for _ in range(100):  # slow, but an hour of film in a night
        now += 60
        received += 256 * 1024
        assert not pace.lost()
    for _ in range(3):
        now += 60
        received += 60
        assert not pace.lost()
    now += 60
    assert pace.lost()


def test_a_trickle_is_stopped(fetch: Try, site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PACE_WINDOW_S", 0.5)
    site.bytes_per_s = 100
    with pytest.raises(Passing, match="presque plus rien"):
        fetch("plain.mp4")


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel whose Landlock knows no ports, as Debian 12's."""
    real = jail.kernel()
    monkeypatch.setattr(jail, "kernel", lambda: jail.Kernel(2, real.seccomp, real.machine))


@pytest.mark.usefixtures("older")
def test_a_kernel_that_closes_no_ports_gives_it_a_network_of_its_own(fetch: Try, lives: Path) -> None:
    assert fetch("plain.mp4").film.read_bytes() == (lives / "plain.mp4").read_bytes()


@pytest.mark.usefixtures("older")
def test_without_a_jail_for_the_network_nothing_is_fetched(
    fetch: Try, site: LiveSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = jail.words
    # A system that refuses: the jail does not close.
    monkeypatch.setattr(jail, "words", lambda *args, **options: [*closing(*args, **options), "apart=0=-1"])
    with pytest.raises(Refused, match="ne sait pas fermer"):
        fetch("plain.mp4")
    monkeypatch.setattr(jail, "kernel", lambda: jail.Kernel(0, True, "x86_64"))
    with pytest.raises(Refused, match="ne sait pas fermer"):
        fetch("plain.mp4")
    assert not site.asked


@pytest.mark.parametrize("apart", [False, True])
def test_the_jail_of_a_tool_that_fetches(
    apart: bool, site: LiveSite, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """One TCP port; no other, no other kind of socket, no program, no file but its own."""
    if apart:
        request.getfixturevalue("older")
    (tmp_path / "work").mkdir()
    (tmp_path / "beside").write_text("x")
    attempts = {
        "the proxy": "socket.create_connection(('127.0.0.1', {port}), 5)",
        "another port": f"socket.create_connection(('127.0.0.1', {site.place[1]}), 5)",
        "UDP": "socket.socket(type=socket.SOCK_DGRAM)",
        "a raw socket": "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 255)",
        "a local socket": "socket.socket(socket.AF_UNIX)",
        "listening": "socket.socket().bind(('127.0.0.1', 0))",
        "a program": "os.execv('/bin/true', ['true'])",
        "a file beside": f"open({str(tmp_path / 'beside')!r})",
        "the accounts": "open('/etc/passwd')",
        "its folder": f"open({str(tmp_path / 'work' / 'x')!r}, 'w')",
    }
    code = "import os, socket\n"
    for name, call in attempts.items():
        code += f"try:\n {call}\n print({name!r}, 'done')\nexcept OSError as e:\n print({name!r}, 'refused')\n"
    said: list[bytes] = []
    with site.egress(1000, apart=apart) as out:
        process.run(
            [sys.executable, "-I", "-B", "-c", code.replace("{port}", str(out.port))],
            reads=fetching.needed(),
            writes=[tmp_path / "work"],
            on_out=said.append,
            online=jail.Online(out.port, 1000, out.handover),
        )
    got = dict(line.rsplit(" ", 1) for line in b"".join(said).decode().splitlines())
    # Listening in a network where nobody else is harms nobody.
    allowed = {"the proxy", "its folder", *(["listening"] if apart else [])}
    assert {name for name, answer in got.items() if answer == "done"} == allowed
    assert len(got) == len(attempts)


def test_only_known_sites_and_no_one_elses_code(tmp_path: Path) -> None:
    chosen = replay.options(tmp_path, 1, any_site=False, patience_s=1)
    assert "generic" not in " ".join(chosen["allowed_extractors"])
    assert "generic" in replay.options(tmp_path, 1, any_site=True, patience_s=1)["allowed_extractors"]
    assert not {"postprocessors", "cookiesfrombrowser", "netrc", "cookiefile"} & set(chosen)
    assert chosen["external_downloader"] == {"default": "native"}
    assert "%(title)" not in chosen["outtmpl"]["default"]
    assert replay.yt_dlp.globals.plugin_dirs.value == []


@pytest.mark.parametrize(
    ("why", "kind", "sentence"),
    [
        ("This live event will begin in 3 hours.", Passing, "n’est pas terminé"),
        ("HTTP Error 503: Service Unavailable", Passing, "ne répond pas bien"),
        ("HTTP Error 429: Too Many Requests", Passing, "demande d’attendre"),
        ("[youtube] x: Private video. Sign in if you've been granted access", Refused, "privée"),
        ("Sign in to confirm you’re not a bot", Refused, "personnes connectées"),
        ("Video unavailable. This video has been removed", Refused, "plus sur le site"),
        ("[facebook] 1: Cannot parse data", Refused, "changé ses pages"),
        ("This video is DRM protected", Refused, "verrouillée"),
        ("The uploader has not made this video available in your country", Refused, "dans ce pays"),
        ("Unsupported URL: https://example.org", Refused, "pas de vidéo"),
        ("[Errno 28] No space left on device", Passing, "plus assez de place"),
        ("Something quite new", Refused, "Something quite new"),
    ],
)
def test_why_in_words(why: str, kind: type[Exception], sentence: str) -> None:
    failure = unfetched.failure_of(why)
    assert type(failure) is kind
    assert sentence in str(failure)
