"""One episode: its curve against what is usual, its horizons, what may come, what is missing."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from pasvu.channel import figures, queries
from pasvu.channel.database import Session
from pasvu.channel.models import Episode
from pasvu.channel.queries.audience import EpisodeFigures
from pasvu.web import charts, sheets
from pasvu.web.guard import role
from pasvu.web.house import house
from pasvu.web.pages.audience.depth import depth
from pasvu.web.pages.audience.overview import next_horizon
from pasvu.web.pages.audience.place import READERS, chart_words, common, episode_of, pages, right_missing
from pasvu.web.words import _

REACHES = (24, 72, 168, 672)


@pages.get("/audience/episode/<episode_id>")
@role(*READERS)
def episode(episode_id: str) -> str:
    """Everything counted of one episode."""
    here = house()
    with here.record.read() as session:
        shown = episode_of(session, episode_id)
        found = _found(session, shown)
        if found is None or not found.counts:
            return render_template("audience/episode.html", **common(), episode=shown, found=None)
        air_at = found.publication.air_at
        assert air_at is not None
        age_h = (here.now - air_at).total_seconds() / 3600
        until = request.args.get("fin", 0, int)
        until = until if until in REACHES else next_horizon(age_h)
        return render_template(
            "audience/episode.html",
            **common(),
            episode=shown,
            found=found,
            age_h=age_h,
            reaches=REACHES,
            until=until,
            horizons={each.hours: each for each in found.publication.horizons},
            chart_spec=charts.episode_chart(
                air_at, found.counts, found.gaps, found.band, found.forecast, until, chart_words()
            ),
            right_missing=right_missing(),
            depth=depth(session, shown, found.publication.id),
            measured_at=figures.instant(found.counts[-1].taken_at),
        )


@pages.get("/audience/episode/<episode_id>/releves.csv")
@role(*READERS)
def episode_csv(episode_id: str) -> Response:
    """Every snapshot of an episode, as it was taken."""
    here = house()
    with here.record.read() as session:
        shown = episode_of(session, episode_id)
        found = _found(session, shown)
        rows = [(figures.instant(each.taken_at).isoformat(), each.views) for each in found.counts] if found else []
        name = f"releves-{shown.slug}"
    return sheets.csv_reply(name, (_("mesuré à"), _("vues")), rows)


def _found(session: Session, episode: Episode) -> EpisodeFigures | None:
    here = house()
    aired = queries.audience.aired_on(session, episode.id)
    return queries.audience.episode_figures(session, aired, here.now, here.settings.cadence) if aired else None
