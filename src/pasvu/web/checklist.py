"""« Avant de programmer »: what is done, what is missing, and where to mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pasvu.channel import wording
from pasvu.channel.episodes import meant_timeline
from pasvu.channel.models import Episode
from pasvu.channel.queries import BoardCard
from pasvu.channel.values import Chapter
from pasvu.web.formats import counted
from pasvu.web.words import PLATFORMS, _, say, told


@dataclass(frozen=True)
class Item:
    """A line of the list; `anchor` is where on the page it is mended, `blocks` whether it forbids programming."""

    done: bool
    sentence: str
    anchor: str
    blocks: bool = False


def checklist(
    episode: Episode, objections: Mapping[str, Sequence[str]], to_chapters: Mapping[str, Sequence[str]]
) -> list[Item]:
    """All that should be right before an instant is chosen; what the platform refuses blocks.

    `objections` by platform, and `to_chapters` those of them that the chapters alone call for.
    """
    open_remarks = sum(remark.done_at is None for remark in episode.remarks)
    cut_ready = not episode.waits_for_cut and episode.rendition("master") is not None
    items = [
        Item(cut_ready, _("Coupe prête à partir") if cut_ready else _("Coupe en préparation"), "coupe", True),
        _either(bool(episode.summary.strip()), _("Résumé écrit"), _("Résumé à écrire"), "f-summary"),
        _either(episode.programme is not None, _("Émission choisie"), _("Émission à choisir"), "f-programme"),
        _either(
            any(still.chosen for still in episode.thumbnails),
            _("Vignette choisie"),
            _("Vignette à choisir"),
            "vignette",
        ),
    ]
    items += _of_chapters(episode, to_chapters)
    sentence = (
        counted(open_remarks, "{n} remarque à traiter", "{n} remarques à traiter")
        if open_remarks
        else _("Remarques traitées")
    )
    items.append(Item(not open_remarks, sentence, "remarques"))
    others = {
        name: [why for why in wrong if why not in to_chapters.get(name, ())] for name, wrong in objections.items()
    }
    return items + _refused(others, "fiche")


def _of_chapters(episode: Episode, to_chapters: Mapping[str, Sequence[str]]) -> list[Item]:
    """One line for each fault that forbids; else one that advises, where the public's text lists no chapters anyway."""
    if to_chapters:
        return _refused(to_chapters, "chapitres")
    faults = wording.chapter_faults(placed_chapters(episode), meant_timeline(episode).duration_s)
    return [Item(not faults, say(faults[0]) if faults else _("Chapitres en règle"), "chapitres")]


def _refused(objections: Mapping[str, Sequence[str]], anchor: str) -> list[Item]:
    return [
        Item(
            False, _("%(platform)s : %(why)s", platform=PLATFORMS.get(platform, platform), why=told(why)), anchor, True
        )
        for platform, wrong in objections.items()
        for why in wrong
    ]


def _either(done: bool, good: str, missing: str, anchor: str) -> Item:
    return Item(done, good if done else missing, anchor)


def placed_chapters(episode: Episode) -> list[wording.Placed]:
    """The chapters, and where the cut that is meant shows each."""
    return wording.placed([Chapter(mark.start_s, mark.title) for mark in episode.chapters], meant_timeline(episode))


@dataclass(frozen=True)
class ChapterNote:
    """What is to be said of the chapters: of the line at `start_s` of the recording, or of all of them."""

    sentence: str
    start_s: float | None = None
    wrong: bool = True


def chapter_notes(episode: Episode) -> list[ChapterNote]:
    """Why platforms would not show these chapters, and which of them nobody will see."""
    there = placed_chapters(episode)
    faults = wording.chapter_faults(there, meant_timeline(episode).duration_s)
    notes = [ChapterNote(say(fault), fault.chapter.start_s if fault.chapter else None) for fault in faults]
    lost = [each.chapter for each in there if each.at_s is None]
    gone = _("« %(title)s » tombe dans ce qui est retiré : le public ne le verra pas.")
    return notes + [ChapterNote(gone % {"title": each.title}, each.start_s, wrong=False) for each in lost]


STEPS = 5


def steps_done(card: BoardCard) -> int:
    """How many of the five things a card can tell are done: programme, owner, summary, still, remarks."""
    episode = card.episode
    return sum(
        (
            episode.programme_id is not None,
            episode.owner_id is not None,
            episode.summarised,
            any(still.chosen for still in episode.thumbnails),
            card.open_remarks == 0,
        )
    )
