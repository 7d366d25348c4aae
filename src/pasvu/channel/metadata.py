"""What viewers of one platform would read of an episode: its programme's wording filled, its flags, its own texts.

Fields that an episode may set, each falling back to its programme's (`fields.py` reads them from a form or the
command line): `category_id`, `license`, `made_for_kids`, `synthetic_media`, `paid_promotion`, `embeddable`,
`notify_subscribers`, `playlist_id`. Only the episode has `recorded_on`, `localizations` (`title.en`, `summary.en`) and
`texts`, what one platform shall show instead (`title@youtube`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pasvu.channel import episodes, videofields, wording
from pasvu.channel.models import Episode, Programme
from pasvu.channel.values import Chapter, Localization, VideoMetadata

DEFAULT_PLATFORM = "youtube"
DEFAULT_CATEGORY = "25"
TITLE_TEMPLATE = "{title}"
DESCRIPTION_TEMPLATE = "{summary}\n\n{chapters}"

OPTIONS: dict[str, Any] = {
    "category_id": DEFAULT_CATEGORY,
    "license": "youtube",
    "made_for_kids": False,
    "synthetic_media": False,
    "paid_promotion": False,
    "embeddable": True,
    "notify_subscribers": True,
}
"""What a video bears when neither episode nor programme says otherwise."""


def metadata(episode: Episode, platform: str = DEFAULT_PLATFORM, *, chapters: bool = True) -> VideoMetadata:
    """What this platform would be sent, with or without its chapters, in the time of the cut that was made."""
    show = episode.programme
    words = _words(episode) if chapters else {**_words(episode), "chapters": ""}
    shared = VideoMetadata(
        title=wording.fill(show.title_template if show else TITLE_TEMPLATE, words),
        description=wording.fill(show.description_template if show else DESCRIPTION_TEMPLATE, words),
        language=episode.language,
        tags=tuple(dict.fromkeys([*episode.tags, *(show.tags if show else [])])),
        recorded_at=videofields.read_day(episode.recorded_on),
        localizations=_localizations(episode, words),
        duration_s=episodes.meant_timeline(episode).duration_s or None,
        **{name: option(episode, name) for name in OPTIONS},
    )
    return videofields.with_fields(shared, own_texts(episode, platform))


def tried(episode: Episode, title_template: str, description_template: str) -> VideoMetadata:
    """What would be sent of it if its programme had these templates; nothing is kept."""
    words = _words(episode)
    title, description = wording.fill(title_template, words), wording.fill(description_template, words)
    return replace(metadata(episode), title=title, description=description)


def option(episode: Episode, name: str) -> Any:
    """The episode's own choice, else its programme's, else the default of `OPTIONS`."""
    for source in (episode, episode.programme):
        chosen = getattr(source, name) if source is not None else None
        if chosen is not None:
            return chosen
    return OPTIONS[name]


def playlist(episode: Episode, platform: str = DEFAULT_PLATFORM) -> str | None:
    """The playlist it goes to; an empty one of its own takes it out of its programme's.

    An id is of one platform: the record keeps YouTube's.
    """
    if platform != DEFAULT_PLATFORM:
        return None
    if episode.playlist_id is not None:
        return episode.playlist_id or None
    return episode.programme.playlist_id if episode.programme else None


def own_texts(episode: Episode, platform: str) -> videofields.Fields:
    """What this platform shall show instead of what all share."""
    return dict((episode.texts or {}).get(platform, {}))


def _words(episode: Episode) -> dict[str, str]:
    show = episode.programme
    marks = [Chapter(mark.start_s, mark.title) for mark in episode.chapters]
    chapters = wording.in_cut(marks, episodes.meant_timeline(episode), episodes.made_timeline(episode))
    guests = ", ".join(f"{guest.name} ({guest.role})" if guest.role else guest.name for guest in episode.guests)
    return {
        "title": episode.title,
        "summary": episode.summary,
        "programme": show.name if show else "",
        "guests": guests,
        "date": episode.recorded_on or "",
        "chapters": wording.chapter_lines(chapters),
    }


def _localizations(episode: Episode, words: dict[str, str]) -> tuple[Localization, ...]:
    return tuple(
        _localized(episode.programme, language, {**words, **{name: text for name, text in told.items() if text}})
        for language, told in sorted((episode.localizations or {}).items())
    )


def _localized(show: Programme | None, language: str, words: dict[str, str]) -> Localization:
    wordings = ((show.translations or {}) if show else {}).get(language, {})
    title = wordings.get("title_template") or (show.title_template if show else TITLE_TEMPLATE)
    description = wordings.get("description_template") or (show.description_template if show else DESCRIPTION_TEMPLATE)
    return Localization(language, wording.fill(title, words), wording.fill(description, words))
