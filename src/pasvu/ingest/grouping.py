"""Tells which files of one folder are parts of one recording, and in what order. Pure; in doubt, files stay apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pasvu.channel.names import fold
from pasvu.channel.typography import fine, marked

# OBS loses no frame between two files of a split; what remains is the clock's second and the closing of the file.
SPLIT_WITHIN = timedelta(seconds=2)

_ANY = datetime(1970, 1, 1)  # noqa: DTZ001
"""For names that tell their number: when such a file was closed says nothing more."""

_GOPRO = re.compile(r"(?P<kind>g[xhl])(?P<n>\d\d)(?P<film>\d{4})")
# Up to the HERO5, the first chapter is GOPRnnnn and the next ones are GPccnnnn.
_GOPRO_OLD = re.compile(r"(?:gopr|gp(?P<n>\d\d))(?P<film>\d{4})")
# Numbers of takes rather than of parts: they follow each other on every card, whatever was filmed.
_TAKES = re.compile(r"(?P<kind>c|mvi_|)(?P<n>\d{4,5})")
_PART = re.compile(r"(?P<before>.*?)(?:^|[\s._-]+)(?:p|part|partie|pt)[\s._-]?(?P<n>\d{1,2})")
_OBS = re.compile(r"(?P<day>20\d\d-\d\d-\d\d)[ _](?P<time>\d\d-\d\d-\d\d)")


@dataclass(frozen=True)
class Lying:
    """A file as it lies in a watched folder; `modified_at` is in the recorder's wall-clock time, without zone."""

    folder: Path
    name: str
    """Readable, and as it will be once the copy is finished."""
    modified_at: datetime
    path: bytes = b""
    deep: bool = False
    """In a folder dropped inside a programme's folder: somebody put these files together."""

    @property
    def stem(self) -> str:
        """Its name without extension, as it is compared."""
        return fold(self.name.rpartition(".")[0] or self.name)

    @property
    def extension(self) -> str:
        """What follows the last point, in lower case."""
        return self.name.rpartition(".")[2].casefold()


@dataclass(frozen=True)
class Group:
    """The files of one recording, in order; `missing` are numbers that the sequence passes over."""

    files: tuple[Lying, ...]
    missing: tuple[int, ...] = ()

    @property
    def sentence(self) -> str | None:
        """What is missing, for the person who can look for it; `None` when nothing seems to be."""
        if not self.missing:
            return None
        numbers = ", ".join(map(str, self.missing))
        which = marked(
            f"le numéro {numbers} n’est pas là" if len(self.missing) == 1 else f"il manque les numéros {numbers}"
        )
        if len(self.files) == 1:
            return fine(
                f"« {self.files[0].name} » semble la suite d’un autre fichier : {which}. Vérifiez qu’il ne manque rien."
            )
        return fine(
            f"Cet enregistrement est fait de {len(self.files)} fichiers, de « {self.files[0].name} » à "
            f"« {self.files[-1].name} », et {which}. Vérifiez qu’il ne manque rien."
        )


@dataclass(frozen=True)
class _Numbered:
    file: Lying
    family: tuple[str, ...]
    number: int
    first: int | None
    """The number that a sequence begins with; `None` where it may begin anywhere."""


def place(folder: Path, name: str) -> tuple[str, int] | None:
    """The series that a name belongs to in its folder, and its number there; `None` where it tells neither.

    Numbers of takes are left out: they follow each other on every card, whatever was filmed.
    """
    file = Lying(folder, name, _ANY)
    numbered = _numbered(file)
    return None if numbered is None else ("|".join((str(folder), file.extension, *numbered.family)), numbered.number)


def group(files: Iterable[Lying]) -> list[Group]:
    """Every file, in exactly one group; most groups hold one file."""
    families: defaultdict[tuple[object, ...], list[_Numbered]] = defaultdict(list)
    recorded: defaultdict[tuple[object, ...], list[Lying]] = defaultdict(list)
    groups: list[Group] = []
    for file in files:
        folder = file.folder
        if (numbered := _numbered(file)) is not None:
            families[folder, file.extension, *numbered.family].append(numbered)
        elif started_at(file.name) is not None:
            recorded[folder, file.extension].append(file)
        else:
            groups.append(Group((file,)))
    for family in families.values():
        groups += _sequence(family)
    for split in recorded.values():
        groups += _splits(split)
    return sorted(groups, key=lambda each: (each.files[0].folder, each.files[0].name))


def _numbered(file: Lying) -> _Numbered | None:
    stem = file.stem
    if read := _GOPRO.fullmatch(stem):
        return _Numbered(file, ("gopro", read["kind"], read["film"]), int(read["n"]), 1)
    if read := _GOPRO_OLD.fullmatch(stem):
        return _Numbered(file, ("gopro", read["film"]), int(read["n"] or 0), 0)
    if file.deep and (read := _TAKES.fullmatch(stem)):
        return _Numbered(file, ("takes", read["kind"]), int(read["n"]), None)
    # `p1` alone names no recording: in the common depot it could be anybody's.
    if (read := _PART.fullmatch(stem)) and (read["before"] or file.deep):
        return _Numbered(file, ("part", re.sub(r"[\s._-]+", " ", read["before"])), int(read["n"]), 1)
    return None


def _sequence(family: Sequence[_Numbered]) -> list[Group]:
    ordered = sorted(family, key=lambda each: each.number)
    numbers = {each.number for each in ordered}
    apart = [Group((each.file,)) for each in ordered]
    if len(numbers) < len(ordered):
        return apart  # two files with one number: nobody can say which is meant
    begins = ordered[0].number if ordered[0].first is None else min(ordered[0].first, ordered[0].number)
    missing = tuple(number for number in range(begins, ordered[-1].number) if number not in numbers)
    if len(missing) > len(ordered):
        return apart  # more holes than files: these numbers count something else
    return [Group(tuple(each.file for each in ordered), missing)]


def _splits(files: Sequence[Lying]) -> list[Group]:
    """Files named by the second they began at; the next part begins when the last one was closed."""
    runs: list[list[Lying]] = []
    for file in sorted(files, key=lambda each: each.stem):
        began = started_at(file.name)
        if runs and began is not None and abs(began - runs[-1][-1].modified_at) <= SPLIT_WITHIN:
            runs[-1].append(file)
        else:
            runs.append([file])
    return [Group(tuple(run)) for run in runs]


def started_at(name: str) -> datetime | None:
    """When a recorder that names its files by the second began this one, in its wall-clock time, without zone."""
    if (read := _OBS.fullmatch(fold(name.rpartition(".")[0] or name))) is None:
        return None
    try:
        # Written in the recorder's wall-clock time, as `modified_at` is.
        return datetime.strptime(f"{read['day']} {read['time']}", "%Y-%m-%d %H-%M-%S")  # noqa: DTZ007
    except ValueError:
        return None
