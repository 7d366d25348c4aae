"""Each act of the journal in words: what was done, and the detail beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pasvu.channel.typography import marked
from pasvu.web import words
from pasvu.web.fieldnames import FIELDS, either, fields_of, name_of_field
from pasvu.web.formats import instant, language_name, percent, stamp_ms
from pasvu.web.typography import THIN
from pasvu.web.words import _, told

Tell = Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]
"""From what was before and after, the sentence (its subject is whoever did it) and the detail."""


def _received(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a reçu l’enregistrement"), ", ".join(str(name) for name in after.get("files", []))


def _state(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    state = words.name_of(words.EPISODE_STATES, after.get("state"))
    return _("a placé l’épisode dans « %(state)s »", state=state), told(after.get("reason"))


def _edit(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a modifié la fiche"), fields_of(after)


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


def _publication(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    state = words.name_of(words.PUBLICATION_STATES, after.get("state"))
    platform = words.name_of(words.PLATFORMS, after.get("platform"))
    return f"{platform}{THIN}: {state.lower()}", told(after.get("reason"))


def _there(sentence: str) -> Tell:
    """What changed on a platform, field by field: before and after."""

    def tell(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        platform = words.name_of(words.PLATFORMS, after.get("platform"))
        told = (
            (name_of_field(field), either(field, before.get(field)), either(field, after[field]))
            for field in after
            if field != "platform"
        )
        return _(sentence, platform=platform), " · ".join(f"{name}{THIN}: {old} → {new}" for name, old, new in told)

    return tell


def _there_at(sentence: str) -> Tell:
    """One act on a platform, with the video or the instant that it is about."""

    def tell(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        platform = words.name_of(words.PLATFORMS, after.get("platform"))
        at = datetime.fromisoformat(after["at"]) if after.get("at") else None
        return _(sentence, platform=platform), instant(at) if at else str(after.get("video_id") or "")

    return tell


def _undo(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a annulé sa dernière modification"), fields_of({k: v for k, v in after.items() if k in FIELDS})


def _captions(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a changé les sous-titres"), ", ".join(language_name(code) for code in after.get("captions", {}))


def _redone(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a refait la coupe autrement"), told(after.get("reason"))


def _stopped(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a interrompu la préparation"), told(after.get("reason"))


def _named(sentence: str) -> Tell:
    def tell(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        role = words.name_of(words.ROLES, after["role"]) if after.get("role") else ""
        return _(sentence), ", ".join(part for part in (str(after.get("name") or ""), role) if part)

    return tell


def _about(sentence: str, key: str = "text") -> Tell:
    """One act, with one word of what is there since."""
    return lambda _before, after: (_(sentence), str(after.get(key) or ""))


def _about_gone(sentence: str, key: str) -> Tell:
    """One act, with one word of what was there before."""
    return lambda before, _after: (_(sentence), str(before.get(key) or ""))


def _files(sentence: str) -> Tell:
    def tell(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        names = after.get("files") or [after.get("file") or before.get("file") or ""]
        return _(sentence), ", ".join(str(name) for name in names)

    return tell


def _forgotten(sentence: str) -> Tell:
    """What a platform told us is gone, and by which rule."""

    def tell(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        whys = {"missing": _("la vidéo n’y est plus"), "authorisation": _("l’autorisation est terminée")}
        platform = words.name_of(words.PLATFORMS, after.get("platform"))
        return _(sentence, platform=platform), whys.get(str(after.get("why")), "")

    return tell


def _rule(sentence: str) -> Tell:
    def tell(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
        return _(sentence), words.name_of(words.ALERTS, (after or before).get("kind"))

    return tell


def _matched(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    sure = percent(float(after.get("confidence") or 0.0))
    return _("a reconnu l’épisode attendu"), f"{after.get('title')} ({sure} · {after.get('why')})"


def _programme_change(_before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    return _("a modifié une émission"), fields_of(after)


DEEDS: dict[str, Tell] = {
    "episode.received": _received,
    "episode.state": _state,
    "episode.edit": _edit,
    "episode.trim": _trim,
    "episode.chapters": _chapters,
    "episode.thumbnail": _about(marked("a choisi la vignette")),
    "guest.invite": _named(marked("a fait un lien d’invité")),
    "guest.revoke": _named(marked("a fermé un lien d’invité")),
    "episode.audio": _about(marked("a demandé la version audio")),
    "still.ask": _about(marked("a demandé une vignette")),
    "episode.captions": _captions,
    "episode.undo": _undo,
    "episode.retry": _about(marked("a relancé la préparation")),
    "episode.given_back": _files(marked("a rendu au dépôt")),
    "episode.join": _files(marked("a joint une suite arrivée plus tard")),
    "part.mended": _files(marked("a vu qu’un fichier a été réparé")),
    "part.replaced": _files(marked("a remplacé un fichier")),
    "incoming.as_it_is": _files(marked("a fait prendre tel quel")),
    "expected.add": _about(marked("a annoncé un épisode"), "title"),
    "expected.drop": _about(marked("n’attend plus"), "title"),
    "expected.match": _matched,
    "expected.unmatch": _about(marked("a dit que ce n’est pas l’épisode attendu")),
    "remark.add": _about(marked("a laissé une remarque")),
    "remark.done": _about(marked("a traité une remarque")),
    "job.stopped": _stopped,
    "cut.redone": _redone,
    "publication.schedule": _there_at(marked("a programmé sur %(platform)s")),
    "publication.unschedule": _about(marked("a retiré l’épisode du calendrier")),
    "publication.state": _publication,
    "publication.now": _there_at(marked("a demandé à publier tout de suite sur %(platform)s")),
    "publication.sent": _there_at(marked("a fini l’envoi sur %(platform)s")),
    "publication.adopt": _there_at(marked("a dit quelle vidéo est celle de l’épisode sur %(platform)s")),
    "publication.alarm": lambda _before, after: (_("a donné l’alarme"), told(after.get("reason"))),
    "publication.retry": _about(marked("a relancé la publication")),
    "publication.changed": _there(marked("a mis %(platform)s à jour")),
    "publication.drift": _there(marked("a vu que quelqu’un a changé la vidéo sur %(platform)s")),
    "publication.keep_theirs": _there(marked("a gardé ce qui est sur %(platform)s")),
    "publication.keep_ours": _there(marked("a choisi de rétablir notre version sur %(platform)s")),
    "publication.rollback": _there(marked("a annulé le dernier changement sur %(platform)s")),
    "publication.mean": _there(marked("a changé ce que montre %(platform)s")),
    "publication.plan_change": _there(marked("a prévu un changement sur %(platform)s")),
    "publication.cancel_change": _there(marked("a annulé un changement prévu sur %(platform)s")),
    "publication.planned_change": _there(marked("a fait le changement prévu sur %(platform)s")),
    "connection.keep": _about(marked("a connecté la chaîne"), "channel"),
    "connection.forget": _about_gone(marked("a déconnecté la chaîne"), "channel"),
    "connection.reseal": _about(marked("a scellé les secrets d’une nouvelle clé")),
    "connection.client": _about(marked("a enregistré le projet Google")),
    "programme.create": _named(marked("a créé l’émission")),
    "programme.change": _programme_change,
    "account.create": _named(marked("a ouvert le compte")),
    "account.invite": _named(marked("a fait un lien d’invitation")),
    "account.role": _named(marked("a changé le rôle de")),
    "account.password": _named(marked("a changé le mot de passe de")),
    "account.bind": _named(marked("a relié au service d’identité le compte")),
    "account.disable": _named(marked("a fermé le compte")),
    "account.feed": _named(marked("a changé l’adresse privée de son calendrier")),
    "alert.rule": _rule(marked("a posé une règle d’alerte")),
    "alert.retire": _rule(marked("a levé une règle d’alerte")),
    "token.create": _about(marked("a fait une clé pour d’autres programmes"), "name"),
    "token.revoke": _about_gone(marked("a repris une clé d’autres programmes"), "name"),
    "week.sent": _about(marked("a envoyé la semaine")),
    "reports.forgotten": _forgotten(marked("a effacé l’audience détaillée de %(platform)s")),
    "counts.forgotten": _forgotten(marked("a effacé les relevés de vues de %(platform)s")),
    "freeze.add": _about(marked("a gelé une période"), "reason"),
    "freeze.lift": _about(marked("a levé un gel"), "reason"),
    "freeze.override": _about(marked("a laissé passer l’épisode malgré un gel"), "reason"),
    "upload.begin": _named(marked("a commencé l’envoi de")),
    "upload.end": _named(marked("a envoyé")),
    "upload.stop": _about_gone(marked("a abandonné l’envoi de"), "name"),
    "replay.ask": _about(marked("a demandé un direct"), "address"),
    "replay.retry": _about(marked("a relancé un direct"), "address"),
    "replay.cancel": _about(marked("a arrêté un direct"), "address"),
    "replay.failed": _about(marked("n’a pas pu récupérer un direct"), "address"),
    "replay.compared": _about(marked("a comparé un direct à l’enregistrement fait ici"), "address"),
    "replay.received": _about(marked("a récupéré un direct"), "address"),
}
