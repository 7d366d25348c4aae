"""Looking at the platform: on air at its instant, never before; counting; what is said when it is not as meant."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from channel.stage import AIR, NOW
from pasvu.channel import queries, remote, review
from pasvu.channel.models import Publication
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import Privacy
from pasvu.publish.errors import PlatformBusy
from pasvu.publish.verdicts import why_unusable

from .conftest import House
from .fake import EVERY

P = PublicationState


def on_air(house: House, title: str = "Le grand débat") -> int:
    publication_id = house.hold(title)
    house.clock.set(AIR + timedelta(seconds=5))
    house.tick.tick()
    assert house.get(publication_id).state == P.ON_AIR
    return publication_id


def test_at_its_instant_it_is_on_air_at_its_instant(house: House) -> None:
    publication_id = house.hold()
    house.clock.set(AIR - timedelta(seconds=1))
    house.tick.tick()
    assert house.get(publication_id).state == P.HELD
    # The round is not due, but an instant has just passed.
    house.clock.sleep(4)
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.air_at, kept.episode.state) == (P.ON_AIR, AIR, EpisodeState.ON_AIR)
    assert (kept.state_reason, kept.processed_at) == (None, AIR - timedelta(seconds=1))


def test_an_instant_that_comes_while_the_platform_answers_is_no_false_alarm(house: House) -> None:
    publication_id = house.hold()
    house.clock.set(AIR - timedelta(seconds=2))
    house.platform.at["looking"] = lambda: house.clock.sleep(60)
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.air_at, kept.state_reason) == (P.ON_AIR, AIR, None)
    # Seen at some moment since the question: what is due to be looked at again goes by the question.
    assert kept.checked_at == AIR - timedelta(seconds=2)


def test_public_before_its_instant_is_an_alarm(house: House) -> None:
    publication_id = house.hold()
    house.platform.alter("video-1", privacy=Privacy.PUBLIC, publish_at=None)
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.air_at, kept.episode.state) == (P.ON_AIR, NOW, EpisodeState.ON_AIR)
    assert kept.state_reason == "ALERTE\u202f: la vidéo est publique avant son heure."
    with house.record.read() as session:
        assert next(line.action for line in queries.history(session)) == "publication.alarm"


@pytest.mark.parametrize("decision", ["send_back", "reopen"])
def test_public_although_the_approval_was_taken_back_is_an_alarm_and_stops_nothing_else(
    house: House, decision: str
) -> None:
    other = house.hold("Autre")
    publication_id = house.hold()

    def take_back(session: Any, each: Publication) -> None:
        if decision == "send_back":
            review.send_back(session, each.episode, "Trop tard ?", house.clock.now(), "nadia")
        else:
            review.reopen(session, each.episode, house.clock.now(), "nadia")

    house.clock.set(AIR + timedelta(seconds=5))
    house.decides(publication_id, take_back)
    house.platform.always("changing", PlatformBusy("Le réseau est coupé."))
    house.tick.tick()
    assert house.get(other).state == P.ON_AIR
    kept = house.get(publication_id)
    assert (kept.state, kept.episode.state) == (P.ON_AIR, EpisodeState.ON_AIR)
    assert "ALERTE" in (kept.state_reason or "")


def test_not_public_two_minutes_after_its_instant_is_an_alarm_and_mends(house: House) -> None:
    publication_id = house.hold()
    house.platform.alter("video-1", publish_at=AIR + timedelta(hours=1))
    house.clock.set(AIR + timedelta(minutes=2, seconds=1))
    house.tick.tick()
    assert "l’heure est passée et la vidéo n’est pas publique" in (house.get(publication_id).state_reason or "")
    house.clock.set(AIR + timedelta(hours=1, seconds=1))
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.state_reason) == (P.ON_AIR, None)


@pytest.mark.parametrize(
    ("altered", "words"),
    [
        ({"publish_at": AIR + timedelta(hours=1)}, "L’instant a été changé sur la plateforme"),
        ({"publish_at": None}, "L’instant a été changé sur la plateforme"),
        ({"bytes": 3}, "annonce 3 octets au lieu de 1400"),
        ({"duration_s": 100.0}, "annonce 100 s au lieu de 3488 s"),
    ],
)
def test_what_is_not_held_as_meant_is_said_once_and_unsaid_when_it_mends(
    house: House, altered: dict[str, Any], words: str
) -> None:
    publication_id = house.hold()
    meant = house.platform.videos["video-1"]
    house.platform.alter("video-1", **altered)
    house.tick.tick()
    kept = house.get(publication_id)
    assert words in (kept.state_reason or "")
    house.clock.sleep(61)
    house.tick.tick()
    assert house.get(publication_id).episode.version == kept.episode.version
    house.platform.videos["video-1"] = meant
    house.clock.sleep(61)
    house.tick.tick()
    mended = house.get(publication_id)
    assert (mended.state, mended.state_reason) == (P.HELD, None)


def test_what_the_platform_could_not_process_or_no_longer_has_fails(house: House) -> None:
    broken, gone = house.hold("Cassé"), house.hold("Parti")
    house.platform.alter("video-1", processing="failed", reason="invalidFile")
    del house.platform.videos["video-2"]
    house.tick.tick()
    # What has just arrived may be listed late.
    assert (house.get(broken).state, house.get(gone).state) == (P.FAILED, P.HELD)
    house.clock.sleep(remote.SETTLES_WITHIN.total_seconds())
    house.tick.tick()
    assert "ne reconnaît pas le fichier comme une vidéo" in (house.get(broken).state_reason or "")
    assert "n’est plus sur la plateforme" in (house.get(gone).state_reason or "")
    assert house.get(broken).state == house.get(gone).state == P.FAILED


def test_hidden_again_by_someone_else_is_said(house: House) -> None:
    publication_id = on_air(house)
    house.platform.alter("video-1", privacy=Privacy.UNLISTED)
    house.clock.sleep(61)
    house.tick.tick()
    assert "n’est plus publique" in (house.get(publication_id).state_reason or "")


def test_a_platform_out_of_reach_delays_the_look_and_nothing_more(house: House) -> None:
    publication_id = house.hold()
    house.platform.always("looking", PlatformBusy("Le réseau est coupé."))
    house.clock.set(AIR + timedelta(seconds=1))
    house.tick.tick()
    assert house.get(publication_id).state == P.HELD
    del house.platform.at["looking"]
    house.clock.sleep(EVERY.total_seconds())
    house.tick.tick()
    assert house.get(publication_id).air_at == AIR


def test_right_after_its_instant_it_is_looked_at_often_and_at_the_end_of_the_two_minutes(house: House) -> None:
    publication_id = house.hold()
    house.platform.alter("video-1", publish_at=None)
    house.clock.set(AIR - timedelta(seconds=5))
    house.tick.tick()
    looks: list[float] = []
    house.platform.at["looking"] = lambda: looks.append((house.clock.now() - AIR).total_seconds())
    alarm_s = None
    while house.clock.now() < AIR + timedelta(minutes=4):
        house.clock.sleep(1)
        house.tick.tick()
        if alarm_s is None and "ALERTE" in (house.get(publication_id).state_reason or ""):
            alarm_s = (house.clock.now() - AIR).total_seconds()
    assert looks[0] == 0
    assert 120 < alarm_s <= 122  # type: ignore[operator]
    assert all(after - before <= 21 for before, after in pairwise([look for look in looks if look <= 121]))
    # Then at the usual pace: each look costs a unit.
    assert len([look for look in looks if look > 122]) <= 2


def test_a_platform_that_does_not_answer_at_the_instant_is_an_alarm_too(house: House) -> None:
    publication_id = house.hold()
    house.platform.always("looking", PlatformBusy("Le réseau est coupé."))
    house.clock.set(AIR + timedelta(seconds=30))
    house.tick.tick()
    assert house.get(publication_id).state_reason is None
    house.clock.set(AIR + timedelta(minutes=2, seconds=5))
    house.tick.tick()
    assert "nous ne savons pas si la vidéo est publique" in (house.get(publication_id).state_reason or "")
    del house.platform.at["looking"]
    house.clock.sleep(61)
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.state_reason) == (P.ON_AIR, None)


def test_seen_by_its_link_before_its_hour_is_an_alarm(house: House) -> None:
    publication_id = house.hold()
    house.platform.alter("video-1", privacy=Privacy.UNLISTED)
    house.tick.tick()
    kept = house.get(publication_id)
    assert kept.state == P.HELD
    assert "ALERTE\u202f: la vidéo est visible par son lien" in (kept.state_reason or "")


def test_a_withdrawn_video_made_public_is_an_alarm(house: House) -> None:
    publication_id = house.hold()
    house.decides(publication_id, lambda session, each: review.withdraw(session, each.episode, NOW, "nadia"))
    house.tick.tick()
    house.platform.alter("video-1", privacy=Privacy.PUBLIC)
    house.clock.sleep(24 * 3600)
    house.tick.tick()
    kept = house.get(publication_id)
    assert kept.state == P.WITHDRAWN
    assert "ALERTE\u202f: la vidéo est publique sans que personne" in (kept.state_reason or "")
    house.platform.alter("video-1", privacy=Privacy.PRIVATE)
    house.clock.sleep(24 * 3600)
    house.tick.tick()
    assert house.get(publication_id).state_reason is None


def test_a_video_made_public_while_it_is_dressed_is_an_alarm(house: House) -> None:
    publication_id = house.schedule()
    house.steps.send(publication_id, "job")
    house.platform.alter("video-1", privacy=Privacy.PUBLIC)
    house.tick.tick()
    assert "ALERTE" in (house.get(publication_id).state_reason or "")


def test_processing_that_never_ends_is_said_after_a_day(house: House) -> None:
    publication_id = house.hold(at=AIR + timedelta(days=3))
    house.platform.alter("video-1", processing="processing")
    house.clock.sleep(23 * 3600)
    house.tick.tick()
    assert house.get(publication_id).state_reason is None
    house.clock.sleep(2 * 3600)
    house.tick.tick()
    assert "depuis plus d’un jour" in (house.get(publication_id).state_reason or "")


@pytest.mark.parametrize(
    ("altered", "words"),
    [
        ({"custom_thumbnail": False}, "La vignette choisie n’est pas sur la plateforme"),
        ({"title": "Autre chose"}, "Le titre sur la plateforme est"),
        ({"fields": {"language": "en"}}, "La langue sur la plateforme est"),
    ],
)
def test_what_the_platform_made_of_our_words_is_compared(house: House, altered: dict[str, Any], words: str) -> None:
    """Not what someone changed later (that is drift), but what never was as we said."""
    publication_id = house.hold()
    house.platform.alter("video-1", **altered)

    def never_was(session: Any, each: Publication) -> None:
        each.held_fields = dict(house.platform.videos["video-1"].fields)

    house.decides(publication_id, never_was)
    house.clock.sleep(600)
    house.tick.tick()
    assert words in (house.get(publication_id).state_reason or "")


def test_every_verdict_of_the_platform_has_words_and_a_cure() -> None:
    # Enumerations of status.failureReason, status.rejectionReason and processingFailureReason, youtube.v3.
    words = [
        *("conversion", "invalidFile", "emptyFile", "tooSmall", "codec", "uploadAborted"),
        *("copyright", "inappropriate", "duplicate", "termsOfUse", "uploaderAccountSuspended", "length", "claim"),
        *("uploaderAccountClosed", "trademark", "legal"),
        *("uploadFailed", "transcodeFailed", "streamingFailed", "other"),
    ]
    sentences = {why_unusable(word) for word in words}
    assert len(sentences) >= len(words) - 1  # two of them are one fault under two names
    for sentence in sentences:
        assert any(cure in sentence for cure in ("renvoyer", "renvoyez", "YouTube Studio", "Voyez avec")), sentence
    assert "(somethingNew)" in why_unusable("somethingNew")
    assert why_unusable(None) == why_unusable("other")


def test_a_refused_video_is_never_sent_again_by_itself(house: House) -> None:
    publication_id = house.hold()
    house.platform.alter("video-1", processing="failed", reason="copyright")
    for _ in range(3):
        house.tick.tick()
        house.clock.sleep(3600)
    kept = house.get(publication_id)
    assert kept.state == P.FAILED
    assert "droit d’auteur" in (kept.state_reason or "")
    assert len(house.platform.uploads) == 1
