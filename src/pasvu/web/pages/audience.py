"""« Audience »: what each episode was seen, when it was measured, and how it stands against the others."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from pasvu.channel import figures, queries
from pasvu.channel.database import Session
from pasvu.channel.queries import AudienceRow
from pasvu.web import curve
from pasvu.web.guard import role, signed_in
from pasvu.web.house import house

pages = Blueprint("audience", __name__)

PERIODS = (7, 28, 90, 365)
HOURS = (24, 72, 168)


@pages.get("/audience")
@role("producer", "staff")
def show() -> str:
    """The figures of the last `jours` days, and the curve of one episode."""
    here = house()
    days = request.args.get("jours", 28, int)
    days = days if days in PERIODS else 28
    with here.record.read() as session:
        rows = queries.audience(session, here.now, days)
        since, views_then = signed_in().previous_visit_at, signed_in().previous_visit_views
        visit = queries.since_last_visit(session, since, views_then) if since else None
        measured = [row for row in rows if row.publication.views is not None]
        return render_template(
            "audience.html",
            rows=rows,
            days=days,
            periods=PERIODS,
            hours=HOURS,
            visit=visit,
            total=sum(row.publication.views or 0 for row in measured),
            gained=sum(row.gained or 0 for row in rows),
            best=next((row for row in rows if row.gained), None),
            measured_at=max((row.publication.views_at for row in measured if row.publication.views_at), default=None),
            sparks={row.publication.id: curve.spark(figures.curve(session, row.publication.id)) for row in measured},
            one=_one(session, measured, request.args.get("episode")),
        )


def _one(session: Session, rows: list[AudienceRow], wanted: str | None) -> dict[str, Any] | None:
    chosen = next((row for row in rows if row.publication.episode_id == wanted), rows[0] if rows else None)
    if chosen is None or chosen.publication.air_at is None:
        return None
    publication = chosen.publication
    counts = figures.curve(session, publication.id)
    usual = figures.typical(session, publication)
    if not counts:
        return None
    assert publication.air_at is not None
    return {
        "publication": publication,
        "episode": publication.episode,
        "chart": curve.chart(publication.air_at, counts, usual),
        "usual": usual,
        "times": curve.times_usual(counts, publication.air_at, usual),
        "horizons": {horizon.hours: horizon for horizon in publication.horizons},
        "measured_at": figures.instant(counts[-1].taken_at),
    }
