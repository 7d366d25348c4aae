"""Publications: what people plan, and what publish writes down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from pasvu.channel import due, episodes, programmes, publications, review
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused, Stale
from pasvu.channel.models import JournalEntry, Publication
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import UploadSession

from .stage import AIR, NOW, PARIS, approved, chapters, held, in_review, on_air, scheduled

P = PublicationState
LATER = AIR + timedelta(days=1)


def test_an_instant_is_kept_with_the_wall_time_that_was_meant(record: Record) -> None:
    with record.write() as session:
        scheduled(session)
    with record.read() as session:
        publication = session.scalars(select(Publication)).one()
        assert (publication.scheduled_at, publication.wall_time) == (AIR, "2026-11-23T19:00 Europe/Paris")
        assert publication.marker.startswith("pv-")
        assert (publication.state, publication.settled) == (P.PLANNED, True)
        assert due.for_upload(session, NOW) == [publication]
        line = session.scalars(select(JournalEntry).where(JournalEntry.action == "publication.schedule")).one()
        assert line.actor == "nadia"


def test_what_may_not_be_scheduled(record: Record) -> None:
    with record.write() as session:
        with pytest.raises(Refused, match="n’est pas validé"):
            publications.schedule(session, in_review(session, "A"), "youtube", AIR, PARIS, NOW, "nadia")
        episode = approved(session, "B")
        with pytest.raises(Refused, match="déjà passé"):
            publications.schedule(session, episode, "youtube", NOW, PARIS, NOW, "nadia")
        with pytest.raises(Refused, match="Titre trop long"):
            publications.schedule(
                session, episode, "youtube", AIR, PARIS, NOW, "nadia", objections=["Titre trop long."]
            )
        with pytest.raises(Stale):
            publications.schedule(session, episode, "youtube", AIR, PARIS, NOW, "nadia", drawn_from=0)
        aired = on_air(session, "C").episode
        aired.state = EpisodeState.APPROVED
        with pytest.raises(Refused, match="déjà en ligne"):
            publications.schedule(session, aired, "youtube", LATER, PARIS, NOW, "nadia")
        assert publications.of(episode, "youtube") is None


def test_moving_the_instant_of_what_a_platform_holds(record: Record) -> None:
    with record.write() as session:
        publication = held(session)
        publications.schedule(session, publication.episode, "youtube", LATER, PARIS, NOW, "nadia")
        assert not publication.settled
        assert due.unsettled(session, NOW) == [publication]
        publications.schedule(session, publication.episode, "youtube", AIR, PARIS, NOW, "nadia")
        assert publication.settled
        publications.unschedule(session, publication.episode, None, NOW, "nadia")
        assert (publication.scheduled_at, publication.wall_time, publication.settled) == (None, None, False)
        with pytest.raises(Refused, match="n’est pas programmé"):
            publications.unschedule(session, publication.episode, None, NOW, "nadia")
        with pytest.raises(Refused, match="retirez-le plutôt"):
            publications.unschedule(session, on_air(session, "B").episode, None, NOW, "nadia")


def test_what_waits_is_not_due(record: Record) -> None:
    with record.write() as session:
        soon, late = scheduled(session, "A", at=LATER), scheduled(session, "B")
        assert due.for_upload(session, NOW) == [late, soon]
        late.next_try_at = NOW + timedelta(minutes=5)
        assert due.for_upload(session, NOW) == [soon]
        assert due.for_upload(session, NOW + timedelta(minutes=5)) == [late, soon]
        review.send_back(session, soon.episode, "Non", NOW, "nadia")
        session.flush()
        assert due.for_upload(session, NOW) == []


def test_seen_public_after_its_instant_it_aired_at_its_instant(record: Record) -> None:
    with record.write() as session:
        publication = held(session)
        publications.seen_public(session, publication, AIR + timedelta(seconds=40))
        assert (publication.state, publication.air_at) == (P.ON_AIR, AIR)
        assert publication.next_snapshot_at == AIR + timedelta(seconds=40)
        assert publication.episode.state == EpisodeState.ON_AIR


def test_seen_public_before_its_instant_it_aired_when_seen(record: Record) -> None:
    with record.write() as session:
        publication = held(session)
        publications.seen_public(session, publication, AIR - timedelta(hours=1))
        assert publication.air_at == AIR - timedelta(hours=1)


def fail(session, publication: Publication) -> None:  # type: ignore[no-untyped-def]
    publications.move(session, publication, P.FAILED, NOW, "Raison.")


def test_retry_goes_back_to_where_it_failed(record: Record) -> None:
    with record.write() as session:
        planned, uploading, ready = scheduled(session, "A"), scheduled(session, "B"), held(session, "C")
        uploading.session_address = "https://upload"
        ready.processed_at = NOW
        for publication, state in ((planned, P.PLANNED), (uploading, P.UPLOADING), (ready, P.HELD)):
            attempt = publication.attempt
            fail(session, publication)
            publications.retry(session, publication.episode, "youtube", NOW, "nadia")
            assert (publication.state, publication.attempt) == (state, attempt + 1)
            assert (publication.state_reason, publication.next_try_at) == (None, None)


def test_retry_while_waiting_waits_no_more(record: Record) -> None:
    with record.write() as session:
        for title, publication in (("A", scheduled(session, "A")), ("B", held(session, "B"))):
            state = publication.state
            publication.next_try_at = NOW + timedelta(hours=1)
            publications.retry(session, publication.episode, "youtube", NOW, "nadia")
            assert (publication.state, publication.next_try_at, publication.attempt) == (state, None, 2), title


def test_what_there_is_nothing_to_retry(record: Record) -> None:
    with record.write() as session:
        publication = held(session)
        with pytest.raises(Refused, match="Rien à relancer"):
            publications.retry(session, publication.episode, "youtube", NOW, "nadia")
        with pytest.raises(Refused, match="Rien à relancer"):
            publications.retry(session, publication.episode, "peertube", NOW, "nadia")
        fail(session, publication)
        with pytest.raises(Refused, match="nouvel instant"):
            publications.retry(session, publication.episode, "youtube", AIR, "nadia")


@pytest.mark.parametrize("state", [P.FAILED, P.UPLOADING])
def test_sending_again_forgets_the_video_that_may_be_there(record: Record, state: PublicationState) -> None:
    with record.write() as session:
        publication = scheduled(session)
        publications.move(session, publication, P.UPLOADING, NOW)
        if state == P.FAILED:
            fail(session, publication)
        publication.next_try_at = NOW
        publication.session_address, publication.finishing = "https://upload", True
        publication.video_id, publication.url, publication.processed_at = "lost", "https://lost", NOW
        publication.held_at, publication.dressed, publication.sent_hash = AIR, ["playlist"], "x"
        publications.retry(session, publication.episode, "youtube", NOW, "nadia", again=True)
        assert publication.state in (P.PLANNED, P.UPLOADING)
        assert due.for_upload(session, NOW) == [publication]
        assert (publication.session_address, publication.finishing, publication.uploaded_bytes) == (None, False, 0)
        assert (publication.video_id, publication.url, publication.processed_at) == (None, None, None)
        assert (publication.held_at, publication.dressed, publication.settled) == (None, [], True)
        line = session.scalars(select(JournalEntry).where(JournalEntry.action == "publication.retry")).one()
        assert line.after is not None
        assert line.after["again"] is True


def test_a_new_instant_starts_again_what_failed(record: Record) -> None:
    with record.write() as session:
        publication = held(session)
        fail(session, publication)
        publications.schedule(session, publication.episode, "youtube", LATER, PARIS, NOW, "nadia")
        assert publication.state in (P.HELD, P.UPLOADING)
        assert publication.state_reason is None


def test_the_words_for_viewers(record: Record) -> None:
    with record.write() as session:
        show = programmes.create(session, "Le Débat", NOW, "nadia")
        wording = {
            "title_template": "{programme} : {title}",
            "description_template": "{summary}\n\nAvec {guests}.\n\n{chapters}\n\nFilmé le {date}.",
            "tags": ["débat", "paix"],
        }
        programmes.change(session, show, wording, NOW, "nadia")
        episode = scheduled(session).episode
        changes = {
            "programme": "le-debat",
            "guests": "Ana: juriste, Bo",
            "tags": "paix, climat",
            "recorded_on": "2026-11-20",
        }
        episodes.edit(session, episode, changes, NOW, "nadia")
        review.set_chapters(session, episode, chapters(), NOW, "nadia")
        meant = publications.metadata(episode)
    assert meant.title == "Le Débat : Le grand débat"
    assert meant.description == (
        "Avec Ana (juriste), Bo.\n\n0:00 Ouverture\n9:48 Invités\n29:48 Questions\n\nFilmé le 2026-11-20."
    )
    assert meant.tags == ("paix", "climat", "débat")
    assert meant.marker is None  # the mark of one publication is put on when its upload is opened
    assert not meant.made_for_kids


def test_chapters_count_from_where_the_picture_could_be_cut(record: Record) -> None:
    with record.write() as session:
        episode = approved(session)
        review.set_chapters(session, episode, chapters(), NOW, "nadia")
        made = episode.rendition("master")
        assert made is not None
        wanted = episodes.effective_trim(episode)
        made.start_s = wanted.start_s - 2.0
        lines = publications.metadata(episode).description.splitlines()
    assert [line.split()[0] for line in lines if line[:1].isdigit()] == ["0:00", "9:50", "29:50"]


def test_the_address_of_an_upload_is_never_shown(record: Record) -> None:
    assert "capability" not in repr(UploadSession("https://upload/capability", NOW, 1))
