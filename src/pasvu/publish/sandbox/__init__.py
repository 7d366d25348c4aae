"""A server that stands in for YouTube on this machine, for rehearsals and tests; shares nothing with its client."""

from __future__ import annotations

from pasvu.publish.sandbox.rules import Rules
from pasvu.publish.sandbox.server import Sandbox, running, serve

__all__ = ["Rules", "Sandbox", "running", "serve"]
