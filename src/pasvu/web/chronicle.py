"""The journal in words: one line each, who did what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pasvu.channel import pieces
from pasvu.channel.models import JournalEntry
from pasvu.web import words
from pasvu.web.formats import instant, language_name, moment, percent, stamp_ms
from pasvu.web.typography import THIN
from pasvu.web.words import _, marked, told

# Saved as one types: an hour at a form would be a hundred lines.
_SITTING = ("episode.edit",)
A_SITTING = timedelta(minutes=15)

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
    "still_style": marked("style de vignette"),
    "category": marked("catégorie"),
    "description": marked("description"),
    "license": marked("licence"),
    "playlist": marked("liste de lecture"),
    "made_for_kids": marked("conçu pour les enfants"),
    "synthetic_media": marked("contenu de synthèse"),
    "paid_promotion": marked("promotion rémunérée"),
    "embeddable": marked("intégration ailleurs"),
    "notify_subscribers": marked("avis aux abonnés"),
    "localizations": marked("autres langues"),
    "translations": marked("autres langues"),
    "visibility": marked("visibilité"),
    "publish_at": marked("instant de diffusion"),
    "thumbnail": marked("vignette"),
}
SHOWN_LONGEST = 90


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
    tell = _TELLERS.get(entry.action)
    before, after = entry.before or {}, entry.after or {}
    sentence, detail = tell(before, after) if tell else (entry.action, "")
    machine = entry.actor == "pasvu"
    return Line(entry.at, _("La machine") if machine else entry.actor, machine, sentence, detail, entry.episode_id)


def change(entry: JournalEntry) -> str:
    """What someone changed, in the few words of a button that takes it back: « passage retiré »."""
    before, after = entry.before or {}, entry.after or {}
    match entry.action:
        case "episode.edit":
            return _fields(after) or _("fiche")
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


def _received(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a reçu l’enregistrement"), ", ".join(str(name) for name in after.get("files", []))


def _state(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    state = words.name_of(words.EPISODE_STATES, after.get("state"))
    return _("a placé l’épisode dans « %(state)s »", state=state), told(after.get("reason"))


def _edit(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a modifié la fiche"), _fields(after)


def _trim(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    spans = [f"{stamp_ms(each.get('start_s'))}–{stamp_ms(each.get('end_s'))}" for each in (before, after)]
    moved = "" if spans[0] == spans[1] else " → ".join(spans)
    out = [f"{stamp_ms(from_s)}–{stamp_ms(to_s)}" for from_s, to_s in after.get("removed", [])]
    taken = _("retiré : %(spans)s", spans=", ".join(out)) if out else ""
    if "removed" in after and not out:
        taken = _("rien n’est plus retiré du milieu")
    return _("a changé la coupe"), " · ".join(part for part in (moved, taken) if part)


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


def _there(sentence: str) -> Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]:
    """What changed on a platform, field by field: before and after."""

    def tell(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        platform = words.name_of(words.PLATFORMS, after.get("platform"))
        told = (
            (name_of_field(field), _either(field, before.get(field)), _either(field, after[field]))
            for field in after
            if field != "platform"
        )
        return _(sentence, platform=platform), " · ".join(f"{name}{THIN}: {old} → {new}" for name, old, new in told)

    return tell


def name_of_field(field: str) -> str:
    """What people call a field, or a piece that goes with the video."""
    if not field.startswith(pieces.CAPTIONS):
        return words.name_of(FIELDS, field)
    language, name = pieces.track_of(field)
    said = _("sous-titres (%(language)s)", language=language_name(language))
    return f"{said} « {name} »" if name else said


def piece_in_words(value: Any) -> str:
    """What became of a still or of captions there."""
    word, _sep, mark = str(value or pieces.NONE).partition(" ")
    said = {
        pieces.OURS: _("comme nous l’avions mis"),
        pieces.NONE: _("rien"),
        "changed": _("autre chose"),
        "added": _("ajouté par quelqu’un"),
        "draft": _("retiré de la vue (brouillon)"),
    }.get(word, word)
    try:
        return f"{said}, {moment(datetime.fromisoformat(mark))}" if mark else said
    except ValueError:
        return said


def _either(field: str, value: Any) -> str:
    return piece_in_words(value) if pieces.is_piece(field) else value_in_words(value)


def value_in_words(value: Any) -> str:
    """A field's value as people read it in a line; long text is cut."""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if not value:
        return _("rien")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(value)
    text = " ".join(str(value).split())
    if text in words.VISIBILITIES:
        return words.name_of(words.VISIBILITIES, text)
    return f"« {text[:SHOWN_LONGEST]}… »" if len(text) > SHOWN_LONGEST else f"« {text} »"


def _undo(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a annulé sa dernière modification"), _fields({k: v for k, v in after.items() if k in FIELDS})


def _captions(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a changé les sous-titres"), ", ".join(language_name(code) for code in after.get("captions", {}))


def _redone(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a refait la coupe autrement"), told(after.get("reason"))


def _stopped(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a interrompu la préparation"), told(after.get("reason"))


def _named(sentence: str) -> Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]:
    def tell(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        role = words.name_of(words.ROLES, after["role"]) if after.get("role") else ""
        return _(sentence), ", ".join(part for part in (str(after.get("name") or ""), role) if part)

    return tell


def _said(sentence: str) -> Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]:
    return lambda _before, after: (_(sentence), str(after.get("text") or ""))


def _files(sentence: str) -> Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]:
    def tell(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        names = after.get("files") or [after.get("file") or before.get("file") or ""]
        return _(sentence), ", ".join(str(name) for name in names)

    return tell


def _because(sentence: str) -> Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]:
    return lambda _before, after: (_(sentence), str(after.get("reason") or ""))


def _addressed(sentence: str) -> Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]:
    return lambda _before, after: (_(sentence), str(after.get("address") or ""))


def _titled(sentence: str) -> Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]:
    return lambda _before, after: (_(sentence), str(after.get("title") or ""))


def _matched(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    sure = percent(float(after.get("confidence") or 0.0))
    return _("a reconnu l’épisode attendu"), f"{after.get('title')} ({sure} · {after.get('why')})"


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
    "guest.invite": _named(marked("a fait un lien pour")),
    "guest.revoke": _named(marked("a fermé le lien de")),
    "still.ask": _said(marked("a demandé une vignette")),
    "episode.captions": _captions,
    "episode.undo": _undo,
    "episode.retry": _said(marked("a relancé la préparation")),
    "episode.given_back": _files(marked("a rendu au dépôt")),
    "part.mended": _files(marked("a vu qu’un fichier a été réparé")),
    "part.replaced": _files(marked("a remplacé un fichier")),
    "incoming.as_it_is": _files(marked("a fait prendre tel quel")),
    "expected.add": _titled(marked("a annoncé un épisode")),
    "expected.drop": _titled(marked("n’attend plus")),
    "expected.match": _matched,
    "expected.unmatch": _said(marked("a dit que ce n’est pas l’épisode attendu")),
    "remark.add": _said(marked("a laissé une remarque")),
    "remark.done": _said(marked("a traité une remarque")),
    "job.stopped": _stopped,
    "cut.redone": _redone,
    "publication.schedule": _schedule,
    "publication.unschedule": _said(marked("a retiré l’épisode du calendrier")),
    "publication.state": _publication,
    "publication.retry": _said(marked("a relancé la publication")),
    "publication.changed": _there(marked("a mis %(platform)s à jour")),
    "publication.drift": _there(marked("a vu que quelqu’un a changé la vidéo sur %(platform)s")),
    "publication.keep_theirs": _there(marked("a gardé ce qui est sur %(platform)s")),
    "publication.keep_ours": _there(marked("a choisi de rétablir notre version sur %(platform)s")),
    "publication.rollback": _there(marked("a annulé le dernier changement sur %(platform)s")),
    "publication.mean": _there(marked("a changé ce que montre %(platform)s")),
    "publication.plan_change": _there(marked("a prévu un changement sur %(platform)s")),
    "publication.cancel_change": _there(marked("a annulé un changement prévu sur %(platform)s")),
    "publication.planned_change": _there(marked("a fait le changement prévu sur %(platform)s")),
    "connection.keep": lambda _before, after: (_("a connecté la chaîne"), str(after.get("channel") or "")),
    "connection.forget": lambda before, _after: (_("a déconnecté la chaîne"), str(before.get("channel") or "")),
    "connection.client": _said(marked("a enregistré le projet Google")),
    "programme.create": _named(marked("a créé l’émission")),
    "programme.change": _programme_change,
    "account.create": _named(marked("a ouvert le compte")),
    "account.invite": _named(marked("a fait un lien d’invitation")),
    "account.role": _named(marked("a changé le rôle de")),
    "account.password": _named(marked("a changé le mot de passe de")),
    "account.bind": _named(marked("a relié au service d’identité le compte")),
    "account.disable": _named(marked("a fermé le compte")),
    "account.feed": _named(marked("a changé l’adresse privée de son calendrier")),
    "freeze.add": _because(marked("a gelé une période")),
    "freeze.lift": _because(marked("a levé un gel")),
    "freeze.override": _because(marked("a laissé passer l’épisode malgré un gel")),
    "upload.begin": _named(marked("a commencé l’envoi de")),
    "upload.end": _named(marked("a envoyé")),
    "upload.stop": lambda before, _after: (_("a abandonné l’envoi de"), str(before.get("name") or "")),
    "replay.ask": _addressed(marked("a demandé un direct")),
    "replay.retry": _addressed(marked("a relancé un direct")),
    "replay.cancel": _addressed(marked("a arrêté un direct")),
    "replay.failed": _addressed(marked("n’a pas pu récupérer un direct")),
    "replay.received": _addressed(marked("a récupéré un direct")),
}
