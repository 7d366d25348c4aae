"""Reads a title, a date and a programme out of a file's name, and makes hostile names harmless. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from pasvu.channel.names import fold

UNTITLED = "Sans titre"
_LONGEST = 100
_STORED_BYTES = 120
_DATES = (
    re.compile(r"(?<!\d)(?P<y>20\d\d)[-_. ]?(?P<m>0[1-9]|1[0-2])[-_. ]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>0?[1-9]|[12]\d|3[01])[-_. ](?P<m>0?[1-9]|1[0-2])[-_. ](?P<y>20\d\d)(?!\d)"),
)
_MONTHS = [
    *("janvier", "fevrier", "mars", "avril", "mai", "juin"),
    *("juillet", "aout", "septembre", "octobre", "novembre", "decembre"),
]
_WRITTEN = re.compile(rf"(?<!\d)(?P<d>\d{{1,2}}|1er)[-_. ]+(?P<m>{'|'.join(_MONTHS)})[-_. ]+(?P<y>20\d\d)(?!\d)")
_TIME = re.compile(r"(?<!\d)(?:[01]\d|2[0-3])[hH:-]?[0-5]\d(?:[-:m]?[0-5]\d)?(?!\d)")
_PART = re.compile(r"(?:^|[\s._-])(?:p|part|partie|pt|cd)[\s._-]?(?P<n>\d{1,2})$", re.IGNORECASE)
_GUEST = re.compile(r"\s+(?:avec|invitée?s?)\s*:?\s+(?P<guest>.+)$", re.IGNORECASE)
_NOISE = re.compile(
    r"(?:^|(?<=\s))(?:final|def|definitif|export|master|pgm|prog|rec|obs|v\d{1,2}|1080p?|720p?|4k|uhd|hd|h26[45]|"
    r"(?:mvi|img|dsc|clip|gx|gh|vid)\d*)(?=\s|$)",
    re.IGNORECASE,
)
_TAKE = re.compile(r"[a-z]{0,4}\d{3,}", re.IGNORECASE)
# Folders of cards: DCF (JEITA CP-3461), AVCHD, Sony XAVC and XDCAM, Panasonic P2, Canon XF.
_CARD = (
    r"dcim|private|avchd|bdmv|m4root|xdroot|\d{3}(?:gopro|canon|msdcf|_pana|apple|media|nikon|olymp|eos\w*|fuji|anv01)"
)
_CARDS_OWN = re.compile(_CARD, re.IGNORECASE)
_CAMERA = re.compile(rf"{_CARD}|clip|stream|contents|video|mp_root|clips\d{{3}}", re.IGNORECASE)
# Directions of writing, isolates and their ends can make a name read as another one.
_DECEIVING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class ReadName:
    """What a file's name tells; `None` where it tells nothing. `part` counts from 1."""

    date: date | None
    programme_slug: str | None
    guest: str | None
    title: str
    part: int | None

    def over(self, wider: ReadName) -> ReadName:
        """What this name tells, else what the wider one does; the number of a take is no title."""
        titled = self.title != UNTITLED and not _TAKE.fullmatch(self.title)
        return ReadName(
            self.date or wider.date,
            self.programme_slug or wider.programme_slug,
            self.guest or wider.guest,
            self.title if titled else wider.title,
            self.part,
        )


def read_name(filename: str, known_programme_slugs: Collection[str] = ()) -> ReadName:
    """What people meant by a name such as `2026-11-20_le-grand-entretien_avec_Ana_Petit_p1.mp4`.

    The title keeps the case in which it was written; an empty one becomes `Sans titre`.
    """
    text = _bare(filename)
    when, text = _take_date(text)
    part_match = _PART.search(text.strip(" ._-"))
    part = int(part_match["n"]) if part_match else None
    if part_match:
        text = text.strip(" ._-")[: part_match.start()]
    programme, text = _take_programme(text, known_programme_slugs)
    if when is not None:
        text = _TIME.sub(" ", text, count=1)
    words = _NOISE.sub(" ", _spaced(text))
    words = " ".join(words.split()).strip(" -–—_.,")
    guest_match = _GUEST.search(f" {words}")
    guest = guest_match["guest"].strip(" -–—") if guest_match else None
    title = f" {words}"[: guest_match.start()].strip(" -–—") if guest_match else words
    if not title and guest:
        title = guest
    return ReadName(when, programme, guest, _capital(title)[:_LONGEST].strip() or UNTITLED, part)


def names_a_recording(folder: str) -> bool:
    """Whether a folder is one recording's own, dated or made by a camera, rather than a programme's."""
    return _CARDS_OWN.fullmatch(folder) is not None or read_name(folder).date is not None


def telling_folder(folders: Sequence[str]) -> str | None:
    """The innermost folder that a person named, of those around a file; cameras name theirs by themselves."""
    return next((folder for folder in reversed(folders) if not _CAMERA.fullmatch(folder)), None)


def safe_name(name: bytes) -> tuple[str, str]:
    """A name of any bytes as (what can be shown, what can be stored on any disk); the extension is kept.

    What cannot be shown is written as an escape; nothing stored begins with a dot or a dash, holds a separator, or is
    longer than 120 bytes, so that `.part` and the like can follow.
    """
    readable = name.decode("utf-8", "backslashreplace")
    shown = "".join(_shown(letter) for letter in unicodedata.normalize("NFC", readable))
    stem, dot, extension = shown.rpartition(".")
    if not stem or not re.fullmatch(r"[A-Za-z0-9]{1,8}", extension):
        stem, dot, extension = shown, "", ""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", fold(stem)).strip(".-") or "enregistrement"
    return shown, plain.encode()[: _STORED_BYTES - len(extension) - 1].decode("ascii") + dot + extension.lower()


def _shown(letter: str) -> str:
    if _DECEIVING.match(letter) or unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn"):
        return letter.encode("unicode_escape").decode("ascii")
    return letter


def _bare(filename: str) -> str:
    """The name without folders, extension and what cannot be read."""
    base = unicodedata.normalize("NFC", filename.replace("\\", "/").rsplit("/", 1)[-1])
    stem, _, extension = base.rpartition(".")
    if stem and re.fullmatch(r"[A-Za-z][A-Za-z0-9]{1,4}", extension):
        base = stem
    base = _DECEIVING.sub("", base)
    return "".join(" " if unicodedata.category(letter).startswith("C") else letter for letter in base)


def _take_date(text: str) -> tuple[date | None, str]:
    """The first real date in a text, and the text without it."""
    for pattern in (*_DATES, _WRITTEN):
        # The written months are compared without accents; the letters keep their places.
        searched = _folded_in_place(text) if pattern is _WRITTEN else text
        for match in pattern.finditer(searched):
            month = match["m"]
            day = match["d"].removesuffix("er")
            try:
                found = date(int(match["y"]), _MONTHS.index(month) + 1 if month in _MONTHS else int(month), int(day))
            except ValueError:
                continue
            return found, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def _folded_in_place(text: str) -> str:
    return "".join((fold(letter) or letter)[:1] for letter in text)


def _take_programme(text: str, known: Collection[str]) -> tuple[str | None, str]:
    """The longest known programme that the text begins with or holds between separators, and the text without it."""
    plain = re.sub(r"[^a-z0-9]", "-", _folded_in_place(text))
    for slug in sorted(known, key=len, reverse=True):
        pattern = "-+".join(map(re.escape, slug.split("-")))
        match = re.search(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])", plain) if slug else None
        if match is not None:
            return slug, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def _spaced(text: str) -> str:
    """Separators of file names as spaces; hyphens stay where they join words (`Saint-Denis`) in a spaced name."""
    text = re.sub(r"[_+]+", " ", text)
    if " " not in text.strip():
        text = text.replace("-", " ").replace(".", " ")
    return re.sub(r"\s*\(\d+\)$", "", text)


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
