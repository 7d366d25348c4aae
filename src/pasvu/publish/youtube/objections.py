"""What a person must mend before YouTube would take a video, in French; pure.

Limits of developers.google.com/youtube/v3/docs/videos, chapters of support.google.com/youtube/answer/9884579.
"""

from __future__ import annotations

import re
from itertools import pairwise

from pasvu.channel.categories import CATEGORIES, LICENSES
from pasvu.channel.typography import marked
from pasvu.channel.values import Limit, VideoMetadata
from pasvu.channel.wording import read_stamp

TITLE_MOST = 100
DESCRIPTION_MOST_BYTES = 5000
TAGS_MOST = 500
CHAPTERS_LEAST = 3
CHAPTERS_MOST = 100
CHAPTER_LEAST_S = 10
# support.google.com/youtube/answer/71673: 15 minutes until the channel is verified, 12 hours after.
LONGEST_UNVERIFIED_S = 15 * 60
LONGEST_S = 12 * 3600

_STAMP_LINE = re.compile(r"^\s*((?:\d{1,2}:)?\d{1,2}:[0-5]\d)(?=\s|$)")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")


def objections(metadata: VideoMetadata, *, long_uploads: bool | None = None) -> list[str]:
    """Every reason for which YouTube would refuse or spoil this; empty when it may be sent.

    `long_uploads`: whether the channel may send films of more than 15 minutes, when that is known.
    """
    return [
        *_of_length(metadata.duration_s or 0.0, long_uploads),
        *_of_title(metadata.title),
        *_of_description(metadata.description),
        *_of_tags(list(metadata.tags)),
        *_of_flags(metadata),
        *_of_localizations(metadata),
        *chapter_objections(metadata.description),
    ]


def first_tags(metadata: VideoMetadata) -> list[str]:
    """The tags an upload starts with: as many of the episode's as leave room for the private marker.

    All of them come with the update that hands the instant over, when the marker has served.
    """
    if not metadata.marker or metadata.marker in metadata.tags:
        return list(metadata.tags)
    kept = list(metadata.tags)
    while kept and tags_length([*kept, metadata.marker]) > TAGS_MOST:
        kept.pop()
    return [*kept, metadata.marker]


def limits(metadata: VideoMetadata) -> list[Limit]:
    """What this uses of each field, as YouTube counts."""
    return [
        Limit("title", len(metadata.title), TITLE_MOST, "chars"),
        Limit("description", len(metadata.description.encode()), DESCRIPTION_MOST_BYTES, "bytes"),
        Limit("tags", tags_length(list(metadata.tags)), TAGS_MOST, "tags"),
    ]


def tags_length(tags: list[str]) -> int:
    """How YouTube counts: commas between tags count, and a tag with a space counts as if quoted (+2)."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)


def chapter_objections(description: str) -> list[str]:
    """Why YouTube would show no chapters although the description lists them."""
    starts = [read_stamp(found.group(1)) for line in description.splitlines() if (found := _STAMP_LINE.match(line))]
    # One or two times elsewhere than at zero are plain text, not a list that went wrong.
    if not starts or (starts[0] != 0 and len(starts) < CHAPTERS_LEAST):
        return []
    wrong = []
    if starts[0] != 0:
        wrong.append(marked("Les chapitres de la description doivent commencer à 0:00."))
    if len(starts) < CHAPTERS_LEAST:
        wrong.append(marked("Il faut au moins trois chapitres dans la description, ou aucun."))
    if len(starts) > CHAPTERS_MOST:
        wrong.append(marked("La description ne peut pas lister plus de cent chapitres."))
    if any(later <= earlier for earlier, later in pairwise(starts)):
        wrong.append(marked("Les chapitres de la description doivent être dans l’ordre du temps."))
    elif any(later - earlier < CHAPTER_LEAST_S for earlier, later in pairwise(starts)):
        wrong.append(marked("Chaque chapitre de la description doit durer au moins dix secondes."))
    return wrong


def _of_length(duration_s: float, long_uploads: bool | None) -> list[str]:
    if duration_s > LONGEST_S:
        return [marked("La vidéo dépasse 12 heures, le maximum de YouTube. Coupez l’épisode en deux.")]
    if duration_s > LONGEST_UNVERIFIED_S and long_uploads is False:
        return [
            marked(
                "La chaîne n’a pas encore le droit aux vidéos de plus de 15 minutes. Validez-la sur "
                "youtube.com/verify, puis vérifiez la connexion dans Réglages, Plateformes."
            )
        ]
    return []


def _of_title(title: str) -> list[str]:
    wrong = []
    if not title.strip():
        wrong.append(marked("Le titre est vide."))
    if len(title) > TITLE_MOST:
        wrong.append(marked(f"Le titre a {len(title)} caractères\u202f: YouTube en accepte {TITLE_MOST}."))
    if "<" in title or ">" in title:
        wrong.append(marked("Le titre contient «\u202f<\u202f» ou «\u202f>\u202f», que YouTube refuse."))
    return wrong


def _of_description(description: str) -> list[str]:
    wrong = []
    size = len(description.encode("utf-8"))
    if size > DESCRIPTION_MOST_BYTES:
        wrong.append(
            marked(
                f"La description pèse {size} octets\u202f: YouTube en accepte {DESCRIPTION_MOST_BYTES} "
                "(une lettre accentuée compte pour deux, un emoji pour quatre)."
            )
        )
    if "<" in description or ">" in description:
        wrong.append(marked("La description contient «\u202f<\u202f» ou «\u202f>\u202f», que YouTube refuse."))
    return wrong


def _of_tags(tags: list[str]) -> list[str]:
    wrong = []
    length = tags_length(tags)
    if length > TAGS_MOST:
        wrong.append(marked(f"Les mots-clés font {length} caractères en tout\u202f: YouTube en accepte {TAGS_MOST}."))
    if any("<" in tag or ">" in tag for tag in tags):
        wrong.append(marked("Un mot-clé contient «\u202f<\u202f» ou «\u202f>\u202f», que YouTube refuse."))
    if any(not tag.strip() for tag in tags):
        wrong.append(marked("Un mot-clé est vide."))
    return wrong


def _of_flags(metadata: VideoMetadata) -> list[str]:
    wrong = []
    if metadata.category_id not in CATEGORIES:
        wrong.append(marked(f"La catégorie «\u202f{metadata.category_id}\u202f» ne peut pas être choisie sur YouTube."))
    if metadata.license not in LICENSES:
        wrong.append(marked(f"La licence «\u202f{metadata.license}\u202f» n’existe pas sur YouTube."))
    if not _LANGUAGE.fullmatch(metadata.language):
        wrong.append(marked(f"La langue «\u202f{metadata.language}\u202f» n’est pas un code de langue (fr, en, …)."))
    return wrong


def _of_localizations(metadata: VideoMetadata) -> list[str]:
    wrong = []
    for each in metadata.localizations:
        if not _LANGUAGE.fullmatch(each.language):
            wrong.append(marked(f"La langue «\u202f{each.language}\u202f» n’est pas un code de langue (fr, en, …)."))
        if each.language == metadata.language:
            wrong.append(
                marked(f"La traduction «\u202f{each.language}\u202f» est dans la langue de la vidéo\u202f: retirez-la.")
            )
        wrong += [
            marked(f"Traduction «\u202f{each.language}\u202f»\u202f: {_within(sentence)}")
            for sentence in (*_of_title(each.title), *_of_description(each.description))
        ]
    return wrong


def _within(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
