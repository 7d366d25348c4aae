"""What viewers get of a video, as plain fields: compared, replaced one by one, kept as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pasvu.channel.values import Localization, VideoMetadata

Fields = dict[str, Any]
"""Values by field: text, `tags` a list, flags as booleans, `recorded_on` as `YYYY-MM-DD`, `localizations` as
`{language: {"title": …, "description": …}}`. A field that is absent is not known."""

FIELDS = (
    "title",
    "description",
    "tags",
    "category_id",
    "language",
    "license",
    "recorded_on",
    "made_for_kids",
    "synthetic_media",
    "paid_promotion",
    "embeddable",
    "localizations",
)


def fields_of(metadata: VideoMetadata) -> Fields:
    """The metadata as plain fields; what only serves the sending (marker, notification) is left out."""
    found: Fields = {name: getattr(metadata, name) for name in FIELDS if name not in ("recorded_on", "localizations")}
    found["tags"] = list(metadata.tags)
    found["recorded_on"] = written_day(metadata.recorded_at)
    found["localizations"] = {
        each.language: {"title": each.title, "description": each.description} for each in metadata.localizations
    }
    return found


def with_fields(metadata: VideoMetadata, fields: Mapping[str, Any]) -> VideoMetadata:
    """The metadata with some fields replaced; names that are none are passed over."""
    changes = {name: value for name, value in fields.items() if name in FIELDS}
    if "tags" in changes:
        changes["tags"] = tuple(changes["tags"])
    if "recorded_on" in changes:
        changes["recorded_at"] = read_day(changes.pop("recorded_on"))
    if "localizations" in changes:
        changes["localizations"] = tuple(
            Localization(language, text["title"], text.get("description", ""))
            for language, text in sorted(changes["localizations"].items())
        )
    return replace(metadata, **changes)


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Fields that both know and that differ, each as `[ours, theirs]`, in the order people read them.

    Absent, false and empty are equal: platforms leave out what is not set. Ends of lines and outer blanks are theirs
    to tidy.
    """
    found: dict[str, list[Any]] = {}
    for name in FIELDS:
        if name in ours and name in theirs and _settled(name, ours[name]) != _settled(name, theirs[name]):
            found[name] = [ours[name], theirs[name]]
    return found


def read_day(day: str | None) -> datetime | None:
    """Midnight UTC of a day: platforms take an instant and show its UTC day."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None


def written_day(instant: datetime | None) -> str | None:
    """The UTC day of an instant, `YYYY-MM-DD`."""
    return instant.astimezone(UTC).date().isoformat() if instant else None


def _settled(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    if name == "localizations":
        return {language: _settled("", text) for language, text in (value or {}).items()} or None
    if isinstance(value, dict):
        return {key: _settled("", text) for key, text in value.items() if text}
    return value or None
