"""Gather every sentence the panel can show, and fail when one lacks its translation.

`--update` writes new sentences into the catalogues, to be translated by hand.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from pasvu.web.retelling import LITERAL_LEAST

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "src/pasvu/web/translations"
LANGUAGES = ("en",)
METHODS = [("web/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"web/templates/**.html": {"silent": "false"}}
# Errors carry their sentence as first argument, and the panel translates it where it is shown.
ERRORS = (
    "PasVuError",
    "Refused",
    "NotFound",
    "Stale",
    "Unusable",
    "CutShort",
    "Twin",
    "Passing",
    "NoRoom",
    "Cancelled",
    "ToolFailed",
    "NotJailed",
    "Finding",
    "ChapterFault",
    "BrokenJoin",
    "Disturbed",
    "PlatformRefused",
    "PlatformBusy",
    "OutOfQuota",
    "ClocksDiffer",
    "OutsideHours",
    "NotReadyYet",
    "TakenOver",
    "NotConnected",
    "Unknown",
    "SessionGone",
    "Missing",
)
KEYWORDS: dict[str, Any] = {"_": None, "counted": (2, 3)}
SENTENCES = {"marked", *ERRORS}
# These keep sentences in the record or say them to others too, filled and in French: `pasvu.web.retelling` finds them
# by their patterns.
KEEPING = ("channel/", "ingest/", "publish/", "door/checks.py")
# Said to whoever starts a process, or by one part to another, in English.
NEVER_SHOWN = ("channel/settings.py", "ingest/boxes.py", "publish/sandbox/")


def gather() -> Catalog:
    """Every sentence, with where it stands."""
    found = Catalog(project="pasvu", charset="utf-8")
    source = ROOT / "src/pasvu"
    for path, line, message, _comments, context in extract_from_dir(
        source, METHODS, OPTIONS, KEYWORDS, directory_filter=_ours
    ):
        found.add(message, locations=[(f"src/pasvu/{path}", line)], context=context)
    for file in sorted(source.rglob("*.py")):
        path = file.relative_to(source).as_posix()
        if path.startswith(NEVER_SHOWN):
            continue
        for sentence, line in sentences(file.read_text(encoding="utf-8"), keeps=path.startswith(KEEPING)):
            found.add(sentence, locations=[(f"src/pasvu/{path}", line)])
    return found


def sentences(source: str, *, keeps: bool) -> Iterator[tuple[str, int]]:
    """The marked sentences and those of the errors, with their lines.

    Where the room `keeps` sentences in the record, also those given to `fine`, and the patterns of those filled at
    once: `f"Gelé ({period.reason}) : …"` is `Gelé ({reason}) : …`. One of too few letters would find nothing again.
    """
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or not call.args:
            continue
        named = ast.unparse(call.func).split(".")[-1]
        if named not in SENTENCES and not (keeps and named == "fine"):
            continue
        for said in _said(call.args[0]):
            text = pattern(said)
            if isinstance(said, ast.Constant) or (keeps and len(re.sub(r"{\w+}", "", text)) >= LITERAL_LEAST):
                yield text, said.lineno


def pattern(said: ast.Constant | ast.JoinedStr) -> str:
    """A sentence as the catalogue has it: each gap bears the name of what fills it, and a number where it is taken."""
    if isinstance(said, ast.Constant):
        return str(said.value)
    names: dict[str, str] = {}
    text = ""
    for part in said.values:
        if isinstance(part, ast.FormattedValue):
            filling, name = ast.unparse(part.value), _name(part.value)
            if filling not in names:
                taken = names.values()
                names[filling] = (
                    name
                    if name not in taken
                    else next(numbered for n in count(2) if (numbered := f"{name}{n}") not in taken)
                )
            text += f"{{{names[filling]}}}"
        elif isinstance(part, ast.Constant):
            text += str(part.value)
    return text


def _said(argument: ast.expr) -> Iterator[ast.Constant | ast.JoinedStr]:
    match argument:
        case ast.JoinedStr() | ast.Constant(value=str()):
            yield argument
        case ast.IfExp():
            yield from (*_said(argument.body), *_said(argument.orelse))
        case ast.BoolOp():
            for each in argument.values:
                yield from _said(each)


def _name(value: ast.expr) -> str:
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name.strip("_").lower()
        case ast.Call(args=[first, *_]):
            return _name(first)
        case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.BinOp(left=inner) | ast.UnaryOp(operand=inner):
            return _name(inner)
        case ast.BoolOp(values=[first, *_]):
            return _name(first)
        case ast.GeneratorExp(generators=[first, *_]) | ast.ListComp(generators=[first, *_]):
            return _name(first.iter)
        case _:
            return "value"


def wrong(language: str, template: Catalog) -> Iterator[str]:
    """What a language's catalogue lacks, or still has for nothing."""
    catalogue = _read(language)
    for message in template:
        if not message.id:
            continue
        kept = catalogue.get(message.id, message.context)
        where = f"{message.locations[0][0]}:{message.locations[0][1]}"
        if kept is None or kept.fuzzy:
            yield f"{language}: no translation for {_first(message.id)!r} ({where})"
            continue
        texts = kept.string if isinstance(kept.string, tuple | list) else (kept.string,)
        if not all(texts):
            yield f"{language}: empty translation for {_first(message.id)!r} ({where})"
        for error in kept.check(catalogue):
            yield f"{language}: {_first(message.id)!r}: {error}"
    for message in catalogue:
        if message.id and template.get(message.id, message.context) is None:
            yield f"{language}: nothing shows {_first(message.id)!r} any more"


def update(language: str, template: Catalog) -> None:
    """Add new sentences to a catalogue and drop those that nothing shows."""
    catalogue = _read(language)
    # No guesses: a sentence that changed is translated anew, never by its likeness to an old one.
    since = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    # A header that says the same tomorrow: only sentences make a difference to read.
    catalogue.creation_date = since
    catalogue.fuzzy = False
    catalogue.header_comment = f"# The panel in another language: {language}. The sentences in French are the source."
    path = _path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        write_po(out, catalogue, width=0, omit_header=False, include_lineno=False, sort_output=True)


def _read(language: str) -> Catalog:
    path = _path(language)
    if not path.exists():
        return Catalog(locale=language, project="pasvu", charset="utf-8")
    with path.open("rb") as text:
        return read_po(text, locale=language)


def _path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES/messages.po"


def _ours(folder: str | Path) -> bool:
    return Path(folder).name not in {"static", "translations", "__pycache__"}


def _first(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def main() -> int:
    """Check, or update with `--update`."""
    template = gather()
    if "--update" in sys.argv[1:]:
        for language in LANGUAGES:
            update(language, template)
    problems = [problem for language in LANGUAGES for problem in wrong(language, template)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
