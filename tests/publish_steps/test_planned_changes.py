"""Changes planned for after air: made at their instant, once, told to the platform, and in the journal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from channel.stage import AIR, NOW, PARIS
from pasvu.channel import planned, publications, remote, review
from pasvu.channel.errors import NotFound, Refused
from pasvu.channel.models import JournalEntry, PlannedChange, Publication
from pasvu.channel.states import PublicationState
from pasvu.channel.values import Privacy

from .conftest import House

SATURDAY = AIR + timedelta(days=2)


def plan(house: House, publication_id: int, changes: dict[str, Any], **when: Any) -> int:
    with house.decide(publication_id) as (session, each):
        return planned.plan(session, each.episode, "youtube", changes, PARIS, house.clock.now(), "nadia", **when).id


def on_air(house: House, publication_id: int) -> None:
    house.clock.set(AIR + timedelta(minutes=1))
    house.tick.tick()
    assert house.get(publication_id).state == PublicationState.ON_AIR


def change(house: House, change_id: int) -> PlannedChange:
    with house.record.read() as session:
        return session.get_one(PlannedChange, change_id)


def test_saturday_a_new_title_and_in_thirty_days_unlisted(house: House) -> None:
    publication_id = house.hold()
    title = plan(house, publication_id, {"title": "Le débat, en entier"}, at=SATURDAY)
    later = plan(house, publication_id, {"visibility": "unlisted"}, after_s=planned.read_delay("30j"))
    on_air(house, publication_id)
    house.clock.set(SATURDAY - timedelta(seconds=1))
    house.tick.tick()
    assert house.platform.only_video().title == "Le grand débat"
    house.clock.set(SATURDAY)
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.title, video.privacy) == ("Le débat, en entier", Privacy.PUBLIC)
    assert change(house, title).done_at == SATURDAY
    told = len(house.platform.changes)
    house.clock.set(AIR + timedelta(days=30))
    house.tick.tick()
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.title, video.privacy) == ("Le débat, en entier", Privacy.UNLISTED)
    assert (change(house, later).done_at, len(house.platform.changes)) == (house.clock.now(), told + 1)
    # It is as meant: no alarm, and no difference to decide about.
    house.clock.sleep(600)
    house.tick.tick()
    assert (house.get(publication_id).state_reason, house.get(publication_id).drift) == (None, None)
    with house.record.read() as session:
        made = session.scalars(select(JournalEntry).where(JournalEntry.action == "publication.planned_change")).all()
    assert [(line.before, line.after)[1] for line in made] == [
        {"platform": "youtube", "title": "Le débat, en entier"},
        {"platform": "youtube", "visibility": "unlisted"},
    ]


def test_a_delay_follows_when_the_airing_is_moved(house: House) -> None:
    publication_id = house.hold()
    change_id = plan(house, publication_id, {"title": "Après"}, after_s=3600)
    later = AIR + timedelta(days=1)
    with house.decide(publication_id) as (session, each):
        publications.schedule(session, each.episode, "youtube", later, PARIS, NOW, "nadia")
    house.tick.tick()
    with house.record.read() as session:
        assert planned.comes_at(session.get_one(PlannedChange, change_id)) == later + timedelta(hours=1)
    house.clock.set(later + timedelta(minutes=1))
    house.tick.tick()
    assert house.platform.only_video().title == "Le grand débat"
    house.clock.set(later + timedelta(hours=1))
    house.tick.tick()
    assert house.platform.only_video().title == "Après"


def test_what_we_slept_through_is_made_late_in_order(house: House) -> None:
    publication_id = house.hold()
    plan(house, publication_id, {"title": "Deuxième"}, at=SATURDAY + timedelta(hours=1))
    plan(house, publication_id, {"title": "Premier"}, at=SATURDAY)
    on_air(house, publication_id)
    house.clock.set(SATURDAY + timedelta(days=1))
    house.tick.tick()
    assert house.platform.only_video().title == "Deuxième"


def test_cancelled_it_is_not_made(house: House) -> None:
    publication_id = house.hold()
    change_id = plan(house, publication_id, {"title": "Non"}, at=SATURDAY)
    with house.decide(publication_id) as (session, each):
        planned.cancel(session, each.episode, change_id, NOW, "nadia")
        for wrong, error in ((change_id, Refused), (999, NotFound)):
            with pytest.raises(error):
                planned.cancel(session, each.episode, wrong, NOW, "nadia")
    on_air(house, publication_id)
    house.clock.set(SATURDAY)
    house.tick.tick()
    assert house.platform.only_video().title == "Le grand débat"


def test_before_it_is_on_air_nothing_changes_and_withdrawn_neither(house: House) -> None:
    publication_id = house.hold()
    plan(house, publication_id, {"visibility": "public", "title": "Non"}, after_s=60)
    house.decides(publication_id, lambda session, each: review.withdraw(session, each.episode, NOW, "nadia"))
    house.clock.set(AIR + timedelta(days=1))
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.title, video.privacy) == ("Le grand débat", Privacy.PRIVATE)


@pytest.mark.parametrize(
    ("changes", "when", "why"),
    [
        ({"title": "x"}, {}, "instant, ou un délai"),
        ({"title": "x"}, {"at": SATURDAY, "after_s": 60}, "instant, ou un délai"),
        ({"title": "x"}, {"at": NOW}, "déjà passé"),
        ({"title": "x"}, {"at": AIR}, "pas encore en ligne"),
        ({"title": "x"}, {"at": SATURDAY, "objections": ["Trop long."]}, "Trop long"),
    ],
)
def test_what_cannot_be_planned(house: House, changes: dict[str, Any], when: dict[str, Any], why: str) -> None:
    publication_id = house.hold()
    with pytest.raises(Refused, match=why):
        plan(house, publication_id, changes, **when)


def test_a_delay_that_has_gone_by_is_refused(house: House) -> None:
    publication_id = house.hold()
    on_air(house, publication_id)
    house.clock.sleep(7200)
    with pytest.raises(Refused, match="déjà passé"):
        plan(house, publication_id, {"title": "x"}, after_s=3600)


@pytest.mark.parametrize(("text", "seconds"), [("45min", 2700), ("12 h", 43200), ("30j", 2592000), ("2D", 172800)])
def test_delays(text: str, seconds: int) -> None:
    assert planned.read_delay(text) == seconds


@pytest.mark.parametrize("text", ["", "0h", "3", "3 semaines", "-1d", "1.5h"])
def test_what_is_no_delay(text: str) -> None:
    with pytest.raises(Refused):
        planned.read_delay(text)


def test_what_is_typed_is_read_or_refused() -> None:
    read = planned.read_changes({"title": " A ", "tags": "a, b", "embeddable": "non", "visibility": "unlisted"})
    assert read == {"title": "A", "tags": ["a", "b"], "embeddable": False, "visibility": "unlisted"}
    for wrong in ({}, {"state": "x"}, {"visibility": "x"}, {"category_id": "30"}):
        with pytest.raises(Refused):
            planned.read_changes(wrong)


def test_an_empty_text_is_again_what_all_share(house: House) -> None:
    publication_id = house.hold()
    on_air(house, publication_id)
    with house.decide(publication_id) as (session, each):
        remote.change_now(session, each.episode, "youtube", {"title": "À part"}, house.clock.now(), "n")
    house.tick.tick()
    plan(house, publication_id, {"title": ""}, at=SATURDAY)
    house.clock.set(SATURDAY)
    house.tick.tick()
    assert house.platform.only_video().title == "Le grand débat"
    with house.record.read() as session:
        assert session.get_one(Publication, publication_id).episode.texts is None


def test_who_sees_it_before_air_is_its_instants_to_decide(house: House) -> None:
    publication_id = house.hold()
    with pytest.raises(Refused, match="son instant"), house.decide(publication_id) as (session, each):
        remote.change_now(session, each.episode, "youtube", {"visibility": "public"}, NOW, "n")
