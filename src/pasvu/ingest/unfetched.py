"""Why a live could not be fetched, in sentences: what will pass by itself, and what a person must decide. Pure.

The last words of yt-dlp are English, and differ from site to site: they are told apart by what they hold.
"""

from __future__ import annotations

import re

from pasvu.channel.errors import Passing, PasVuError, Refused

_YET = r"live event will begin|premieres? in|is upcoming|has not started|offline|begins? in|not yet available"
_BUSY = r"\b429\b|too many requests|rate.?limit"
_BROKEN = r"HTTP Error 5\d\d"
_AWAY = (
    r"timed? ?out|connection|reset by peer|unreachable|SSL|EOF|IncompleteRead|did not arrive whole|"
    r"fragment|HTTP Error 403|remote end closed|not enough bytes|content too short|more expected"
)
_ROOM = r"No space left|Disk quota|File too large"
_PRIVATE = r"private|members.only|join this channel|paid|purchase|subscriber"
_SIGN_IN = r"sign in|log.?in|cookies|registered users|confirm your age|not a bot|authenticat|HTTP Error 401"
_GONE = r"has been removed|unavailable|terminated|does not exist|no longer|deleted|HTTP Error (404|410)|not found"
_PLACE = r"in your country|in your region|geo.?restrict|from your location"
_LOCKED = r"\bDRM\b"
_CHANGED = r"cannot parse data|unable to extract|failed to parse|signature extraction"
_NO_VIDEO = r"unsupported url|no video|no suitable|is not a valid url|no formats|requested format|not a valid"


def failure_of(why: str, *, found: bool = False, signed_in: bool = False) -> PasVuError:
    """The error for the last words of yt-dlp: `Passing` for what is worth trying again by itself.

    `found` says that the site did show the video: a piece of it that is not there may come later. `signed_in`, that it
    was asked with somebody's cookies.
    """
    if found and re.search(_GONE, why, re.IGNORECASE):
        return _away()
    if signed_in and re.search(_SIGN_IN, why, re.IGNORECASE):
        return _no_longer_signed_in()
    for pattern, failure in (
        (_ROOM, _no_room),
        (_YET, not_finished),
        (_BUSY, _busy),
        (_BROKEN, _away),
        (_PRIVATE, _private),
        (_SIGN_IN, _signed_in_only),
        (_PLACE, _elsewhere),
        (_LOCKED, _locked),
        (_NO_VIDEO, _no_video),
        (_GONE, _gone),
        (_CHANGED, _changed),
        (_AWAY, _away),
    ):
        if re.search(pattern, why, re.IGNORECASE):
            return failure()
    return Refused(
        "Le direct n’a pas pu être récupéré ({why}). Téléchargez-le depuis le site et déposez son fichier, "
        "ou réessayez plus tard.",
        why=why.strip(". "),
    )


def not_finished() -> Passing:
    """The live is still on, or has not begun."""
    return Passing("Ce direct n’est pas terminé : il sera récupéré après sa fin.")


def not_processed() -> Passing:
    """The live is over, and the site has not made its video yet."""
    return Passing("Le site n’a pas fini de préparer ce direct : nouvel essai plus tard.")


def internal() -> Refused:
    """The address, or a page on the way, leads inside our own network."""
    return Refused("L’adresse mène à une machine interne : elle est refusée. Donnez l’adresse publique du direct.")


def unknown_site(*, known: bool) -> PasVuError:
    """The name leads nowhere; `known` for a site that is certainly there, so that our own network is at fault."""
    if known:
        return Passing("Le site est introuvable : le réseau de ce serveur est peut-être coupé. Nouvel essai plus tard.")
    return Refused("Le site est introuvable : vérifiez l’adresse.")


def not_jailed() -> Refused:
    """This machine cannot keep the one who fetches from the rest of it."""
    return Refused(
        "Ce système ne sait pas fermer le disque et le réseau autour de la récupération (« pasvu check » le dit) : "
        "téléchargez le direct depuis le site et déposez son fichier."
    )


def too_slow() -> Passing:
    """The site sends next to nothing."""
    return Passing("Le site n’envoie presque plus rien : nouvel essai plus tard, à partir de ce qui est déjà là.")


def too_large() -> Passing:
    """More came than the disk has room for."""
    return _no_room()


def _no_room() -> Passing:
    return Passing("Le disque n’a plus assez de place pour ce direct : libérez-en, il sera alors récupéré.")


def _busy() -> Passing:
    return Passing("Le site demande d’attendre avant de redemander : nouvel essai plus tard.")


def _away() -> Passing:
    return Passing("Le site ne répond pas bien : nouvel essai plus tard, à partir de ce qui est déjà là.")


def _private() -> Refused:
    return Refused(
        "Cette vidéo est privée ou réservée aux abonnés : rendez-la publique le temps de la récupérer, "
        "ou téléchargez-la depuis le site et déposez son fichier."
    )


def _signed_in_only() -> Refused:
    return Refused(
        "Le site ne montre cette vidéo qu’aux personnes connectées : téléchargez-la depuis votre compte et "
        "déposez son fichier."
    )


def _no_longer_signed_in() -> Refused:
    return Refused(
        "Le site ne reconnaît pas, ou plus, le compte dont les cookies sont ici, ou ce compte ne voit pas cette "
        "vidéo : exportez les cookies à nouveau, ou téléchargez-la depuis votre compte et déposez son fichier."
    )


def _elsewhere() -> Refused:
    return Refused(
        "Le site ne montre pas cette vidéo dans ce pays : téléchargez-la depuis votre compte et déposez son fichier."
    )


def _locked() -> Refused:
    return Refused("Cette vidéo est verrouillée (DRM) : elle ne peut pas être récupérée. Déposez son fichier.")


def _gone() -> Refused:
    return Refused(
        "Cette vidéo n’est pas ou plus sur le site : vérifiez l’adresse, ou déposez l’enregistrement fait ici."
    )


def _changed() -> Refused:
    return Refused(
        "Le site a changé ses pages et la récupération ne les lit plus : mettez le logiciel à jour, ou "
        "téléchargez le direct depuis votre compte et déposez son fichier."
    )


def _no_video() -> Refused:
    return Refused(
        "Cette page ne contient pas de vidéo que nous sachions récupérer : donnez l’adresse de la vidéo elle-même, "
        "ou déposez son fichier."
    )
