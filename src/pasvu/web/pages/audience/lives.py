"""The live log: broadcasts with their peak and average, and the curve of each; apart from views of their replays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import abort, render_template
from werkzeug.wrappers import Response

from pasvu.channel import audience, figures
from pasvu.channel.audience import Gap, Watching
from pasvu.channel.database import Session
from pasvu.channel.figures import LoggedLive
from pasvu.web import charts, sheets
from pasvu.web.guard import role
from pasvu.web.house import house
from pasvu.web.pages.audience.place import READERS, common, pages, period, platform
from pasvu.web.words import _

TABLE_EVERY_S = 300


@dataclass(frozen=True)
class Shown:
    """A broadcast, ready to show."""

    one: LoggedLive
    looks: list[Watching]
    silences: list[Gap]
    chart: charts.Chart
    rows: list[tuple[datetime, int | None]]
    """A look every five minutes, and the one at the peak."""


@pages.get("/audience/directs")
@role(*READERS)
def lives() -> str:
    """The broadcasts of the last `jours` days, the newest with its curve."""
    here = house()
    with here.record.read() as session:
        found = figures.logged(session, platform(), here.now - timedelta(days=period()))
        first = next((each for each in found if each.live.last_at is not None), None)
        return render_template(
            "audience/lives.html",
            **common(),
            **watch(),
            found=found,
            shown=_shown(session, first) if first else None,
        )


@pages.get("/audience/direct/<video_id>")
@role(*READERS)
def live(video_id: str) -> str:
    """One broadcast."""
    with house().record.read() as session:
        return render_template(
            "audience/live.html", **common(), **watch(), shown=_shown(session, _one(session, video_id))
        )


@pages.get("/audience/directs.csv")
@role(*READERS)
def lives_csv() -> Response:
    """The log, a broadcast a row."""
    here = house()
    with here.record.read() as session:
        rows = [
            (
                each.live.title,
                each.live.video_id,
                each.live.started_at.isoformat(),
                each.live.ended_at.isoformat() if each.live.ended_at else None,
                _("oui") if each.announced else _("non"),
                each.tally.peak,
                figures.instant(each.tally.peak_at).isoformat() if each.tally.peak_at is not None else None,
                each.tally.average,
                each.tally.counted_s,
            )
            for each in figures.logged(session, platform(), here.now - timedelta(days=period()))
        ]
    head = (
        *(_("direct"), _("vidéo"), _("début"), _("fin"), _("annoncé"), _("au plus fort"), _("à")),
        *(_("en moyenne"), _("secondes relevées")),
    )
    return sheets.csv_reply("directs", head, rows)


@pages.get("/audience/direct/<video_id>.csv")
@role(*READERS)
def live_csv(video_id: str) -> Response:
    """Every look at a broadcast; empty where the platform gave no figure."""
    with house().record.read() as session:
        looks = figures.looks(session, _one(session, video_id).live.id)
    rows = [(figures.instant(look.taken_at).isoformat(), look.people) for look in looks]
    return sheets.csv_reply(f"direct-{video_id}", (_("mesuré à"), _("personnes en même temps")), rows)


def watch() -> dict[str, object]:
    """Whether broadcasts are watched here, how often, and whether the platform tells of them at all."""
    here = house()
    offered = here.platforms.get(platform())
    return {
        "found_every_s": here.settings.lives_found_every_s,
        "counted_every_s": here.settings.lives_counted_every_s,
        "offered": offered is None or hasattr(offered, "live_audience"),
    }


def _one(session: Session, video_id: str) -> LoggedLive:
    found = figures.logged(session, platform(), video_id=video_id)
    if not found:
        abort(404)
    return found[0]


def _shown(session: Session, one: LoggedLive) -> Shown:
    here = house()
    every = timedelta(seconds=here.settings.lives_counted_every_s)
    looks = figures.looks(session, one.live.id)
    silences = audience.silences(looks, one.live.started_at, one.live.ended_at or here.now, every)
    return Shown(one, looks, silences, _chart(one, looks, silences), _rows(one, looks))


def _chart(one: LoggedLive, looks: Sequence[Watching], silences: Sequence[Gap]) -> charts.Chart:
    start = int(one.live.started_at.timestamp())
    points: list[list[int | None]] = [[look.taken_at - start, look.people] for look in looks]
    points += [[int((gap.start + gap.length / 2).timestamp()) - start, None] for gap in silences]
    points.sort(key=lambda point: point[0] or 0)
    marks = [[one.live.peak_at - start, _("au plus fort")]] if one.live.peak_at is not None else []
    return {
        "x": "times",
        "until": points[-1][0] if points else None,
        "lines": [charts.line("own", _("Personnes en même temps"), points)],
        "bands": [],
        "marks": marks,
    }


def _rows(one: LoggedLive, looks: Sequence[Watching]) -> list[tuple[datetime, int | None]]:
    kept, last = [], None
    for look in looks:
        if last is None or look.taken_at - last >= TABLE_EVERY_S or look.taken_at == one.live.peak_at:
            kept.append((figures.instant(look.taken_at), look.people))
            last = look.taken_at
    return kept
