"""The shows: making and changing them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pasvu.channel import episodes, journal, names
from pasvu.channel.categories import CATEGORIES, LICENSES
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode, Programme, Slot
from pasvu.channel.schedule import UsualSlot

COLOURS = 6
DEFAULT_CATEGORY = "25"
_PLAIN = {
    "name",
    "colour",
    "title_template",
    "description_template",
    "tags",
    "category_id",
    "language",
    "playlist_id",
    "license",
    "made_for_kids",
    "synthetic_media",
    "paid_promotion",
    "embeddable",
    "notify_subscribers",
    "translations",
    "still_style",
    "intro",
    "outro",
    "podcast",
}
STILL_STYLES = ("band", "poster")
_SLOT = re.compile(r"(?P<day>[0-6])\s+(?P<at>([01]\d|2[0-3]):[0-5]\d)")


def create(session: Session, name: str, now: datetime, by: str) -> Programme:
    """A new show, with the next colour.

    Raises:
        Refused: no name, or one that exists.
    """
    shown = " ".join(name.split())
    if not shown:
        raise Refused("Donnez un nom à l’émission.")
    if session.scalar(select(Programme.id).where(Programme.name == shown)):
        raise Refused("L’émission « {name} » existe déjà.", name=shown)
    count = session.scalar(select(func.count(Programme.id))) or 0
    made = Programme(
        id=names.new_id(),
        slug=names.free_slug(shown, lambda slug: _taken(session, slug)),
        name=shown,
        colour=count % COLOURS + 1,
        created_at=now,
    )
    session.add(made)
    session.flush()
    journal.write(session, now, by, "programme.create", after={"name": shown, "slug": made.slug})
    return made


def by_folder(session: Session, folder: str, now: datetime) -> Programme:
    """The show of a folder of the depot, made if it is new."""
    found = session.scalar(select(Programme).where(Programme.slug == names.slug(folder)))
    return found or create(session, folder.replace("-", " ").replace("_", " ").capitalize(), now, "pasvu")


def all_of(session: Session) -> Sequence[Programme]:
    """Every show, by name."""
    return session.scalars(select(Programme).order_by(Programme.name)).all()


def change(session: Session, programme: Programme, changes: Mapping[str, Any], now: datetime, by: str) -> None:
    """Change wording, defaults, colour, playlist or slots (`["3 19:00", …]`: weekday from Monday 0, wall-clock time).

    Defaults of its episodes: `category_id`, `license`, `playlist_id`; `made_for_kids`, `synthetic_media`,
    `paid_promotion`, `embeddable`, `notify_subscribers`, `podcast` (booleans or `None`); `translations`, the wording
    in other languages: `{"en": {"title_template": …, "description_template": …}}`. `intro` and `outro` are names of
    files or addresses, kept as they are: no film bears them yet.

    Raises:
        Refused: an unknown field, category or licence, or an unreadable slot.
    """
    if changes.get("category_id", DEFAULT_CATEGORY) not in CATEGORIES:
        raise Refused("« {value} » n’est pas une catégorie.", value=changes["category_id"])
    if changes.get("license") not in (None, *LICENSES):
        raise Refused("« {value} » n’est pas une licence.", value=changes["license"])
    if changes.get("still_style", STILL_STYLES[0]) not in STILL_STYLES:
        raise Refused("« {value} » n’est pas un style de vignette.", value=changes["still_style"])
    before: dict[str, Any] = {}
    for field, value in changes.items():
        if field == "slots":
            before[field] = [f"{slot.weekday} {slot.at}" for slot in programme.slots]
            programme.slots = [_read_slot(text) for text in value]
        elif field in _PLAIN:
            before[field] = getattr(programme, field)
            setattr(programme, field, value)
        else:
            raise Refused("« {field} » n’est pas un réglage d’émission.", field=field)
    if before.get("name", programme.name) != programme.name:
        # A search by the new name finds the episodes of before.
        for episode in session.scalars(select(Episode).where(Episode.programme_id == programme.id)):
            episodes.index(episode)
    journal.write(session, now, by, "programme.change", before=before, after=dict(changes))


def usual_slots(session: Session) -> list[UsualSlot]:
    """Every show's usual slots."""
    rows = session.scalars(select(Slot).order_by(Slot.weekday, Slot.at)).all()
    return [UsualSlot(slot.programme_id, slot.weekday, time.fromisoformat(slot.at)) for slot in rows]


def _read_slot(text: str) -> Slot:
    read = _SLOT.fullmatch(text.strip())
    if read is None:
        raise Refused("« {text} » n’est pas un créneau : écrivez « 3 19:00 » pour jeudi 19 h.", text=text)
    return Slot(weekday=int(read["day"]), at=read["at"])


def _taken(session: Session, slug: str) -> bool:
    return session.scalar(select(Programme.id).where(Programme.slug == slug)) is not None
