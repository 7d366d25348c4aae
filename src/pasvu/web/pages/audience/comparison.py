"""Up to eight episodes side by side, aligned on air time."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from pasvu.channel import queries
from pasvu.channel.audience import AGES_H, HORIZON_HOURS
from pasvu.channel.queries.audience.compared import MOST, Compared
from pasvu.web import charts, sheets
from pasvu.web.guard import role
from pasvu.web.house import house
from pasvu.web.pages.audience.place import READERS, common, pages, platform
from pasvu.web.words import _

REACHES = (24, 72, 168, 672)


@pages.get("/audience/comparer")
@role(*READERS)
def compare() -> str:
    """The episodes of the address, and others to choose from."""
    asked, wanted = request.args.getlist("e"), request.args.get("q", "")
    until = request.args.get("fin", 168, int)
    with house().record.read() as session:
        found = queries.audience.compared(session, asked, platform())
        return render_template(
            "audience/compare.html",
            **common(),
            found=found,
            chosen=[each.publication.episode_id for each in found],
            most=MOST,
            hours=HORIZON_HOURS,
            reaches=REACHES,
            until=until if until in REACHES else 168,
            wanted=wanted,
            choices=queries.audience.choices(session, platform(), wanted),
            chart_spec=_chart(found, until if until in REACHES else 168),
            best={
                hours: max(
                    (each.views for one in found for each in one.publication.horizons if each.hours == hours),
                    default=None,
                )
                for hours in HORIZON_HOURS
            },
        )


@pages.get("/audience/comparer.csv")
@role(*READERS)
def compare_csv() -> Response:
    """The aligned curves, an age a row."""
    with house().record.read() as session:
        found = queries.audience.compared(session, request.args.getlist("e"), platform())
        head = [_("heures après la mise en ligne"), *(each.publication.episode.title for each in found)]
        rows = [
            (age_h, *(each.curve[place] if place < len(each.curve) else None for each in found))
            for place, age_h in enumerate(AGES_H)
        ]
    return sheets.csv_reply("comparaison", head, rows)


def _chart(found: list[Compared], until: int) -> charts.Chart:
    lines = [
        charts.line(f"c{number}", each.publication.episode.title, charts.aligned_points(each.curve))
        for number, each in enumerate(found, 1)
    ]
    return {"x": "hours", "until": until, "lines": lines, "bands": []}
