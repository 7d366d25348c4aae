"""Alerts: each once, over a real socket, tried again when nobody listens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from channel.stage import AIR, NOW, held
from channel.stage import on_air as aired
from pasvu.channel import alerts, figures
from pasvu.channel.audience import AGES_H
from pasvu.channel.errors import Refused
from pasvu.channel.models import AlertSent, AlignedCurve, PlatformConnection
from pasvu.channel.values import RemoteFigures
from pasvu.publish.alerting import AlertTick, Messenger

from .conftest import House
from .mailbox import Mailbox, open_mailbox

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as box:
        yield box


def tick_of(house: House, mailbox: Mailbox | None, left: int = 9000) -> AlertTick:
    messenger = Messenger(mailbox.url if mailbox else "")
    return AlertTick(house.record, house.clock, messenger, lambda: {"general": left, "stats": 9000})


def rule(house: House, kind: str, threshold: int | None = None) -> None:
    with house.record.write() as session:
        alerts.add_rule(session, kind, threshold, None, house.clock.now(), "nadia")


def count(house: House, publication_id: int, age: timedelta, views: int) -> None:
    house.clock.set(AIR + age)
    with house.decide(publication_id) as (session, publication):
        figures.keep(session, publication, RemoteFigures("v", views, 1, 1), AIR + age)


def test_a_milestone_is_told_once_and_only_when_passed_since(house: House, mailbox: Mailbox) -> None:
    with house.record.write() as session:
        young = aired(session, "Jeune", at=AIR, now=NOW).id
        known = aired(session, "Connu", at=AIR, now=NOW).id
    count(house, known, HOUR, 9000)
    rule(house, "milestone", 5000)
    tick = tick_of(house, mailbox)
    count(house, known, 2 * HOUR, 9500)
    count(house, young, 2 * HOUR, 4999)
    tick.tick()
    assert mailbox.messages == []
    count(house, young, 3 * HOUR, 5100)
    tick.tick()
    count(house, young, 4 * HOUR, 7000)
    tick.tick()
    tick_of(house, mailbox).tick()
    assert mailbox.messages == ["« Jeune » a passé 5000 vues (5100)."]


def test_what_could_not_be_sent_is_sent_later_and_given_up_in_the_end(house: House, mailbox: Mailbox) -> None:
    rule(house, "quota", 500)
    mailbox.takes = False
    tick = tick_of(house, mailbox, left=120)
    tick.tick()
    assert mailbox.messages == []
    mailbox.takes = True
    house.clock.sleep(60)
    tick.tick()
    house.clock.sleep(60)
    tick.tick()
    assert mailbox.messages == ["Il reste 120 unités du quota « general » de YouTube aujourd’hui."]
    with house.record.write() as session:
        session.add(AlertSent(rule_id=1, subject="old", said="Vieille.", found_at=house.clock.now() - 3 * DAY))
    house.clock.sleep(60)
    tick.tick()
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize(("views", "told"), [(4000, "au-dessus"), (10, "en dessous"), (1000, None)])
def test_an_episode_far_from_its_usual_is_told_at_two_hours(
    house: House, mailbox: Mailbox, views: int, told: str | None
) -> None:
    with house.record.write() as session:
        for week in range(1, 5):
            past = aired(session, f"Semaine {week}", at=AIR - 7 * week * DAY, now=NOW - 7 * week * DAY)
            curve = [round((900 + 50 * week) * age / 2) for age in AGES_H]
            session.add(AlignedCurve(publication_id=past.id, points=curve))
        young = aired(session, "Ce soir", at=AIR, now=NOW).id
    rule(house, "above")
    rule(house, "below")
    count(house, young, HOUR, views // 2)
    count(house, young, 2 * HOUR, views)
    tick_of(house, mailbox).tick()
    if told is None:
        assert mailbox.messages == []
    else:
        (message,) = mailbox.messages
        assert f"nettement {told} de l’habitude à 2 h : {views} vues" in message


def test_not_public_at_its_slot_and_an_authorisation_that_may_end(house: House, mailbox: Mailbox) -> None:
    with house.record.write() as session:
        held(session, "En retard", at=AIR)
        session.add(
            PlatformConnection(
                platform="youtube", server="google", sealed="x", granted_at=AIR - 5 * DAY, granted_by="Ada", scopes=[]
            )
        )
    rule(house, "not_public", 10)
    rule(house, "token", 2)
    tick = tick_of(house, mailbox)
    house.clock.set(AIR - HOUR)
    tick.tick()
    assert mailbox.messages == []
    house.clock.set(AIR + timedelta(minutes=11))
    tick.tick()
    house.clock.set(AIR + timedelta(minutes=20))
    tick.tick()
    late, token = mailbox.messages
    assert late == "« En retard » n’est pas public à son heure : regardez sa fiche."
    assert "elle expire au septième" in token


def test_a_trial_says_whether_it_arrived(mailbox: Mailbox) -> None:
    Messenger(mailbox.url).trial("nadia")
    assert mailbox.messages == ["Essai demandé par nadia : les alertes arrivent bien ici."]
    mailbox.takes = False
    with pytest.raises(Refused):
        Messenger(mailbox.url).trial("nadia")
    with pytest.raises(Refused, match="alerts_to"):
        Messenger("").trial("nadia")
    with pytest.raises(Refused):
        Messenger("nothing://x").trial("nadia")
