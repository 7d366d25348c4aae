"""One programme: what is usual for it, and each of its episodes against that."""

from __future__ import annotations

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from pasvu.channel import queries
from pasvu.channel.audience import HORIZON_HOURS
from pasvu.channel.database import Session
from pasvu.channel.episodes import programme as find_programme
from pasvu.channel.errors import NotFound
from pasvu.channel.queries.audience import ProgrammeFigures
from pasvu.web import charts, sheets
from pasvu.web.guard import role
from pasvu.web.house import house
from pasvu.web.pages.audience.place import READERS, chart_words, common, pages, period, platform
from pasvu.web.words import _


@pages.get("/audience/emission/<slug>")
@role(*READERS)
def programme(slug: str) -> str:
    """A programme over the last `jours` days."""
    with house().record.read() as session:
        found = _found(session, slug, request.args.get("page", 1, int))
        return render_template(
            "audience/programme.html",
            **common(),
            found=found,
            programme=found.programme,
            hours=HORIZON_HOURS,
            chart_spec=_chart(found),
            medians={each.hours: each.median for each in found.usual},
            sparks={row.publication.id: charts.spark(row.curve) for row in found.rows},
        )


@pages.get("/audience/emission/<slug>.csv")
@role(*READERS)
def programme_csv(slug: str) -> Response:
    """The programme's episodes and their horizons."""
    with house().record.read() as session:
        found = _found(session, slug, None)
        rows = []
        for row in found.rows:
            kept = {each.hours: each for each in row.publication.horizons}
            figures: list[int | None] = []
            for hours in HORIZON_HOURS:
                figures += [kept[hours].views, kept[hours].error_views] if hours in kept else [None, None]
            at = row.publication.air_at
            rows.append(
                (row.publication.episode.title, at.isoformat() if at else None, row.publication.views, *figures)
            )
        heads = [text for hours in HORIZON_HOURS for text in (f"{hours} h", f"{hours} h ±")]
        return sheets.csv_reply(
            f"emission-{found.programme.slug}", (_("épisode"), _("mise en ligne"), _("vues"), *heads), rows
        )


def _found(session: Session, slug: str, page: int | None) -> ProgrammeFigures:
    try:
        show = find_programme(session, slug)
    except NotFound:
        abort(404)
    return queries.audience.programme_figures(session, show, platform(), house().now, period(), page)


def _chart(found: ProgrammeFigures) -> charts.Chart:
    lines, bands = charts.band_lines(found.band, chart_words())
    # Faint, and the newest on top in full: many lines tell the shape, one tells the news.
    curves = [each for each in reversed(found.lines) if any(views is not None for views in each.curve)]
    for each in curves:
        style = "own" if each is curves[-1] else "faint"
        lines.append(charts.line(style, each.title, charts.aligned_points(each.curve)))
    return {"x": "hours", "until": 672, "lines": lines, "bands": bands}
