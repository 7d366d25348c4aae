"""Says whether a folder lies on a network share, where neither change events nor leases tell of writers elsewhere."""

from __future__ import annotations

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
# NFS and CIFS refuse every lease while they hold no delegation or oplock: that says nothing of writers.
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|afs|ceph|glusterfs|lustre|9p|virtiofs|vboxsf|vmhgfs|prl_fs|davfs|ncpfs|fuse(?!blk|ctl).*"
)
_ESCAPE = re.compile(r"\\([0-7]{3})")


def on_a_share(folder: Path, mounts: Path = MOUNTS) -> bool:
    """Whether the folder, or what it is mounted from, is on another machine as far as this system can tell."""
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return False
    return bool(_NETWORK.fullmatch(file_system(os.path.realpath(folder), lines)))


def file_system(path: str, lines: list[str]) -> str:
    """The type of the file system that holds an absolute path, by the lines of `mountinfo` (proc(5)); pure."""
    best, found = -1, ""
    for line in lines:
        words = line.split(" ")
        if "-" not in words or len(words) < 5:
            continue
        place = _ESCAPE.sub(lambda code: chr(int(code[1], 8)), words[4])
        inside = path == place or path.startswith(place.rstrip("/") + "/")
        # The last mount over a place hides the ones before it.
        if inside and len(place) >= best:
            best, found = len(place), words[words.index("-") + 1]
    return found
