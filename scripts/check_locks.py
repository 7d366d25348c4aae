"""Fail when a lock file names an address or a registry's host: it must serve wherever packages come from."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"https?://|registry\.|\"resolved\"|--index-url|--extra-index-url|--find-links")


def main() -> int:
    """Read every lock file; 1 when an address stands in one."""
    wrong = [
        f"{path.name}:{number}: {line.strip()[:100]}"
        for path in sorted([*ROOT.glob("requirements*.lock"), ROOT / "package-lock.json"])
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if ADDRESS.search(line)
    ]
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
