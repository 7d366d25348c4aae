"""Gives an episode the captions that came beside its films, in the time of the whole recording."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pasvu.channel import captioning, captions, intake
from pasvu.channel.captions import Cue
from pasvu.channel.database import Session
from pasvu.channel.errors import Refused
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.channel.typography import fine
from pasvu.ingest.beside import BESIDE
from pasvu.ingest.sidecars import kind_of, language_of


def attach(
    session: Session, folders: Folders, episode: Episode, durations_s: Sequence[float], now: datetime
) -> list[str]:
    """Attach what lies in the vault; a language that is there already is left alone. What is wrong, in French."""
    vault = folders.recordings / episode.recording.id
    found = sorted(path for path in vault.glob(f"{BESIDE}*") if kind_of(path.name) == "captions")
    there = {caption.language for caption in episode.captions}
    heard: defaultdict[str, list[Cue]] = defaultdict(list)
    wrong = []
    for path in found:
        stem, language, offset_s = _meant(path, episode, durations_s)
        try:
            tag = captions.language_tag(language)
            heard[tag] += [
                replace(cue, start_s=cue.start_s + offset_s, end_s=cue.end_s + offset_s)
                for cue in captions.read_file(path)
            ]
        except Refused as why:
            wrong.append(fine(f"Les sous-titres « {stem} » n’ont pas été pris : {why}"))
    for tag, cues in heard.items():
        if tag in there:
            continue
        cues.sort(key=lambda cue: (cue.start_s, cue.end_s))
        try:
            captioning.check(episode, cues)
        except Refused as why:
            wrong.append(fine(f"Les sous-titres « {tag} » n’ont pas été pris : {why}"))
            continue
        path = captions.store(folders.renditions / episode.id / "captions", tag, cues)
        captioning.set_captions(session, episode, tag, path, episode.recording.origin, now, intake.BY)
    return wrong


def _meant(path: Path, episode: Episode, durations_s: Sequence[float]) -> tuple[str, str, float]:
    """The name people gave to captions, their language, and where in the recording the time of their part begins."""
    name = path.name.removeprefix(BESIDE)
    stem, language = name.rpartition(".")[0], language_of(name)
    starts_s = {}
    for place, part in enumerate(episode.recording.parts):
        # In the vault a film is called as it was, after its number.
        starts_s[Path(part.path).stem.partition("-")[2]] = sum(durations_s[:place])
    if stem in starts_s:  # `film.mon.srt` beside `film.mon.mp4` names no language
        return name, episode.language, starts_s[stem]
    bare = stem.rpartition(".")[0] if language else stem
    # Captions of the parts' common name are in the time of the whole.
    return name, language or episode.language, starts_s.get(bare, 0.0)
