"""The cookies of a site that shows its lives to signed-in people alone: read from `secrets/`, handed over in memory.

One file a site, in the form that browsers' extensions write (https://curl.se/docs/http-cookies.html). Whoever holds it
is that person for the site: only that site's lines go into the jail, nothing is written there, and no value is ever in
a sentence, a log or the record.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from pasvu.channel.errors import Refused
from pasvu.channel.sites import Site

LARGEST_BYTES = 1 << 20
_FIELDS = 7
_HTTP_ONLY = "#HttpOnly_"


def read(path: Path, site: Site) -> str | None:
    """The lines of this file that are of this site; `None` where there is no file.

    Raises:
        Refused: others may read the file, it is unreadable, or holds nothing of this site.
    """
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise Refused(
                    "Le fichier de cookies {file} peut être lu par d’autres que pasvu : fermez-le (chmod 600), et "
                    "fermez cette session sur le site si quelqu’un a pu le lire.",
                    file=path.name,
                )
            lines = file.read(LARGEST_BYTES).splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as unreadable:
        raise Refused(
            "Le fichier de cookies {file} est illisible : exportez-le à nouveau.", file=path.name
        ) from unreadable
    kept = [line for line in lines if _is_of(line, site)]
    if not kept:
        raise Refused(
            "Le fichier de cookies {file} ne contient rien de {site} : exportez-le depuis un navigateur connecté à ce "
            "site, au format « cookies.txt » (Netscape).",
            file=path.name,
            site=site.name,
        )
    return "\n".join(["# Netscape HTTP Cookie File", *kept, ""])


def handed(text: str) -> int:
    """An open file that holds this text, in memory alone, that nobody can change any more.

    Closed by whoever starts the process that reads it.
    """
    fd = os.memfd_create("cookies", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, text.encode())
    os.lseek(fd, 0, os.SEEK_SET)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
    return fd


def _is_of(line: str, site: Site) -> bool:
    fields = line.removeprefix(_HTTP_ONLY).split("\t")
    # What is not whole would be told, value included, by whoever reads it next.
    if len(fields) != _FIELDS or fields[0].startswith("#") or not (fields[4] or "0").isdigit():
        return False
    domain = fields[0].lstrip(".").lower()
    return any(domain == host or domain.endswith(f".{host}") for host in site.hosts)
