"""The calendar as iCalendar (RFC 5545), and the private address it is read at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import current_app
from icalendar import Calendar as Feed
from icalendar import Event
from itsdangerous import BadSignature, URLSafeSerializer

from pasvu.channel.models import Account
from pasvu.channel.queries import Calendar
from pasvu.channel.states import PublicationState

UNKNOWN_LENGTH = timedelta(hours=1)


def key(account: Account) -> str:
    """What makes this account's address private: signed, so that it cannot be guessed nor made up."""
    return _signer().dumps([account.id, account.feed_number])


def read_key(text: str) -> tuple[str, int] | None:
    """The account and the number of its address, or `None` for what we never signed."""
    try:
        account_id, number = _signer().loads(text)
    except (BadSignature, ValueError):
        return None
    return str(account_id), int(number)


def calendar(
    found: Calendar, now: datetime, *, state_name: Callable[[str], str], address: Callable[[str], str]
) -> bytes:
    """Episodes and freezes as events; the same episode keeps its identity when it moves."""
    feed = Feed()
    feed.add("prodid", "-//Pas vu à la télé//calendrier//FR")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", "Pas vu à la télé")
    feed.add("refresh-interval;value=duration", "PT1H")
    for placed in found.placed:
        episode = placed.episode
        event = Event()
        event.add("uid", f"publication-{placed.publication.id}@pasvu")
        event.add("dtstamp", now)
        event.add("dtstart", placed.at)
        length = timedelta(seconds=episode.recording.duration_s) if episode.recording.duration_s else UNKNOWN_LENGTH
        event.add("duration", length)
        event.add("summary", f"{episode.programme.name} : {episode.title}" if episode.programme else episode.title)
        event.add("description", state_name(placed.publication.state))
        event.add("url", address(episode.id))
        event.add("status", "TENTATIVE" if placed.publication.state == PublicationState.FAILED else "CONFIRMED")
        feed.add_component(event)
    for freeze in found.freezes:
        event = Event()
        event.add("uid", f"freeze-{freeze.id}@pasvu")
        event.add("dtstamp", now)
        event.add("dtstart", freeze.since)
        event.add("dtend", freeze.until)
        event.add("summary", f"Rien ne sort : {freeze.reason}")
        event.add("transp", "TRANSPARENT")
        feed.add_component(event)
    return bytes(feed.to_ical())


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="pasvu.calendar")
