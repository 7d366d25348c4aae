"""The panel's words: French is the source, other languages come from catalogues; typography is set on the way out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import read_mo
from babel.numbers import get_decimal_symbol
from flask import Flask, g, request, session
from flask_babel import Babel, get_locale
from flask_babel import gettext as _translated
from flask_babel import ngettext as _translated_plural
from markupsafe import Markup

from pasvu.channel.errors import PasVuError
from pasvu.channel.states import EPISODE_WORDS, PUBLICATION_WORDS, REPLAY_WORDS
from pasvu.channel.typography import marked
from pasvu.channel.values import Finding
from pasvu.channel.wording import ChapterFault
from pasvu.web import retelling, typography
from pasvu.web.house import house

_TRANSLATIONS = Path(__file__).with_name("translations")
_STATES = {*EPISODE_WORDS.values(), *PUBLICATION_WORDS.values(), *REPLAY_WORDS.values()}
LANGUAGES = {"fr": "Français", "en": "English"}


def install(app: Flask) -> None:
    """Give the templates their words and choose the language of each request."""
    app.config["BABEL_DEFAULT_LOCALE"] = house_language(app)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=choose_language, timezone_selector=lambda: str(house().zone))
    # Plain text out of the catalogue; the template's own escaping happens after.
    app.jinja_env.install_gettext_callables(_, plural, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["_"] = in_page


def house_language(app: Flask) -> str:
    """The language of those who did not choose one."""
    language: str = app.extensions["pasvu"].settings.language
    return language


def choose_language() -> str:
    """The account's language, else the browser session's, else the house's."""
    account = g.get("account")
    for chosen in (request.args.get("langue"), session.get("language"), account.language if account else None):
        if chosen in LANGUAGES:
            return str(chosen)
    return house().settings.language


def language() -> str:
    """The language of this reply: `fr` or `en`."""
    # Each word of a page asks.
    known: str | None = g.get("reply_language")
    if known is None:
        locale = get_locale()
        known = g.reply_language = str(locale.language) if locale else "fr"
    return known


def _(text: str, **values: Any) -> str:
    """`text`, French, in the reader's language; `%(name)s` are filled from `values`."""
    reader = language()
    found = _known(reader, text)
    filled = found % values if values else found
    return typography.french(filled) if reader == "fr" else filled


def in_page(text: str, **values: Any) -> Markup:
    """The same for templates: our words stand as they are, what is filled in is escaped."""
    reader = language()
    return _page_words(reader, text) % values if values else _page_sentence(reader, text)


@lru_cache(maxsize=8192)
def _page_words(reader: str, text: str) -> Markup:
    found = _known(reader, text)
    return Markup(typography.french(found) if reader == "fr" else found)  # noqa: S704 - of our own catalogues


@lru_cache(maxsize=8192)
def _page_sentence(reader: str, text: str) -> Markup:
    # Filled with nothing: `%%` is one sign in every sentence.
    return _page_words(reader, text) % {}


# A full page asks for a thousand words, a few dozen different ones: the catalogue is asked once for each.
@lru_cache(maxsize=8192)
def _known(_reader: str, text: str) -> str:
    found: str = _translated(text)
    return found


def plural(one: str, many: str, n: int) -> str:
    """`one` or `many`, as the reader's language counts."""
    if language() == "fr":
        # French counts zero and one alike; the source needs no catalogue for that.
        return typography.french(one if abs(n) < 2 else many)
    found: str = _translated_plural(one, many, n)
    return found


def say(error: PasVuError | Finding | ChapterFault) -> str:
    """A sentence of an error, of a finding or of a fault in the reader's language, with what it speaks of."""
    if not error.about:
        # It may have been filled before it was raised, as those of the platforms are.
        return told(error.sentence)
    sentence = _translated(error.sentence)
    return _typeset(sentence.format(**{name: _spoken_of(name, value) for name, value in error.about.items()}))


def _spoken_of(name: str, value: object) -> object:
    if name == "why":
        return told(str(value))
    return _translated(value) if value in _STATES else value


def told(sentence: str | None) -> str:
    """A sentence kept in the record, which was written whole and in French."""
    if not sentence:
        return ""
    reader = language()
    return typography.french(sentence) if reader == "fr" else _retold(reader, sentence)


@lru_cache(maxsize=4096)
def _retold(reader: str, sentence: str) -> str:
    return retelling.retold(sentence, *_catalogue(reader), get_decimal_symbol(reader))


@lru_cache
def _catalogue(reader: str) -> tuple[dict[str, str], list[retelling.Pattern]]:
    with (_TRANSLATIONS / reader / "LC_MESSAGES/messages.mo").open("rb") as file:
        found = read_mo(file)
    # A plural has two forms and is never kept in the record.
    pairs = [(each.id, each.string) for each in found]
    known = {
        retelling.plain(id_): said for id_, said in pairs if isinstance(id_, str) and isinstance(said, str) and id_
    }
    return known, retelling.patterns(known)


def _typeset(text: str) -> str:
    return typography.french(text) if language() == "fr" else text


STATE_NAMES = (
    marked("reçu"),
    marked("en préparation"),
    marked("à relire"),
    marked("à reprendre"),
    marked("validé"),
    marked("en ligne"),
    marked("en quarantaine"),
    marked("retiré"),
    marked("prévue"),
    marked("en cours d’envoi"),
    marked("tenue prête"),
    marked("en échec"),
    marked("retirée"),
    marked("demandé"),
    marked("attend le site"),
    marked("en cours de récupération"),
    marked("récupéré"),
    marked("annulé"),
)
"""The states as the record's own sentences name them."""

WAITING = (
    marked("copie en cours"),
    marked("attend le calme"),
    marked("attend la suite"),
    marked("attend sa vidéo"),
    marked("encore ouvert par un autre programme"),
    marked("c’est un lien, qui ne sera pas suivi : déposez le fichier lui-même"),
    marked("ce n’est pas un fichier (tube, prise ou périphérique) : retirez-le"),
    marked("ce fichier a un autre nom ailleurs sur le disque : déposez une copie"),
    marked("ce fichier annonce plus de 2 Tio : aucun enregistrement n’est si grand"),
    marked("dossier trop profond : rapprochez ses fichiers du dépôt"),
)
"""What files in the watched folders wait for, as the watcher says it."""

ROLES = {
    "media": marked("Médias"),
    "producer": marked("Production"),
    "staff": marked("Équipe"),
    "admin": marked("Administration"),
}
COLUMNS = {
    "arriving": marked("Arrivages"),
    "to_review": marked("À relire"),
    "to_mend": marked("À reprendre"),
    "ready": marked("Prêts"),
    "scheduled": marked("Programmés"),
}
EPISODE_STATES = {
    "received": marked("Reçu"),
    "processing": marked("En préparation"),
    "in_review": marked("À relire"),
    "changes_requested": marked("À reprendre"),
    "approved": marked("Validé"),
    "on_air": marked("En ligne"),
    "quarantined": marked("En quarantaine"),
    "withdrawn": marked("Retiré"),
}
PUBLICATION_STATES = {
    "planned": marked("Envoi prévu"),
    "uploading": marked("Envoi en cours"),
    "held": marked("Sur la plateforme, tenu secret jusqu’à l’heure"),
    "on_air": marked("En ligne"),
    "failed": marked("En échec"),
    "withdrawn": marked("Retiré"),
}
REPLAY_STATES = {
    "asked": marked("Demandé"),
    "waiting": marked("Attend le site"),
    "fetching": marked("En cours de récupération"),
    "received": marked("Récupéré"),
    "failed": marked("En échec"),
    "cancelled": marked("Annulé"),
}
JOB_STATES = {
    "waiting": marked("attend son tour"),
    "running": marked("en cours"),
    "done": marked("fait"),
    "failed": marked("en échec"),
    "cancelled": marked("annulé"),
    "quarantined": marked("mis en quarantaine"),
    "later": marked("remis à plus tard"),
}
STEPS = {
    "copy": marked("Mise à l’abri"),
    "identify": marked("Empreinte du fichier"),
    "inspect": marked("Lecture du fichier"),
    "measure": marked("Mesure du son et de l’image"),
    "propose": marked("Proposition de coupe"),
    "render": marked("Fabrication du master"),
    "preview": marked("Fabrication de l’aperçu"),
    "upload": marked("Envoi à la plateforme"),
    "ingest": marked("Préparation"),
    "publish": marked("Publication"),
    "replay": marked("Récupération d’un direct"),
    "encode": marked("Encodage"),
}
PLANS = {
    "copy": marked("Image et son copiés tels quels"),
    "audio": marked("Image copiée, son refait"),
    "smart_cut": marked("Image refaite aux coupes seulement"),
    "encode": marked("Image et son refaits"),
}
CATEGORY_NAMES = (
    marked("Films et animations"),
    marked("Autos et véhicules"),
    marked("Musique"),
    marked("Animaux"),
    marked("Sport"),
    marked("Voyages et événements"),
    marked("Jeux vidéo"),
    marked("People et blogs"),
    marked("Humour"),
    marked("Divertissement"),
    marked("Actualités et politique"),
    marked("Vie pratique et style"),
    marked("Éducation"),
    marked("Science et technologie"),
    marked("Organisations à but non lucratif"),
    marked("Licence YouTube standard"),
    marked("Creative Commons Attribution"),
)
"""Categories and licences, whose French names stand in `channel.categories`."""
BUCKETS = {
    "insert": marked("Envois de vidéos"),
    "search": marked("Recherches"),
    "general": marked("Unités pour tout le reste"),
    "stats": marked("Relevés de chiffres"),
}
CAPTION_ORIGINS = {
    "watch": marked("posés à côté de la vidéo"),
    "sidecar": marked("posés à côté de la vidéo"),
    "replay": marked("venus avec le direct"),
    "command": marked("donnés en ligne de commande"),
    "panel": marked("importés ici"),
}
UNITS = {"chars": marked("signes"), "bytes": marked("octets"), "tags": marked("signes")}
PLATFORMS = {"youtube": "YouTube", "peertube": "PeerTube"}

ALERTS = {
    "milestone": marked("un épisode passe … vues"),
    "above": marked("un épisode est nettement au-dessus de l’habitude à 2 h"),
    "below": marked("un épisode est nettement en dessous de l’habitude à 2 h"),
    "not_public": marked("un épisode n’est pas public … minutes après son heure"),
    "token": marked("l’autorisation de YouTube peut expirer dans … jours"),
    "quota": marked("il reste moins de … unités de quota"),
}
"""Each kind of alert; `…` is its threshold."""


def name_of(names: dict[str, str], key: str | None) -> str:
    """The reader's word for `key`; an unknown key shows as it is."""
    return _(names[key]) if key in names else str(key or "")
