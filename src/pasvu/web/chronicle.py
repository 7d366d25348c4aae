"""The journal in words: one line each, who did what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pasvu.channel.models import JournalEntry
from pasvu.web import words
from pasvu.web.formats import instant, stamp_ms
from pasvu.web.typography import THIN
from pasvu.web.words import _, marked, told

FIELDS = {
    "title": marked("titre"),
    "summary": marked("résumé"),
    "tags": marked("mots-clés"),
    "language": marked("langue"),
    "programme": marked("émission"),
    "owner": marked("responsable"),
    "guests": marked("invités"),
    "recorded_on": marked("date d’enregistrement"),
    "name": marked("nom"),
    "colour": marked("couleur"),
    "slots": marked("créneaux"),
    "title_template": marked("modèle de titre"),
    "description_template": marked("modèle de description"),
    "playlist_id": marked("liste de lecture"),
    "category_id": marked("catégorie"),
}


@dataclass(frozen=True)
class Line:
    """A line of history as people read it."""

    at: datetime
    who: str
    by_machine: bool
    sentence: str
    detail: str = ""
    episode_id: str | None = None


def line(entry: JournalEntry) -> Line:
    """One journal entry in words; an action without words of its own shows its name."""
    tell = _TELLERS.get(entry.action)
    before, after = entry.before or {}, entry.after or {}
    sentence, detail = tell(before, after) if tell else (entry.action, "")
    machine = entry.actor == "pasvu"
    return Line(entry.at, _("La machine") if machine else entry.actor, machine, sentence, detail, entry.episode_id)


def _received(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a reçu l’enregistrement"), ", ".join(str(name) for name in after.get("files", []))


def _state(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    state = words.name_of(words.EPISODE_STATES, after.get("state"))
    return _("a placé l’épisode dans « %(state)s »", state=state), told(after.get("reason"))


def _edit(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a modifié la fiche"), _fields(after)


def _trim(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    spans = [f"{stamp_ms(each.get('start_s'))}–{stamp_ms(each.get('end_s'))}" for each in (before, after)]
    return _("a changé la coupe"), " → ".join(spans)


def _chapters(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a modifié les chapitres"), ", ".join(str(title) for _at, title in after.get("chapters", [])[:6])


def _schedule(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    at = datetime.fromisoformat(after["at"]) if after.get("at") else None
    platform = words.name_of(words.PLATFORMS, after.get("platform"))
    return _("a programmé sur %(platform)s", platform=platform), instant(at)


def _publication(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    state = words.name_of(words.PUBLICATION_STATES, after.get("state"))
    platform = words.name_of(words.PLATFORMS, after.get("platform"))
    return f"{platform}{THIN}: {state.lower()}", told(after.get("reason"))


def _stopped(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a interrompu la préparation"), told(after.get("reason"))


def _named(sentence: str) -> Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]:
    def tell(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        role = words.name_of(words.ROLES, after["role"]) if after.get("role") else ""
        return _(sentence), ", ".join(part for part in (str(after.get("name") or ""), role) if part)

    return tell


def _said(sentence: str) -> Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]:
    return lambda _before, after: (_(sentence), str(after.get("text") or ""))


def _programme_change(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a modifié une émission"), _fields(after)


def _fields(changed: dict[str, Any]) -> str:
    return ", ".join(words.name_of(FIELDS, field) for field in changed)


_TELLERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]] = {
    "episode.received": _received,
    "episode.state": _state,
    "episode.edit": _edit,
    "episode.trim": _trim,
    "episode.chapters": _chapters,
    "episode.thumbnail": _said(marked("a choisi la vignette")),
    "episode.retry": _said(marked("a relancé la préparation")),
    "remark.add": _said(marked("a laissé une remarque")),
    "remark.done": _said(marked("a traité une remarque")),
    "job.stopped": _stopped,
    "publication.schedule": _schedule,
    "publication.unschedule": _said(marked("a retiré l’épisode du calendrier")),
    "publication.state": _publication,
    "publication.retry": _said(marked("a relancé la publication")),
    "programme.create": _named(marked("a créé l’émission")),
    "programme.change": _programme_change,
    "account.create": _named(marked("a ouvert le compte")),
    "account.invite": _named(marked("a fait un lien d’invitation")),
    "account.role": _named(marked("a changé le rôle de")),
    "account.password": _named(marked("a changé le mot de passe de")),
    "account.disable": _named(marked("a fermé le compte")),
}
