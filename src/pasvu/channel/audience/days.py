"""Views by day of the channel's zone, from counts taken at any instant. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def split_by_day(start: datetime, end: datetime, gained: int, zone: tzinfo) -> dict[date, int]:
    """Share what was gained between two instants over the local days that it covers, by time; the sum is exact.

    A local day has 23 or 25 hours where the clocks change.
    """
    # In one zone, Python would subtract what clocks show, not instants.
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end <= start:
        return {end.astimezone(zone).date(): gained}
    whole_s = (end - start).total_seconds()
    found: dict[date, int] = {}
    day = start.astimezone(zone).date()
    given, until = 0, start
    while until < end:
        midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
        until = min(end, midnight.astimezone(UTC))
        # Rounding what is given so far, rather than each share, keeps the sum.
        so_far = round(gained * ((until - start).total_seconds() / whole_s))
        found[day] = so_far - given
        given = so_far
        day += timedelta(days=1)
    return found
