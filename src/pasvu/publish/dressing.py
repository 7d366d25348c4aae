"""Dressing a video that is on the platform: thumbnail, captions, playlist."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pasvu.channel import captions, episodes, metadata, pieces
from pasvu.channel.models import Episode, Publication
from pasvu.channel.states import EpisodeState
from pasvu.channel.timeline import Timeline
from pasvu.channel.typography import fine, marked
from pasvu.publish import picture
from pasvu.publish.desk import Desk
from pasvu.publish.errors import PlatformRefused
from pasvu.publish.platform import Platform

log = logging.getLogger(__name__)

GOES_WITHOUT = marked("La vidéo garde son heure sans cela : réglez-le, puis relancez.")

Put = Callable[[Platform, str], None]
Worn = Callable[[Sequence[str], str], list[str]]


def dress(desk: Desk, publication_id: int) -> None:
    """Add thumbnail, captions and playlist, and take off what nobody means any more.

    Each is written down so that it is not paid for twice. What the platform refuses is written down too, and left until
    a person chooses another or tries again: the video keeps its hour without it.

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
        leaving, wanting = _leaving(publication), _wanting(publication)
    for name, take_off in leaving.items():
        _carry_out(desk, publication_id, name, partial(take_off, platform, video_id), _without)
    for name, put in wanting.items():
        _carry_out(desk, publication_id, name, partial(put, platform, video_id), _with)


def _carry_out(desk: Desk, publication_id: int, name: str, change: Callable[[], None], then: Worn) -> None:
    """Make one change over there and write it down: what the video wears from then on, or why it was refused."""
    why = None
    try:
        change()
    except PlatformRefused as refused:
        why = str(refused)
    with desk.record.write() as session:
        publication = session.get_one(Publication, publication_id)
        kept = {each: said for each, said in (publication.refused_pieces or {}).items() if _place(each) != _place(name)}
        publication.refused_pieces = {**kept, name: why} if why is not None else kept or None
        if why is None:
            publication.dressed = then(publication.dressed, name)
            _touched(desk, publication, name)


def _with(worn: Sequence[str], name: str) -> list[str]:
    # A video has one thumbnail, and one text in a language: the former, chosen again later, must be set again.
    return [*(each for each in worn if _place(each) != _place(name)), name]


def _without(worn: Sequence[str], name: str) -> list[str]:
    return [each for each in worn if each != name]


def why_missing(publication: Publication) -> str | None:
    """What the platform would not take of what goes with the video, and why, in words; `None` when it took all."""
    concerned = {*_pieces(publication.episode, publication.platform), *publication.dressed}
    refused = {name: why for name, why in (publication.refused_pieces or {}).items() if name in concerned}
    if not refused:
        return None
    return " ".join([*(f"{_named(name)} {why}" for name, why in refused.items()), fine(GOES_WITHOUT)])


def _named(name: str) -> str:
    kind, _, what = name.partition(":")
    match kind:
        case "thumbnail":
            return fine("La vignette n’a pas été acceptée.")
        case "captions":
            language = what.partition(":")[0]
            return fine(f"Les sous-titres ({language}) n’ont pas été acceptés.")
        case _:
            return fine("L’ajout à la playlist n’a pas été accepté.")


def _touched(desk: Desk, publication: Publication, name: str) -> None:
    """What was known of this piece is of before."""
    publication.dressed_at = desk.clock.now()
    known = publication.held_pieces or {}
    publication.held_pieces = {piece: of for piece, of in known.items() if piece != pieces.of_dressed(name)}


def is_dressed(publication: Publication) -> bool:
    """Whether everything that goes with the video is there."""
    return not _wanting(publication) and not _leaving(publication)


def _wanting(publication: Publication) -> dict[str, Put]:
    pieces = _pieces(publication.episode, publication.platform)
    done = {*publication.dressed, *(publication.refused_pieces or {})}
    return {name: put for name, put in pieces.items() if name not in done}


def _leaving(publication: Publication) -> dict[str, Put]:
    """What we put there and nobody means any more: captions of a language taken away, the former playlist."""
    wanted = _pieces(publication.episode, publication.platform)
    languages = {name.split(":")[1] for name in wanted if name.startswith("captions:")}
    leaving: dict[str, Put] = {}
    for done in publication.dressed:
        if done in (publication.refused_pieces or {}):
            continue
        kind, _, what = done.partition(":")
        language = what.partition(":")[0]
        if kind == "captions" and language not in languages:
            leaving[done] = partial(_take_captions, language)
        elif kind == "playlist" and what and done not in wanted:
            leaving[done] = partial(_take_from_playlist, what)
    return leaving


def _place(name: str) -> str:
    return name.rpartition(":")[0] or name


def _pieces(episode: Episode, platform: str) -> dict[str, Put]:
    pieces: dict[str, Put] = {}
    chosen = next((still for still in episode.thumbnails if still.chosen), None)
    if chosen is not None:
        pieces[f"thumbnail:{chosen.id}"] = partial(_put_thumbnail, Path(chosen.path))
    for caption in episode.captions:
        path, cut = Path(caption.path), episodes.made_timeline(episode)
        # Kept captions are named after their text: with another text, it is another piece.
        pieces[f"captions:{caption.language}:{path.stem}"] = partial(_put_captions, caption.language, path, cut)
    playlist_id = metadata.playlist(episode, platform)
    if playlist_id:
        pieces[f"playlist:{playlist_id}"] = partial(_put_in_playlist, playlist_id)
    return pieces


def _put_thumbnail(image: Path, platform: Platform, video_id: str) -> None:
    made = picture.fit(image)
    if made is None:
        platform.set_thumbnail(video_id, image)
        return
    with tempfile.NamedTemporaryFile("wb", dir=image.parent, prefix=".", suffix=".jpg") as file:
        file.write(made)
        file.flush()
        platform.set_thumbnail(video_id, Path(file.name))


def _put_captions(language: str, path: Path, cut: Timeline, platform: Platform, video_id: str) -> None:
    cues = captions.in_cut(captions.load(path), cut)
    if not cues:
        # Platforms refuse an empty track, and the video must not miss its hour for it.
        log.warning("no caption of %s falls in the cut of video %s: none sent", path, video_id)
        return
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".", suffix=".srt", encoding="utf-8") as file:
        file.write(captions.srt(cues))
        file.flush()
        platform.set_captions(video_id, language, Path(file.name))


def _put_in_playlist(playlist_id: str, platform: Platform, video_id: str) -> None:
    platform.add_to_playlist(video_id, playlist_id)


def _take_captions(track: str, platform: Platform, video_id: str) -> None:
    language, _, name = track.partition("/")
    platform.remove_captions(video_id, language, name)


def _take_from_playlist(playlist_id: str, platform: Platform, video_id: str) -> None:
    platform.remove_from_playlist(video_id, playlist_id)
