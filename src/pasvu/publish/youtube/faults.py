"""From YouTube's answers to our errors: HTTP status and reason in, a French sentence with a cure out; pure.

Statuses and reasons of developers.google.com/youtube/v3/docs/errors. Decisions follow the reason, never the
message, which Google rewords without notice and which may quote the request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pasvu.channel.errors import PasVuError
from pasvu.channel.typography import marked
from pasvu.publish.errors import Missing, NotConnected, OutOfQuota, PlatformBusy, PlatformRefused
from pasvu.publish.youtube.quota import next_reset

# The channel's own cap on uploads lifts after a day (support.google.com/youtube, "upload limit").
CHANNEL_CAP_H = 24
# Thumbnails have an hourly cap of their own.
THUMBNAIL_CAP_S = 3600.0
# The one answer of its hundred that does not pass: trying again would never help.
NOT_IMPLEMENTED = 501

_OUT_OF_QUOTA = {"quotaExceeded", "dailyLimitExceeded"}
_BURST = {"rateLimitExceeded", "userRateLimitExceeded", "servingLimitExceeded", "backendError", "internalError"}
_NOT_CONNECTED = {
    "authError": marked("YouTube n’accepte plus notre autorisation. Reconnectez la chaîne."),
    "youtubeSignupRequired": marked(
        "Le compte Google connecté n’a pas de chaîne YouTube. Connectez le compte de la chaîne."
    ),
    "accessNotConfigured": marked(
        "L’API YouTube n’est pas activée dans le projet Google. "
        "Activez «\u202fYouTube Data API v3\u202f» dans la console Google, puis réessayez."
    ),
    "insufficientPermissions": marked(
        "L’autorisation YouTube est trop étroite. Reconnectez la chaîne en cochant toutes les cases."
    ),
    "channelClosed": marked("La chaîne YouTube est fermée. Vérifiez-la dans YouTube Studio."),
    "channelSuspended": marked("La chaîne YouTube est suspendue. Vérifiez-la dans YouTube Studio."),
}
_REFUSED = {
    # Tried a few times where it is passing: each start of an upload is paid for.
    "alreadyExists": marked(
        "YouTube répond que cet envoi existe déjà, alors que rien n’est parti. Relancez plus tard\u202f; "
        "s’il le répète, montrez ce message à la personne qui administre la chaîne."
    ),
    "invalidTitle": marked(
        "YouTube refuse le titre\u202f: il doit avoir de 1 à 100 caractères, sans < ni >. Corrigez-le."
    ),
    "invalidDescription": marked(
        "YouTube refuse la description\u202f: 5000 octets au plus, sans < ni >. Raccourcissez-la."
    ),
    "invalidTags": marked("YouTube refuse les mots-clés\u202f: 500 caractères au plus en tout. Retirez-en."),
    "invalidCategoryId": marked("YouTube ne connaît pas cette catégorie. Choisissez-en une autre."),
    "invalidVideoMetadata": marked("YouTube refuse les textes de la vidéo. Vérifiez le titre et la catégorie."),
    "invalidPublishAt": marked(
        "YouTube refuse l’instant de diffusion\u202f: il faut une date à venir et une vidéo jamais "
        "publiée. Choisissez un autre créneau."
    ),
    "invalidRecordingDetails": marked("YouTube refuse la date d’enregistrement. Corrigez-la."),
    "defaultLanguageNotSet": marked("YouTube demande la langue des textes. Indiquez-la."),
    "invalidImage": marked("YouTube refuse la vignette\u202f: il faut une image JPEG ou PNG. Choisissez-en une autre."),
    "mediaBodyRequired": marked("YouTube n’a reçu aucun octet. Refaites le rendu, puis relancez l’envoi."),
    "forbidden": marked(
        "YouTube refuse cette opération à notre chaîne. Vérifiez dans YouTube Studio que la chaîne est "
        "validée et que la vidéo est la nôtre."
    ),
    "playlistNotFound": marked("YouTube ne connaît pas cette playlist. Vérifiez son identifiant dans l’émission."),
    "playlistContainsMaximumNumberOfVideos": marked("La playlist est pleine. Choisissez-en une autre dans l’émission."),
    "playlistOperationUnsupported": marked(
        "YouTube n’accepte pas d’ajout dans cette playlist. Choisissez-en une autre."
    ),
    "failedPrecondition": marked(
        "YouTube refuse l’opération dans l’état actuel de la vidéo. Regardez-la dans YouTube Studio, puis réessayez."
    ),
}
_MISSING = {"videoNotFound"}


@dataclass(frozen=True)
class Fault:
    """An answer that is not a success: the platform's reason, and what it asks for in seconds."""

    status: int
    reason: str
    retry_after_s: float | None = None


def read_fault(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Fault:
    """Reason and Retry-After of an answer; a body that is not YouTube's JSON gives the status alone."""
    reason = ""
    try:
        error = json.loads(body)["error"]
        listed = error.get("errors") or [{}]
        reason = str(listed[0].get("reason") or error.get("status") or "")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        pass
    return Fault(status, reason, read_retry_after(headers.get("retry-after"), now))


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait from a Retry-After header, given as seconds or as a date; never negative."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds())


def error_of(fault: Fault, now: datetime) -> PasVuError:
    """The error that a person or a workflow can act on."""
    reason, status = fault.reason, fault.status
    if reason in _OUT_OF_QUOTA:
        until = next_reset(now)
        return OutOfQuota(
            "Le quota YouTube du projet Google est épuisé pour aujourd’hui\u202f; la suite reprendra toute seule après "
            "minuit en Californie.",
            until=until,
        )
    if reason == "uploadLimitExceeded":
        return OutOfQuota(
            "La chaîne a atteint sa limite de mises en ligne du jour\u202f; l’envoi reprendra tout seul dans "
            "24 heures.",
            until=now + timedelta(hours=CHANNEL_CAP_H),
            whose="channel_limit",
        )
    if reason == "uploadRateLimitExceeded":
        return PlatformBusy(
            "YouTube limite les changements de vignette\u202f; nous réessaierons.",
            retry_after_s=fault.retry_after_s or THUMBNAIL_CAP_S,
        )
    if reason in _BURST or status == 429 or (status >= 500 and status != NOT_IMPLEMENTED):
        return PlatformBusy(
            f"YouTube est débordé (réponse {status})\u202f; nous réessaierons.", retry_after_s=fault.retry_after_s
        )
    if reason in _NOT_CONNECTED or status == 401:
        return NotConnected(_NOT_CONNECTED.get(reason, _NOT_CONNECTED["authError"]))
    if reason in _MISSING:
        return Missing("YouTube ne connaît pas cette vidéo\u202f: elle a été supprimée, ou elle n’est pas à la chaîne.")
    return PlatformRefused(
        _REFUSED.get(reason)
        or f"YouTube refuse la demande (réponse {status}, {reason or marked('sans motif')}). "
        "Montrez ce message à la personne qui administre la chaîne.",
        reason=reason or str(status),
    )
