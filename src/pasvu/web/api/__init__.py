"""The read-only API for other programs: figures as JSON with a key, its description, and what operators watch."""

from pasvu.web.api import episodes, lives, metrics
from pasvu.web.api.place import api

__all__ = ["api", "episodes", "lives", "metrics"]
