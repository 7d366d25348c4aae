"""Is what a platform holds what was meant? Each difference in words, with what to do; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pasvu.channel import pieces, publications
from pasvu.channel.models import Publication
from pasvu.channel.remote import SETTLES_WITHIN
from pasvu.channel.typography import marked
from pasvu.channel.values import RemoteVideo

# Platforms count in frames or round to the second.
DURATION_MAY_DIFFER_S = 1.0


@dataclass(frozen=True)
class Meant:
    """What was sent; `None` where nothing is meant, or where the platform was not told yet."""

    bytes: int | None
    duration_s: float | None
    title: str | None
    language: str | None
    thumbnail: bool


def meant_by(publication: Publication, now: datetime) -> Meant:
    """What the record says was sent of a publication."""
    episode = publication.episode
    made = episode.rendition("master")
    # A text that still waits to be told cannot read back, and what others changed since is told apart as drift.
    at = publication.held_fields_at
    tellable = publication.settled and publication.drift is None and at is not None and now - at >= SETTLES_WITHIN
    told = publications.metadata(episode, publication.platform) if tellable else None
    return Meant(
        bytes=publication.total_bytes,
        duration_s=made.duration_s if made is not None else None,
        title=told.title if told is not None else None,
        language=told.language if told is not None else None,
        thumbnail=_means_a_thumbnail(publication, now),
    )


def _means_a_thumbnail(publication: Publication, now: datetime) -> bool:
    if pieces.THUMBNAIL in (publication.drift or {}) or not publication.settled:
        return False
    # What was just sent may read as if it were not there yet.
    lately = publication.dressed_at is not None and now - publication.dressed_at < SETTLES_WITHIN
    put = any(done.startswith("thumbnail:") for done in publication.dressed) and not lately
    return put and bool((publication.held_pieces or {}).get(pieces.THUMBNAIL, {}).get("there", True))


def differences(meant: Meant, remote: RemoteVideo) -> list[str]:
    """What the platform holds otherwise than meant; what it does not say is no difference."""
    return list(_differences(meant, remote))


def _differences(meant: Meant, remote: RemoteVideo) -> Iterator[str]:
    if None not in (meant.bytes, remote.bytes) and remote.bytes != meant.bytes:
        yield marked(f"La plateforme annonce {remote.bytes} octets au lieu de {meant.bytes} : renvoyez la vidéo.")
    if (
        remote.processing == "succeeded"
        and meant.duration_s is not None
        and remote.duration_s is not None
        and abs(remote.duration_s - meant.duration_s) > DURATION_MAY_DIFFER_S
    ):
        there, ours = f"{remote.duration_s:.0f}", f"{meant.duration_s:.0f}"
        yield marked(f"La plateforme annonce {there} s au lieu de {ours} s : vérifiez la vidéo.")
    if meant.title is not None and remote.title != meant.title:
        yield marked(
            f"Le titre sur la plateforme est « {remote.title} » au lieu de « {meant.title} » : enregistrez à nouveau."
        )
    language = remote.fields.get("language")
    if None not in (meant.language, language) and language != meant.language:
        yield marked(f"La langue sur la plateforme est « {language} » au lieu de « {meant.language} ».")
    if meant.thumbnail and remote.custom_thumbnail is False:
        yield marked("La vignette choisie n’est pas sur la plateforme : choisissez-la à nouveau.")
