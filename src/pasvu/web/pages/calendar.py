"""« Calendrier »: five weeks, what waits for a place, usual places still free."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request, url_for

from pasvu.channel import programmes, queries
from pasvu.channel.states import PublicationState
from pasvu.web import weeks
from pasvu.web.guard import EVERYONE, may, role
from pasvu.web.house import house

pages = Blueprint("calendar", __name__)


@pages.get("/calendrier")
@role(*EVERYONE)
def show() -> str:
    """Five weeks from the Monday of `du`."""
    here = house()
    now = here.now
    monday = weeks.first_monday(request.args.get("du"), now.astimezone(here.zone).date())
    with here.record.read() as session:
        found = queries.calendar(session, *weeks.bounds(monday, here.zone))
        shows = {show.id: show for show in queries.programmes(session)}
        grid = weeks.weeks(monday, found.publications, programmes.usual_slots(session), shows, now, here.zone)
        return render_template(
            "calendar.html",
            grid=grid,
            monday=monday,
            tray=found.tray,
            earlier=url_for(".show", du=monday - timedelta(days=7)),
            later=url_for(".show", du=monday + timedelta(days=7)),
            may_move=may("producer"),
            stands_at=weeks.stands_at,
            PublicationState=PublicationState,
        )
