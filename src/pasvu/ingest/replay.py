"""Fetching a finished live by its address: yt-dlp as a library, with safe options only."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pasvu.channel import names
from pasvu.channel.errors import Passing, PasVuError, Refused

# Loading somebody's plug-ins would be running somebody's code; yt-dlp reads this when it is imported.
os.environ.setdefault("YTDLP_NO_PLUGINS", "1")

import yt_dlp

LONGEST_ADDRESS = 2000
# Known sites only: the generic extractor fetches any address, those inside our network too.
EXTRACTORS = ["youtube.*", "facebook.*", "twitch.*", "PeerTube.*", "vimeo.*", "dailymotion.*", "kick.*"]
# Streams that an MP4 holds as they are first, so that joining picture and sound copies and never encodes.
FORMATS = "bv*[vcodec^=avc1]+ba[acodec^=mp4a]/b[ext=mp4]/bv*+ba/b"


@dataclass(frozen=True)
class Fetched:
    """A replay on disk, and what the site calls it."""

    path: Path
    title: str


def fetch(address: str, folder: Path, ffmpeg: Path, say: Callable[[str], None]) -> Fetched:
    """Fetch a finished live into `folder`, the best there is without making it anew; goes on where it stopped.

    Raises:
        Refused: not a public web address, not a known site, or a live that is still on.
        Passing: the site has not processed the live yet, or cannot be reached.
    """
    check_address(address)
    target = folder / names.slug(address)[-40:]
    target.mkdir(parents=True, exist_ok=True)
    try:
        with yt_dlp.YoutubeDL(options(target, ffmpeg, say)) as line:
            found = line.extract_info(address, download=False)
            _check_finished(found)
            done = line.process_ie_result(found, download=True)
    except yt_dlp.utils.YoutubeDLError as failed:
        raise Passing(
            "Le direct n’a pas pu être récupéré : {why} Déposez plutôt son fichier dans le dépôt, ou réessayez.",
            why=str(failed).removeprefix("ERROR: ").split(";")[0].strip(". ") + ".",
        ) from failed
    # The names in progress reports are those of temporary files; this one is final.
    path = Path(done["requested_downloads"][0]["filepath"])
    if not path.exists():
        raise PasVuError("Le direct a été récupéré mais son fichier a disparu : réessayez.")
    return Fetched(path, str(done.get("title") or path.stem))


def options(target: Path, ffmpeg: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """What yt-dlp may do: fetch one video of a known site into one folder, and nothing else. Pure."""

    def tell(progress: dict[str, Any]) -> None:
        total = progress.get("total_bytes") or progress.get("total_bytes_estimate")
        if progress.get("status") == "downloading" and total:
            say(f"{progress.get('downloaded_bytes', 0) / total:.0%}")

    return {
        "format": FORMATS,
        "merge_output_format": "mp4/mkv",
        "allowed_extractors": EXTRACTORS,
        "paths": {"home": str(target)},
        # Never a title in a file name: it is someone else's text.
        "outtmpl": {"default": "replay.%(ext)s"},
        "ffmpeg_location": str(ffmpeg),
        "noplaylist": True,
        "cachedir": False,
        "continuedl": True,
        "overwrites": False,
        "updatetime": False,
        "retries": 10,
        "fragment_retries": 20,
        # A replay with holes would look complete.
        "skip_unavailable_fragments": False,
        "socket_timeout": 30,
        "progress_hooks": [tell],
        "quiet": True,
        "no_warnings": True,
        "noprogress": True,
        "logger": _Silent(),
    }


def check_address(address: str) -> None:
    """Let only public web addresses through.

    Raises:
        Refused: another scheme, too long, or a name that leads inside our own network.
    """
    not_a_page = Refused("Cette adresse n’est pas celle d’une page du web : copiez-la depuis le navigateur.")
    try:
        parts = urlsplit(address)
        port = parts.port or 443
    except ValueError as unreadable:
        raise not_a_page from unreadable
    if len(address) > LONGEST_ADDRESS or parts.scheme not in ("http", "https") or not parts.hostname:
        raise not_a_page
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as unknown:
        raise Refused("Le site {host} est introuvable : vérifiez l’adresse.", host=parts.hostname) from unknown
    for *_, place in found:
        ip = ipaddress.ip_address(str(place[0]).split("%")[0])
        mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
        if not (mapped or ip).is_global:
            raise Refused("L’adresse mène à une machine interne ({host}) : elle est refusée.", host=parts.hostname)


def _check_finished(found: dict[str, Any]) -> None:
    match found.get("live_status"):
        case "is_live" | "is_upcoming":
            raise Refused("Ce direct n’est pas terminé : revenez après sa fin.")
        case "post_live":
            raise Passing("Le site n’a pas fini de préparer ce direct : réessayez dans une heure.")


class _Silent:
    """yt-dlp speaks through exceptions alone."""

    def debug(self, _text: str) -> None:
        """Nothing."""

    warning = error = debug
