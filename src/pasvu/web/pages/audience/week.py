"""The week on one page, fit to print; the same as a mail."""

from __future__ import annotations

from datetime import date, timedelta

from flask import render_template, request

from pasvu.channel import queries
from pasvu.channel.database import Session
from pasvu.web.guard import role
from pasvu.web.house import House, house
from pasvu.web.pages.audience.place import READERS, common, pages


@pages.get("/audience/semaine")
@role(*READERS)
def week() -> str:
    """The week asked for (`du=` a day of it), else the last whole one."""
    here = house()
    monday = monday_of(request.args.get("du", ""), here)
    with here.record.read() as session:
        return render_template("audience/week.html", mail=False, **common(), **_shown(session, monday, here))


def mail(here: House) -> str:
    """The last whole week as HTML mail: no style sheet, no script, no picture; inside a request or not."""
    with here.record.read() as session:
        return render_template("audience/week_mail.html", mail=True, **_shown(session, monday_of("", here), here))


def monday_of(text: str, here: House) -> date:
    """The Monday of the week that the day `text` is in, else of the last week that is over."""
    today = here.now.astimezone(here.zone).date()
    try:
        day = min(date.fromisoformat(text), today)
    except ValueError:
        day = today - timedelta(days=7)
    return day - timedelta(days=day.weekday())


def _shown(session: Session, monday: date, here: House) -> dict[str, object]:
    found = queries.audience.week(session, here.platform_names[0], monday, here.zone, here.now)
    best = max(
        (each for each in found.aired if each.publication.views),
        key=lambda each: each.publication.views or 0,
        default=None,
    )
    most = max((each.gained for each in found.days), default=0)
    return {
        "found": found,
        "best": best,
        "most": most,
        "now": here.now,
        "sunday": monday + timedelta(days=6),
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7)
        if monday + timedelta(days=7) <= here.now.astimezone(here.zone).date()
        else None,
    }
