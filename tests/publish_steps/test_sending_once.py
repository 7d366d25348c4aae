"""A video is sent once, whatever dies and whenever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channel.stage import AIR, MASTER, NOW
from pasvu.channel import episodes, publications, remote, review
from pasvu.channel.documents import seconds_left
from pasvu.channel.models import JobProgress, Publication
from pasvu.channel.remote import SETTLES_WITHIN
from pasvu.channel.states import EpisodeState, JobState, PublicationState
from pasvu.channel.values import Privacy
from pasvu.publish.errors import PlatformRefused
from pasvu.publish.steps import PublishSteps
from pasvu.publish.workflow import stop

from .conftest import House
from .fake import PowerCut

P = PublicationState
ASKS = "choisissez de renvoyer ou non"


def test_the_whole_master_arrives_privately_and_is_then_held_until_its_instant(house: House) -> None:
    publication_id = house.schedule()
    assert house.road(publication_id) == JobState.DONE
    video = house.platform.only_video()
    assert house.platform.bodies == {video.video_id: MASTER}
    assert (video.privacy, video.publish_at) == (Privacy.PRIVATE, AIR)
    kept = house.get(publication_id)
    assert (kept.state, kept.video_id, kept.held_at) == (P.HELD, video.video_id, AIR)
    assert kept.url == f"https://watch/{video.video_id}"
    assert (kept.uploaded_bytes, kept.total_bytes) == (len(MASTER), len(MASTER))
    assert kept.session_address is None
    assert kept.dressed == [f"thumbnail:{next(s.id for s in kept.episode.thumbnails if s.chosen)}"]
    assert house.platform.dressing == [("thumbnail", video.video_id, "still-3.jpg")]


def test_the_session_is_kept_before_the_first_byte_and_the_intent_before_the_last(house: House) -> None:
    publication_id = house.schedule()
    seen: list[tuple[str | None, P, bool, int]] = []

    def look() -> None:
        kept = house.get(publication_id)
        seen.append((kept.session_address, kept.state, kept.finishing, kept.uploaded_bytes))

    house.platform.at["before bytes"] = look
    house.road(publication_id)
    assert len(seen) == 3
    assert seen[0] == ("https://upload/0", P.UPLOADING, False, 0)
    assert seen[1] == ("https://upload/0", P.UPLOADING, False, 500)
    assert seen[2] == ("https://upload/0", P.UPLOADING, True, 1000)


@pytest.mark.parametrize(
    ("point", "sessions"),
    [
        ("opening", 1),
        ("opened", 2),  # opened over there, and not kept here: no byte went into it
        ("sending", 1),
        ("before bytes", 1),
        ("after last byte", 1),
        ("answered", 1),
        ("thumbnail", 1),
        ("changing", 1),
        ("changed", 1),
    ],
)
def test_a_power_cut_anywhere_leaves_one_video(house: House, point: str, sessions: int) -> None:
    publication_id = house.schedule()
    house.platform.once(point, PowerCut())
    with pytest.raises(PowerCut):
        house.road(publication_id)
    assert house.road(publication_id) == JobState.DONE
    assert list(house.platform.bodies.values()) == [MASTER]
    assert len(house.platform.uploads) == sessions
    kept = house.get(publication_id)
    assert (kept.state, kept.video_id) == (P.HELD, "video-1")
    assert house.platform.only_video().publish_at == AIR


def test_sending_goes_on_where_it_was_cut(house: House) -> None:
    publication_id = house.schedule()
    cuts = iter([None, PowerCut()])

    def second_chunk() -> None:
        cut = next(cuts, None)
        if cut:
            raise cut

    house.platform.at["before bytes"] = second_chunk
    with pytest.raises(PowerCut):
        house.road(publication_id)
    assert len(house.platform.uploads["https://upload/0"].received) == 500
    house.road(publication_id)
    assert house.platform.bodies == {"video-1": MASTER}


def test_a_session_lost_before_the_end_is_opened_anew(house: House) -> None:
    publication_id = house.schedule()
    house.platform.once("before bytes", PowerCut())
    with pytest.raises(PowerCut):
        house.road(publication_id)
    house.platform.uploads.pop("https://upload/0")
    assert house.road(publication_id) == JobState.DONE
    assert house.platform.bodies == {"video-1": MASTER}
    assert house.get(publication_id).state == P.HELD


def lose_the_answer(house: House, publication_id: int) -> None:
    """The last byte arrives, and the session is forgotten before anyone reads the answer."""
    house.platform.once("after last byte", PowerCut())
    with pytest.raises(PowerCut):
        house.road(publication_id)
    house.platform.uploads.clear()


def test_a_session_lost_after_the_last_byte_is_found_by_its_marker(house: House) -> None:
    publication_id = house.schedule()
    lose_the_answer(house, publication_id)
    assert house.road(publication_id) == JobState.DONE
    assert house.platform.bodies == {"video-1": MASTER}
    assert house.get(publication_id).video_id == "video-1"


def test_what_cannot_be_found_is_asked_of_a_person_and_never_sent_by_guess(house: House) -> None:
    publication_id = house.schedule()
    lose_the_answer(house, publication_id)
    house.platform.markers_found = False
    for _ in range(2):
        assert house.road(publication_id) == JobState.FAILED
        kept = house.get(publication_id)
        assert kept.state == P.FAILED
        assert ASKS in (kept.state_reason or "")
        assert house.platform.uploads == {}
        house.decides(
            publication_id,
            lambda session, each: publications.retry(session, each.episode, "youtube", house.clock.now(), "nadia"),
        )
    house.platform.markers_found = True
    assert house.road(publication_id) == JobState.DONE
    assert len(house.platform.videos) == 1


def test_a_person_may_send_again(house: House) -> None:
    publication_id = house.schedule()
    lose_the_answer(house, publication_id)
    house.platform.markers_found = False
    house.road(publication_id)
    house.decides(
        publication_id,
        lambda session, each: publications.retry(
            session, each.episode, "youtube", house.clock.now(), "nadia", again=True
        ),
    )
    assert house.road(publication_id) == JobState.DONE
    assert house.get(publication_id).video_id == "video-2"


def test_a_video_deleted_over_there_is_sent_again_only_when_a_person_says_so(house: House) -> None:
    publication_id = house.hold()
    house.clock.sleep(SETTLES_WITHIN.total_seconds())
    house.platform.videos.clear()
    house.clock.sleep(remote.SETTLES_WITHIN.total_seconds())
    house.tick.tick()
    kept = house.get(publication_id)
    assert kept.state == P.FAILED
    assert "n’est plus sur la plateforme" in (kept.state_reason or "")
    assert len(house.platform.uploads) == 1
    house.decides(
        publication_id,
        lambda session, each: publications.retry(
            session, each.episode, "youtube", house.clock.now(), "nadia", again=True
        ),
    )
    assert house.road(publication_id) == JobState.DONE
    assert (len(house.platform.uploads), house.get(publication_id).state) == (2, P.HELD)


@pytest.mark.parametrize("what", ["title", "bytes", "gone", "sent back"])
def test_what_was_not_approved_is_not_sent(house: House, what: str) -> None:
    publication_id = house.schedule()
    with house.decide(publication_id) as (session, publication):
        made = publication.episode.rendition("master")
        assert made is not None
        path = house.folder / made.path
        if what == "title":
            publication.episode.title = "Changé par-derrière"
        elif what == "sent back":
            review.send_back(session, publication.episode, "Non", NOW, "nadia")
    if what == "bytes":
        path.write_bytes(MASTER[:-1] + b"!")
    elif what == "gone":
        path.unlink()
    assert house.road(publication_id) == JobState.FAILED
    kept = house.get(publication_id)
    assert kept.state == P.FAILED
    said = "a changé ou disparu du disque" if what in ("bytes", "gone") else "validez-le à nouveau"
    assert said in (kept.state_reason or "")
    assert house.platform.uploads == {}
    if what in ("bytes", "gone"):
        # As the sentence says: the same cut can be asked for again, and is made anew.
        with house.decide(publication_id) as (session, publication):
            trim = episodes.effective_trim(publication.episode)
            review.trim(session, publication.episode, trim.start_s, trim.end_s, NOW, "nadia")
            assert (publication.episode.wanted_cut, publication.episode.state) == (2, EpisodeState.PROCESSING)


def test_a_person_may_stop_a_sending_and_take_it_up_again(house: House) -> None:
    publication_id = house.schedule()

    def stops() -> None:
        del house.platform.at["before bytes"]
        stop(house.desk, publication_id, "nadia")

    house.platform.at["before bytes"] = stops
    assert house.road(publication_id) == JobState.CANCELLED
    kept = house.get(publication_id)
    assert (kept.state, kept.session_address) == (P.FAILED, "https://upload/0")
    house.decides(
        publication_id,
        lambda session, each: publications.retry(session, each.episode, "youtube", house.clock.now(), "nadia"),
    )
    assert house.road(publication_id) == JobState.DONE
    assert len(house.platform.uploads) == 1
    assert house.platform.bodies == {"video-1": MASTER}


def test_an_episode_withdrawn_while_it_is_sent_is_not_held(house: House) -> None:
    publication_id = house.schedule()

    def withdraws() -> None:
        del house.platform.at["after last byte"]
        house.decides(
            publication_id, lambda session, each: review.withdraw(session, each.episode, house.clock.now(), "nadia")
        )

    house.platform.at["after last byte"] = withdraws
    house.road(publication_id)
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.episode.state) == (P.WITHDRAWN, EpisodeState.WITHDRAWN)
    assert "ne peut pas devenir" not in (kept.state_reason or "")
    video = house.platform.only_video()
    assert (video.privacy, video.publish_at) == (Privacy.PRIVATE, None)


def test_what_the_platform_refuses_is_said_in_its_words(house: House) -> None:
    publication_id = house.schedule()
    house.platform.once("opening", PlatformRefused("Le titre est refusé : raccourcissez-le.", reason="invalidTitle"))
    assert house.road(publication_id) == JobState.FAILED
    assert house.get(publication_id).state_reason == "Le titre est refusé\u202f: raccourcissez-le."


def test_what_nobody_foresaw_is_said_too(house: House) -> None:
    publication_id = house.schedule()
    house.platform.once("sending", ZeroDivisionError())
    assert house.road(publication_id) == JobState.FAILED
    assert "erreur imprévue" in (house.get(publication_id).state_reason or "")


def test_progress_is_told_while_it_goes(house: House) -> None:
    publication_id = house.schedule()
    house.steps.send(publication_id, "job-7")
    with house.record.read() as session:
        row = session.get_one(JobProgress, "job-7")
        assert (row.step, row.share) == ("upload", 1.0)
        assert row.episode_id == session.get_one(Publication, publication_id).episode_id


def test_the_pace_is_measured_and_waits_are_no_sending(house: House) -> None:
    publication_id = house.schedule()
    house.platform.at["before bytes"] = lambda: house.clock.sleep(10)
    house.steps.send(publication_id, "job")
    kept = house.get(publication_id)
    assert kept.sent_at == house.clock.now()
    assert kept.sending_s == 30.0
    assert kept.rate_bytes_s is None  # nothing is under way any more

    other = house.schedule("Autre")
    seen = []

    def wait_then_look() -> None:
        house.clock.sleep(10)
        seen.append(seconds_left(house.get(other)))

    house.platform.at["before bytes"] = wait_then_look
    house.steps.send(other, "job")
    # 1400 bytes by 500 in ten seconds each.
    assert seen == [None, 18.0, 8.0]


def test_pieces_that_are_there_are_not_paid_for_twice(house: House) -> None:
    publication_id = house.hold()
    house.steps.dress(publication_id)
    assert len(house.platform.dressing) == 1
    house.decides(
        publication_id,
        lambda session, each: review.choose_thumbnail(
            session, each.episode, next(s.id for s in each.episode.thumbnails if not s.chosen), NOW, "nadia"
        ),
    )
    house.tick.tick()
    assert [piece[2] for piece in house.platform.dressing] == ["still-3.jpg", house_chosen(house, publication_id)]


def house_chosen(house: House, publication_id: int) -> str:
    chosen = next(still for still in house.get(publication_id).episode.thumbnails if still.chosen)
    return chosen.path.rpartition("/")[2]


def test_a_correction_made_while_sending_reaches_the_platform(house: House) -> None:
    publication_id = house.schedule()

    def corrects() -> None:
        del house.platform.at["before bytes"]
        house.decides(
            publication_id,
            lambda session, each: edit_title(session, each, "Corrigé"),
        )

    house.platform.at["before bytes"] = corrects
    assert house.road(publication_id) == JobState.DONE
    assert house.platform.only_video().title == "Corrigé"


def edit_title(session, publication: Publication, title: str) -> None:  # type: ignore[no-untyped-def]
    episodes.edit(session, publication.episode, {"title": title}, NOW, "nadia")


class Lockable:
    """A safe that writes backwards, until its key is gone."""

    def __init__(self) -> None:
        self.locked = False

    def seal(self, text: str) -> str:
        return text[::-1]

    def opened(self, sealed: str) -> str | None:
        return None if self.locked else sealed[::-1]


@pytest.mark.parametrize("key_gone", [False, True])
def test_the_address_of_an_upload_is_kept_sealed_and_a_lost_key_is_a_lost_session(house: House, key_gone: bool) -> None:
    safe = Lockable()
    steps = PublishSteps(replace(house.desk, safe=safe))
    publication_id = house.schedule()
    house.platform.once("before bytes", PowerCut())
    with pytest.raises(PowerCut):
        steps.send(publication_id, "job")
    assert house.get(publication_id).session_address == "https://upload/0"[::-1]
    safe.locked = key_gone
    assert steps.send(publication_id, "job") == JobState.DONE
    # With the key the same session goes on; without it, nothing had arrived and another is opened.
    assert (len(house.platform.uploads), len(house.platform.videos)) == (2 if key_gone else 1, 1)
