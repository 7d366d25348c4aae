"""Captions on disk: received ones read, and kept as WebVTT in the recording's time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from pasvu.channel.captions.cues import Cue
from pasvu.channel.captions.reading import read
from pasvu.channel.captions.writing import vtt
from pasvu.channel.errors import Refused
from pasvu.channel.folders import sync_folder

# A day of speech is about 2 MiB: anything larger is a film given by mistake, and must not fill the memory.
MOST_BYTES = 10 * 1024**2


def read_file(path: Path) -> list[Cue]:
    """The captions of a file that a person gave.

    Raises:
        Refused: too large, or not captions; the sentence names the file.
    """
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused("« {name} » dépasse 10 Mio : ce n’est pas un fichier de sous-titres.", name=path.name)
    return read(data)


def store(folder: Path, language: str, cues: Sequence[Cue]) -> Path:
    """Keep captions in `folder`, whole or not at all; a new text gets a new name, so that it is told from the former.

    What was kept before stays: a form refused afterwards must leave the record with the file it names.
    """
    data = vtt(cues).encode()
    path = folder / f"{language}-{hashlib.sha256(data).hexdigest()[:12]}.vtt"
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{path.name}.{os.getpid()}.part"
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    sync_folder(folder)
    return path


def load(path: Path) -> list[Cue]:
    """Captions kept by `store`.

    Raises:
        Refused: the file has left the disk.
    """
    try:
        return read(path.read_bytes())
    except FileNotFoundError as gone:
        raise Refused(
            "Le fichier de sous-titres {name} a disparu du disque : importez-le à nouveau.", name=path.name
        ) from gone
