"""What the platform accepts as a video's text and flags, with its exact words of refusal; pure."""

from __future__ import annotations

import re
from datetime import datetime

from pasvu.publish.sandbox import instants
from pasvu.publish.sandbox.answers import Json, body_error

MUTABLE = ("snippet", "status", "localizations", "recordingDetails", "paidProductPlacementDetails")
_SNIPPET = ("title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")

CATEGORIES = {
    "1": "Films et animations", "2": "Auto/Moto", "10": "Musique", "15": "Animaux", "17": "Sport",
    "19": "Voyages et événements", "20": "Jeux vidéo et autres", "22": "People et blogs", "23": "Humour",
    "24": "Divertissement", "25": "Actualités et politique", "26": "Vie pratique et style", "27": "Éducation",
    "28": "Science et technologie", "29": "Organisations à but non lucratif",
}  # fmt: skip
CLOSED_CATEGORIES = {
    "18": "Courts métrages",
    "21": "Blogs vidéo",
    "30": "Films",
    "43": "Émissions",
    "44": "Bandes-annonces",
}


def tags_length(tags: list[str]) -> int:
    """Characters that tags take of the 500: separating commas count, and quotes around a tag with a space."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)


def written_parts(body: Json, parts: list[str], *, insert: bool) -> Json:
    """The mutable parts as they will be kept: each part named is replaced whole; what it does not say is reset.

    Privacy and instant are kept apart (see `wish`). Raises the API's errors.
    """
    kept: Json = {}
    for part in parts:
        if part == "snippet":
            kept[part] = _snippet(body.get(part, {}), insert=insert)
        elif part == "status":
            kept[part] = _status(body.get(part, {}), insert=insert)
        elif part == "localizations":
            kept[part] = _localizations(body.get(part, {}))
        elif part == "recordingDetails":
            kept[part] = _recording(body.get(part, {}))
        elif part in MUTABLE:
            kept[part] = body.get(part, {})
    return kept


def check_languages(resource: Json) -> None:
    """400 `defaultLanguageNotSet` for localizations without a language of the original text."""
    if resource.get("localizations") and not resource.get("snippet", {}).get("defaultLanguage"):
        raise body_error("defaultLanguageNotSet", "The default language is not set.", "snippet.defaultLanguage")


def wish(body: Json, now: datetime, *, published: bool) -> tuple[str, datetime | None]:
    """Privacy and planned instant of a `status`; omitted privacy is `public`.

    `published` tells whether the video has ever been public: then no instant can be planned.
    """
    status: Json = body.get("status", {})
    privacy: str = status.get("privacyStatus", "public")
    if "publishAt" not in status:
        return privacy, None
    publish_at = instants.rfc3339(status["publishAt"])
    if publish_at is None or privacy != "private" or published:
        raise body_error("invalidPublishAt", "The request metadata specifies an invalid scheduled publishing time.",
                         "status.publishAt")  # fmt: skip
    return privacy, publish_at


def _snippet(given: Json, *, insert: bool) -> Json:
    if not insert and not ({"title", "categoryId"} <= given.keys()):
        raise body_error("invalidVideoMetadata", "The request metadata is invalid.", "snippet")
    _check_title(given.get("title", ""), "snippet.title", "invalidTitle")
    if "categoryId" not in given:
        raise body_error("invalidVideoMetadata", "The request metadata is invalid.", "snippet.categoryId")
    _check_description(given.get("description", ""), "snippet.description", "invalidDescription")
    if tags_length(given.get("tags", [])) > 500 or any("<" in tag or ">" in tag for tag in given.get("tags", [])):
        raise body_error("invalidTags", "The request metadata specifies invalid video keywords.", "snippet.tags")
    if given["categoryId"] not in CATEGORIES:
        raise body_error("invalidCategoryId", "The request metadata specifies an invalid category ID.",
                         "snippet.categoryId")  # fmt: skip
    for name in ("defaultLanguage", "defaultAudioLanguage"):
        if name in given and not _LANGUAGE.fullmatch(given[name]):
            raise body_error("invalidVideoMetadata", "The request metadata is invalid.", f"snippet.{name}")
    return {"description": "", **{name: given[name] for name in _SNIPPET if name in given}}


def _status(given: Json, *, insert: bool) -> Json:
    # A fresh upload may be embedded unless it says otherwise; an update that stays silent takes the right away.
    kept = {"license": "youtube", "embeddable": insert, "publicStatsViewable": insert}
    names = ("license", "embeddable", "publicStatsViewable", "selfDeclaredMadeForKids", "containsSyntheticMedia")
    return kept | {name: given[name] for name in names if name in given}


def _localizations(given: Json) -> Json:
    for language, text in given.items():
        if not _LANGUAGE.fullmatch(language):
            raise body_error("invalidVideoMetadata", "The request metadata is invalid.", "localizations")
        _check_title(text.get("title", ""), f"localizations.{language}.title", "invalidTitle")
        _check_description(text.get("description", ""), f"localizations.{language}.description", "invalidDescription")
    return given


def _recording(given: Json) -> Json:
    if "recordingDate" in given and instants.rfc3339(given["recordingDate"]) is None:
        raise body_error("invalidRecordingDetails", "The request metadata specifies invalid recording details.",
                         "recordingDetails.recordingDate")  # fmt: skip
    return given


def _check_title(title: str, where: str, reason: str) -> None:
    if not title.strip() or len(title) > 100 or "<" in title or ">" in title:
        raise body_error(reason, "The request metadata specifies an invalid or empty video title.", where)


def _check_description(description: str, where: str, reason: str) -> None:
    # The limit is in bytes: an accent weighs two of them, an emoji four.
    if len(description.encode()) > 5000 or "<" in description or ">" in description:
        raise body_error(reason, "The request metadata specifies an invalid video description.", where)
