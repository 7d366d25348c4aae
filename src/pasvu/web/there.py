"""« Sur YouTube »: what a platform shows of an episode, in words; differences, own texts, planned changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pasvu.channel import metadata, pieces, planned, remote
from pasvu.channel.categories import CATEGORIES, LICENSES
from pasvu.channel.database import Session
from pasvu.channel.models import Episode, PlannedChange, Publication
from pasvu.channel.states import PublicationState
from pasvu.channel.values import VISIBILITIES
from pasvu.web import words
from pasvu.web.fieldnames import FIELDS, name_of_field, piece_in_words, value_in_words
from pasvu.web.formats import day, language_name
from pasvu.web.house import house
from pasvu.web.words import _

PLANNABLE = ("title", "description", "tags", "visibility")


@dataclass(frozen=True)
class Difference:
    """One field, on our side and on theirs, or before and after."""

    field: str
    name: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Later:
    """A planned change in words."""

    id: int
    at: datetime | None
    delay_s: int | None
    told: list[tuple[str, str]]
    by: str
    reason: str | None
    done: bool


@dataclass(frozen=True)
class There:
    """What the page says of one platform."""

    platform: str
    publication: Publication
    url: str | None
    visibility: str | None
    drift: list[Difference]
    own: list[tuple[str, str, str]]
    """Field, its name, what this platform shows instead."""
    last: list[Difference]
    later: list[Later]
    may_plan: bool
    on_its_way: bool
    """Whether something decided here is still to be told there."""


def there(session: Session, episode: Episode) -> list[There]:
    """Every platform that has, or will have, the episode."""
    kept = (each for each in episode.publications if each.state != PublicationState.WITHDRAWN)
    return [_there(session, publication) for publication in kept]


def _there(session: Session, publication: Publication) -> There:
    episode, platform = publication.episode, publication.platform
    known = house().platforms.get(platform)
    url = known.watch_url(publication.video_id) if known and publication.video_id else publication.url
    aired = publication.state == PublicationState.ON_AIR
    own = metadata.own_texts(episode, platform)
    on_it = publication.state in (PublicationState.HELD, PublicationState.ON_AIR) and publication.video_id is not None
    last = remote.last_change(session, publication) if on_it else {}
    return There(
        platform=platform,
        publication=publication,
        url=url,
        visibility=str(remote.wanted_visibility(publication)) if aired else None,
        drift=_differences(publication.drift or {}),
        own=[
            (field, words.name_of(FIELDS, field), in_words(field, own[field])) for field in remote.SHOWN if field in own
        ],
        last=_differences(last),
        later=[_later(each) for each in publication.planned_changes if each.cancelled_at is None],
        may_plan=publication.state != PublicationState.FAILED,
        on_its_way=on_it and not publication.settled,
    )


def in_words(field: str, value: Any) -> str:
    """A field's value as a reader would say it; text is given whole."""
    if pieces.is_piece(field):
        return piece_in_words(value)
    match field, value:
        case "category_id", str():
            return _(CATEGORIES.get(value, value))
        case "license", str():
            return _(LICENSES.get(value, value))
        case "language", str():
            return language_name(value)
        case "visibility", _any:
            return words.name_of(VISIBILITIES, str(value))
        case "recorded_on", str():
            return day(value, "long")
        case "localizations", dict():
            return _languages(value)
        case (("title" | "description"), str()) if value.strip():
            return value
        case _:
            return value_in_words(value)


def meant_now(publication: Publication, field: str) -> str:
    """What is meant on the platform, as text that a form may begin with."""
    value = remote.meant(publication, field)
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def _differences(different: Mapping[str, list[Any]]) -> list[Difference]:
    return [
        Difference(field, name_of_field(field), in_words(field, pair[0]), in_words(field, pair[1]))
        for field, pair in different.items()
    ]


def _later(change: PlannedChange) -> Later:
    return Later(
        id=change.id,
        at=change.done_at or planned.comes_at(change),
        delay_s=change.after_s,
        told=[
            (words.name_of(FIELDS, field), in_words(field, value) if value != "" else _("comme sur la fiche"))
            for field, value in change.changes.items()
        ],
        by=change.planned_by,
        reason=change.reason,
        done=change.done_at is not None,
    )


def _languages(value: dict[str, Any]) -> str:
    if not value:
        return value_in_words(None)
    return " ; ".join(f"{language_name(code)} : « {text.get('title', '')} »" for code, text in sorted(value.items()))
