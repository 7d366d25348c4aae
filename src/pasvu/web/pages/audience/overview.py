"""The channel at a glance, over a period."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from flask import current_app, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response

from pasvu.channel import figures, queries
from pasvu.channel.audience import AGES_H, BREAK_AT
from pasvu.channel.database import Session
from pasvu.channel.queries.audience import DayViews, Overview, overview
from pasvu.channel.queries.audience.overview import weekday_shares
from pasvu.channel.queries.audience.rows import FigureRow
from pasvu.web import charts, sheets
from pasvu.web.formats import decimal, weekday
from pasvu.web.guard import role, signed_in
from pasvu.web.house import house
from pasvu.web.pages.audience.place import READERS, chart_words, common, pages, period, platform, right_missing
from pasvu.web.words import _, language

HOURS = (24, 72, 168)


@pages.get("/audience")
@role(*READERS)
def show() -> str:
    """The figures of the last `jours` days, and the curve of the newest episode."""
    here = house()
    with here.record.read() as session:
        seen = _overview(session)
        return render_template(
            "audience/overview.html",
            **common(),
            seen=seen,
            hours=HOURS,
            visit=_since_visit(session),
            newest=_newest(session, _of_the_moment(session, seen)),
            watched=_watched(session, seen.since),
            day_rows=[_day_row(each, language()) for each in reversed(seen.days)],
            days_chart=days_chart(seen.days, seen.since),
            strong=_strong_day(seen.days),
            sparks={mover.publication.id: charts.spark(mover.curve) for mover in seen.movers},
            cost=queries.audience.cost(
                session, here.now, here.settings.cadence, platform(), here.settings.lives_found_every_s
            ),
            lives_hourly=3600 // here.settings.lives_counted_every_s,
            right_missing=right_missing(),
            on_now=figures.on_now(session, platform()),
        )


@pages.get("/audience/jours.csv")
@role(*READERS)
def days_csv() -> Response:
    """Views day by day."""
    with house().record.read() as session:
        seen = _overview(session)
    head = (_("jour"), _("vues gagnées"), _("dont estimées"))
    return sheets.csv_reply(
        "vues-par-jour", head, [(each.day.isoformat(), each.gained, each.estimated) for each in seen.days]
    )


@pages.get("/audience/mouvements.csv")
@role(*READERS)
def movers_csv() -> Response:
    """Episodes that move."""
    with house().record.read() as session:
        movers = _overview(session).movers
        rows = [
            (
                mover.publication.episode.title,
                mover.publication.air_at.isoformat() if mover.publication.air_at else None,
                mover.gained,
                mover.publication.views,
                *(kept.views if (kept := mover.publication.at(hours)) else None for hours in HOURS),
                mover.publication.views_at.isoformat() if mover.publication.views_at else None,
            )
            for mover in movers
        ]
    head = (_("épisode"), _("mise en ligne"), "24 h", _("vues"), *(f"à {hours} h" for hours in HOURS), _("mesuré à"))
    return sheets.csv_reply("episodes-qui-bougent", head, rows)


def days_chart(days: list[DayViews], since: date) -> charts.Chart:
    """Views by day; what was spread over unseen days is drawn apart, and a day without figures breaks the line."""
    known = {each.day: each for each in days}
    span = (max(known, default=since) - since).days + 1
    own, estimated = [], []
    for number in range(span):
        day = since + timedelta(days=number)
        found = known.get(day)
        # Noon: the day is the same in every zone that a browser may be in.
        second = (day - date(1970, 1, 1)).days * 86400 + 43200
        own.append([second, found.gained if found else None])
        if found and found.estimated:
            estimated.append([second, found.gained])
    lines = [charts.line("own", _("Vues gagnées"), own)]
    if estimated:
        lines.append(charts.line("estimated", _("Dont estimées (relevés manquants)"), estimated))
    marks = []
    if since <= BREAK_AT.date() <= since + timedelta(days=span):
        marks.append([int(BREAK_AT.timestamp()), _("le sens d’une vue change")])
    return {"x": "dates", "lines": lines, "bands": [], "marks": marks}


# A year has a row for each day, and all but the last are as they were.
@lru_cache(maxsize=1024)
def _day_row(each: DayViews, _language: str) -> Markup:
    text = current_app.jinja_env.get_template("audience/_day.html").render(each=each)
    return Markup(text)  # noqa: S704 - the template escapes what it is given


def _overview(session: Session) -> Overview:
    here = house()
    return overview(session, platform(), here.now.astimezone(here.zone).date(), here.now, period())


def _since_visit(session: Session) -> dict[str, Any] | None:
    """Views gained since the day of the last visit, whole days counted."""
    here, since = house(), signed_in().previous_visit_at
    if since is None:
        return None
    day = since.astimezone(here.zone).date()
    return {"day": day, "views": queries.audience.gained_since_day(session, platform(), day)}


def _watched(session: Session, since: date) -> dict[str, Any] | None:
    """Time watched in the period, as far as analytics have told; `None` before they said anything."""
    here = house()
    told = queries.audience.watched(session, platform(), since, here.now.astimezone(here.zone).date())
    return {"hours": told[0] // 60, "until": told[1]} if told is not None else None


def _of_the_moment(session: Session, seen: Overview) -> FigureRow | None:
    """The young episode that moves most, else the newest: an old one has no curve left to watch."""
    young = [mover.publication for mover in seen.movers if len(mover.curve) < len(AGES_H)]
    return young[0] if young else queries.audience.newest(session, platform())


def _newest(session: Session, publication: FigureRow | None) -> dict[str, Any] | None:
    if publication is None or publication.air_at is None:
        return None
    here = house()
    found = queries.audience.episode_figures(session, publication, here.now, here.settings.cadence, brief=True)
    if found is None or not found.counts:
        return None
    until = next_horizon((here.now - publication.air_at).total_seconds() / 3600)
    return {
        "found": found,
        "episode": publication.episode,
        "chart": charts.episode_chart(
            publication.air_at, found.counts, found.gaps, found.band, None, until, chart_words()
        ),
        "measured_at": figures.instant(found.counts[-1].taken_at),
    }


def next_horizon(age_h: float) -> int:
    """How far a chart reaches: to the first horizon that is ahead, or all of the month."""
    return next((hours for hours in (24, 72, 168, 336) if age_h < hours), 672)


def _strong_day(days: list[DayViews]) -> dict[str, str] | None:
    """The weekday that gains most, against the usual other day."""
    shares = weekday_shares(days[:-1])
    if len(shares) < 7:
        return None
    best = max(shares, key=lambda each: shares[each])
    others = sorted(share for each, share in shares.items() if each != best)
    middle = others[len(others) // 2]
    if middle <= 0 or shares[best] < 1.15 * middle:
        return None
    return {"day": weekday(best), "times": decimal(shares[best] / middle)}
