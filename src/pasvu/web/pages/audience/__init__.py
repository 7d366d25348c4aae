"""« Audience »: what each episode was seen, when it was measured, and how it stands against the others."""

from pasvu.web.pages.audience import comparison, episode, overview, programme
from pasvu.web.pages.audience.place import pages

__all__ = ["comparison", "episode", "overview", "pages", "programme"]
