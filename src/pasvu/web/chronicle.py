"""The journal in words: one line each, who did what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pasvu.channel.models import JournalEntry
from pasvu.web.deeds import DEEDS
from pasvu.web.fieldnames import fields_of
from pasvu.web.words import _

# Saved as one types: an hour at a form would be a hundred lines.
_SITTING = ("episode.edit",)
A_SITTING = timedelta(minutes=15)


@dataclass(frozen=True)
class Line:
    """A line of history as people read it."""

    at: datetime
    who: str
    by_machine: bool
    sentence: str
    detail: str = ""
    episode_id: str | None = None


def lines(entries: Sequence[JournalEntry]) -> list[Line]:
    """Journal entries in words, newest first; one person's corrections in a row are one line."""
    told_: list[Line] = []
    above: JournalEntry | None = None
    for entry in entries:
        said = line(entry)
        if above is not None and _continues(above, entry):
            parts = [*told_[-1].detail.split(", "), *said.detail.split(", ")]
            told_[-1] = replace(told_[-1], detail=", ".join(dict.fromkeys(part for part in parts if part)))
        else:
            told_.append(said)
        above = entry
    return told_


def _continues(later: JournalEntry, earlier: JournalEntry) -> bool:
    same = (later.actor, later.action, later.episode_id) == (earlier.actor, earlier.action, earlier.episode_id)
    return same and later.action in _SITTING and later.at - earlier.at < A_SITTING


def line(entry: JournalEntry) -> Line:
    """One journal entry in words; an action without words of its own shows its name."""
    tell = DEEDS.get(entry.action)
    before, after = entry.before or {}, entry.after or {}
    sentence, detail = tell(before, after) if tell else (entry.action, "")
    machine = entry.actor == "pasvu"
    return Line(entry.at, _("La machine") if machine else entry.actor, machine, sentence, detail, entry.episode_id)


def change(entry: JournalEntry) -> str:
    """What someone changed, in the few words of a button that takes it back: « passage retiré »."""
    before, after = entry.before or {}, entry.after or {}
    match entry.action:
        case "episode.edit":
            return fields_of(after) or _("fiche")
        case "episode.trim":
            return _change_of_cut(before, after)
        case "episode.chapters":
            counts = [len(each.get("chapters", [])) for each in (before, after)]
            return _more_or_less(counts, _("chapitre ajouté"), _("chapitre supprimé"), _("chapitre modifié"))
        case "episode.captions":
            counts = [len(each.get("captions", {})) for each in (before, after)]
            return _more_or_less(counts, _("sous-titres ajoutés"), _("sous-titres retirés"), _("sous-titres corrigés"))
        case "episode.thumbnail":
            return _("choix de la vignette")
        case _:
            return line(entry).sentence


def _change_of_cut(before: dict[str, Any], after: dict[str, Any]) -> str:
    if "removed" in after:
        counts = [len(each.get("removed", [])) for each in (before, after)]
        return _more_or_less(counts, _("passage retiré"), _("passage remis"), _("passage retiré changé"))
    match [name for name in ("start_s", "end_s") if before.get(name) != after.get(name)]:
        case ["start_s"]:
            return _("nouveau début")
        case ["end_s"]:
            return _("nouvelle fin")
        case _other:
            return _("nouvelle coupe")


def _more_or_less(counts: list[int], more: str, less: str, same: str) -> str:
    before, after = counts
    return more if after > before else less if after < before else same
