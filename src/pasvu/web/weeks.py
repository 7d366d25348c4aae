"""Five weeks of the calendar, drawn on the server: days, what stands on them, usual places still free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pasvu.channel import schedule
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode, ExpectedEpisode, Freeze, Programme
from pasvu.channel.queries import Calendar, Placed
from pasvu.channel.schedule import FreeSlot, FrozenPeriod, UsualSlot
from pasvu.channel.states import PublicationState

WEEKS = 5
USUAL_HOUR = time(19)
"""For an episode whose programme has no usual slot."""


@dataclass(frozen=True)
class Box:
    """An episode on its day, and what is not right with its place."""

    placed: Placed
    near: Placed | None = None
    """The nearest other one, when it airs too close."""
    frozen: str | None = None
    """Why a freeze holds it back, when one does."""


@dataclass(frozen=True)
class Day:
    """One day of the calendar."""

    date: date
    past: bool
    today: bool
    clock_change: int
    boxes: list[Box] = field(default_factory=list)
    free: list[tuple[FreeSlot, Programme]] = field(default_factory=list)
    freezes: list[Freeze] = field(default_factory=list)
    expected: list[ExpectedEpisode] = field(default_factory=list)


@dataclass(frozen=True)
class Rules:
    """What the house says of places: usual slots, shows by id, how far apart, and what is frozen."""

    slots: Sequence[UsualSlot]
    programmes: Mapping[str, Programme]
    apart: timedelta
    frozen: Sequence[FrozenPeriod]


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


def weeks(monday: date, found: Calendar, rules: Rules, now: datetime, zone: ZoneInfo) -> list[list[Day]]:
    """The days, week by week."""
    today = now.astimezone(zone).date()
    since = max(now, datetime.combine(monday, time(0), zone).astimezone(UTC))
    # The place of an episode that is expected is not free, though nothing has come yet.
    taken = [*(placed.at for placed in found.placed), *(each.at for each in found.expected)]
    free = [
        slot
        for slot in schedule.free_slots(rules.slots, taken, since, WEEKS * 7, zone, rules.apart)
        if schedule.frozen_by(rules.frozen, slot.at, slot.programme_id) is None
        and slot.programme_id in rules.programmes
    ]
    by_day: dict[date, list[Box]] = {}
    for placed in found.placed:
        by_day.setdefault(placed.at.astimezone(zone).date(), []).append(_box(placed, found.placed, rules))
    days = [monday + timedelta(days=ahead) for ahead in range(WEEKS * 7)]
    drawn = [
        Day(
            date=day,
            past=day < today,
            today=day == today,
            clock_change=schedule.clock_change(day, zone),
            boxes=by_day.get(day, []),
            free=[(slot, rules.programmes[slot.programme_id]) for slot in free if _on(slot.at, zone) == day],
            freezes=[each for each in found.freezes if _on(each.since, zone) <= day <= _last_day(each, zone)],
            expected=[each for each in found.expected if _on(each.at, zone) == day],
        )
        for day in days
    ]
    return [drawn[7 * week : 7 * week + 7] for week in range(WEEKS)]


def _box(placed: Placed, others: Sequence[Placed], rules: Rules) -> Box:
    if placed.publication.state == PublicationState.ON_AIR:
        return Box(placed)
    near = [each for each in others if each is not placed and abs(each.at - placed.at) < rules.apart]
    held = schedule.frozen_by(rules.frozen, placed.at, placed.episode.programme_id, placed.publication.id)
    return Box(
        placed,
        near=min(near, key=lambda each: abs(each.at - placed.at), default=None),
        frozen=held.reason if held else None,
    )


def _on(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _last_day(freeze: Freeze, zone: ZoneInfo) -> date:
    # A freeze that ends at midnight does not reach into the day that begins then.
    return _on(freeze.until - timedelta(seconds=1), zone)


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
