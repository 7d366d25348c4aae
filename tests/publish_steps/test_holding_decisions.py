"""What people decide after sending reaches the platform, and nothing goes public that is no longer meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from channel.stage import AIR, NOW, PARIS
from pasvu.channel import episodes, publications, review
from pasvu.channel.models import JournalEntry, Publication
from pasvu.channel.states import EpisodeState, JobState, PublicationState
from pasvu.channel.values import Privacy
from pasvu.publish.errors import NotConnected, OutOfQuota, PlatformBusy, PlatformRefused

from .conftest import MARGIN, House
from .fake import PowerCut

P = PublicationState
LATER = AIR + timedelta(days=1)


def reschedule(at: Any) -> Callable[[Any, Publication], None]:
    def act(session: Any, each: Publication) -> None:
        publications.schedule(session, each.episode, "youtube", at, PARIS, NOW, "nadia")

    return act


def unschedule(session: Any, each: Publication) -> None:
    publications.unschedule(session, each.episode, None, NOW, "nadia")


def withdraw(session: Any, each: Publication) -> None:
    review.withdraw(session, each.episode, NOW, "nadia")


def send_back(session: Any, each: Publication) -> None:
    review.send_back(session, each.episode, "Reprendre la fin.", NOW, "nadia")


def reopen(session: Any, each: Publication) -> None:
    review.reopen(session, each.episode, NOW, "nadia")


def approve(session: Any, each: Publication) -> None:
    review.approve(session, each.episode, NOW, "nadia")


def retitle(session: Any, each: Publication) -> None:
    episodes.edit(session, each.episode, {"title": "Corrigé"}, NOW, "nadia")


@pytest.mark.parametrize(
    ("decision", "instant"),
    [
        (reschedule(LATER), LATER),
        (reschedule(AIR - timedelta(hours=1)), AIR - timedelta(hours=1)),
        (unschedule, None),
        (withdraw, None),
        (send_back, None),
        (reopen, None),
        (retitle, AIR),
    ],
    ids=["later", "earlier", "unscheduled", "withdrawn", "sent back", "reopened", "retitled"],
)
def test_a_decision_reaches_the_platform_at_the_next_tick_and_is_told_once(
    house: House, decision: Callable[[Any, Publication], None], instant: Any
) -> None:
    publication_id = house.hold()
    house.decides(publication_id, decision)
    assert not house.nothing_to_tell()
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.privacy, video.publish_at) == (Privacy.PRIVATE, instant)
    assert house.nothing_to_tell()
    settled, told = house.get(publication_id), len(house.platform.changes)
    assert (settled.settled, settled.held_at) == (True, instant)
    house.tick.tick()
    again = house.get(publication_id)
    # A tick that has nothing to tell leaves open forms valid.
    assert (again.episode.version, len(house.platform.changes)) == (settled.episode.version, told)
    house.clock.set(AIR + timedelta(minutes=1))
    assert house.platform.only_video().privacy == (Privacy.PUBLIC if instant and instant <= AIR else Privacy.PRIVATE)


def test_a_correction_reaches_the_platform_with_the_same_instant(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, retitle)
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.title, video.publish_at) == ("Corrigé", AIR)
    assert house.get(publication_id).state == P.HELD


def test_a_correction_in_the_last_minute_still_goes_through(house: House) -> None:
    publication_id = house.hold()
    house.clock.set(AIR - timedelta(seconds=20))
    house.decides(publication_id, retitle)
    house.tick.tick()
    assert house.platform.only_video().title == "Corrigé"
    assert house.get(publication_id).state == P.HELD
    house.clock.set(AIR + timedelta(seconds=1))
    house.tick.tick()
    assert house.get(publication_id).state == P.ON_AIR


def test_a_correction_that_meets_the_instant_does_not_fail_the_publication(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, retitle)
    house.clock.set(AIR + timedelta(seconds=1))
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.air_at, kept.episode.state) == (P.ON_AIR, AIR, EpisodeState.ON_AIR)
    assert house.platform.only_video().title == "Corrigé"


def test_a_correction_on_air_changes_the_text_and_not_who_sees_it(house: House) -> None:
    publication_id = house.hold()
    house.clock.set(AIR + timedelta(seconds=1))
    house.tick.tick()
    house.decides(publication_id, retitle)
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.title, video.privacy) == ("Corrigé", Privacy.PUBLIC)
    assert (house.get(publication_id).state, house.nothing_to_tell()) == (P.ON_AIR, True)


def test_approved_again_it_is_held_again(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, send_back)
    house.tick.tick()
    house.decides(publication_id, retitle)
    house.tick.tick()
    assert house.platform.only_video().publish_at is None
    house.decides(publication_id, approve)
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.publish_at, video.title) == (AIR, "Corrigé")


def test_withdrawn_from_the_air_it_is_private_again(house: House) -> None:
    publication_id = house.hold()
    house.clock.set(AIR + timedelta(seconds=1))
    house.tick.tick()
    house.platform.once("withdrawing", PlatformBusy("Le réseau est coupé."))
    house.decides(publication_id, withdraw)
    house.tick.tick()
    waits = house.get(publication_id)
    assert (waits.settled, waits.state_reason) == (False, "Le réseau est coupé.")
    house.clock.sleep(301)
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.settled, kept.state_reason, kept.next_try_at) == (True, None, None)
    assert house.platform.only_video().privacy == Privacy.PRIVATE


@pytest.mark.parametrize("decision", [withdraw, send_back, unschedule, reschedule(LATER)])
def test_a_decision_taken_while_the_platform_is_told_is_told_next(
    house: House, decision: Callable[[Any, Publication], None]
) -> None:
    publication_id = house.schedule()

    def meanwhile() -> None:
        del house.platform.at["changed"]
        house.decides(publication_id, decision)

    house.platform.at["changed"] = meanwhile
    house.road(publication_id)
    house.tick.tick()
    video = house.platform.only_video()
    assert (video.privacy, video.publish_at) == (Privacy.PRIVATE, LATER if decision not in PLAIN else None)
    kept = house.get(publication_id)
    assert "ne peut pas devenir" not in (kept.state_reason or "")
    assert kept.settled


PLAIN = (withdraw, send_back, unschedule)


@pytest.mark.parametrize("failure", [PlatformRefused("La vignette est refusée."), OutOfQuota("Rien.", until=LATER)])
@pytest.mark.parametrize("decision", [send_back, unschedule, withdraw, reschedule(LATER)])
def test_a_thumbnail_that_does_not_go_never_keeps_a_former_instant(
    house: House, failure: Exception, decision: Callable[[Any, Publication], None]
) -> None:
    publication_id = house.hold()

    def another_still(session: Any, each: Publication) -> None:
        unchosen = next(still.id for still in each.episode.thumbnails if not still.chosen)
        review.choose_thumbnail(session, each.episode, unchosen, NOW, "nadia")

    house.decides(publication_id, another_still)
    house.decides(publication_id, decision)
    house.platform.always("thumbnail", failure)
    house.tick.tick()
    assert house.platform.only_video().publish_at in (None, LATER)


def test_an_instant_too_near_is_refused_and_the_former_one_taken_back(house: House) -> None:
    publication_id = house.hold()
    house.clock.set(AIR - timedelta(hours=2))
    near = house.clock.now() + MARGIN - timedelta(seconds=1)
    house.decides(publication_id, reschedule(near))
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.held_at) == (P.FAILED, None)
    assert "trop proche" in (kept.state_reason or "")
    assert house.platform.only_video().publish_at is None
    # The instant that was held before is free again, and must be told again.
    house.decides(publication_id, reschedule(AIR))
    house.tick.tick()
    for job in list(house.jobs.asked):
        house.road(house.jobs.asked[job][0])
    assert house.platform.only_video().publish_at == AIR
    assert house.get(publication_id).state == P.HELD


def test_too_near_when_the_bytes_have_arrived_it_stays_private(house: House) -> None:
    publication_id = house.schedule(at=NOW + timedelta(minutes=10))
    house.platform.at["after last byte"] = lambda: house.clock.set(NOW + timedelta(minutes=9, seconds=30))
    assert house.road(publication_id) == JobState.FAILED
    video = house.platform.only_video()
    assert (video.privacy, video.publish_at) == (Privacy.PRIVATE, None)
    assert "choisissez un nouvel instant" in (house.get(publication_id).state_reason or "")


@pytest.mark.parametrize("gap_s", [6.0, -6.0, 7200.0])
def test_two_clocks_that_differ_plan_nothing(house: House, gap_s: float) -> None:
    publication_id = house.schedule()
    house.platform.gap_s = gap_s
    assert house.road(publication_id) == JobState.LATER
    kept = house.get(publication_id)
    assert kept.next_try_at == NOW + timedelta(minutes=5)
    assert f"diffèrent de {gap_s:.0f} s" in (kept.state_reason or "")
    assert house.platform.only_video().publish_at is None
    house.platform.gap_s = 1.0
    house.clock.sleep(300)
    assert house.road(publication_id) == JobState.DONE
    assert house.platform.only_video().publish_at == AIR


def test_a_platform_that_holds_something_else_is_an_error(house: House) -> None:
    publication_id = house.schedule()
    house.platform.at["changed"] = lambda: house.platform.alter("video-1", publish_at=LATER)
    assert house.road(publication_id) == JobState.FAILED
    assert "ne tient pas" in (house.get(publication_id).state_reason or "")


def test_out_of_quota_waits_for_the_reset_and_then_goes_on(house: House) -> None:
    publication_id = house.schedule(at=LATER + timedelta(days=1))
    reset = NOW + timedelta(hours=20)
    house.tick.tick()
    house.platform.once("opening", OutOfQuota("Le quota du jour est épuisé.", until=reset))
    assert house.road(publication_id) == JobState.LATER
    kept = house.get(publication_id)
    assert (kept.next_try_at, kept.state, kept.state_reason) == (reset, P.PLANNED, "Le quota du jour est épuisé.")
    house.tick.tick()
    assert list(house.jobs.asked) == [f"publish:{publication_id}:1"]
    house.clock.set(reset)
    house.tick.tick()
    assert list(house.jobs.asked) == [f"publish:{publication_id}:1", f"publish:{publication_id}:2"]
    assert house.road(publication_id) == JobState.DONE
    held = house.get(publication_id)
    assert (held.state, held.state_reason, held.next_try_at) == (P.HELD, None, None)


@pytest.mark.parametrize(
    ("failure", "pause_s"),
    [
        (PlatformBusy("Le réseau est coupé."), 300),
        (PlatformBusy("Patientez.", retry_after_s=17), 17),
        (NotConnected("Reconnectez la chaîne."), 300),
    ],
)
def test_what_passes_is_tried_again(house: House, failure: Exception, pause_s: int) -> None:
    publication_id = house.schedule()
    house.platform.once("sending", failure)
    assert house.road(publication_id) == JobState.LATER
    kept = house.get(publication_id)
    assert (kept.next_try_at, kept.state_reason) == (NOW + timedelta(seconds=pause_s), str(failure))
    house.clock.sleep(pause_s)
    house.tick.tick()
    assert house.road(publication_id) == JobState.DONE
    assert len(house.platform.uploads) == 1


def test_the_soonest_on_air_is_sent_first(house: House) -> None:
    late = house.schedule("Tard", at=LATER)
    house.tick.tick()
    # Asked for after, it airs before.
    soon = house.schedule("Tôt", at=AIR)
    house.tick.tick()
    priorities = dict(house.jobs.asked.values())
    assert 0 < priorities[soon] < priorities[late] < 2**31


def test_settling_a_video_that_is_gone_says_so(house: House) -> None:
    publication_id = house.hold()
    house.platform.videos.clear()
    house.decides(publication_id, reschedule(LATER))
    house.tick.settle(house.clock.now())
    kept = house.get(publication_id)
    assert kept.state == P.FAILED
    assert "n’existe plus" in (kept.state_reason or "")


def test_what_failed_here_and_is_public_there_is_on_air(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, retitle)
    house.platform.once("changing", PlatformRefused("Ce titre est refusé."))
    house.tick.tick()
    assert house.get(publication_id).state == P.FAILED
    house.clock.set(AIR + timedelta(seconds=1))
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.air_at, kept.episode.state) == (P.ON_AIR, AIR, EpisodeState.ON_AIR)


def test_what_failed_and_is_not_public_keeps_its_reason(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, retitle)
    house.platform.once("changing", PlatformRefused("Ce titre est refusé."))
    for _ in range(2):
        house.tick.tick()
        house.clock.sleep(61)
    kept = house.get(publication_id)
    assert (kept.state, kept.state_reason) == (P.FAILED, "Ce titre est refusé.")


def test_a_correction_on_air_that_is_refused_stays_said_until_it_goes_through(house: House) -> None:
    publication_id = house.hold()
    house.clock.set(AIR + timedelta(seconds=1))
    house.tick.tick()
    house.decides(publication_id, retitle)
    house.platform.once("changing", PlatformRefused("Ce titre est refusé."))
    for _ in range(2):
        house.clock.sleep(61)
        house.tick.tick()
        kept = house.get(publication_id)
        assert (kept.state, kept.state_reason) == (P.ON_AIR, "Ce titre est refusé.")
    house.clock.sleep(3600)
    house.tick.tick()
    mended = house.get(publication_id)
    assert (mended.state_reason, mended.settled) == (None, True)
    assert house.platform.only_video().title == "Corrigé"


def test_what_a_held_video_waits_for_stays_said(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, reschedule(LATER))
    house.platform.once("changing", OutOfQuota("Le quota du jour est épuisé.", until=NOW + timedelta(hours=1)))
    for _ in range(3):
        house.tick.tick()
        house.clock.sleep(61)
        assert house.get(publication_id).state_reason == "Le quota du jour est épuisé."
    house.clock.sleep(3600)
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state_reason, kept.held_at, kept.next_try_at) == (None, LATER, None)


def test_a_job_that_the_engine_gave_up_is_said(house: House) -> None:
    publication_id = house.schedule()
    house.tick.tick()
    house.jobs.given_up.add(f"publish:{publication_id}:1")
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.state_reason is not None) == (P.FAILED, True)


def changes_its_mind(house: House, publication_id: int, decision: Callable[[Any, Publication], None]) -> None:
    """The instant reaches the platform, its answer does not reach us, and a person decides otherwise meanwhile."""
    house.platform.once("changed", PowerCut())
    with pytest.raises(PowerCut):
        house.road(publication_id)
    assert house.platform.only_video().publish_at == AIR
    house.decides(publication_id, decision)


@pytest.mark.parametrize(
    "decision", [unschedule, send_back, reschedule(LATER), withdraw], ids=lambda each: each.__name__
)
@pytest.mark.parametrize("by", ["the job that goes on", "the tick"])
def test_an_instant_whose_handing_over_was_cut_is_not_forgotten(
    house: House, decision: Callable[[Any, Publication], None], by: str
) -> None:
    publication_id = house.schedule()
    changes_its_mind(house, publication_id, decision)
    if by == "the tick":
        house.tick.tick()
    else:
        house.road(publication_id)
        house.tick.tick()
    video = house.platform.only_video()
    rescheduled = house.get(publication_id).scheduled_at == LATER
    assert (video.privacy, video.publish_at) in ((Privacy.PRIVATE, None), (Privacy.PRIVATE, LATER))
    if rescheduled:
        assert house.road(publication_id) == JobState.DONE
        assert house.platform.only_video().publish_at == LATER
    house.clock.set(AIR + timedelta(seconds=1))
    assert house.platform.only_video().privacy == Privacy.PRIVATE


def test_an_instant_whose_handing_over_was_cut_is_handed_over_again(house: House) -> None:
    publication_id = house.schedule()
    house.platform.once("changing", PowerCut())
    with pytest.raises(PowerCut):
        house.road(publication_id)
    assert house.platform.only_video().publish_at is None
    assert house.road(publication_id) == JobState.DONE
    kept = house.get(publication_id)
    assert (house.platform.only_video().publish_at, kept.held_at, kept.telling_at) == (AIR, AIR, None)


SPENT = OutOfQuota("Le quota du jour est épuisé.", until=AIR + timedelta(hours=8))


def refuses(house: House, failure: Exception) -> None:
    for point in ("changing", "withdrawing"):
        house.platform.always(point, failure)


@pytest.mark.parametrize("failure", [SPENT, PlatformRefused("Refusé.")], ids=["quota", "refused"])
@pytest.mark.parametrize("decision", [unschedule, withdraw, send_back, reschedule(LATER)])
def test_an_instant_nobody_means_is_alarming_while_it_cannot_be_taken_back_and_tried_again_before_it(
    house: House, decision: Callable[[Any, Publication], None], failure: Exception
) -> None:
    publication_id = house.hold()
    house.decides(publication_id, decision)
    refuses(house, failure)
    # Sparse while it is far, close near the instant: retrying a spent quota costs units, a leak costs more.
    house.clock.set(AIR - timedelta(hours=1))
    house.tick.tick()
    tries: list[float] = []
    while house.clock.now() < AIR:
        house.tick.tick()
        stuck = house.get(publication_id)
        assert (stuck.state_reason or "").startswith("ALERTE")
        assert str(failure) in (stuck.state_reason or "")
        tries.append((AIR - house.clock.now()).total_seconds())
        house.clock.set(stuck.next_try_at or house.clock.now() + timedelta(seconds=1))
    assert len(tries) < 15
    assert tries[-1] <= 10
    with house.record.read() as session:
        alarms = [e.after for e in session.scalars(select(JournalEntry)) if e.action == "publication.alarm"]
    assert len(alarms) == 1


@pytest.mark.parametrize("decision", [unschedule, withdraw, send_back, reschedule(LATER)])
def test_an_instant_is_taken_back_at_once_whatever_a_correction_waits_for(
    house: House, decision: Callable[[Any, Publication], None]
) -> None:
    publication_id = house.hold()
    house.decides(publication_id, retitle)
    house.platform.once("changing", SPENT)
    house.tick.tick()
    waiting = house.get(publication_id).next_try_at
    assert waiting is not None
    assert waiting > AIR
    house.decides(publication_id, decision)
    house.tick.tick()
    assert house.platform.only_video().publish_at in (None, LATER)


def test_a_withdrawn_video_that_stays_public_is_taken_back_sooner_than_the_quota_allows(house: House) -> None:
    publication_id, other = house.hold(), house.hold("Autre")
    house.clock.set(AIR + timedelta(minutes=4))
    house.tick.tick()
    house.decides(publication_id, withdraw)
    house.decides(other, retitle)
    refuses(house, SPENT)
    house.tick.tick()
    stuck = house.get(publication_id)
    assert stuck.next_try_at == house.clock.now() + timedelta(minutes=2)
    assert "ALERTE" not in (stuck.state_reason or "")
    # What waits for the quota on air is a correction: nothing is hurried.
    assert house.get(other).next_try_at == SPENT.until


def test_an_instant_moved_and_moved_back_is_told_again_when_nobody_knows_which_was_heard(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, reschedule(LATER))
    house.platform.once("changed", PowerCut())
    with pytest.raises(PowerCut):
        house.tick.tick()
    assert house.platform.only_video().publish_at == LATER
    house.decides(publication_id, reschedule(AIR))
    house.tick.tick()
    assert house.platform.only_video().publish_at == AIR


@pytest.mark.parametrize("back", [AIR - timedelta(seconds=5), AIR + timedelta(minutes=1)], ids=["too near", "aired"])
def test_a_handing_over_that_was_heard_and_cut_is_kept_though_its_instant_is_too_near_to_be_told_again(
    house: House, back: Any
) -> None:
    publication_id = house.schedule()
    house.platform.once("changed", PowerCut())
    with pytest.raises(PowerCut):
        house.road(publication_id)
    house.clock.set(back)
    house.tick.tick()
    assert house.road(publication_id) == JobState.DONE
    house.clock.set(AIR + timedelta(minutes=1, seconds=30))
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.air_at, kept.state_reason) == (P.ON_AIR, AIR, None)
    assert house.platform.only_video().privacy == Privacy.PUBLIC


def test_what_a_platform_holds_otherwise_than_told_is_taken_back_and_the_alarm_ends_with_it(house: House) -> None:
    publication_id = house.schedule()
    sooner = AIR - timedelta(minutes=20)
    # It says yes, and keeps another instant.
    house.platform.at["changed"] = lambda: house.platform.alter("video-1", publish_at=sooner)
    assert house.road(publication_id) == JobState.FAILED
    house.platform.at.clear()
    house.clock.set(AIR - timedelta(minutes=30))
    refuses(house, SPENT)
    house.tick.tick()
    assert (house.get(publication_id).state_reason or "").startswith("ALERTE")
    house.platform.at.clear()
    house.clock.set(AIR - timedelta(minutes=25))
    house.tick.tick()
    assert house.platform.only_video().publish_at is None
    kept = house.get(publication_id)
    assert (kept.state, kept.settled) == (P.FAILED, True)
    assert "repris à temps" in (kept.state_reason or "")


def test_out_of_the_calendar_nothing_waits_and_nothing_is_said_to_go_on(house: House) -> None:
    waiting, withdrawn = house.schedule(), house.schedule("Retiré")
    house.platform.always("opening", SPENT)
    for publication_id in (waiting, withdrawn):
        assert house.road(publication_id) == JobState.LATER
    house.decides(waiting, unschedule)
    house.decides(withdrawn, withdraw)
    # A job that was under way comes to its step after the decision.
    assert house.road(withdrawn) == JobState.FAILED
    for publication_id in (waiting, withdrawn):
        kept = house.get(publication_id)
        assert (kept.next_try_at, kept.waits_for) == (None, None)
    assert house.get(waiting).state_reason is None
    assert "validez-le" not in (house.get(withdrawn).state_reason or "")


def test_what_failed_waits_for_a_person_and_for_nothing_else(house: House) -> None:
    publication_id = house.schedule()
    house.platform.once("changing", SPENT)
    assert house.road(publication_id) == JobState.LATER
    house.clock.set(AIR + timedelta(minutes=1))
    assert house.road(publication_id) == JobState.FAILED
    kept = house.get(publication_id)
    assert ("trop proche ou passée" in (kept.state_reason or ""), kept.next_try_at, kept.waits_for) == (
        True,
        None,
        None,
    )
