"""Proposes where the programme starts and ends, and where its chapters are. Pure; a person decides.

A picture that stands still or is black at either end is not programme (found to the frame); a voice heard over it is
(someone talks over a slide). Without a picture, or without such an end, silence decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from pasvu.channel.captions import Cue
from pasvu.channel.timeline import merged
from pasvu.channel.typography import fine, marked
from pasvu.channel.values import Chapter, MediaInfo, Span, Trim
from pasvu.channel.wording import CHAPTER_LEAST_S, CHAPTERS_LEAST
from pasvu.ingest import subjects
from pasvu.ingest.facts import Measures
from pasvu.ingest.silence import SAYING_S

_QUIET_END_S = 3.0
_ROOM_S = 0.3
"""Air left before the first sound and after the last when sound decides: a breath belongs to the programme."""
_SHORTEST_S = 1.0
_PAUSE_S = 4.0
"""Nearly every change of talk is among the pauses of this length; 2 s finds every thinker's, 10 s nothing."""
_USUAL_SHARE = 0.75
"""A pause much shorter than the others is somebody thinking, unless the picture changes with its end."""
_LONG_S = 5.0
"""Nobody thinks for so long."""
_CUT_NEAR_S = 0.5
"""Around the keyframe after a cut of the picture, by which it is known."""
_WORD_S = 0.8
"""What is taken for a voice and lasts less is a note of music or a cough."""
_CUTS_SHARE = 0.35
"""Where the picture changes all the time, that it changes says nothing."""
_AT_END_S = 0.3
_SPOKEN_SHARE = 0.5
"""Of what is not silent: with less, it is a concert, or the voice detector does not know these voices."""


_START_SPOKEN = marked("Début à {at} : quelqu’un parle déjà sur une image fixe.")
_START_STILL = marked("Début à {at} : avant, l’image est fixe ou noire.")
_START_WAITED = marked("Début à {at} : avant, personne ne parle, l’image fait attendre (compte à rebours, musique).")
_START_QUIET = marked("Début à {at} : avant, il n’y a pas de son.")
_END_SPOKEN = marked("Fin à {at} : quelqu’un parle encore sur une image fixe.")
_END_STILL = marked("Fin à {at} : après, l’image est fixe ou noire.")
_END_STAYED = marked("Fin à {at} : après, personne ne parle plus, l’image tourne en boucle ou s’éteint.")
_END_QUIET = marked("Fin à {at} : après, il n’y a plus de son.")
_UNKNOWN = marked("Ni le début ni la fin n’ont pu être reconnus : tout est gardé.")
_ALIVE = marked("Pas de temps mort au début ni à la fin : tout est gardé.")
GIVEN = marked("Chapitres repris de ce qui est venu avec l’enregistrement.")
HELD = marked("Chapitres repris du fichier vidéo lui-même, qui les contient.")
SAID = marked(
    "Chapitres proposés d’après les sous-titres : une phrase qui commence après une longue pause, quelqu’un qui prend "
    "la parole, une tournure qui change de sujet. Les titres sont les premiers mots dits."
)
HEARD = marked("Chapitres proposés d’après les longues pauses : il reste à les nommer.")


def trim(measures: Measures, info: MediaInfo) -> Trim:
    """Where the programme starts and ends, in seconds of the recording, and why, in French."""
    whole = Span(0.0, info.duration_s)
    start_s, start_why = _start(measures)
    end_s, end_why = _end(measures, whole)
    if end_s - start_s < _SHORTEST_S:
        return Trim(0.0, whole.end_s, fine(_UNKNOWN))
    if not start_why and not end_why:
        return Trim(0.0, whole.end_s, fine(_ALIVE))
    return Trim(round(start_s, 3), round(end_s, 3), fine(f"{start_why} {end_why}".strip()))


def chapters(measures: Measures, cut: Trim) -> list[Chapter]:
    """A chapter after each long pause inside the cut, in seconds of the recording; none when fewer than three.

    YouTube shows chapters when the first is at 0, there are three, and each lasts 10 s.
    """
    starts = [cut.start_s]
    # Of two that are too near each other, the longer pause is the more likely.
    for pause in sorted(_long_pauses(measures, cut), key=lambda pause: pause.duration_s, reverse=True):
        if all(abs(pause.end_s - start_s) >= CHAPTER_LEAST_S for start_s in starts):
            starts.append(round(pause.end_s, 3))
    if len(starts) < CHAPTERS_LEAST:
        return []
    return [Chapter(start_s, f"Partie {number}") for number, start_s in enumerate(sorted(starts), 1)]


def chapters_and_why(measures: Measures, cut: Trim, cues: Sequence[Cue]) -> tuple[list[Chapter], str | None]:
    """Chapters by what is heard and, where there are captions, by what is said; and the reason, in French."""
    if cues:
        pauses_s = [pause.end_s for pause in _long_pauses(measures, cut)]
        found = subjects.chapters(cues, pauses_s, cut)
        if found:
            return found, SAID
    found = chapters(measures, cut)
    return found, HEARD if found else None


def _long_pauses(measures: Measures, cut: Trim) -> list[Span]:
    """Pauses after which something else begins: as long as the others, or ended together with a shot."""
    pauses = [
        pause
        for pause in _unspoken(measures, cut)
        if pause.duration_s >= _PAUSE_S and cut.start_s < pause.start_s and pause.end_s < cut.end_s - CHAPTER_LEAST_S
    ]
    if not pauses:
        return []
    usual_s = median(pause.duration_s for pause in pauses)

    near_s = measures.keys_apart_s + _CUT_NEAR_S
    cuts = [at_s for at_s in measures.cuts if cut.start_s < at_s < cut.end_s]
    telling = len(cuts) * (near_s + _CUT_NEAR_S) < _CUTS_SHARE * (cut.end_s - cut.start_s)

    def shot_ends(pause: Span) -> bool:
        return telling and any(pause.end_s - _CUT_NEAR_S <= at_s <= pause.end_s + near_s for at_s in cuts)

    long_s = min(_LONG_S, _USUAL_SHARE * usual_s)
    return [pause for pause in pauses if pause.duration_s >= long_s or shot_ends(pause)]


def _unspoken(measures: Measures, cut: Trim) -> Sequence[Span]:
    """Where nobody speaks, be it quiet, music or applause; the silences alone where voices are not recognised."""
    said = [span for span in measures.speech if span.end_s > cut.start_s and span.start_s < cut.end_s]
    quiet_s = sum(span.duration_s for span in measures.silences if cut.start_s <= span.start_s < cut.end_s)
    if sum(span.duration_s for span in said) < _SPOKEN_SHARE * (cut.end_s - cut.start_s - quiet_s):
        return measures.silences
    words = [span for span in said if span.duration_s >= _WORD_S]
    unspoken = [Span(before.end_s, after.start_s) for before, after in pairwise(words)]
    return merged([*unspoken, *measures.silences])


def _start(measures: Measures) -> tuple[float, str]:
    waited = next((span for span in measures.waiting if span.start_s == 0.0), None)
    if waited is not None:
        return waited.end_s, _START_WAITED.format(at=_stamp(waited.end_s))
    dead = next((span for span in measures.dead if span.start_s <= _AT_END_S), None)
    if dead is not None:
        voice = next((said for said in _sayings(measures.speech) if said.start_s < dead.end_s - SAYING_S), None)
        if voice is not None:
            at_s = max(0.0, voice.start_s - _ROOM_S)
            return at_s, _START_SPOKEN.format(at=_stamp(at_s))
        return dead.end_s, _START_STILL.format(at=_stamp(dead.end_s))
    quiet = next((span for span in measures.silences if span.start_s <= _AT_END_S), None)
    if quiet is not None and quiet.duration_s >= _QUIET_END_S:
        at_s = quiet.end_s - _ROOM_S
        return at_s, _START_QUIET.format(at=_stamp(at_s))
    return 0.0, ""


def _end(measures: Measures, whole: Span) -> tuple[float, str]:
    last_s = whole.end_s
    stayed = next((span for span in measures.waiting if span.start_s > 0.0), None)
    if stayed is not None:
        return stayed.start_s, _END_STAYED.format(at=_stamp(stayed.start_s))
    dead = next((span for span in measures.dead if span.end_s >= last_s - _AT_END_S and span.start_s > 0), None)
    if dead is not None:
        said = [said for said in _sayings(measures.speech) if said.end_s > dead.start_s + SAYING_S]
        if said:
            at_s = min(last_s, said[-1].end_s + _ROOM_S)
            return at_s, _END_SPOKEN.format(at=_stamp(at_s))
        return dead.start_s, _END_STILL.format(at=_stamp(dead.start_s))
    quiet = next((span for span in measures.silences if span.end_s >= last_s - _AT_END_S), None)
    if quiet is not None and quiet.duration_s >= _QUIET_END_S:
        at_s = quiet.start_s + _ROOM_S
        return at_s, _END_QUIET.format(at=_stamp(at_s))
    return last_s, ""


def _sayings(speech: Sequence[Span]) -> list[Span]:
    """Stretches of speech long enough to be someone addressing the public."""
    return [span for span in speech if span.duration_s >= SAYING_S]


def _stamp(seconds: float) -> str:
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
