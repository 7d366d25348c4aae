"""Hatchling's hook: a wheel carries the panel's libraries and translations, so that installing it needs no Node.js."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PanelFiles(BuildHookInterface):
    """Runs the same function as set-up does."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the files up to date before a wheel is packed; an editable install is left to set-up."""
        if version != "editable":
            runpy.run_path(str(Path(self.root) / "scripts/build_assets.py"))["build"]()
