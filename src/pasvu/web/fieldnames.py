"""What people call the fields of an episode and of a video, and their values as a line shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pasvu.channel import pieces
from pasvu.channel.typography import marked
from pasvu.channel.values import VISIBILITIES
from pasvu.web import words
from pasvu.web.formats import language_name, moment
from pasvu.web.words import _

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
    "intro": marked("générique de début"),
    "outro": marked("générique de fin"),
    "podcast": marked("version audio"),
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


def fields_of(changed: dict[str, Any]) -> str:
    """The fields that someone changed, by name."""
    return ", ".join(words.name_of(FIELDS, field) for field in changed)


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


def either(field: str, value: Any) -> str:
    """A field's value, or what became of a piece that goes with the video."""
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
    if text in VISIBILITIES:
        return words.name_of(VISIBILITIES, text)
    return f"« {text[:SHOWN_LONGEST]}… »" if len(text) > SHOWN_LONGEST else f"« {text} »"
