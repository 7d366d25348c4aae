"""« Calendrier »: five weeks or an agenda, what waits for a place, usual places still free, freezes; and the feed."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from markupsafe import Markup, escape

from pasvu.channel import freezes, programmes, queries, slots
from pasvu.channel.database import Session
from pasvu.channel.queries import Calendar
from pasvu.channel.states import PublicationState
from pasvu.web import cards, feed, weeks
from pasvu.web.formats import instant
from pasvu.web.guard import EVERYONE, may, public, role, signed_in
from pasvu.web.house import house
from pasvu.web.words import PUBLICATION_STATES, language, name_of

pages = Blueprint("calendar", __name__)

AHEAD = (PublicationState.PLANNED, PublicationState.UPLOADING, PublicationState.HELD, PublicationState.FAILED)
LIGHTS_MOVE_S = 60
FEED_BEFORE, FEED_AFTER = timedelta(days=60), timedelta(days=400)


@pages.get("/calendrier")
@role(*EVERYONE)
def show() -> str:
    """Five weeks from the Monday of `du`; `vue=agenda` tells the same as a list."""
    here = house()
    now = here.now
    monday = weeks.first_monday(request.args.get("du"), now.astimezone(here.zone).date())
    agenda = request.args.get("vue") == "agenda"
    kept: dict[str, Any] = {"vue": "agenda"} if agenda else {}
    # Lights move with the clock though nothing changes: a calendar is not kept longer than this.
    minute = int(now.timestamp() // LIGHTS_MOVE_S)
    seen = here.record.kept("calendar", queries.calendar_fingerprint)
    key = (here.settings.home, "calendar", seen, monday, agenda, language(), may("producer"), minute)
    drawn = _KEPT.get(key, lambda: _draw(monday, agenda=agenda))
    address = url_for(".ics", key=feed.key(signed_in()), _external=True)
    page = render_template(
        "calendar.html",
        drawn=Markup(drawn.replace(_FEED_MARK, escape(address))),  # noqa: S704 - drawn by our own template
        agenda=agenda,
        earlier=url_for(".show", du=monday - timedelta(days=7), **kept),
        later=url_for(".show", du=monday + timedelta(days=7), **kept),
        weeks_view=url_for(".show", du=monday),
        agenda_view=url_for(".show", du=monday, vue="agenda"),
    )
    return cards.with_token(page)


_KEPT = cards.Kept()
# The address is each account's own: it is put in last, like the token.
_FEED_MARK = secrets.token_hex(16)


def _draw(monday: date, *, agenda: bool) -> str:
    here = house()
    now = here.now
    with here.record.read() as session:
        found = queries.calendar(session, *weeks.bounds(monday, here.zone))
        shows = {show.id: show for show in queries.programmes(session)}
        frozen = freezes.periods(session, weeks.bounds(monday, here.zone)[0])
        rules = weeks.Rules(programmes.usual_slots(session), shows, here.settings.spacing, frozen)
        grid = weeks.weeks(monday, found, rules, now, here.zone)
        return render_template(
            "_calendar.html",
            grid=grid,
            # The agenda says so in words, at each.
            places_free=not agenda and any(day.free for week in grid for day in week),
            agenda=agenda,
            tray=found.tray,
            next_free=slots.next_in_turn(session, found.tray, now, here.zone, here.settings.spacing),
            lights=_lights(session, found),
            freezes=found.freezes,
            held=_held(session, found),
            programmes=list(shows.values()),
            feed_address=_FEED_MARK,
            may_move=may("producer"),
            PublicationState=PublicationState,
            csrf_token=cards.token_mark,
        )


@pages.get("/calendrier/<key>.ics")
@public
def ics(key: str) -> Response:
    """The calendar for other programs; whoever knows the address reads it, until it is renewed."""
    here = house()
    read = feed.read_key(key)
    with here.record.read() as session:
        account = queries.account(session, read[0]) if read else None
        if account is None or account.disabled_at is not None or account.feed_number != (read or ("", 0))[1]:
            abort(404)
        found = queries.calendar(session, here.now - FEED_BEFORE, here.now + FEED_AFTER)
        text = feed.calendar(
            found,
            here.now,
            state_name=lambda state: name_of(PUBLICATION_STATES, state),
            address=lambda ref: url_for("episode.show", ref=ref, _external=True),
        )
    return make_response(
        text, 200, {"Content-Type": "text/calendar; charset=utf-8", "Cache-Control": "private, max-age=300"}
    )


def _lights(session: Session, found: Calendar) -> dict[int, tuple[str, str]]:
    """How the instants ahead stand, by publication: go, at risk or late, and until when."""
    here = house()
    wanted = [placed.publication.id for placed in found.placed if placed.publication.state in AHEAD]
    promised = queries.promises(session, queries.ahead(session, wanted), here.now, here.settings.terms)
    return {key: (promise.light, instant(promise.ready_at)) for key, promise in promised.items()}


def _held(session: Session, found: Calendar) -> dict[int, list[queries.Placed]]:
    """What each freeze holds back of the days shown, by its number."""
    periods = {freeze.id: freezes.period(freeze) for freeze in found.freezes}
    return {
        number: [
            placed
            for placed in found.placed
            if placed.publication.state in AHEAD
            and period.holds(placed.at, placed.episode.programme_id, placed.publication.id)
        ]
        for number, period in periods.items()
    }
