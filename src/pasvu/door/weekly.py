"""The week's page by mail: on Monday morning, once, and when someone asks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from pasvu.channel import journal
from pasvu.channel.models import JournalEntry
from pasvu.door.house import House
from pasvu.publish.alerting import TITLE, Messenger

AT_HOUR = 8


def page(house: House) -> str:
    """The last whole week as HTML that a mail program shows."""
    # Imported here: a worker has no use for the panel but this page, once a week.
    from pasvu.door.panel import make_panel
    from pasvu.web import house as web_house
    from pasvu.web.pages.audience.week import mail

    app = make_panel(house)
    with app.test_request_context():
        return mail(web_house.house())


def send(house: House) -> bool:
    """Send it to `alerts_to`; whether every address took it."""
    return Messenger(house.settings.alerts_to).send(page(house), title=f"{TITLE} : la semaine", html=True)


class WeeklyTick:
    """Sends the page when Monday's morning has come, and never twice for a week."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._tried_at: datetime | None = None

    def tick(self) -> None:
        """One round; a sending that failed is tried again an hour later, until the day is over."""
        house = self._house
        now = house.clock.now()
        if not house.settings.weekly_page or not house.settings.alerts_to:
            return
        local = now.astimezone(house.settings.zone)
        if local.weekday() != 0 or local.hour < AT_HOUR:
            return
        if self._tried_at is not None and timedelta(0) <= now - self._tried_at < timedelta(hours=1):
            return
        self._tried_at = now
        if self._sent(local.date()):
            return
        if send(house):
            with house.record.write() as session:
                journal.write(session, now, "pasvu", "week.sent", after={"monday": local.date().isoformat()})

    def _sent(self, monday: date) -> bool:
        with self._house.record.read() as session:
            last = session.scalars(
                select(JournalEntry).where(JournalEntry.action == "week.sent").order_by(JournalEntry.id.desc()).limit(1)
            ).first()
        return last is not None and (last.after or {}).get("monday") == monday.isoformat()
