"""Addresses that lead inside our own network, in every way that we know of: none is ever connected to.

Three walls, each tried alone: what the record takes, what the proxy connects to, and the real yt-dlp in its jail, shown
what sites may answer. Each comes with its control: the same through a proxy that checks nothing does reach the inside.
`make campaign-addresses` shows it every trap instead of one in three.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pasvu.channel import sites
from pasvu.channel.errors import Refused
from pasvu.ingest import fetching, jail, process
from pasvu.ingest.egress import Egress, NotPublic, Place, Unknown
from pasvu.ingest.tools import Tools

from .live_site import HOST, LiveSite, leads_to, serving

EVERY_ONE = "PASVU_CAMPAIGN" in os.environ
SEED = int(os.environ.get("PASVU_SEED", "0"))
PUBLIC = "93.184.216.34"
WRITTEN_INSIDE = [
    "http://127.0.0.1/video", "http://127.0.0.1:8080/episodes", "http://127.1/", "http://127.0.1/", "http://0/",
    "http://2130706433/video", "http://0x7f000001/video", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://0.0.0.0/",
    "http://10.1.2.3/video", "http://172.16.0.1/", "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/", "http://198.18.0.1/", "http://192.0.0.8/", "http://224.0.0.1/", "http://255.255.255.255/",
    "http://240.0.0.1/", "http://[::1]/video", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::1]/", "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fd00::1]/",
    "http://[fec0::1]/", "http://[ff02::1]/", "http://localhost/video", "http://LOCALHOST./", "http://a.localhost/",
    "http://nas.local/", "http://metadata.google.internal/", "http://intranet/", "http://routeur.lan/",
]  # fmt: skip
NOT_THE_WEB = [
    "file:///etc/passwd", "ftp://93.184.216.34/film.mp4", "rtmp://93.184.216.34/live", "gopher://93.184.216.34/",
    "data:text/plain,x", "javascript:alert(1)", "smb://93.184.216.34/x", "concat:http://93.184.216.34/a|b",
    "--exec=touch /tmp/x", "-o/etc/x", "//93.184.216.34/x", "pas une adresse", "", "http://", "http://[93.184.216.34/",
    "http://93.184.216.34:99999/", "https://93.184.216.34/" + "x" * 3000, "https://youtube.com\r\nHost: a/",
    "https://youtube.com\\@127.0.0.1/", "https://youtube.com@127.0.0.1/", "https://u:p@93.184.216.34/", "https://a b/",
]  # fmt: skip
NAMES_INSIDE = {
    "inside.example": ["127.0.0.1"], "metadata.example": ["169.254.169.254"], "mapped.example": ["::ffff:10.0.0.1"],
    "both.example": [PUBLIC, "192.168.1.1"], "six.example": ["::1"], "translated.example": ["64:ff9b::a00:1"],
    "carrier.example": ["100.64.1.1"], "scoped.example": ["fe80::1%2"],
}  # fmt: skip


@pytest.mark.parametrize("address", [*WRITTEN_INSIDE, *NOT_THE_WEB])
def test_the_record_takes_none(address: str) -> None:
    with pytest.raises(Refused):
        sites.site_of(address)


@pytest.mark.parametrize(
    "address", [f"https://{PUBLIC}/watch?v=x", "http://[2606:2800:220:1::1]/watch", "https://é.fr/"]
)
def test_the_record_takes_public_ones(address: str) -> None:
    assert sites.site_of(address) is sites.ELSEWHERE


def look_up(host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
    """Names as their owners would have them; numbers as the C library reads them."""
    if host in NAMES_INSIDE:
        return [(0, 0, 0, "", (address, port)) for address in NAMES_INSIDE[host]]
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))


class Unchecked(Egress):
    """The control: a proxy that goes wherever it is told."""

    def places(self, host: str, port: int) -> list[Place]:
        if (host, port) in self._instead:
            return [self._instead[host, port]]
        return [(str(entry[4][0]), port) for entry in self._resolve(host, port)]


def hosts_inside() -> list[tuple[str, int]]:
    written = [address.removeprefix("http://").partition("/")[0] for address in WRITTEN_INSIDE]
    hosts = [(host.partition("]")[0].strip("[").replace("%25", "%"), 80) for host in written if host[0] == "["]
    hosts += [(host.partition(":")[0], 80) for host in written if host[0] != "[" and host[0].isdigit()]
    return [*hosts, *((name, 443) for name in NAMES_INSIDE)]


@pytest.mark.parametrize(("host", "port"), hosts_inside())
def test_the_proxy_connects_to_none(host: str, port: int) -> None:
    out = Egress(1, resolve=look_up)
    with pytest.raises((NotPublic, Unknown)):
        out.places(host, port)


def test_the_proxy_goes_to_the_web_s_ports_alone() -> None:
    out = Egress(1, resolve=look_up)
    assert out.places(PUBLIC, 443) == [(PUBLIC, 443)]
    for port in (22, 25, 6379, 8080, 0):
        with pytest.raises(NotPublic):
            out.places(PUBLIC, port)


def test_a_name_that_changes_between_the_check_and_the_call_gains_nothing() -> None:
    answers = iter([PUBLIC, "127.0.0.1"])
    reached: list[Place] = []

    def rebinding(_host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (next(answers), port))]

    def connect(place: Place, _timeout: float) -> socket.socket:
        reached.append(place)
        raise OSError("no network here")

    with Egress(1, resolve=rebinding, connect=connect) as out:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", out.port), 5) as line:
                line.sendall(b"CONNECT rebinding.example:443 HTTP/1.1\r\n\r\n")
                assert b"200" not in line.recv(1000)
        assert out.refused == ["rebinding.example is 127.0.0.1"]
    assert reached == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    "asked",
    [
        b"GET file:///etc/passwd HTTP/1.1\r\n\r\n",
        b"GET ftp://93.184.216.34/ HTTP/1.1\r\n\r\n",
        b"GET /relative HTTP/1.1\r\n\r\n",
        b"CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n",
        b"CONNECT [::1]:443 HTTP/1.1\r\n\r\n",
        b"CONNECT localhost HTTP/1.1\r\n\r\n",
        b"GET http://127.0.0.1/ HTTP/1.1\r\nHost: youtube.com\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01" + b"\xff" * 70_000,
    ],
)
def test_what_is_no_request_to_a_public_place_is_refused(asked: bytes) -> None:
    def connect(place: Place, _timeout: float) -> socket.socket:
        raise AssertionError(place)

    with Egress(1, connect=connect) as out, socket.create_connection(("127.0.0.1", out.port), 5) as line:
        line.sendall(asked)
        assert line.recv(1000).split(b" ")[1] in (b"403", b"502")


def traps(inside: str) -> dict[str, str]:
    """Pages and manifests of a site that sends its visitors inside; each is what yt-dlp is given to read."""
    hls = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-PLAYLIST-TYPE:VOD\n"
    one = "#EXTINF:4,\n{}\n#EXT-X-ENDLIST\n"
    variants = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=320x180,CODECS="avc1.42c00d,mp4a.40.2"{}\n{}\n'
    media = '#EXT-X-MEDIA:TYPE={},GROUP-ID="g",NAME="n",LANGUAGE="fr",URI="{}"\n'
    dash = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT4S">'
        '{}<Period><AdaptationSet mimeType="video/mp4" codecs="avc1.42c00d"><Representation id="1" bandwidth="9000" '
        'width="320" height="180">{}</Representation></AdaptationSet></Period></MPD>'
    )
    listed = '<SegmentList duration="4"><Initialization sourceURL="{}"/><SegmentURL media="{}"/></SegmentList>'
    ld = '<html><script type="application/ld+json">{}</script></html>'
    told = {"@context": "https://schema.org", "@type": "VideoObject", "name": "x"}
    rss = (
        "<rss version='2.0'><channel><title>x</title><item><title>x</title><enclosure url='{}'/></item></channel></rss>"
    )
    return {
        "segment.m3u8": hls + one.format(inside),
        "rooted.m3u8": hls + one.format(inside.removeprefix("http:")),
        "key.m3u8": hls + f'#EXT-X-KEY:METHOD=AES-128,URI="{inside}"\n' + one.format("/hls0.ts"),
        "map.m3u8": hls + f'#EXT-X-MAP:URI="{inside}"\n' + one.format("/hls0.ts"),
        "variant.m3u8": variants.format("", inside),
        "audio.m3u8": "#EXTM3U\n" + media.format("AUDIO", inside) + variants.format(',AUDIO="g"', "/best.m3u8")[8:],
        "text.m3u8": "#EXTM3U\n"
        + media.format("SUBTITLES", inside)
        + variants.format(',SUBTITLES="g"', "/hls.m3u8")[8:],
        "file.m3u8": hls + one.format("file:///etc/passwd"),
        "base.mpd": dash.format(f"<BaseURL>{inside}</BaseURL>", ""),
        "inner.mpd": dash.format("", f"<BaseURL>{inside}</BaseURL>"),
        "list.mpd": dash.format("", listed.format("/init-stream0.m4s", inside)),
        "first.mpd": dash.format("", listed.format(inside, "/chunk-stream0-00001.m4s")),
        "video.html": f'<html><video src="{inside}"></video></html>',
        "source.html": f'<html><video><source src="{inside}" type="video/mp4"></video></html>',
        "og.html": f'<html><meta property="og:video" content="{inside}"></html>',
        "twitter.html": f'<html><meta name="twitter:player:stream" content="{inside}"></html>',
        "refresh.html": f'<html><meta http-equiv="refresh" content="0; url={inside}"></html>',
        "script.html": f'<html><script>jwplayer("x").setup({{"file": "{inside}"}})</script></html>',
        "content.html": ld.format(json.dumps({**told, "contentUrl": inside})),
        "embed.html": ld.format(json.dumps({**told, "embedUrl": inside})),
        "picture.html": ld.format(
            json.dumps({**told, "contentUrl": f"http://{HOST}/plain.mp4", "thumbnailUrl": f"{inside}.jpg"})
        ),
        "page.rss": rss.format(inside),
        "page.smil": f'<smil><body><switch><video src="{inside}" system-bitrate="9000"/></switch></body></smil>',
        "page.xspf": f'<playlist xmlns="http://xspf.org/ns/0/" version="1"><trackList><track><location>{inside}'
        "</location></track></trackList></playlist>",
    }


CHILD = """
import importlib.util, json, pathlib, sys
asked = json.loads(sys.argv[1])
spec = importlib.util.spec_from_file_location("replay", asked["replay"])
replay = importlib.util.module_from_spec(spec)
spec.loader.exec_module(replay)
folder = pathlib.Path(asked["folder"])
allowed = replay.options(folder, asked["port"], True, 0.001)
# Once is enough to see where it goes.
allowed.update(retries=0, fragment_retries=0, extractor_retries=0, socket_timeout=5)

def tell(event, **about):
    print(event, address, about.get("why"), flush=True)

for address in asked["addresses"]:
    try:
        replay.fetch(address, folder, allowed, tell)
    except Exception as error:
        print("failed", address, type(error).__name__, flush=True)
    for left in folder.iterdir():
        left.unlink()
"""


def visit(addresses: list[str], out: Egress, folder: Path) -> list[str]:
    """Have the real yt-dlp fetch each of these in the real jail; what it said of each."""
    folder.mkdir()
    asked = {"replay": str(fetching.REPLAY), "folder": str(folder), "port": out.port, "addresses": addresses}
    said: list[bytes] = []
    process.run(
        [sys.executable, "-I", "-B", "-c", CHILD, json.dumps(asked)],
        reads=fetching.needed(),
        writes=[folder],
        on_out=said.append,
        online=jail.Online(out.port, 1 << 24),
        deadline_s=240,
    )
    return b"".join(said).decode().splitlines()


@pytest.fixture
def inside(lives: Path) -> Iterator[LiveSite]:
    """A machine of our own network, with a film on it that nobody outside should ever get."""
    with serving(lives) as running:
        yield running


@pytest.mark.media
@pytest.mark.jail
def test_yt_dlp_reaches_none_whatever_a_site_answers(
    tools: Tools, lives: Path, inside: LiveSite, tmp_path: Path
) -> None:
    secret = f"http://127.0.0.1:{inside.place[1]}/plain.mp4"
    trapped = traps(secret)
    site_folder = tmp_path / "site"
    site_folder.mkdir()
    for path in lives.iterdir():
        (site_folder / path.name).symlink_to(path)
    for name, text in trapped.items():
        (site_folder / name).write_text(text)
    redirects = [secret, secret.replace("127.0.0.1", "localhost"), secret.replace("127.0.0.1", "[::ffff:127.0.0.1]")]
    away = [f"away-{number}.mp4" for number in range(len(redirects))]
    for name in away:
        (site_folder / name).write_bytes(b"")
    with serving(site_folder) as site:
        for name, target in zip(away, redirects, strict=True):
            site.faults[name] = [leads_to(target)] * 9
        addresses = [site.address(name) for name in [*trapped, *away]]
        # The short form takes one in three; which ones is chosen by the seed.
        addresses = addresses if EVERY_ONE else addresses[SEED % 3 :: 3]
        addresses += [secret, secret.replace("127.0.0.1", "2130706433"), secret.replace("127.0.0.1", "[::1]")]
        instead = {(HOST, 80): site.place}
        ports = (80, 443, inside.place[1])
        with Egress(1 << 28, ports=ports, instead=instead) as out:
            said = visit(addresses, out, tmp_path / "checked")
            refused = list(out.refused)
        assert inside.asked.total() == 0
        assert len({line.split()[1] for line in said}) == len(addresses)
        # The control: a trap that never works would show nothing.
        with Unchecked(1 << 28, ports=ports, instead=instead) as out:
            visit(addresses, out, tmp_path / "unchecked")
        assert inside.asked.total() >= len(addresses) // 2, inside.asked
        assert len(refused) >= len(addresses) // 2, refused
        print(f"{len(addresses)} addresses: 0 reached the inside, {len(refused)} connections refused;", end=" ")
        print(f"unchecked, {inside.asked.total()} did")


def test_there_are_enough_of_them() -> None:
    tried = len(WRITTEN_INSIDE) + len(NOT_THE_WEB) + len(NAMES_INSIDE) + len(traps("http://127.0.0.1/")) + 6
    assert tried >= 60
