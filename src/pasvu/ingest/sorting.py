"""Sorts what lies in the watched folders: which films are one recording, and what lies beside them. Pure."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pasvu.ingest import grouping
from pasvu.ingest.scan import Seen
from pasvu.ingest.sidecars import FOLDER_WIDE, belongs, kind_of


class Together(NamedTuple):
    """The files of one recording, in order, and what lies beside them under their name."""

    films: list[Seen]
    beside: list[Seen]
    sentence: str | None

    @property
    def members(self) -> list[Seen]:
        """All of it."""
        return [*self.films, *self.beside]


def sort_out(present: Sequence[Seen]) -> tuple[list[Together], list[Seen]]:
    """The recordings that lie there, each with what goes with it; and what goes with none of them."""
    films: dict[grouping.Lying, Seen] = {}
    others: dict[Path, list[Seen]] = {}
    for seen in present:
        if kind_of(seen.final_name) is None:
            films[_lying(seen)] = seen
        elif seen.final_name.casefold() != FOLDER_WIDE:  # it serves every film of its folder, and stays there
            others.setdefault(_folder(seen), []).append(seen)
    together = []
    for group in grouping.group(films):
        members = [films[lying] for lying in group.files]
        names = [lying.name for lying in group.files]
        beside = [seen for seen in others.get(_folder(members[0]), []) if belongs(seen.final_name, names)]
        together.append(Together(members, beside, group.sentence))
    found = {seen.path for recording in together for seen in recording.beside}
    return together, [seen for each in others.values() for seen in each if seen.path not in found]


def _lying(seen: Seen) -> grouping.Lying:
    # Recorders write names in the wall-clock time of the place, which is this machine's too.
    modified_at = datetime.fromtimestamp(seen.modified_s)  # noqa: DTZ006
    return grouping.Lying(_folder(seen), seen.final_name, modified_at, seen.path, seen.deep)


def _folder(seen: Seen) -> Path:
    return Path(os.fsdecode(seen.path)).parent
