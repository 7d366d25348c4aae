"""Compares a replay with the team's own recording of the same event, and proposes the better one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pasvu.channel import intake, replays, review
from pasvu.channel.models import Episode
from pasvu.channel.typography import fine, marked
from pasvu.channel.wording import stamp
from pasvu.ingest import likeness
from pasvu.ingest.bench import Bench
from pasvu.ingest.likeness import Jump, Likeness

log = logging.getLogger(__name__)

TELLING_S = 5.0
"""A site starts and ends a live a few seconds later or earlier; that decides nothing."""
_RICHER_TIMES = 1.5


@dataclass(frozen=True)
class Side:
    """What counts of one of the two: seconds, lines of picture, bits per second of all of it."""

    duration_s: float
    lines: int = 0
    bit_rate: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """`better` is `replay`, `local` or `same`; `why` is a sentence in French."""

    better: str
    why: str


def compare(bench: Bench) -> None:
    """Look for the other recording of the event that this one is of, and write down how they compare."""
    with bench.record.read() as session:
        episode = session.get_one(Episode, bench.episode_id)
        mine = _waveform(episode)
        others = [(other.id, _waveform(other)) for other in intake.of_other_origin(session, episode)]
    if mine is None:
        return
    for other_id, theirs in others:
        found = likeness.compare(mine, theirs) if theirs is not None else None
        if found is not None:
            _write(bench, other_id, found)
            return


def judge(replay: Side, local: Side, found: Likeness) -> Verdict:
    """Which of the two to keep. `found` tells where the replay lies in the local recording. Pure."""
    at_start, at_end = found.offset_s, local.duration_s - (replay.duration_s + found.end_offset_s)
    replay_lacks = _lacks(at_start, at_end, [jump for jump in found.jumps if jump.missing_s > 0])
    local_lacks = _lacks(-at_start, -at_end, [jump for jump in found.jumps if jump.missing_s < 0])
    gap = sum(seconds for _, seconds in replay_lacks) - sum(seconds for _, seconds in local_lacks)
    said = [_REPLAY_LACKS.format(where=where, time=stamp(seconds)) for where, seconds in replay_lacks]
    said += [_LOCAL_LACKS.format(where=where, time=stamp(seconds)) for where, seconds in local_lacks]
    if abs(gap) > TELLING_S:
        better = "local" if gap > 0 else "replay"
    else:
        better = _finer(replay, local)
        if replay.lines != local.lines and replay.lines and local.lines:
            said.append(_LINES.format(replay=replay.lines, local=local.lines))
        elif better != "same":
            said.append(_RICHER[better])
    return Verdict(better, fine(" ".join([*(said or [_EQUAL]), _ADVICE[better]])))


_SAME_EVENT = marked("Même direct que « {title} ».")
_REPLAY_LACKS = marked("Il manque {where} à la rediffusion ({time}).")
_LOCAL_LACKS = marked("Il manque {where} à l’enregistrement fait ici ({time}).")
_START, _END = marked("le début"), marked("la fin")
_PASSAGE = marked("un passage à {time}")
_LINES = marked("Image de {replay} lignes pour la rediffusion, de {local} pour l’enregistrement.")
_EQUAL = marked("Même durée, même image.")
_RICHER = {
    "replay": marked("Image plus riche pour la rediffusion."),
    "local": marked("Image plus riche pour l’enregistrement fait ici."),
}
_ADVICE = {
    "replay": marked("Prenez plutôt la rediffusion."),
    "local": marked("Prenez plutôt l’enregistrement fait ici."),
    "same": marked("Les deux se valent : prenez l’enregistrement fait ici."),
}


def _lacks(at_start: float, at_end: float, inside: Sequence[Jump]) -> list[tuple[str, float]]:
    told = [(_PASSAGE.format(time=stamp(jump.at_s)), abs(jump.missing_s)) for jump in inside]
    return [(where, seconds) for where, seconds in [(_START, at_start), *told, (_END, at_end)] if seconds > TELLING_S]


def _finer(replay: Side, local: Side) -> str:
    if replay.lines != local.lines and replay.lines and local.lines:
        return "replay" if replay.lines > local.lines else "local"
    if replay.bit_rate > _RICHER_TIMES * local.bit_rate > 0:
        return "replay"
    return "local" if local.bit_rate > _RICHER_TIMES * replay.bit_rate > 0 else "same"


def _write(bench: Bench, other_id: str, found: Likeness) -> None:
    now = bench.clock.now()
    with bench.record.write() as session:
        mine, other = session.get_one(Episode, bench.episode_id), session.get_one(Episode, other_id)
        request = replays.of_episode(session, mine.id) or replays.of_episode(session, other.id)
        if request is None or request.local_id is not None:
            return
        replay, local = (mine, other) if request.episode_id == mine.id else (other, mine)
        verdict = judge(_side(replay), _side(local), found if replay is mine else likeness.turned(found))
        replays.keep_comparison(session, request, local, verdict.better, verdict.why, now)
        for episode, twin in ((replay, local), (local, replay)):
            review.comment(
                session, episode, fine(f"{_SAME_EVENT.format(title=twin.title)} {verdict.why}"), now, intake.BY
            )


def _waveform(episode: Episode) -> bytes | None:
    path = episode.recording.peaks_path
    try:
        return Path(path).read_bytes() if path else None
    except OSError:
        log.warning("the waveform of %s has left the disk", episode.id)
        return None


def _side(episode: Episode) -> Side:
    parts = [part.info or {} for part in episode.recording.parts]
    size = sum(part.bytes for part in episode.recording.parts)
    duration_s = episode.recording.duration_s or 0.0
    lines = max((int(info.get("height") or 0) for info in parts), default=0)
    return Side(duration_s, lines, size * 8 / duration_s if duration_s else 0.0)
