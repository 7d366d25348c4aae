"""In a freeze nothing whose instant falls inside is handed to the platform, or left with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from channel.stage import AIR, NOW, PARIS
from pasvu.channel import freezes, publications, review
from pasvu.channel.models import Freeze, Publication
from pasvu.channel.states import JobState, PublicationState
from pasvu.channel.values import Privacy
from pasvu.publish.errors import PlatformBusy, PlatformRefused

from .conftest import House

P = PublicationState
HOUR = timedelta(hours=1)


def freeze(house: House) -> int:
    with house.record.write() as session:
        return freezes.add(session, AIR - HOUR, AIR + HOUR, "Silence électoral", house.clock.now(), "nadia").id


def test_an_instant_handed_over_before_is_taken_back_and_handed_over_again_when_lifted(house: House) -> None:
    publication_id = house.hold()
    number = freeze(house)
    house.tick.tick()
    video, kept = house.platform.only_video(), house.get(publication_id)
    assert (video.privacy, video.publish_at) == (Privacy.PRIVATE, None)
    assert (kept.state, kept.held_at, kept.settled, kept.scheduled_at) == (P.HELD, None, True, AIR)
    assert "Gelé (Silence électoral)" in (kept.state_reason or "")
    with house.record.write() as session:
        freezes.lift(session, session.get_one(Freeze, number), house.clock.now(), "nadia")
    house.tick.tick()
    assert house.platform.only_video().publish_at == AIR
    assert house.get(publication_id).state_reason is None


def test_what_is_sent_in_a_freeze_stays_private_without_an_instant(house: House) -> None:
    publication_id = house.schedule()
    freeze(house)
    assert house.road(publication_id) == JobState.DONE
    video = house.platform.only_video()
    assert (video.privacy, video.publish_at) == (Privacy.PRIVATE, None)
    assert "Gelé" in (house.get(publication_id).state_reason or "")
    house.tick.tick()
    assert "Gelé" in (house.get(publication_id).state_reason or "")


def test_a_freeze_declared_while_the_instant_is_handed_over_takes_it_back_at_the_next_tick(house: House) -> None:
    publication_id = house.schedule()

    def declares() -> None:
        del house.platform.at["changed"]
        freeze(house)

    house.platform.at["changed"] = declares
    house.road(publication_id)
    assert house.platform.only_video().publish_at == AIR
    house.tick.tick()
    assert house.platform.only_video().publish_at is None


def test_the_one_let_through_airs_at_its_instant(house: House) -> None:
    publication_id, other = house.hold(), house.hold("Autre", at=AIR + timedelta(minutes=40))
    number = freeze(house)
    house.tick.tick()

    def lets_through(session: Any, each: Publication) -> None:
        freezes.override(session, session.get_one(Freeze, number), each, "Droit de réponse", NOW, "nadia")

    house.decides(publication_id, lets_through)
    house.tick.tick()
    assert [video.publish_at for video in house.platform.videos.values()] == [AIR, None]
    house.clock.set(AIR + HOUR)
    house.tick.tick()
    assert [house.get(each).state for each in (publication_id, other)] == [P.ON_AIR, P.HELD]


def test_an_instant_that_passes_in_a_freeze_asks_and_airs_nothing(house: House) -> None:
    publication_id = house.hold()
    number = freeze(house)
    house.tick.tick()
    house.clock.set(AIR + timedelta(minutes=10))
    house.tick.tick()
    kept = house.get(publication_id)
    assert "ALERTE" not in (kept.state_reason or "")
    assert "Gelé" in (kept.state_reason or "")
    with house.record.write() as session:
        freezes.lift(session, session.get_one(Freeze, number), house.clock.now(), "nadia")
    house.tick.tick()
    assert house.platform.only_video().privacy == Privacy.PRIVATE
    assert house.platform.only_video().publish_at is None
    assert "choisissez un nouvel instant" in (house.get(publication_id).state_reason or "")
    later = AIR + timedelta(days=1)
    house.decides(
        publication_id,
        lambda session, each: publications.schedule(
            session, each.episode, "youtube", later, PARIS, house.clock.now(), "nadia"
        ),
    )
    house.tick.tick()
    assert house.platform.only_video().publish_at == later


def test_what_failed_and_is_still_held_over_there_is_taken_back_too(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, lambda session, each: setattr(each, "settled", False))
    house.platform.once("changing", PlatformRefused("Ce titre est refusé."))
    house.tick.tick()
    assert house.get(publication_id).state == P.FAILED
    assert house.platform.only_video().publish_at == AIR
    freeze(house)
    house.platform.once("changing", PlatformBusy("Le réseau est coupé."))
    house.tick.tick()
    house.clock.sleep(600)
    house.tick.tick()
    kept = house.get(publication_id)
    assert (house.platform.only_video().publish_at, kept.held_at, kept.state) == (None, None, P.FAILED)


def test_sent_back_after_a_failure_nothing_is_left_with_the_platform(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, lambda session, each: setattr(each, "settled", False))
    house.platform.once("changing", PlatformRefused("Ce titre est refusé."))
    house.tick.tick()
    house.decides(publication_id, lambda session, each: review.send_back(session, each.episode, "Non", NOW, "nadia"))
    house.tick.tick()
    assert house.platform.only_video().publish_at is None
