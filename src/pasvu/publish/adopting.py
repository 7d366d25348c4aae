"""Taking up a video that a person found on the platform: only once it is seen to be the one that was sent."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from pasvu.channel import publications
from pasvu.channel.database import Session
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode
from pasvu.channel.values import Privacy, RemoteVideo
from pasvu.publish.platform import Platform

_ID = re.compile(r"[A-Za-z0-9_-]{6,64}")
# Last words of addresses of a video's own pages, in Studio and elsewhere.
_PAGES = ("edit", "analytics", "comments", "details", "translations")


def read_video_id(typed: str) -> str:
    """A video's id, typed as such or inside the address of one of its pages.

    Raises:
        Refused: neither.
    """
    text = typed.strip()
    if "/" in text:
        there = urlsplit(text if "//" in text else f"//{text}")
        named = parse_qs(there.query).get("v", [])
        steps = [step for step in there.path.split("/") if step and step not in _PAGES]
        text = (named or steps[-1:] or [""])[0]
    if _ID.fullmatch(text) is None or text == "watch":
        raise Refused("Donnez l’adresse de la vidéo, ou son identifiant.")
    return text


def look(platform: Platform, typed: str) -> RemoteVideo:
    """What the platform holds under this id or address; asks it, so never within a writing.

    Raises:
        Refused: not an id, or not a video of the connected channel.
    """
    video_id = read_video_id(typed)
    found = platform.state_of([video_id]).get(video_id)
    if found is None:
        raise Refused(
            "La vidéo {video_id} n’existe pas, ou n’est pas à la chaîne connectée : vérifiez l’adresse.",
            video_id=video_id,
        )
    return found


def adopt(session: Session, platform: Platform, episode: Episode, there: RemoteVideo, now: datetime, by: str) -> None:
    """Take this video as the one whose arrival nobody knew.

    Raises:
        Refused: nothing is looked for, not the one that was sent, or visible to others.
    """
    publication = publications.of(episode, platform.name)
    # The private tag is proof; where it got lost, the very size of the file, which only its owner is told.
    ours = publication is not None and (
        publication.marker in there.tags or (there.bytes is not None and there.bytes == publication.total_bytes)
    )
    if publication is not None and publications.is_lost(publication):
        if not ours:
            raise Refused(
                "La vidéo {video_id} (« {there} ») n’est pas celle que nous avons envoyée pour « {title} ».",
                video_id=there.video_id,
                there=there.title,
                title=episode.title,
            )
        if there.privacy != Privacy.PRIVATE:
            raise Refused(
                "La vidéo {video_id} n’est pas privée : rendez-la privée dans YouTube Studio, puis recommencez.",
                video_id=there.video_id,
            )
    url = platform.watch_url(there.video_id)
    publications.adopt(session, episode, platform.name, there.video_id, url, now, by)
