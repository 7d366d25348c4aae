"""The fields of the episode's form: how each is read and written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode, Guest

TITLE_LONGEST = 300


def write(episode: Episode, field: str, value: Any) -> None:
    """Set one field from what a person typed.

    Raises:
        Refused: no such field, or a value it cannot hold.
    """
    setter = _SETTERS.get(field)
    if setter is None:
        raise Refused(
            "« {field} » n’est pas un champ de la fiche ; il y a : {fields}.",
            field=field,
            fields=", ".join(sorted([*_SETTERS, "owner", "programme"])),
        )
    setter(episode, value)


def read(episode: Episode, field: str) -> Any:
    """A field as plain JSON, for the journal."""
    match field:
        case "programme":
            return episode.programme.slug if episode.programme else None
        case "guests":
            return [[guest.name, guest.role] for guest in episode.guests]
        case "tags":
            return list(episode.tags)
        case "description":
            return episode.summary
        case "owner":
            return episode.owner_id
        case _:
            return getattr(episode, field, None)


def _set_title(episode: Episode, value: Any) -> None:
    title = " ".join(str(value).split())
    if not title:
        raise Refused("Le titre est vide : donnez-en un.")
    episode.title = title[:TITLE_LONGEST]


def _set_tags(episode: Episode, value: Any) -> None:
    words = value.split(",") if isinstance(value, str) else list(value)
    cleaned = [" ".join(str(word).split()) for word in words]
    episode.tags = list(dict.fromkeys(word for word in cleaned if word))


def _set_guests(episode: Episode, value: Any) -> None:
    if isinstance(value, str):
        pairs = [part.partition(":")[::2] for part in value.split(",")]
    else:
        pairs = [(str(name), str(role)) for name, role in value]
    people = [(name.strip(), role.strip()) for name, role in pairs if name.strip()]
    episode.guests = [Guest(name=name, role=role, position=place) for place, (name, role) in enumerate(people)]


def _set_summary(episode: Episode, value: Any) -> None:
    episode.summary = str(value).replace("\r\n", "\n").strip()


def _set_language(episode: Episode, value: Any) -> None:
    episode.language = str(value).strip() or "fr"


def _set_recorded_on(episode: Episode, value: Any) -> None:
    try:
        episode.recorded_on = datetime.strptime(str(value), "%Y-%m-%d").date().isoformat() if value else None  # noqa: DTZ007
    except ValueError as unreadable:
        raise Refused("« {value} » n’est pas une date : écrivez 2026-11-26.", value=value) from unreadable


_SETTERS: dict[str, Callable[[Episode, Any], None]] = {
    "title": _set_title,
    "summary": _set_summary,
    "description": _set_summary,
    "tags": _set_tags,
    "language": _set_language,
    "guests": _set_guests,
    "recorded_on": _set_recorded_on,
}
