"""Why a platform could not use a video, or will not have it: its word in, a sentence with a cure out; pure.

The words are YouTube's (`status.failureReason`, `status.rejectionReason`, `processingDetails`), discovery document
youtube.v3; another platform translates its own into them. Nothing is ever sent again by itself.
"""

from __future__ import annotations

from pasvu.channel.typography import fine, marked

_AGAIN = " " + marked("Vérifiez le fichier prêt, puis décidez de renvoyer la vidéo.")

_WHY = {
    # The bytes were not a film that it can read.
    "conversion": marked("La plateforme n’a pas su convertir la vidéo.") + _AGAIN,
    "transcodeFailed": marked("La plateforme n’a pas su convertir la vidéo.") + _AGAIN,
    "streamingFailed": marked("La plateforme n’a pas su préparer la lecture de la vidéo.") + _AGAIN,
    "invalidFile": marked("La plateforme ne reconnaît pas le fichier comme une vidéo.") + _AGAIN,
    "codec": marked(
        "La plateforme ne lit pas ce codec. Refaites la coupe pour un nouveau master, puis renvoyez la vidéo."
    ),
    "emptyFile": marked("La plateforme n’a reçu qu’un fichier vide.") + _AGAIN,
    "tooSmall": marked("La plateforme trouve le fichier trop petit pour être une vidéo.") + _AGAIN,
    "uploadAborted": marked("La plateforme a abandonné la réception avant la fin. Décidez de renvoyer la vidéo."),
    "uploadFailed": marked("La plateforme a perdu ce qu’elle avait reçu. Décidez de renvoyer la vidéo."),
    "deleted": marked("La vidéo a été supprimée sur la plateforme. Décidez de la renvoyer, ou retirez l’épisode."),
    "other": marked("La plateforme n’a pas pu traiter la vidéo, sans dire pourquoi. Regardez dans YouTube Studio."),
    # The film was read, and refused.
    "copyright": marked(
        "La plateforme refuse la vidéo pour atteinte au droit d’auteur. Lisez le détail dans YouTube Studio : "
        "contestez, ou coupez le passage."
    ),
    "claim": marked(
        "Un ayant droit bloque la vidéo. Lisez la réclamation dans YouTube Studio : contestez, ou coupez le passage."
    ),
    "trademark": marked("La plateforme refuse la vidéo pour une marque déposée. Lisez le détail dans YouTube Studio."),
    "legal": marked(
        "La plateforme refuse la vidéo à la suite d’une demande légale. Lisez le détail dans YouTube Studio, et "
        "parlez-en à la direction."
    ),
    "inappropriate": marked(
        "La plateforme juge la vidéo contraire à ses règles. Lisez le détail dans YouTube Studio : faites "
        "appel, ou coupez le passage."
    ),
    "termsOfUse": marked(
        "La plateforme juge la vidéo contraire à ses conditions. Lisez le détail dans YouTube Studio."
    ),
    "duplicate": marked(
        "La plateforme a déjà cette même vidéo. Cherchez l’autre dans YouTube Studio, et n’en gardez qu’une."
    ),
    "length": marked(
        "La vidéo est trop longue pour la chaîne (12 h au plus, 15 min si la chaîne n’est pas validée). Validez "
        "la chaîne dans YouTube Studio, ou coupez l’épisode."
    ),
    "uploaderAccountSuspended": marked("La chaîne est suspendue. Voyez avec la plateforme ; rien ne partira d’ici là."),
    "uploaderAccountClosed": marked("La chaîne est fermée. Voyez avec la plateforme ; rien ne partira d’ici là."),
}


def why_unusable(word: str | None) -> str:
    """The sentence for the platform's word; one that is not known is quoted."""
    known = _WHY.get(word or "other")
    return fine(known or f"La plateforme n’a pas pu traiter la vidéo ({word}). Regardez dans YouTube Studio.")
