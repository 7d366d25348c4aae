"""Makes the film of a cut by its plan; one that does not read back well around its joins is made by a safer plan."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from pasvu.channel.timeline import Timeline
from pasvu.channel.typography import marked
from pasvu.channel.values import Plan, PlanAction
from pasvu.ingest import plan, process, render
from pasvu.ingest.abilities import able
from pasvu.ingest.cutting import find_cuts
from pasvu.ingest.facts import Examined, Master, Measures, Packets
from pasvu.ingest.rereading import BrokenJoin
from pasvu.ingest.tools import Tools

log = logging.getLogger(__name__)

TRUSTED = 2
"""Keyframes that may prove bad before nothing is copied any more."""
DISTRUSTED = marked("La coupe à l’image près ne se lisait pas bien")


def film(
    tools: Tools,
    source: Path,
    out: Path,
    examined: Examined,
    measures: Measures,
    wanted: Timeline,
    *,
    frames: Callable[[], Packets | None] = lambda: None,
    sound: Path | None = None,
    still: Path | None = None,
    tone_map: bool = False,
    on_plan: Callable[[Plan], process.OnProgress | None] = lambda _: None,
    on_fault: Callable[[BrokenJoin], None] = lambda _: None,
    should_stop: process.ShouldStop | None = None,
) -> tuple[Plan, Master]:
    """The plan that was carried out, and its master at `out`; arguments as those of `render.master`.

    `frames` gives the table of the source's frames where it is kept; else it is read.
    `on_plan` is told of each plan before it is carried out, and gives who hears of its progress; `on_fault` of each
    film that was thrown away: copying then starts from a later keyframe, and at last from none.

    Raises:
        Refused, NoRoom, Cancelled, ToolFailed: as `plan.plan` and `render.master`.
    """
    info, avoid, distrust = examined.info, list[float](), ""
    level, can = measures.loudness_of(*wanted.kept), able(tools, info)
    while True:
        cuts = find_cuts(tools, source, info, wanted.kept, avoid, frames())
        decided = plan.plan(
            info,
            level,
            wanted,
            timing=examined.timing,
            cuts=cuts,
            mend=measures.mend,
            able=can,
            distrust=distrust,
            tone_map=tone_map,
        )
        heard = on_plan(decided)
        try:
            made = render.master(
                tools,
                source,
                out,
                examined,
                decided,
                wanted,
                level,
                cuts=cuts,
                levels=measures.levels,
                mend=measures.mend,
                sound=sound,
                still=still,
                sees=can.reads,
                tone_map=tone_map,
                on_progress=heard,
                should_stop=should_stop,
            )
        except BrokenJoin as fault:
            log.warning("%s: %s", source.name, fault.detail)
            on_fault(fault)
            if fault.key_s is None or fault.key_s in avoid or len(avoid) >= TRUSTED:
                distrust = DISTRUSTED
            else:
                avoid.append(fault.key_s)
        else:
            return decided, made


def is_slow(decided: Plan) -> bool:
    """Whether carrying out a plan takes about as long as the film."""
    return decided.action is PlanAction.ENCODE
