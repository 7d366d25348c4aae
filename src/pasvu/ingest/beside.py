"""Looks for what lies beside films under their name, and reads it: nothing is moved or written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pasvu.channel.errors import Refused
from pasvu.channel.typography import fine
from pasvu.ingest import sidecars
from pasvu.ingest.lease import Held, held_by
from pasvu.ingest.naming import safe_name
from pasvu.ingest.sidecars import Words

# YouTube takes no larger thumbnail (developers.google.com/youtube/v3/docs/thumbnails/set).
PICTURE_BYTES = 2 * 1024 * 1024
BESIDE = "beside-"
"""Before the name, in the vault, of what came beside a film."""
_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True)
class Beside:
    """What goes with a recording: where each file lies and goes, what they say, and what is wrong with them."""

    words: Words
    picture: Path | None
    """Where in the vault the picture will be."""
    moves: tuple[tuple[bytes, Path], ...]
    remarks: tuple[str, ...]


def read_beside(films: Sequence[bytes], vault: Path) -> Beside:
    """Everything beside these films, which lie in one folder; a file that cannot be read is taken, and said."""
    paths = [Path(os.fsdecode(film)).absolute() for film in films]
    names = [path.name for path in paths if sidecars.kind_of(path.name) is None]
    words, wide, picture = Words(), Words(), None
    moves, remarks = [], []
    try:
        entries = sorted(paths[0].parent.iterdir()) if names else []
    except OSError:
        entries = []
    for path in entries:
        name = path.name
        if (
            sidecars.companion(name, names)
            and not path.is_symlink()
            and held_by(os.fsencode(path)) is not Held.BY_A_WRITER
        ):
            moves.append((os.fsencode(path), vault / f"{BESIDE}{safe_name(os.fsencode(name))[1]}"))
            continue
        folder_wide = name.casefold() == sidecars.FOLDER_WIDE
        if path.is_symlink() or not path.is_file() or not (folder_wide or sidecars.belongs(name, names)):
            continue
        shown, stored = safe_name(os.fsencode(name))
        target = vault / f"{BESIDE}{stored}"
        try:
            match sidecars.kind_of(name):
                case "words" if folder_wide:
                    wide = _words(path, shown)
                case "words":
                    words = words.over(_words(path, shown))
                case "picture":
                    _check_picture(path, shown)
                    picture = picture or target
        except (Refused, OSError) as wrong:
            remarks.append(fine(str(wrong)))
        if not folder_wide:
            moves.append((os.fsencode(path), target))
    return Beside(words.over(wide), picture, tuple(moves), tuple(remarks))


def _words(path: Path, shown: str) -> Words:
    with path.open("rb") as file:
        return sidecars.read_words(shown, file.read(sidecars.LONGEST_BYTES + 1))


def _check_picture(path: Path, shown: str) -> None:
    with path.open("rb") as file:
        if file.read(3) != _JPEG:
            raise Refused("« {name} » n’est pas une image JPEG : exportez-la à nouveau.", name=shown)
    if path.stat().st_size > PICTURE_BYTES:
        raise Refused("« {name} » est trop lourd pour une vignette (plus de 2 Mo) : réduisez-le.", name=shown)
