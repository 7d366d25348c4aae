"""Fetches one finished live with yt-dlp; run as a script, in a jail whose only way out is our proxy.

Usage: `replay.py JSON`, with `address`, `folder`, `port`, `any_site`, `patience_s` and `cookies`, the number of an open
file or null. What it finds and how far it is are lines of JSON on the standard output (`event`: `found`, `progress`,
`done`, `failed`). It starts no program: streams that come apart are left apart, and our own ffmpeg joins them without a
network.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

# Loading somebody's plug-ins would be running somebody's code; yt-dlp reads this when it is imported.
os.environ.setdefault("YTDLP_NO_PLUGINS", "1")

import yt_dlp
import yt_dlp.cookies
import yt_dlp.globals

# Known to yt-dlp from here on: what YouTube asks for is solved there.
from pasvu.ingest import challenge as challenge

yt_dlp.globals.plugin_dirs.value = []

# Known sites only: the generic extractor fetches any address.
EXTRACTORS = ["youtube.*", "facebook.*", "twitch.*", "PeerTube.*", "vimeo.*", "dailymotion.*", "kick.*"]
# The best picture first; among equals, what an MP4 holds as it is and every platform takes without making it anew.
FORMATS = "bv*+ba/b"
SORTED_BY = ["res", "fps", "vcodec:h264", "acodec:aac", "proto"]
THUMBNAIL_BYTES = 2 * 1024 * 1024
CAPTIONS_BYTES = 4 * 1024 * 1024
CAPTIONS_MOST = 20
LIST_BYTES = 16 * 1024 * 1024
TOLD_EVERY_S = 0.5
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LIVES_UNDER_WAY = ("is_live", "is_upcoming", "post_live")

Tell = Callable[..., None]


def main() -> None:
    """Fetch what the first argument says."""
    asked = json.loads(sys.argv[1])
    allowed = options(Path(asked["folder"]), asked["port"], asked["any_site"], asked["patience_s"])
    if asked["cookies"] is None:
        fetch(asked["address"], Path(asked["folder"]), allowed, say)
        return
    with os.fdopen(asked["cookies"], encoding="utf-8") as cookies:
        fetch(asked["address"], Path(asked["folder"]), allowed, say, cookies)


def say(event: str, **about: Any) -> None:
    """One line for whoever started us."""
    sys.stdout.write(json.dumps({"event": event, **about}) + "\n")
    sys.stdout.flush()


def fetch(address: str, folder: Path, allowed: dict[str, Any], tell: Tell, cookies: TextIO | None = None) -> None:
    """Fetch into `folder`, going on where an earlier run stopped; how it ended is told, not returned."""
    try:
        with yt_dlp.YoutubeDL(allowed) as line:
            if cookies is not None:
                # Not as a file of yt-dlp's own: it would be written again at the end.
                line.cookiejar.load(cookies)
            found = line.extract_info(address, download=False)
            if found.get("_type") == "playlist":
                # A page with one video comes as a list of one.
                found = next(iter(found.get("entries") or ()), None)
            if not found:
                tell("failed", why="no video on this page")
                return
            tell("found", **described(found))
            if found.get("live_status") in _LIVES_UNDER_WAY:
                return
            chosen = line.process_ie_result(found, download=False)
            streams = chosen.get("requested_formats") or [chosen]
            if any(grows(line, stream) for stream in streams):
                tell("found", **{**described(found), "live_status": "is_live"})
                return
            films = fetch_streams(line, chosen, streams, folder, tell)
            beside = {"captions": fetch_captions(line, found, folder), "picture": fetch_picture(line, found, folder)}
    except (yt_dlp.utils.YoutubeDLError, OSError) as failed:
        tell("failed", why=reason_of(failed))
        return
    tell("done", films=films, **beside)


def options(folder: Path, port: int, any_site: bool, patience_s: float) -> dict[str, Any]:
    """What yt-dlp may do: fetch one video into one folder through one proxy, and nothing else. Pure.

    `patience_s` is the longest pause before it asks again for what failed.
    """
    return {
        "format": FORMATS,
        "format_sort": SORTED_BY,
        "proxy": f"http://127.0.0.1:{port}",
        "allowed_extractors": [*EXTRACTORS, *(["generic"] if any_site else [])],
        "paths": {"home": str(folder), "temp": str(folder)},
        # Never a title in a file name: it is someone else's text.
        "outtmpl": {"default": "film.%(ext)s"},
        "noplaylist": True,
        "playlist_items": "1",
        "cachedir": False,
        "continuedl": True,
        "overwrites": False,
        "updatetime": False,
        # A minute of trying; after that the job itself waits and goes on from what is there.
        "retries": 6,
        "fragment_retries": 6,
        "extractor_retries": 3,
        "retry_sleep_functions": {each: lambda n: min(2**n, patience_s) for each in ("http", "fragment", "extractor")},
        # One after the other: side by side, its note of how far it is runs ahead of the file, and a try that goes on
        # from that note leaves a hole (seen in one of ten).
        "concurrent_fragment_downloads": 1,
        # A replay with holes would look complete.
        "skip_unavailable_fragments": False,
        "hls_prefer_native": True,
        "external_downloader": {"default": "native"},
        # Nothing is started from in here, ffmpeg least of all.
        "ffmpeg_location": str(folder / "no-ffmpeg"),
        "fixup": "never",
        "check_formats": False,
        "socket_timeout": 30,
        "enable_file_urls": False,
        # No engine is looked for on this machine: ours is in the process.
        "js_runtimes": {},
        "writesubtitles": True,
        "subtitleslangs": ["all", "-live_chat"],
        "subtitlesformat": "vtt/srt",
        "quiet": True,
        "no_warnings": True,
        "noprogress": True,
        "logger": _Silent(),
    }


def described(found: Mapping[str, Any]) -> dict[str, Any]:
    """What the site says of the video, as much of it as we keep; someone else's text, cut to a sane length."""

    def text(key: str, longest: int) -> str | None:
        value = found.get(key)
        return value[:longest] if isinstance(value, str) and value.strip() else None

    def number(key: str) -> float | None:
        value = found.get(key)
        return float(value) if isinstance(value, int | float) and 0 <= value < 1e11 else None

    chapters = [
        {"start_s": float(each["start_time"]), "title": str(each.get("title") or "")[:200]}
        for each in (found.get("chapters") or ())[:500]
        if isinstance(each, Mapping) and isinstance(each.get("start_time"), int | float)
    ]
    return {
        "title": text("title", 500),
        "description": text("description", 20_000),
        "tags": [str(tag)[:100] for tag in (found.get("tags") or ())[:100]],
        "language": text("language", 20),
        "uploader": text("uploader", 200),
        "live_status": found.get("live_status") or ("is_live" if found.get("is_live") else None),
        # When it went on air before when it was put on the page: the countdown starts with the former.
        "live_at": number("release_timestamp") or number("timestamp"),
        "duration_s": number("duration"),
        "chapters": chapters,
    }


def grows(line: Any, stream: Mapping[str, Any]) -> bool:
    """Whether an HLS list is still being written; a site that does not say so is believed by its list alone.

    `EXT-X-ENDLIST`: https://www.rfc-editor.org/rfc/rfc8216#section-4.3.3.4
    """
    if not str(stream.get("protocol", "")).startswith("m3u8"):
        return False
    asked = yt_dlp.networking.Request(stream["url"], headers=stream.get("http_headers") or {})
    listed = line.urlopen(asked).read(LIST_BYTES).decode("utf-8", "replace")
    return "#EXTINF" in listed and "#EXT-X-ENDLIST" not in listed


def fetch_streams(
    line: Any, chosen: Mapping[str, Any], streams: list[dict[str, Any]], folder: Path, tell: Tell
) -> list[str]:
    """Fetch the chosen streams, each into a file of its own; their names, picture first."""
    weights = [float(each.get("filesize") or each.get("filesize_approx") or each.get("tbr") or 1) for each in streams]
    names = []
    for index, stream in enumerate(streams):
        # Another choice of stream must not go on in the file of the first one.
        name = f"film-{hashlib.sha256(str(stream.get('format_id')).encode()).hexdigest()[:12]}"
        before, share = sum(weights[:index]) / sum(weights), weights[index] / sum(weights)
        hook = _teller(tell, before, share)
        line.add_progress_hook(hook)
        wanted = {**{key: value for key, value in chosen.items() if key != "requested_formats"}, **stream}
        arrived, _ = line.dl(str(folder / name), wanted)
        line._progress_hooks.remove(hook)
        if not arrived or not (folder / name).exists():
            raise yt_dlp.utils.DownloadError("the stream did not arrive whole")
        names.append(name)
    return names


def fetch_captions(line: Any, found: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Fetch the captions that people wrote; file names by language. Missing captions are no reason to fail."""
    fetched = {}
    for language, captions in list((found.get("requested_subtitles") or {}).items())[:CAPTIONS_MOST]:
        if not _LANGUAGE.fullmatch(language) or captions.get("ext") not in ("vtt", "srt"):
            continue
        path = folder / f"captions.{language}.{captions['ext']}"
        try:
            if captions.get("data") is not None:
                path.write_text(captions["data"][:CAPTIONS_BYTES], encoding="utf-8")
            else:
                path.unlink(missing_ok=True)
                headers = captions.get("http_headers") or found.get("http_headers")
                line.dl(str(path), {**captions, "http_headers": headers}, subtitle=True)
        except (yt_dlp.utils.YoutubeDLError, OSError, ValueError):
            continue
        if path.exists() and path.stat().st_size <= CAPTIONS_BYTES:
            fetched[language] = path.name
    return fetched


def fetch_picture(line: Any, found: Mapping[str, Any], folder: Path) -> str | None:
    """Fetch the largest still that is a JPEG; a site's list goes from the worst to the best."""
    for each in reversed(found.get("thumbnails") or ()):
        address = each.get("url")
        if not isinstance(address, str) or not re.search(r"\.jpe?g(\?|$)", address, re.IGNORECASE):
            continue
        try:
            content = line.urlopen(address).read(THUMBNAIL_BYTES + 1)
        except (yt_dlp.utils.YoutubeDLError, yt_dlp.networking.exceptions.RequestError, OSError):
            continue
        if content[:3] == b"\xff\xd8\xff" and len(content) <= THUMBNAIL_BYTES:
            (folder / "picture.jpg").write_bytes(content)
            return "picture.jpg"
    return None


def reason_of(failed: BaseException) -> str:
    """The last words of yt-dlp, without its colours, its prefix and its advice to report a fault."""
    said = re.sub(r"\x1b\[[0-9;]*m", "", str(failed)).removeprefix("ERROR: ")
    return said.split("; please report this issue")[0].split("\n")[0].strip()[:500]


def _teller(tell: Tell, before: float, share: float) -> Callable[[Mapping[str, Any]], None]:
    told_at = 0.0

    def hook(progress: Mapping[str, Any]) -> None:
        nonlocal told_at
        total = progress.get("total_bytes") or progress.get("total_bytes_estimate")
        here = progress.get("downloaded_bytes") or 0
        finished = progress.get("status") == "finished"
        if not finished and time.monotonic() - told_at < TOLD_EVERY_S:
            return
        told_at = time.monotonic()
        parts, part = progress.get("fragment_count"), progress.get("fragment_index")
        done = 1.0 if finished else part / parts if parts and part else here / total if total else None
        tell(
            "progress",
            bytes=int(here),
            total=int(total) if total else None,
            share=min(1.0, before + share * done) if done is not None else None,
        )

    return hook


class _Silent:
    """yt-dlp speaks through exceptions alone."""

    def debug(self, _text: str) -> None:
        """Nothing."""

    warning = error = debug


if __name__ == "__main__":
    main()
