"""« Publish now », and instants that an outage missed: asked about, and never aired late by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from channel.stage import AIR, NOW, PARIS
from pasvu.channel import freezes, publications, review
from pasvu.channel.errors import Refused
from pasvu.channel.models import Publication
from pasvu.channel.states import EpisodeState, JobState, PublicationState
from pasvu.channel.values import Privacy
from pasvu.publish.errors import PlatformBusy

from .conftest import House

P = PublicationState


def now_please(house: House) -> Any:
    def act(session: Any, each: Publication) -> None:
        publications.publish_now(session, each.episode, "youtube", PARIS, house.clock.now(), "nadia")

    return act


@pytest.mark.parametrize("begun", [False, True])
def test_an_instant_missed_by_an_outage_asks_and_airs_nothing(house: House, begun: bool) -> None:
    publication_id = house.schedule()
    if begun:
        house.platform.once("before bytes", PlatformBusy("Le réseau est coupé."))
        house.steps.send(publication_id, "job")
    house.clock.set(AIR + timedelta(hours=2))
    for _ in range(3):
        house.tick.tick()
        house.road(publication_id)
        house.clock.sleep(600)
    kept = house.get(publication_id)
    assert kept.state == P.FAILED
    assert "nouvel instant" in (kept.state_reason or "")
    assert all(video.privacy == Privacy.PRIVATE for video in house.platform.videos.values())
    # What was not begun is not sent for nothing.
    assert len(house.platform.videos) == int(begun)
    house.decides(publication_id, now_please(house))
    decided = house.clock.now()
    house.tick.tick()
    assert house.road(publication_id) == JobState.DONE
    kept = house.get(publication_id)
    assert (kept.state, kept.episode.state, kept.air_at) == (P.ON_AIR, EpisodeState.ON_AIR, decided)
    assert house.platform.only_video().privacy == Privacy.PUBLIC


def test_what_is_held_goes_public_at_once_when_a_person_says_so(house: House) -> None:
    publication_id = house.hold()
    house.clock.sleep(600)
    house.decides(publication_id, now_please(house))
    house.tick.tick()
    video, kept = house.platform.only_video(), house.get(publication_id)
    assert (video.privacy, video.publish_at) == (Privacy.PUBLIC, None)
    assert (kept.state, kept.air_at, kept.settled) == (P.ON_AIR, house.clock.now(), True)
    house.clock.sleep(600)
    house.tick.tick()
    assert house.get(publication_id).state_reason is None


def test_it_waits_for_the_platform_to_have_it_whole_and_is_no_alarm_meanwhile(house: House) -> None:
    publication_id = house.hold()
    house.platform.alter("video-1", processing="processing")
    house.decides(publication_id, now_please(house))
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.waits_for) == (P.HELD, "processing")
    house.clock.sleep(300)
    house.tick.tick()
    assert "ALERTE" not in (house.get(publication_id).state_reason or "")
    assert house.platform.only_video().privacy == Privacy.PRIVATE
    house.platform.alter("video-1", processing="succeeded")
    house.clock.sleep(60)
    house.tick.tick()
    assert house.get(publication_id).state == P.ON_AIR


@pytest.mark.parametrize("altered", [{"bytes": 3}, {"duration_s": 100.0}])
def test_what_is_not_what_was_sent_does_not_go_public(house: House, altered: dict[str, Any]) -> None:
    publication_id = house.hold()
    house.platform.alter("video-1", **altered)
    house.decides(publication_id, now_please(house))
    house.tick.tick()
    kept = house.get(publication_id)
    assert kept.state == P.FAILED
    assert "n’est pas publié" in (kept.state_reason or "")
    assert house.platform.only_video().privacy == Privacy.PRIVATE


def test_approval_taken_back_before_it_happened_keeps_it_private(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, now_please(house))
    house.decides(publication_id, lambda session, each: review.send_back(session, each.episode, "Non", NOW, "bob"))
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.privacy, video.publish_at) == (Privacy.PRIVATE, None)


def test_changed_behind_its_approval_nothing_is_handed_over(house: House) -> None:
    publication_id = house.hold()

    def behind(session: Any, each: Publication) -> None:
        each.episode.title = "Changé par-derrière"
        each.settled = False

    house.decides(publication_id, behind)
    house.tick.tick()
    kept = house.get(publication_id)
    assert house.platform.only_video().publish_at is None
    assert "a changé depuis sa validation" in (kept.state_reason or "")


def test_a_freeze_holds_it_back_unless_a_person_says_why(house: House) -> None:
    publication_id = house.hold()
    with house.record.write() as session:
        freezes.add(session, NOW - timedelta(hours=1), AIR + timedelta(hours=9), "Deuil", NOW, "nadia")
    with pytest.raises(Refused, match="Rien ne sort avant"):
        house.decides(publication_id, now_please(house))

    def despite(session: Any, each: Publication) -> None:
        publications.publish_now(
            session, each.episode, "youtube", PARIS, house.clock.now(), "nadia", despite_freeze="Droit de réponse"
        )

    house.decides(publication_id, despite)
    house.tick.tick()
    assert house.get(publication_id).state == P.ON_AIR


def test_a_later_instant_undoes_it(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, now_please(house))
    house.decides(
        publication_id,
        lambda session, each: publications.schedule(
            session, each.episode, "youtube", AIR + timedelta(days=1), PARIS, NOW, "nadia"
        ),
    )
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.privacy, video.publish_at) == (Privacy.PRIVATE, AIR + timedelta(days=1))


def test_withdrawn_while_it_goes_public_it_is_taken_back(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, now_please(house))

    def withdraws() -> None:
        del house.platform.at["changed"]
        house.decides(publication_id, lambda session, each: review.withdraw(session, each.episode, NOW, "bob"))

    house.platform.at["changed"] = withdraws
    house.tick.tick()
    house.tick.tick()
    assert house.platform.only_video().privacy == Privacy.PRIVATE
    assert house.get(publication_id).state == P.WITHDRAWN
