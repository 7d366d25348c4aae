"""Five weeks of the calendar, drawn on the server: days, what stands on them, usual places still free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pasvu.channel import schedule
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode, Programme, Publication
from pasvu.channel.schedule import FreeSlot, UsualSlot

WEEKS = 5
USUAL_HOUR = time(19)
"""For an episode whose programme has no usual slot."""


@dataclass(frozen=True)
class Day:
    """One box of the calendar."""

    date: date
    past: bool
    today: bool
    clock_change: int
    publications: list[Publication] = field(default_factory=list)
    free: list[tuple[FreeSlot, Programme]] = field(default_factory=list)


def first_monday(asked: str | None, today: date) -> date:
    """The Monday from which five weeks are shown; an unreadable date means this week."""
    try:
        day = date.fromisoformat(asked) if asked else today
    except ValueError:
        day = today
    return day - timedelta(days=day.weekday())


def bounds(monday: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants between which those weeks lie, in UTC."""
    since = datetime.combine(monday, time(0), zone).astimezone(UTC)
    until = datetime.combine(monday + timedelta(weeks=WEEKS), time(0), zone).astimezone(UTC)
    return since, until


def weeks(
    monday: date,
    publications: Sequence[Publication],
    slots: Sequence[UsualSlot],
    programmes: Mapping[str, Programme],
    now: datetime,
    zone: ZoneInfo,
) -> list[list[Day]]:
    """The boxes, week by week."""
    today = now.astimezone(zone).date()
    instants = [(stands_at(publication), publication) for publication in publications]
    since = max(now, datetime.combine(monday, time(0), zone).astimezone(UTC))
    taken = [at for at, _ in instants if at is not None]
    free = schedule.free_slots(slots, taken, since, WEEKS * 7, zone)
    grid = []
    for week in range(WEEKS):
        row = []
        for weekday in range(7):
            day = monday + timedelta(days=7 * week + weekday)
            there = sorted(
                ((at, each) for at, each in instants if at is not None and at.astimezone(zone).date() == day),
                key=lambda pair: pair[0],
            )
            row.append(
                Day(
                    date=day,
                    past=day < today,
                    today=day == today,
                    clock_change=schedule.clock_change(day, zone),
                    publications=[each for _, each in there],
                    free=[
                        (slot, programmes[slot.programme_id])
                        for slot in free
                        if slot.at.astimezone(zone).date() == day and slot.programme_id in programmes
                    ],
                )
            )
        grid.append(row)
    return grid


def stands_at(publication: Publication) -> datetime | None:
    """Where a publication stands in the calendar: when it aired, else when it is planned."""
    return publication.air_at or publication.scheduled_at


def instant_on(day: date, episode: Episode, slots: Sequence[UsualSlot], zone: ZoneInfo) -> datetime:
    """The instant an episode would air on `day`: its own hour if it has one, else its programme's usual one.

    Raises:
        Refused: that hour does not exist, or comes twice, on that day.
    """
    planned = next((each.scheduled_at for each in episode.publications if each.scheduled_at), None)
    if planned is not None:
        return schedule.keep_wall_time(planned, day, zone)
    own = [slot for slot in slots if slot.programme_id == episode.programme_id]
    usual = next((slot.at for slot in own if slot.weekday == day.weekday()), own[0].at if own else USUAL_HOUR)
    return schedule.resolve(datetime.combine(day, usual), zone)


def read_day(text: str) -> date:
    """A day from a form.

    Raises:
        Refused: not a date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as unreadable:
        raise Refused("« {text} » n’est pas une date : écrivez 2026-11-26.", text=text) from unreadable
