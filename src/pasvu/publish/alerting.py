"""Telling the team: what the rules found goes out through Apprise, each once; and a trial of the addresses."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import apprise

from pasvu.channel import alerts
from pasvu.channel.clock import Clock
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.models import AlertSent

log = logging.getLogger(__name__)

TITLE = "Pas vu à la télé"
LOOK_EVERY = timedelta(minutes=1)


class Messenger:
    """Sends to every address of the setting `alerts_to`.

    Apprise answers with yes or no only: no id, no reason; texts are cut to what each service takes.
    """

    def __init__(self, addresses: str) -> None:
        self._addresses = [address.strip() for address in addresses.split(",") if address.strip()]

    @property
    def ready(self) -> bool:
        """Whether there is anywhere to send to."""
        return bool(self._addresses)

    def send(self, body: str, *, title: str = TITLE, html: bool = False) -> bool:
        """Send to all; whether all took it."""
        there = apprise.Apprise()
        for address in self._addresses:
            if not there.add(address):
                log.warning("an address of `alerts_to` is not understood: %s", address.partition(":")[0])
                return False
        kind = apprise.NotifyFormat.HTML if html else apprise.NotifyFormat.TEXT
        return bool(there.notify(body=body, title=title, body_format=kind))

    def trial(self, by: str) -> None:
        """Send a trial.

        Raises:
            Refused: nowhere to send to, or an address did not take it.
        """
        if not self.ready:
            raise Refused("Aucune adresse : l’exploitant doit remplir le réglage `alerts_to`.")
        if not self.send(f"Essai demandé par {by} : les alertes arrivent bien ici."):
            raise Refused(
                "Une adresse au moins n’a pas pris l’essai : vérifiez `alerts_to` ; le journal technique en dit plus."
            )


class AlertTick:
    """Finds what the rules say and sends it; what could not be sent is tried again for two days."""

    def __init__(
        self, record: Record, clock: Clock, messenger: Messenger, quota_left: Callable[[], Mapping[str, int]]
    ) -> None:
        self._record, self._clock, self._messenger, self._quota_left = record, clock, messenger, quota_left
        self._looked_at: datetime | None = None

    def tick(self) -> None:
        """One round, once a minute at most."""
        now = self._clock.now()
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        with self._record.read() as session:
            if not alerts.rules(session):
                return
        left = self._quota_left()
        with self._record.write() as session:
            alerts.find(session, now, left)
        if not self._messenger.ready:
            return
        with self._record.read() as session:
            waiting = [(each.rule_id, each.subject, each.said) for each in alerts.unsent(session, now)]
        for rule_id, subject, said in waiting:
            self._tell(rule_id, subject, said)

    def _tell(self, rule_id: int, subject: str, said: str) -> None:
        # Written first: a crash between the two loses a message rather than repeating it for ever.
        with self._record.write() as session:
            row = session.get_one(AlertSent, (rule_id, subject))
            if row.sent_at is not None:
                return  # another process was faster
            row.sent_at = self._clock.now()
        if not self._messenger.send(said):
            with self._record.write() as session:
                session.get_one(AlertSent, (rule_id, subject)).sent_at = None
