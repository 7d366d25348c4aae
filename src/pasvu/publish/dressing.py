"""Dressing a video that is on the platform: thumbnail, captions, playlist."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pasvu.channel.models import Episode, Publication
from pasvu.channel.states import EpisodeState
from pasvu.publish.desk import Desk
from pasvu.publish.platform import Platform

STILL = "thumbnail:"

Put = Callable[[Platform, str], None]


def dress(desk: Desk, publication_id: int) -> None:
    """Add thumbnail, captions and playlist; each is written down so that it is not paid for twice.

    What nobody approves, or has no instant, is left as it is: its instant must be taken back first.
    """
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        platform, video_id = desk.platforms[publication.platform], publication.video_id
        assert video_id is not None
        if publication.episode.state not in (EpisodeState.APPROVED, EpisodeState.ON_AIR):
            return
        if publication.scheduled_at is None:
            return
        wanting = _wanting(publication)
    for name, put in wanting.items():
        put(platform, video_id)
        with desk.record.write() as session:
            publication = session.get_one(Publication, publication_id)
            # A video has one thumbnail: the former one, chosen again later, must be set again.
            kept = [done for done in publication.dressed if not (done.startswith(STILL) and name.startswith(STILL))]
            publication.dressed = [*kept, name]


def is_dressed(publication: Publication) -> bool:
    """Whether everything that goes with the video is there."""
    return not _wanting(publication)


def _wanting(publication: Publication) -> dict[str, Put]:
    pieces = _pieces(publication.episode)
    return {name: put for name, put in pieces.items() if name not in publication.dressed}


def _pieces(episode: Episode) -> dict[str, Put]:
    pieces: dict[str, Put] = {}
    chosen = next((still for still in episode.thumbnails if still.chosen), None)
    if chosen is not None:
        pieces[f"{STILL}{chosen.id}"] = partial(_put_thumbnail, Path(chosen.path))
    for caption in episode.captions:
        pieces[f"captions:{caption.language}"] = partial(_put_captions, caption.language, Path(caption.path))
    if episode.programme is not None and episode.programme.playlist_id:
        pieces["playlist"] = partial(_put_in_playlist, episode.programme.playlist_id)
    return pieces


def _put_thumbnail(image: Path, platform: Platform, video_id: str) -> None:
    platform.set_thumbnail(video_id, image)


def _put_captions(language: str, captions: Path, platform: Platform, video_id: str) -> None:
    platform.set_captions(video_id, language, captions)


def _put_in_playlist(playlist_id: str, platform: Platform, video_id: str) -> None:
    platform.add_to_playlist(video_id, playlist_id)
