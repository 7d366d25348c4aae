"""What people decide: trim, chapters, approval, changes asked for, withdrawal, retry."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from pasvu.channel import episodes, intake, publications, queries, review
from pasvu.channel.database import Record
from pasvu.channel.errors import NotFound, Refused, Stale
from pasvu.channel.models import Episode, JournalEntry, Remark
from pasvu.channel.states import EpisodeState, PublicationState
from pasvu.channel.values import Chapter, Span

from .stage import NOW, WHOLE_S, approved, chapters, held, in_review, keep_master, on_air, received, scheduled


def actions(record: Record) -> list[str]:
    with record.read() as session:
        return list(session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)))


def test_a_trim_asks_for_a_new_cut_and_takes_the_approval_away(record: Record) -> None:
    with record.write() as session:
        episode = approved(session)
        review.trim(session, episode, 60.0, 3000.0, NOW, "nadia")
    with record.write() as session:
        episode = session.scalars(select(Episode)).one()
        assert (episode.state, episode.wanted_cut, episode.cut) == (EpisodeState.PROCESSING, 2, 1)
        assert (episode.approved_hash, episode.approved_by) == (None, None)
        assert [each.id for each in intake.wanting_work(session)] == [episode.id]
        with pytest.raises(Refused, match="en préparation"):
            review.approve(session, episode, NOW, "nadia")
        keep_master(episode, Path("/renditions"))
        intake.offer_for_review(session, episode, 2, NOW)
        assert episode.state == EpisodeState.IN_REVIEW
        made = episode.rendition("master")
        assert made is not None
        assert made.cut == 2
    line = last(record, "episode.trim")
    assert line.before == {"start_s": 12.0, "end_s": 3500.0}
    assert line.after == {"start_s": 60.0, "end_s": 3000.0, "cut": 2}


def test_a_cut_offered_again_after_a_crash_takes_no_approval_away(record: Record) -> None:
    with record.write() as session:
        episode = approved(session)
        approval = episode.approved_hash
        intake.offer_for_review(session, episode, episode.cut, NOW)
        assert (episode.state, episode.approved_hash) == (EpisodeState.APPROVED, approval)


def test_a_stretch_taken_out_asks_for_a_new_cut_and_may_be_put_back(record: Record) -> None:
    with record.write() as session:
        episode = approved(session)
        review.cut_out(session, episode, Span(600.0, 700.0), NOW, "nadia")
        review.cut_out(session, episode, Span(690.0, 720.0), NOW, "nadia", drawn_from=episode.version)
    line = last(record, "episode.trim")
    assert line.before == {"start_s": 12.0, "end_s": 3500.0, "removed": [[600.0, 700.0]]}
    assert line.after == {"start_s": 12.0, "end_s": 3500.0, "cut": 3, "removed": [[600.0, 720.0]]}
    with record.write() as session:
        episode = session.scalars(select(Episode)).one()
        assert (episode.state, episode.wanted_cut, episode.approved_hash) == (EpisodeState.PROCESSING, 3, None)
        assert episodes.meant_timeline(episode).kept == (Span(12.0, 600.0), Span(720.0, 3500.0))
        review.trim(session, episode, 0.0, 3500.0, NOW, "nadia")
        assert episode.removed == [[600.0, 720.0]], "a new trim leaves the middle as it is"
        review.put_back(session, episode, Span(0.0, 650.0), NOW, "nadia")
        assert episode.removed == [[650.0, 720.0]]
        with pytest.raises(Refused, match="Rien n’a été retiré"):
            review.put_back(session, episode, Span(0.0, 650.0), NOW, "nadia")
        review.trim(session, episode, 0.0, 3500.0, NOW, "nadia", removed=[])
        assert episode.removed == []


def test_start_end_and_middle_are_one_decision(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        review.trim(session, episode, 60.0, 3000.0, NOW, "nadia", removed=[Span(900, 1000), Span(700, 800)])
        assert (episode.wanted_cut, episode.removed) == (2, [[700, 800], [900, 1000]])
        review.trim(session, episode, 60.0, 3000.0, NOW, "nadia", removed=[Span(700, 800), Span(900, 1000)])
        assert episode.wanted_cut == 3, "the former cut is not made yet"


def test_what_is_approved_includes_what_was_taken_out(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        before = episodes.fingerprint(episode)
        episode.removed = [[600.0, 700.0]]
        assert episodes.fingerprint(episode) != before


@pytest.mark.parametrize(
    ("out", "words"),
    [
        (Span(-1.0, 10.0), "ne peut pas être retiré"),
        (Span(700.0, 600.0), "ne peut pas être retiré"),
        (Span(600.0, WHOLE_S + 1), "ne peut pas être retiré"),
        (Span(float("nan"), 10.0), "ne peut pas être retiré"),
        (Span(0.0, 3600.0), "moins d’une seconde"),
    ],
)
def test_what_cannot_be_taken_out_is_refused(record: Record, out: Span, words: str) -> None:
    with record.write() as session:
        episode = in_review(session)
        with pytest.raises(Refused, match=words):
            review.cut_out(session, episode, out, NOW, "nadia")
        assert (episode.removed, episode.wanted_cut) == ([], 1)


def last(record: Record, action: str) -> JournalEntry:
    with record.read() as session:
        found = session.scalars(
            select(JournalEntry).where(JournalEntry.action == action).order_by(JournalEntry.id.desc())
        ).first()
    assert found is not None
    return found


def test_a_second_trim_during_the_first_keeps_the_episode_in_preparation(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        review.trim(session, episode, 60.0, 3000.0, NOW, "nadia")
        review.trim(session, episode, 70.0, 3000.0, NOW, "nadia")
        assert episode.wanted_cut == 3
        intake.offer_for_review(session, episode, 2, NOW)
        assert episode.state == EpisodeState.PROCESSING
        intake.offer_for_review(session, episode, 3, NOW)
        assert episode.state == EpisodeState.IN_REVIEW


def test_the_same_trim_again_asks_for_nothing(record: Record, tmp_path: Path) -> None:
    with record.write() as session:
        episode = in_review(session, folder=tmp_path)
        version = episode.version
        review.trim(session, episode, 12.0, 3500.0, NOW, "nadia")
        assert (episode.wanted_cut, episode.version, episode.state) == (1, version, EpisodeState.IN_REVIEW)


def test_the_same_trim_again_makes_a_master_that_left_the_disk(record: Record, tmp_path: Path) -> None:
    with record.write() as session:
        episode = in_review(session, folder=tmp_path)
        made = episode.rendition("master")
        assert made is not None
        Path(made.path).unlink()
        review.trim(session, episode, 12.0, 3500.0, NOW, "nadia")
        assert (episode.wanted_cut, episode.state) == (2, EpisodeState.PROCESSING)


def test_a_trim_may_round_past_the_last_frame(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        review.trim(session, episode, 0.0, WHOLE_S + 0.4, NOW, "nadia")
        assert episode.trim_end_s == WHOLE_S


@pytest.mark.parametrize(
    ("start_s", "end_s", "words"),
    [
        (-1.0, 100.0, "sort de l’enregistrement"),
        (0.0, WHOLE_S + 1, "sort de l’enregistrement"),
        (100.0, 100.0, "sort de l’enregistrement"),
        (200.0, 100.0, "sort de l’enregistrement"),
        (float("nan"), 100.0, "sort de l’enregistrement"),
        (10.0, float("nan"), "sort de l’enregistrement"),
        (0.0, float("inf"), "sort de l’enregistrement"),
        (100.0, 100.5, "moins d’une seconde"),
    ],
)
def test_an_impossible_trim_is_refused(record: Record, start_s: float, end_s: float, words: str) -> None:
    with record.write() as session:
        in_review(session)
    with pytest.raises(Refused, match=words), record.write() as session:
        review.trim(session, session.scalars(select(Episode)).one(), start_s, end_s, NOW, "nadia")
    with record.read() as session:
        assert session.scalars(select(Episode)).one().trim_start_s is None


def test_a_trim_waits_for_the_measures_and_stops_at_the_platform(record: Record) -> None:
    with record.write() as session:
        with pytest.raises(Refused, match="pas encore mesuré"):
            review.trim(session, received(session, "A"), 0.0, 10.0, NOW, "nadia")
        with pytest.raises(Refused, match="déjà envoyé"):
            review.trim(session, held(session, "B").episode, 0.0, 10.0, NOW, "nadia")
        review.trim(session, scheduled(session, "C").episode, 0.0, 10.0, NOW, "nadia")


def test_a_trim_after_a_sending_that_was_stopped_starts_from_the_new_bytes(record: Record) -> None:
    with record.write() as session:
        publication = scheduled(session)
        publications.move(session, publication, PublicationState.UPLOADING, NOW)
        publication.session_address, publication.uploaded_bytes = "https://upload", 5
        with pytest.raises(Refused, match="déjà envoyé"):
            review.trim(session, publication.episode, 0.0, 10.0, NOW, "nadia")
        publications.move(session, publication, PublicationState.FAILED, NOW, "Envoi arrêté par nadia.", "nadia")
        publication.finishing = True
        with pytest.raises(Refused, match="déjà envoyé"):
            review.trim(session, publication.episode, 0.0, 10.0, NOW, "nadia")
        publication.finishing = False
        review.trim(session, publication.episode, 0.0, 10.0, NOW, "nadia")
        assert (publication.session_address, publication.uploaded_bytes) == (None, 0)


def test_approval_is_of_exactly_what_was_seen(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        review.approve(session, episode, NOW, "nadia")
        assert episode.approved_hash == episodes.fingerprint(episode)
        assert (episode.approved_by, episode.approved_at) == ("nadia", NOW)
        before = episode.approved_hash
        episode.title = "Un autre titre"
        assert episodes.fingerprint(episode) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda session, episode: episodes.edit(session, episode, {"title": "Corrigé"}, NOW, "nadia"),
        lambda session, episode: episodes.edit(session, episode, {"summary": "Texte"}, NOW, "nadia"),
        lambda session, episode: episodes.edit(session, episode, {"tags": "a, b"}, NOW, "nadia"),
        lambda session, episode: episodes.edit(session, episode, {"guests": "Ana: juriste"}, NOW, "nadia"),
        lambda session, episode: review.set_chapters(session, episode, chapters(), NOW, "nadia"),
        lambda session, episode: review.choose_thumbnail(session, episode, episode.thumbnails[0].id, NOW, "nadia"),
    ],
    ids=["title", "summary", "tags", "guests", "chapters", "thumbnail"],
)
def test_a_correction_of_an_approved_episode_is_approved_as_corrected(record: Record, change) -> None:  # type: ignore[no-untyped-def]
    with record.write() as session:
        episode = approved(session)
        before, version = episode.approved_hash, episode.version
        change(session, episode)
        assert episode.state == EpisodeState.APPROVED
        assert before != episode.approved_hash == episodes.fingerprint(episode)
        assert episode.version > version


def test_approval_needs_a_master(record: Record) -> None:
    with record.write() as session:
        episode = received(session)
        with pytest.raises(Refused, match="n’est pas prêt"):
            review.approve(session, episode, NOW, "nadia")


def test_an_old_form_is_refused_whatever_it_asks(record: Record) -> None:
    with record.write() as session:
        in_review(session)
    with record.write() as session:
        episode = session.scalars(select(Episode)).one()
        drawn_from = episode.version
        episodes.edit(session, episode, {"title": "Entre-temps"}, NOW, "karim")
    asks = [
        lambda session, episode: review.approve(session, episode, NOW, "nadia", drawn_from=drawn_from),
        lambda session, episode: review.trim(session, episode, 60, 90, NOW, "nadia", drawn_from=drawn_from),
        lambda session, episode: review.send_back(session, episode, "Non", NOW, "nadia", drawn_from=drawn_from),
        lambda session, episode: review.withdraw(session, episode, NOW, "nadia", drawn_from=drawn_from),
        lambda session, episode: review.reopen(session, episode, NOW, "nadia", drawn_from=drawn_from),
        lambda session, episode: review.set_chapters(session, episode, [], NOW, "nadia", drawn_from=drawn_from),
        lambda session, episode: episodes.edit(session, episode, {"title": "X"}, NOW, "nadia", drawn_from=drawn_from),
    ]
    before = actions(record)
    for ask in asks:
        with pytest.raises(Stale, match="modifié entre-temps"), record.write() as session:
            ask(session, session.scalars(select(Episode)).one())
    assert actions(record) == before


def test_a_remark_leaves_open_forms_valid(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        drawn_from = episode.version
        review.comment(session, episode, " Le son sature. ", NOW, "karim", time_s=61.5)
        review.approve(session, episode, NOW, "nadia", drawn_from=drawn_from)
        with pytest.raises(Refused, match="remarque est vide"):
            review.comment(session, episode, "  ", NOW, "karim")
    with record.write() as session:
        remark = session.scalars(select(Remark)).one()
        assert (remark.text, remark.time_s, remark.author) == ("Le son sature.", 61.5, "karim")
        review.resolve_remark(session, remark, NOW, "nadia")
        assert queries.remark(session, remark.id).done_at == NOW
        with pytest.raises(NotFound):
            queries.remark(session, 12345)


def test_sending_back_needs_words_and_keeps_them(record: Record) -> None:
    with record.write() as session:
        episode = approved(session)
        with pytest.raises(Refused, match="remarque est vide"):
            review.send_back(session, episode, "  \n", NOW, "nadia")
        review.send_back(session, episode, " Couper le générique. ", NOW, "nadia", time_s=3.0)
        assert (episode.state, episode.state_reason) == (EpisodeState.CHANGES_REQUESTED, "Couper le générique.")
        assert episode.approved_hash is None
    with record.read() as session:
        assert [remark.text for remark in session.scalars(select(Remark))] == ["Couper le générique."]


@pytest.mark.parametrize("decide", ["send_back", "reopen"])
def test_an_approval_taken_back_tells_the_platform_that_holds_it(record: Record, decide: str) -> None:
    with record.write() as session:
        publication = held(session)
        assert publication.settled
        if decide == "send_back":
            review.send_back(session, publication.episode, "Non", NOW, "nadia")
        else:
            review.reopen(session, publication.episode, NOW, "nadia")
        assert not publication.settled
        assert publication.episode.approved_hash is None


def test_an_approval_given_again_tells_the_platform_too(record: Record) -> None:
    with record.write() as session:
        publication = held(session)
        review.send_back(session, publication.episode, "Non", NOW, "nadia")
        publication.held_at, publication.settled = None, True  # what publish writes once the platform has let go
        review.approve(session, publication.episode, NOW, "nadia")
        assert not publication.settled


def test_withdrawing_from_the_air_tells_the_platform(record: Record) -> None:
    with record.write() as session:
        publication = on_air(session)
        review.withdraw(session, publication.episode, NOW, "nadia")
        assert (publication.state, publication.settled) == (PublicationState.WITHDRAWN, False)
        planned = scheduled(session, "Pas encore parti")
        review.withdraw(session, planned.episode, NOW, "nadia")
        assert (planned.state, planned.settled) == (PublicationState.WITHDRAWN, True)
        with pytest.raises(Refused):
            review.approve(session, planned.episode, NOW, "nadia")


def test_retry_starts_again_what_stopped_and_nothing_else(record: Record) -> None:
    with record.write() as session:
        episode = received(session)
        with pytest.raises(Refused, match="Rien à relancer"):
            review.retry(session, episode, NOW, "nadia")
        intake.begin(session, episode, NOW)
        intake.stop(session, episode, "failed", "Plus de place.", NOW)
        assert intake.wanting_work(session) == []
        review.retry(session, episode, NOW, "nadia")
        assert (episode.attempt, episode.job_state, episode.state_reason) == (2, None, None)
        assert intake.wanting_work(session) == [episode]
        intake.quarantine(session, episode, "Ce fichier n’est pas une vidéo.", NOW)
        assert (episode.state, episode.state_reason) == (EpisodeState.QUARANTINED, "Ce fichier n’est pas une vidéo.")
        review.retry(session, episode, NOW, "nadia")
        assert (episode.state, episode.state_reason, episode.attempt) == (EpisodeState.RECEIVED, None, 3)


def test_chapters_are_replaced_sorted_and_checked(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        review.set_chapters(session, episode, list(reversed(chapters())), NOW, "nadia")
        assert [mark.title for mark in episode.chapters] == ["Ouverture", "Invités", "Questions"]
        version = episode.version
        review.set_chapters(session, episode, chapters(), NOW, "nadia")
        assert episode.version == version
        with pytest.raises(Refused, match="même instant"):
            review.set_chapters(session, episode, [Chapter(1, "A"), Chapter(1, "B")], NOW, "nadia")
        for outside in (-1.0, WHOLE_S, float("nan")):
            with pytest.raises(Refused, match="hors de l’enregistrement"):
                review.set_chapters(session, episode, [Chapter(outside, "A")], NOW, "nadia")
    with record.read() as session:
        assert len(session.scalars(select(Episode)).one().chapters) == 3


def test_one_still_is_chosen(record: Record) -> None:
    with record.write() as session:
        episode, other = in_review(session, "A"), in_review(session, "B")
        wanted = next(still.id for still in episode.thumbnails if not still.chosen)
        review.choose_thumbnail(session, episode, wanted, NOW, "nadia")
        assert [still.id for still in episode.thumbnails if still.chosen] == [wanted]
        with pytest.raises(NotFound):
            review.choose_thumbnail(session, episode, other.thumbnails[0].id, NOW, "nadia")


def test_every_decision_is_in_the_journal_with_its_author(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        review.approve(session, episode, NOW, "nadia")
        review.send_back(session, episode, "Reprendre", NOW, "karim")
        review.withdraw(session, episode, NOW, "nadia")
    with record.read() as session:
        lines = [line for line in queries.history(session, episode.id) if line.actor != "pasvu"]
        said = [(line.actor, (line.after or {}).get("state")) for line in reversed(lines)]
    assert said == [("nadia", "approved"), ("karim", "changes_requested"), ("nadia", "withdrawn")]
