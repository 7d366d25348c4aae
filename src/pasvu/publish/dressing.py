"""Dressing a video that is on the platform: thumbnail, captions, playlist."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pasvu.channel.models import Episode, Publication
from pasvu.publish.desk import Desk
from pasvu.publish.platform import Platform

STILL = "thumbnail:"


def dress(desk: Desk, publication_id: int) -> None:
    """Add thumbnail, captions and playlist; each is written down so that it is not paid for twice."""
    with desk.record.read() as session:
        publication = session.get_one(Publication, publication_id)
        platform, video_id = desk.platforms[publication.platform], publication.video_id
        assert video_id is not None
        done = set(publication.dressed)
        pieces = _pieces(publication.episode, platform, video_id)
    for name, put in pieces:
        if name in done:
            continue
        put()
        with desk.record.write() as session:
            publication = session.get_one(Publication, publication_id)
            # A video has one thumbnail: the former one, chosen again later, must be set again.
            kept = [done for done in publication.dressed if not (done.startswith(STILL) and name.startswith(STILL))]
            publication.dressed = [*kept, name]


def _pieces(episode: Episode, platform: Platform, video_id: str) -> list[tuple[str, Callable[[], None]]]:
    pieces: list[tuple[str, Callable[[], None]]] = []
    chosen = next((still for still in episode.thumbnails if still.chosen), None)
    if chosen is not None:
        pieces.append((f"{STILL}{chosen.id}", partial(platform.set_thumbnail, video_id, Path(chosen.path))))
    for caption in episode.captions:
        put = partial(platform.set_captions, video_id, caption.language, Path(caption.path))
        pieces.append((f"captions:{caption.language}", put))
    if episode.programme is not None and episode.programme.playlist_id:
        pieces.append(("playlist", partial(platform.add_to_playlist, video_id, episode.programme.playlist_id)))
    return pieces
