"""One owner at a time: whoever sent before stops at its next word, and never sends the last bytes."""

from __future__ import annotations

from datetime import time, timedelta
from itertools import pairwise

import pytest

from channel.stage import AIR, MASTER, NOW, PARIS
from pasvu.channel import publications, review
from pasvu.channel.errors import Refused
from pasvu.channel.models import Publication
from pasvu.channel.promise import Hours
from pasvu.channel.states import JobState, PublicationState
from pasvu.channel.values import Privacy, UploadSession
from pasvu.publish import adopting
from pasvu.publish.errors import SessionGone, TakenOver
from pasvu.publish.sending import LISTING_LAGS_S, Sending, keep_video
from pasvu.publish.steps import PublishSteps

from .conftest import MARGIN, House

P = PublicationState


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_a_frozen_sender_that_wakes_up_sends_nothing_more(house: House, chunk: int) -> None:
    publication_id = house.schedule()
    calls = iter(range(1, 100))

    def freezes() -> None:
        """Before this chunk leaves, another worker takes over and does the whole work."""
        if next(calls) == chunk:
            del house.platform.at["before bytes"]
            assert PublishSteps(house.desk).send(publication_id, "other") == JobState.DONE
            # The one that slept goes on as if nothing had happened; the server refuses nothing here.
            house.platform.uploads["https://upload/0"].video_id = None
            house.platform.uploads["https://upload/0"].received = b""

    house.platform.at["before bytes"] = freezes
    assert house.steps.send(publication_id, "job") == JobState.LATER
    assert list(house.platform.bodies.values()) == [MASTER]
    kept = house.get(publication_id)
    assert (kept.video_id, kept.state) == ("video-1", P.UPLOADING)


def test_every_word_of_a_former_owner_is_refused(house: House) -> None:
    publication_id = house.schedule()
    house.steps.send(publication_id, "job")
    former = Sending(house.desk, publication_id, "job", "someone-else")
    for word in (former.about_to_finish, former.should_stop, lambda: former.confirmed(10, 100)):
        with pytest.raises(TakenOver):
            word()


def test_stopped_between_two_chunks_the_last_bytes_are_not_sent(house: House) -> None:
    """A new cut may be asked for as soon as the sending is stopped: the former cut must not arrive after that."""
    publication_id = house.schedule()
    original = house.platform.send

    def deaf(session: UploadSession, master: object, watching: Sending) -> str:
        watching.should_stop = lambda: False  # type: ignore[method-assign]
        return original(session, master, watching)  # type: ignore[arg-type]

    house.platform.send = deaf  # type: ignore[method-assign, assignment]
    chunks = iter(range(1, 100))

    def stops() -> None:
        if next(chunks) == 2:
            house.decides(
                publication_id, lambda session, each: publications.move(session, each, P.FAILED, NOW, "Arrêté.")
            )

    house.platform.at["before bytes"] = stops
    assert house.steps.send(publication_id, "job") == JobState.CANCELLED
    kept = house.get(publication_id)
    assert (kept.finishing, kept.video_id, house.platform.videos) == (False, None, {})
    assert kept.state_reason == "Arrêté."


def test_a_second_video_would_be_a_red_alarm(house: House) -> None:
    publication_id = house.hold()
    keep_video(house.desk, publication_id, "video-9", "https://watch/video-9")
    kept = house.get(publication_id)
    assert kept.video_id == "video-1"
    assert "ALERTE" in (kept.state_reason or "")
    assert "video-9" in (kept.state_reason or "")


def lost(house: House, publication_id: int) -> None:
    """Every byte arrived, nobody heard it, the session is forgotten and the listing lags."""

    def forgets() -> None:
        house.platform.uploads.clear()
        raise SessionGone("gone")

    house.platform.at["after last byte"] = forgets
    house.platform.markers_found = False
    assert house.steps.send(publication_id, "job") == JobState.FAILED
    del house.platform.at["after last byte"]


def test_a_lagging_listing_is_waited_for_before_anybody_is_asked(house: House) -> None:
    publication_id = house.schedule()
    looks = iter(range(1, 100))

    def appears() -> None:
        house.platform.markers_found = next(looks) == 3

    house.platform.at["finding"] = appears

    def forgets() -> None:
        del house.platform.at["after last byte"]
        house.platform.uploads.clear()
        raise SessionGone("gone")

    house.platform.at["after last byte"] = forgets
    assert house.steps.send(publication_id, "job") == JobState.DONE
    assert house.get(publication_id).video_id == "video-1"
    assert house.clock.now() == NOW + timedelta(seconds=sum(LISTING_LAGS_S[:2]))


def test_what_is_asked_is_still_looked_for_and_goes_on_by_itself_when_found(house: House) -> None:
    publication_id = house.schedule()
    lost(house, publication_id)
    kept = house.get(publication_id)
    assert "choisissez de renvoyer ou non" in (kept.state_reason or "")
    assert kept.waits_for == "search"
    house.tick.tick()
    assert house.get(publication_id).state == P.FAILED
    house.clock.sleep(300)
    house.platform.markers_found = True
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.video_id, kept.attempt, kept.state_reason) == (P.UPLOADING, "video-1", 2, None)
    assert house.road(publication_id) == JobState.DONE
    assert house.get(publication_id).state == P.HELD
    assert len(house.platform.videos) == 1


def test_it_is_looked_for_with_growing_gaps_for_a_day(house: House) -> None:
    publication_id = house.schedule(at=AIR + timedelta(days=9))
    lost(house, publication_id)
    looks = []
    house.platform.at["finding"] = lambda: looks.append(house.clock.now())
    for _ in range(3000):
        house.tick.search(house.clock.now())
        house.clock.sleep(60)
    assert 6 <= len(looks) <= 12
    gaps = [after - before for before, after in pairwise(looks)]
    assert gaps == sorted(gaps)
    assert looks[-1] - looks[0] < timedelta(hours=48)
    kept = house.get(publication_id)
    assert (kept.state, kept.next_try_at) == (P.FAILED, None)
    assert "choisissez de renvoyer ou non" in (kept.state_reason or "")
    assert len(house.platform.videos) == 1


def test_a_person_may_name_the_video(house: House) -> None:
    publication_id = house.schedule()
    lost(house, publication_id)
    with pytest.raises(Refused, match="n’est pas à la chaîne"):
        adopting.look(house.platform, "https://youtu.be/another-one")

    def take(typed: str) -> None:
        seen = adopting.look(house.platform, typed)
        with house.decide(publication_id) as (session, each):
            adopting.adopt(session, house.platform, each.episode, seen, house.clock.now(), "nadia")

    video = house.platform.videos["video-1"]
    for altered, why in (
        ({"tags": (), "bytes": 7, "title": "Autre"}, "n’est pas celle que nous avons envoyée"),
        ({"tags": (), "bytes": None}, "n’est pas celle"),
        ({"privacy": Privacy.UNLISTED}, "n’est pas privée"),
    ):
        house.platform.alter("video-1", **altered)
        with pytest.raises(Refused, match=why):
            take("video-1")
        house.platform.videos["video-1"] = video
    take("https://studio.youtube.com/video/video-1/edit")
    with pytest.raises(Refused, match="recherchée"):
        take("video-1")
    assert house.road(publication_id) == JobState.DONE
    kept = house.get(publication_id)
    assert (kept.state, kept.video_id) == (P.HELD, "video-1")


@pytest.mark.parametrize(
    "typed",
    [
        "dQw4w9WgXcQ",
        " https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3s ",
        "youtu.be/dQw4w9WgXcQ?si=x",
        "https://studio.youtube.com/video/dQw4w9WgXcQ/edit",
        "https://youtube.com/shorts/dQw4w9WgXcQ",
    ],
)
def test_a_video_is_named_by_its_id_or_by_an_address(typed: str) -> None:
    assert adopting.read_video_id(typed) == "dQw4w9WgXcQ"


@pytest.mark.parametrize("typed", ["", "la vidéo d’hier", "https://www.youtube.com/", "https://www.youtube.com/watch"])
def test_what_names_no_video_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="adresse"):
        adopting.read_video_id(typed)


def test_the_name_of_what_is_sent_anew_is_another(house: House) -> None:
    """Else the first video, listed at last, would be taken for the second."""
    publication_id = house.schedule()
    lost(house, publication_id)
    before = house.get(publication_id).marker
    house.decides(
        publication_id,
        lambda session, each: publications.retry(
            session, each.episode, "youtube", house.clock.now(), "nadia", again=True
        ),
    )
    house.platform.markers_found = True
    assert house.road(publication_id) == JobState.DONE
    kept = house.get(publication_id)
    assert (kept.video_id, kept.lost_at) == ("video-2", None)
    assert kept.marker != before


def test_two_processes_that_tick_make_one_attempt(house: House) -> None:
    publication_id = house.schedule()

    def waits(session: object, each: Publication) -> None:
        each.next_try_at = NOW

    house.decides(publication_id, waits)
    assert house.tick._try_again(publication_id, 1) == 2
    assert house.tick._try_again(publication_id, 1) is None


def test_a_second_job_of_what_failed_leaves_no_wait_behind(house: House) -> None:
    publication_id = house.schedule()
    house.platform.at["after last byte"] = lambda: house.clock.set(AIR - MARGIN + timedelta(seconds=1))
    assert house.road(publication_id) == JobState.FAILED
    # Taken over from a worker that was only slow, a job may run twice.
    house.steps.hold(publication_id)
    kept = house.get(publication_id)
    assert (kept.state, kept.next_try_at, kept.waits_for) == (P.FAILED, None, None)
    assert "trop proche" in (kept.state_reason or "")


def test_a_job_that_ended_without_finishing_is_followed_by_another(house: House) -> None:
    publication_id = house.schedule()
    house.tick.tick()
    house.jobs.ended[f"publish:{publication_id}:1"] = JobState.LATER
    house.tick.tick()
    house.tick.tick()
    assert list(house.jobs.asked) == [f"publish:{publication_id}:1", f"publish:{publication_id}:2"]


def test_nothing_is_sent_outside_the_allowed_hours_and_it_goes_on_by_itself(house: House) -> None:
    publication_id = house.schedule(at=AIR + timedelta(days=2))
    night = Hours(time(22), time(7), PARIS)
    object.__setattr__(house.desk, "hours", night)
    assert house.steps.send(publication_id, "job") == JobState.LATER
    kept = house.get(publication_id)
    assert house.platform.uploads == {}
    assert (kept.waits_for, kept.next_try_at) == ("hours", night.next_change(NOW))
    house.clock.set(night.next_change(NOW))

    def morning() -> None:
        del house.platform.at["before bytes"]
        house.clock.sleep(9 * 3600)

    house.platform.at["before bytes"] = morning
    assert house.steps.send(publication_id, "job") == JobState.LATER
    assert len(house.platform.uploads["https://upload/0"].received) == 500
    house.clock.set(house.get(publication_id).next_try_at)  # type: ignore[arg-type]
    assert house.road(publication_id) == JobState.DONE
    assert house.platform.bodies == {"video-1": MASTER}
    assert len(house.platform.uploads) == 1


def test_a_withdrawn_episode_is_not_looked_for(house: House) -> None:
    publication_id = house.schedule()
    lost(house, publication_id)
    house.decides(
        publication_id, lambda session, each: review.withdraw(session, each.episode, house.clock.now(), "nadia")
    )
    house.clock.sleep(600)
    looked = []
    house.platform.at["finding"] = lambda: looked.append(1)
    house.tick.tick()
    assert looked == []
