"""Reads what lies beside a film under its name: words, a picture, captions. Pure: names and text in, values out."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal
from xml.etree import ElementTree

from pasvu.channel.errors import Refused
from pasvu.channel.fields import TITLE_LONGEST
from pasvu.channel.names import fold
from pasvu.channel.values import Chapter
from pasvu.ingest import chapterlists

Kind = Literal["words", "picture", "captions"]

FOLDER_WIDE = "episode.toml"
LONGEST_BYTES = 256 * 1024
_KINDS: dict[str, Kind] = {
    "json": "words", "toml": "words", "txt": "words", "nfo": "words", "ffmetadata": "words", "chapters": "words",
    "jpg": "picture", "jpeg": "picture",
    "srt": "captions", "vtt": "captions",
}  # fmt: skip
_CHAPTERS_ONLY = ("chapters", "chapitres")
_WISH_LONGEST = 60
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_PART = re.compile(r"[\s._-]+(?:p|part|partie|pt)[\s._-]?\d{1,2}$", re.IGNORECASE)
_LINE = re.compile(r"(?P<key>[^\W\d_]+(?:[ _][^\W\d_]+)?)\s*[:=]\s*(?P<value>.*)")
# Ours, Kodi's for `.nfo`, and those of youtubeuploader's metaJSON (github.com/porjo/youtubeuploader).
_KEYS = {
    "title": "title", "titre": "title",
    "description": "summary", "summary": "summary", "resume": "summary", "plot": "summary",
    "tags": "tags", "tag": "tags", "mots cles": "tags",
    "language": "language", "langue": "language",
    "guests": "guests", "guest": "guests", "invites": "guests", "invite": "guests", "invitee": "guests",
    "programme": "programme", "emission": "programme", "show": "programme", "showtitle": "programme",
    "chapters": "chapters", "chapitres": "chapters",
    "publishat": "wish", "publish at": "wish", "mise en ligne": "wish",
    "recorded_on": "recorded_on", "recordingdate": "recorded_on", "date": "recorded_on", "aired": "recorded_on",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What a sidecar says of an episode; `None` where it says nothing."""

    title: str | None = None
    summary: str | None = None
    tags: tuple[str, ...] | None = None
    language: str | None = None
    guests: tuple[tuple[str, str], ...] | None = None
    """Name and role of each."""
    programme: str | None = None
    recorded_on: date | None = None
    chapters: tuple[Chapter, ...] | None = None
    wish: str | None = None
    """When somebody wishes it on the air, as they wrote it: no instant is ever chosen by a file."""

    def over(self, wider: Words) -> Words:
        """These words where they say something, else those of the wider file."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return Words(**{name: getattr(wider, name) if value is None else value for name, value in said.items()})


def kind_of(name: str) -> Kind | None:
    """What a file can be beside a film; `None` for a film, and for anything else."""
    return _KINDS.get(name.rpartition(".")[2].casefold()) if "." in name else None


def language_of(name: str) -> str | None:
    """The language that a captions file names (`film.fr.srt`); `None` where it names none."""
    last = name.rpartition(".")[0].rpartition(".")[2]
    return last if last != name.rpartition(".")[0] and _LANGUAGE.fullmatch(last) else None


def belongs(name: str, films: Collection[str]) -> bool:
    """Whether the file goes with these films: it has the stem of one, or the stem that the parts have in common."""
    kind = kind_of(name)
    if kind is None:
        return False
    wanted = {_comparable(film.rpartition(".")[0]) for film in films}
    if len(films) > 1:
        wanted |= {_comparable(_PART.sub("", film.rpartition(".")[0])) for film in films}
    stem = name.rpartition(".")[0]
    stems = {_comparable(stem)}
    head, _, last = stem.rpartition(".")
    if kind == "words" and last.casefold() in _CHAPTERS_ONLY:
        stems.add(_comparable(head))
    if kind == "captions" and language_of(name):
        stems.add(_comparable(stem.rpartition(".")[0]))
    return bool(stems & wanted)


def companion(name: str, films: Collection[str]) -> bool:
    """Whether a camera wrote this beside one of the films: a small copy, a still, a list. Nobody needs it here."""
    stem, _, extension = name.casefold().rpartition(".")
    stems = {film.casefold().rpartition(".")[0] for film in films}
    if extension == "xml":
        return stem.removesuffix("m01") in stems
    if extension not in ("lrv", "thm"):
        return False
    # GoPro calls the small copy of GX010007.MP4 GL010007.LRV.
    return stem in stems or (
        stem[:2] in ("gl", "gx", "gh") and any(film[:1] == "g" and film[2:] == stem[2:] for film in stems)
    )


def read_words(name: str, content: bytes) -> Words:
    """What a `.json`, `.toml`, `.nfo` or `.txt` says; keys that we do not know are passed over.

    Raises:
        Refused: it cannot be read; the sentence says why.
    """
    extension = name.rpartition(".")[2].casefold()
    if len(content) > LONGEST_BYTES:
        raise Refused("« {name} » est trop long (plus de 256 Ko) : raccourcissez-le.", name=name)
    text = _decoded(name, content)
    try:
        match extension:
            case _ if _holds_chapters_only(name, text):
                said = {"chapters": text}
            case "json":
                said = json.loads(text)
            case "toml":
                said = tomllib.loads(text)
            case "nfo" if text.lstrip().startswith("<"):
                said = _from_xml(text)
            case _:
                said = _from_lines(text)
    except (ValueError, RecursionError, ElementTree.ParseError) as wrong:
        raise Refused(
            "« {name} » n’a pas pu être lu ({wrong}) : corrigez-le, ou recopiez ses textes dans la fiche.",
            name=name,
            wrong=str(wrong)[:120],
        ) from wrong
    if not isinstance(said, Mapping):
        raise Refused("« {name} » ne contient pas de champs : écrivez par exemple un titre.", name=name)
    return _words(name, said)


def _words(name: str, said: Mapping[str, Any]) -> Words:
    known: dict[str, Any] = {}
    for key, value in said.items():
        field = _KEYS.get(fold(str(key)).strip().replace("-", " "))
        if field is not None and value not in (None, "", [], {}):
            known.setdefault(field, value)
    summary = _text(name, known["summary"]).strip() if "summary" in known else None
    marks = chapterlists.from_value(known["chapters"]) if "chapters" in known else ()
    marks = marks or chapterlists.in_description(summary or "")
    return Words(
        title=" ".join(_text(name, known["title"]).split())[:TITLE_LONGEST] or None if "title" in known else None,
        summary=summary,
        tags=tuple(_listed(name, known["tags"])) if "tags" in known else None,
        language=_language(name, known["language"]) if "language" in known else None,
        guests=tuple(_guests(name, known["guests"])) if "guests" in known else None,
        programme=" ".join(_text(name, known["programme"]).split()) or None if "programme" in known else None,
        recorded_on=_date(name, known["recorded_on"]) if "recorded_on" in known else None,
        chapters=tuple(marks) or None,
        wish=" ".join(_text(name, str(known["wish"])).split())[:_WISH_LONGEST] if "wish" in known else None,
    )


def _holds_chapters_only(name: str, text: str) -> bool:
    stem, _, extension = name.casefold().rpartition(".")
    if extension in ("ffmetadata", "chapters") or stem.rpartition(".")[2] in _CHAPTERS_ONLY:
        return extension in ("ffmetadata", "chapters", "txt")
    return extension == "txt" and text.lstrip().startswith(";FFMETADATA")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str | int | float):
        raise Refused("« {name} » : un texte était attendu là où il y a une liste. Corrigez-le.", name=name)
    return "".join(letter for letter in str(value) if letter in "\n\t" or unicodedata.category(letter)[0] != "C")


def _listed(name: str, value: object) -> list[str]:
    words = value if isinstance(value, list) else _text(name, value).split(",")
    return [word for word in (" ".join(_text(name, each).split()) for each in words) if word]


def _guests(name: str, value: object) -> list[tuple[str, str]]:
    people = []
    for each in value if isinstance(value, list) else _text(name, value).split(","):
        if isinstance(each, Mapping):
            who, role = _text(name, each.get("name", "")), _text(name, each.get("role", ""))
        elif isinstance(each, list):
            who, role = [*(_text(name, word) for word in each), "", ""][:2]
        else:
            who, _, role = _text(name, each).partition(":")
        if who.strip():
            people.append((who.strip(), role.strip()))
    return people


def _language(name: str, value: object) -> str:
    code = _text(name, value).strip()
    if not _LANGUAGE.fullmatch(code):
        raise Refused("« {name} » : « {code} » n’est pas une langue. Écrivez par exemple « fr ».", name=name, code=code)
    return code


def _date(name: str, value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    # metaJSON gives an instant, `2026-11-20T20:00:00Z`; the day is what we keep.
    written = _text(name, value).strip()
    try:
        return date.fromisoformat(re.split(r"[T ]", written, maxsplit=1)[0])
    except ValueError:
        raise Refused(
            "« {name} » : « {written} » n’est pas une date. Écrivez 2026-11-26.", name=name, written=written
        ) from None


def _decoded(name: str, content: bytes) -> str:
    codec = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    for each in (codec, "cp1252"):  # what older Windows editors write
        try:
            text = content.decode(each)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n")
    raise Refused("« {name} » n’est pas du texte : enregistrez-le en texte simple (UTF-8).", name=name)


def _from_xml(text: str) -> dict[str, Any]:
    # Entities can swell without end or name other files; no sidecar needs any.
    if "<!doctype" in text.casefold():
        raise ValueError("DOCTYPE")
    root = ElementTree.fromstring(text)  # noqa: S314 - without a DOCTYPE there is nothing to swell
    said: dict[str, Any] = {}
    for each in root:
        if each.tag in ("tag", "tags") and each.text:
            said.setdefault("tags", []).append(each.text)
        elif each.text:
            said.setdefault(each.tag, each.text)
    return said


def _from_lines(text: str) -> dict[str, Any]:
    """`Titre : …` lines at the head, then the description; without such lines the whole text is the description."""
    said: dict[str, Any] = {}
    lines = text.strip().split("\n")
    while lines and (read := _LINE.fullmatch(lines[0].strip())) and fold(read["key"]) in _KEYS:
        said[read["key"]] = read["value"].strip()
        lines.pop(0)
    if rest := "\n".join(lines).strip():
        key = next((key for key in said if _KEYS[fold(key)] == "summary"), "description")
        said[key] = "\n".join(filter(None, [said.get(key, ""), rest]))
    return said


def _comparable(stem: str) -> str:
    return unicodedata.normalize("NFC", stem).casefold().strip()
