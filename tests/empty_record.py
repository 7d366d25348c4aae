"""An empty record on SQLite, made once by the migrations and copied: running them takes a third of a second."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from pasvu.channel import migrations


def lay(home: Path) -> str:
    """Put one into a home; its URL."""
    path = home / "pasvu.db"
    path.write_bytes(_made())
    path.chmod(0o600)
    return f"sqlite:///{path}"


@cache
def _made() -> bytes:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "pasvu.db"
        migrations.upgrade(f"sqlite:///{path}", path.parent)
        assert [each.name for each in path.parent.iterdir() if each.name.startswith("pasvu.db-")] == []
        return path.read_bytes()
