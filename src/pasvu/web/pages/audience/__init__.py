"""« Audience »: what each episode was seen, when it was measured, and how it stands against the others."""

from pasvu.web.pages.audience import comparison, depth, episode, lives, outputs, overview, programme, week
from pasvu.web.pages.audience.place import pages

__all__ = ["comparison", "depth", "episode", "lives", "outputs", "overview", "pages", "programme", "week"]
