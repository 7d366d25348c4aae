"""A site of finished lives on this machine: plain files, HLS, DASH and pages as real sites serve them, and faults."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pasvu.ingest.egress import Egress

HOST = "directs.example.org"
DURATION_S = 24.0
MADE = ("-f", "lavfi", "-i", f"testsrc2=s=320x180:r=25:d={DURATION_S}", "-f", "lavfi", "-i", f"sine=330:d={DURATION_S}")
CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k")
LIVE_AT = "2026-11-20T19:00:00Z"
CAPTIONS = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nBonsoir à tous.\n\n00:00:05.000 --> 00:00:07.000\nOn commence.\n"
TYPES = {".mp4": "video/mp4", ".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml"}
TYPES |= {".html": "text/html; charset=utf-8", ".vtt": "text/vtt", ".jpg": "image/jpeg", ".ts": "video/mp2t"}


def make_lives(ffmpeg: Path, folder: Path) -> None:
    """One live, in every form that sites serve."""

    def run(*words: str | Path) -> None:
        subprocess.run([ffmpeg, "-nostdin", "-v", "error", "-y", *words], check=True, timeout=60, cwd=folder)

    run(*MADE, *CODED, "-movflags", "+faststart", "plain.mp4")
    run("-i", "plain.mp4", "-c", "copy", "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod", "hls.m3u8")
    run("-i", "plain.mp4", "-map", "0:v", "-map", "0:a", "-c", "copy", "-f", "dash", "-seg_duration", "2", "dash.mpd")
    run("-ss", "3", "-i", "plain.mp4", "-frames:v", "1", "-f", "image2", "-update", "1", "still.jpg")
    whole = (folder / "hls.m3u8").read_text()
    (folder / "live.m3u8").write_text(whole.replace("#EXT-X-ENDLIST\n", "").replace("#EXT-X-PLAYLIST-TYPE:VOD\n", ""))
    _master(folder, run)
    for name, seconds in (("page", 24), ("short", 600)):
        (folder / f"{name}.html").write_text(_page(seconds))


def _master(folder: Path, run: Callable[..., None]) -> None:
    """Several qualities, sound apart, captions: as a site serves a long live."""
    segments = ("-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod")
    run("-i", "plain.mp4", "-map", "0:v", "-c", "copy", *segments, "best.m3u8")
    small = ("-vf", "scale=160:90", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50")
    run("-i", "plain.mp4", "-map", "0:v", *small, *segments, "small.m3u8")
    run("-i", "plain.mp4", "-map", "0:a", "-c", "copy", *segments, "sound.m3u8")
    (folder / "captions.vtt").write_text(CAPTIONS)
    (folder / "captions.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:24\n#EXTINF:{DURATION_S},\ncaptions.vtt\n#EXT-X-ENDLIST\n"
    )
    shared = 'AUDIO="s",SUBTITLES="t"'
    (folder / "master.m3u8").write_text(
        "#EXTM3U\n"
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",NAME="fr",LANGUAGE="fr",DEFAULT=YES,URI="sound.m3u8"\n'
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="t",NAME="Français",LANGUAGE="fr",URI="captions.m3u8"\n'
        f'#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=320x180,CODECS="avc1.42c00d,mp4a.40.2",{shared}\nbest.m3u8\n'
        f'#EXT-X-STREAM-INF:BANDWIDTH=1200000,RESOLUTION=160x90,CODECS="avc1.42c00b,mp4a.40.2",{shared}\nsmall.m3u8\n'
    )


def _page(seconds: int) -> str:
    told = {
        "@context": "https://schema.org", "@type": "VideoObject", "name": "Le grand direct d’Angoulême",
        "description": "Deux heures de <b>débat</b> en public.", "uploadDate": LIVE_AT, "duration": f"PT{seconds}S",
        "thumbnailUrl": f"http://{HOST}/still.jpg", "contentUrl": f"http://{HOST}/plain.mp4",
        "hasPart": [
            {"@type": "Clip", "name": "Ouverture", "startOffset": 0, "endOffset": 8},
            {"@type": "Clip", "name": "Questions de la salle", "startOffset": 8, "endOffset": 16},
            {"@type": "Clip", "name": "Fin", "startOffset": 16, "endOffset": 24},
        ],
    }  # fmt: skip
    return (
        f'<html><head><title>Le grand direct</title><script type="application/ld+json">{json.dumps(told)}</script>'
        '</head><body><video src="/plain.mp4"></video></body></html>'
    )


class LiveSite:
    """The server; `faults` are tried in turn before a path is served as it should be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.cookies: list[str | None] = []
        self.ranges: list[tuple[str, str]] = []
        self.faults: dict[str, list[Callable[[BaseHTTPRequestHandler, bytes], None]]] = {}
        self.bytes_per_s: int | None = None
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site._answer(self)

            def do_HEAD(self) -> None:
                site._answer(self)

            def log_message(self, *_words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.place: tuple[str, int] = ("127.0.0.1", self.server.server_address[1])

    def address(self, name: str) -> str:
        return f"http://{HOST}/{name}"

    def egress(self, most_bytes: int, *, apart: bool = False) -> Egress:
        """A proxy that knows this site, and looks every other name up as the real one does."""
        return Egress(most_bytes, instead={(HOST, 80): self.place}, apart=apart)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.partition("?")[0].lstrip("/")
        self.asked[name] += 1
        self.cookies.append(handler.headers.get("Cookie"))
        path = self.folder / name
        if not path.is_file():
            handler.send_error(404)
            return
        content = path.read_bytes()
        fault = self.faults.get(name)
        if fault:
            fault.pop(0)(handler, content)
            handler.close_connection = True
            return
        self._serve(handler, name, content)

    def _serve(self, handler: BaseHTTPRequestHandler, name: str, content: bytes) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range", ""))
        start, end = 0, len(content)
        if wanted:
            self.ranges.append((name, wanted[0]))
            start, end = int(wanted[1]), min(end, int(wanted[2]) + 1 if wanted[2] else end)
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
        else:
            handler.send_response(200)
        handler.send_header("Accept-Ranges", "bytes")
        handler.send_header("Content-Type", TYPES.get(Path(name).suffix, "application/octet-stream"))
        handler.send_header("Content-Length", str(end - start))
        handler.end_headers()
        if handler.command == "HEAD":
            return
        piece = self.bytes_per_s // 10 if self.bytes_per_s else 1 << 16
        for at in range(start, end, piece):
            chunk = content[at : min(end, at + piece)]
            try:
                handler.wfile.write(chunk)
            except OSError:
                return
            self.sent[name] += len(chunk)
            if self.bytes_per_s:
                time.sleep(0.1)


def says(code: int) -> Callable[[BaseHTTPRequestHandler, bytes], None]:
    """A fault: this status and nothing else."""
    return lambda handler, _content: handler.send_error(code)


def leads_to(address: str) -> Callable[[BaseHTTPRequestHandler, bytes], None]:
    """A fault: a redirection."""

    def answer(handler: BaseHTTPRequestHandler, _content: bytes) -> None:
        handler.send_response(302)
        handler.send_header("Location", address)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@contextmanager
def serving(folder: Path) -> Iterator[LiveSite]:
    site = LiveSite(folder)
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()
