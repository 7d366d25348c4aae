"""The text that viewers read: title, description, chapters. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pasvu.channel.timeline import Timeline
from pasvu.channel.typography import marked
from pasvu.channel.values import Chapter

# YouTube help, "video chapters": first stamp 00:00, at least three, ascending, each at least 10 s.
CHAPTER_LEAST_S = 10.0
CHAPTERS_LEAST = 3

_VARIABLE = re.compile(r"\{(\w+)\}")


def stamp(seconds: float) -> str:
    """`M:SS`, or `H:MM:SS` from an hour on."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def read_stamp(text: str) -> float:
    """Seconds from `83.5`, `1:23.5` or `0:01:23.500`.

    Raises:
        ValueError: not a time.
    """
    parts = text.strip().replace(",", ".").split(":")
    if not 1 <= len(parts) <= 3 or not all(re.fullmatch(r"\d+(\.\d+)?", part) for part in parts):
        raise ValueError(marked(f"« {text} » n’est pas un temps : écrivez 83.5, 1:23 ou 0:01:23.500."))
    if any("." in part for part in parts[:-1]) or any(float(part) >= 60 for part in parts[1:]):
        raise ValueError(marked(f"« {text} » n’est pas un temps : les minutes et les secondes vont jusqu’à 59."))
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60 + float(part)
    return seconds


def read_chapters(text: str) -> list[Chapter]:
    """Chapters from lines such as `0:00 Ouverture`; blank lines are passed over.

    Raises:
        ValueError: a line without a time or a title.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        time, _, title = line.strip().partition(" ")
        if not title.strip():
            raise ValueError(marked(f"Ligne {number} : « {line.strip()} » n’a pas de titre ; écrivez « 1:23 Titre »."))
        found.append(Chapter(read_stamp(time), title.strip(" -–—\t")))
    return sorted(found, key=lambda chapter: chapter.start_s)


@dataclass(frozen=True)
class Placed:
    """A chapter of the recording and where the episode shows it; `at_s` is `None` where nothing of it is left."""

    chapter: Chapter
    at_s: float | None


@dataclass(frozen=True)
class ChapterFault:
    """Why a platform would not show these chapters: what is wrong, and with which; `None` is all of them."""

    sentence: str
    chapter: Chapter | None = None

    @property
    def about(self) -> dict[str, object]:
        """What the sentence speaks of."""
        return {"title": self.chapter.title} if self.chapter else {}


def placed(chapters: Sequence[Chapter], cut: Timeline, made: Timeline | None = None) -> list[Placed]:
    """Where each chapter of the recording stands in the episode, in order.

    One that begins in what was cut out begins at the join; of several there, only the last has anything left. `made` is
    what the film really shows: where it begins a little before the cut that was meant, the first chapter is still at
    0, where platforms want it.
    """
    found: list[Placed] = []
    for chapter in sorted(chapters, key=lambda chapter: chapter.start_s):
        shown_s = cut.next_kept(chapter.start_s)
        at_s = None
        if shown_s is not None:
            # Milliseconds: 159.974 - 99.974 is a hair under 60, and its stamp would show 0:59.
            at_s = round((made or cut).at(shown_s), 3) if shown_s > cut.start_s else 0.0
            if found and found[-1].at_s == at_s:
                found[-1] = Placed(found[-1].chapter, None)
        found.append(Placed(chapter, at_s))
    return found


def in_cut(chapters: Sequence[Chapter], cut: Timeline, made: Timeline | None = None) -> list[Chapter]:
    """Chapters moved from the recording's time to the episode's, as `placed` does; those with nothing left are gone."""
    return [Chapter(each.at_s, each.chapter.title) for each in placed(chapters, cut, made) if each.at_s is not None]


def chapter_faults(chapters: Sequence[Placed], duration_s: float) -> list[ChapterFault]:
    """Why a platform would not show these chapters, each with the chapter at fault. None at all is fine."""
    shown = [(each.at_s, each.chapter) for each in chapters if each.at_s is not None]
    if not shown:
        return []
    faults = []
    if shown[0][0] >= 1:
        faults.append(ChapterFault("Le premier chapitre doit commencer à 0:00.", shown[0][1]))
    if len(shown) < CHAPTERS_LEAST:
        faults.append(ChapterFault("Il faut au moins trois chapitres, ou aucun."))
    ends = [at_s for at_s, _ in shown[1:]] + [duration_s]
    for (at_s, chapter), end_s in zip(shown, ends, strict=True):
        if int(end_s) - int(at_s) < CHAPTER_LEAST_S:
            faults.append(ChapterFault("Le chapitre « {title} » dure moins de dix secondes.", chapter))
    return faults


def chapter_lines(chapters: Sequence[Chapter]) -> str:
    """The lines a platform reads chapters from, one each."""
    return "\n".join(f"{stamp(chapter.start_s)} {chapter.title}" for chapter in chapters)


def fill(template: str, words: Mapping[str, str]) -> str:
    """Put `words` into `{names}`; an unknown name stays as it is, and emptied paragraphs disappear."""
    filled = _VARIABLE.sub(lambda found: words.get(found[1], found[0]), template)
    return re.sub(r"\n{3,}", "\n\n", filled).strip()
