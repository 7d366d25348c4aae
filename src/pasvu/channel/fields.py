"""The fields of the episode's form: how each is read and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pasvu.channel import captions, videofields
from pasvu.channel.categories import CATEGORIES, LICENSES
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode, Guest

TITLE_LONGEST = 300
YES, NO = ("oui", "yes", "true", "1", "on"), ("non", "no", "false", "0", "off")


def write(episode: Episode, field: str, value: Any) -> None:
    """Set one field from what a person typed; `title.en` is the title in English, `title@youtube` YouTube's own.

    An empty flag, category, licence or playlist is again what the programme says; an empty text of a language or a
    platform is taken away.

    Raises:
        Refused: no such field, or a value it cannot hold.
    """
    name, at, platform = field.partition("@")
    if at:
        set_own_text(episode, platform, name, value)
        return
    name, dot, language = field.partition(".")
    if dot and name in ("title", "summary"):
        _set_localization(episode, language, name, value)
        return
    setter = _SETTERS.get(field)
    if setter is None:
        raise Refused(
            "« {field} » n’est pas un champ de la fiche ; il y a : {fields}.",
            field=field,
            fields=", ".join(sorted([*_SETTERS, "owner", "programme", "title.en", "summary.en", "title@youtube"])),
        )
    setter(episode, value)


def read(episode: Episode, field: str) -> Any:
    """A field as plain JSON, for the journal."""
    name, at, platform = field.partition("@")
    if at:
        return (episode.texts or {}).get(platform, {}).get(name)
    name, dot, language = field.partition(".")
    if dot:
        return (episode.localizations or {}).get(language, {}).get(name)
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
        case "category" | "playlist":
            return getattr(episode, f"{field}_id")
        case _:
            return getattr(episode, field, None)


def _set_title(episode: Episode, value: Any) -> None:
    title = " ".join(str(value).split())
    if not title:
        raise Refused("Le titre est vide : donnez-en un.")
    episode.title = title[:TITLE_LONGEST]


def _set_tags(episode: Episode, value: Any) -> None:
    episode.tags = _words(value)


def _words(value: Any) -> list[str]:
    words = value.split(",") if isinstance(value, str) else list(value)
    cleaned = [" ".join(str(word).split()) for word in words]
    return list(dict.fromkeys(word for word in cleaned if word))


def _set_guests(episode: Episode, value: Any) -> None:
    if isinstance(value, str):
        pairs = [part.partition(":")[::2] for part in value.split(",")]
    else:
        pairs = [(str(name), str(role)) for name, role in value]
    people = [(name.strip(), role.strip()) for name, role in pairs if name.strip()]
    episode.guests = [Guest(name=name, role=role, position=place) for place, (name, role) in enumerate(people)]


def _set_summary(episode: Episode, value: Any) -> None:
    episode.summary = _clean(value)


def _set_language(episode: Episode, value: Any) -> None:
    episode.language = str(value).strip() or "fr"


def set_own_text(episode: Episode, platform: str, field: str, value: Any) -> None:
    """What one platform shall show instead of what all share; `None` or empty text takes it away.

    Raises:
        Refused: no such field, or a value it cannot hold.
    """
    kept = read_own_value(field, value)
    texts = {name: dict(own) for name, own in (episode.texts or {}).items()}
    own = texts.setdefault(platform, {})
    if kept == "":
        own.pop(field, None)
    else:
        own[field] = kept
    episode.texts = {name: own for name, own in texts.items() if own} or None


def read_own_value(field: str, value: Any) -> Any:
    """A field of `channel.videofields` from what a person typed; empty text for none of its own.

    Raises:
        Refused: no such field, or a value it cannot hold.
    """
    if field not in videofields.FIELDS:
        raise Refused(
            "« {field} » n’est pas un texte de plateforme ; il y a : {fields}.",
            field=field,
            fields=", ".join(videofields.FIELDS),
        )
    if value is None or value == "":
        return ""
    match field:
        case "tags":
            return _words(value)
        case "made_for_kids" | "synthetic_media" | "paid_promotion" | "embeddable":
            return _read_flag(value)
        case "category_id":
            return _known(value, CATEGORIES)
        case "license":
            return _known(value, LICENSES)
        case "recorded_on":
            return _read_day(value)
        case "language":
            return captions.language_tag(str(value))
        case "localizations":
            return _read_localizations(value)
        case _:
            return _clean(value)


def _set_localization(episode: Episode, language: str, field: str, value: Any) -> None:
    tag = captions.language_tag(language)
    kept = {name: dict(told) for name, told in (episode.localizations or {}).items()}
    told = kept.setdefault(tag, {})
    told[field] = _clean(value or "")
    episode.localizations = {name: each for name, each in kept.items() if any(each.values())} or None


def _set_localizations(episode: Episode, value: Any) -> None:
    read = _read_localizations(value or {})
    episode.localizations = {
        language: {name: text for name, text in told.items() if text} for language, told in read.items()
    } or None


def _read_localizations(value: Any) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict) or not all(isinstance(told, dict) for told in value.values()):
        raise Refused("Les traductions s’écrivent par langue : title.en=…, summary.en=….")
    return {
        captions.language_tag(str(language)): {str(name): _clean(text) for name, text in told.items()}
        for language, told in value.items()
    }


def _set_category(episode: Episode, value: Any) -> None:
    episode.category_id = _known(value, CATEGORIES) if value else None


def _set_license(episode: Episode, value: Any) -> None:
    episode.license = _known(value, LICENSES) if value else None


def _set_playlist(episode: Episode, value: Any) -> None:
    # « - » is none at all, although the programme has one.
    text = str(value or "").strip()
    episode.playlist_id = None if not text else "" if text == "-" else text


def _flag(field: str) -> Callable[[Episode, Any], None]:
    def set_flag(episode: Episode, value: Any) -> None:
        setattr(episode, field, None if value in (None, "") else _read_flag(value))

    return set_flag


def _read_flag(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in YES and word not in NO:
        raise Refused("« {value} » n’est ni oui ni non.", value=value)
    return word in YES


def _known(value: Any, known: Mapping[str, str]) -> str:
    word = str(value).strip()
    if word not in known:
        raise Refused(
            "« {value} » ne peut pas être choisi ; il y a : {known}.",
            value=value,
            known=", ".join(f"{key} ({name})" for key, name in known.items()),
        )
    return word


def _clean(value: Any) -> str:
    return str(value).replace("\r\n", "\n").strip()


def _set_recorded_on(episode: Episode, value: Any) -> None:
    episode.recorded_on = _read_day(value) if value else None


def _read_day(value: Any) -> str:
    try:
        return datetime.strptime(str(value), "%Y-%m-%d").date().isoformat()  # noqa: DTZ007
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
    "category": _set_category,
    "category_id": _set_category,
    "license": _set_license,
    "playlist": _set_playlist,
    "playlist_id": _set_playlist,
    "localizations": _set_localizations,
    **{
        flag: _flag(flag)
        for flag in ("made_for_kids", "synthetic_media", "paid_promotion", "embeddable", "notify_subscribers")
    },
}
