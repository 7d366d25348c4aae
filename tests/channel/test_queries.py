"""Read models: board, calendar, audience, what happened since the last visit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from pasvu.channel import episodes, figures, incoming, intake, programmes, progress, publications, queries, review
from pasvu.channel.database import Record
from pasvu.channel.models import Publication
from pasvu.channel.queries import Column, Filters
from pasvu.channel.states import PublicationState
from pasvu.channel.values import RemoteFigures

from .stage import AIR, NOW, approved, held, in_review, on_air, received, scheduled

DAY = timedelta(days=1)


def board(record: Record, filters: Filters | None = None, page: int = 1) -> queries.Board:
    with record.read() as session:
        return queries.board(session, filters or Filters(), NOW, page)


def fingerprint(record: Record) -> str:
    with record.read() as session:
        return queries.board_fingerprint(session)


def titles(cards: list[queries.Card]) -> list[str]:
    return [card.episode.title for card in cards]


def test_every_episode_stands_in_its_column(record: Record) -> None:
    with record.write() as session:
        received(session, "Reçu")
        intake.quarantine(session, received(session, "Quarantaine"), "Vide.", NOW)
        in_review(session, "À relire")
        review.send_back(session, in_review(session, "À reprendre"), "Non", NOW, "nadia")
        approved(session, "Validé")
        scheduled(session, "Demain", at=AIR + DAY)
        held(session, "Ce soir")
        on_air(session, "En ligne")
        review.withdraw(session, in_review(session, "Retiré"), NOW, "nadia")
    shown = board(record)
    assert {column: sorted(titles(cards)) for column, cards in shown.columns.items()} == {
        Column.ARRIVING: ["Quarantaine", "Reçu"],
        Column.TO_REVIEW: ["À relire"],
        Column.TO_MEND: ["À reprendre"],
        Column.READY: ["Validé"],
        Column.SCHEDULED: ["Ce soir", "Demain"],
    }
    assert titles(shown.columns[Column.SCHEDULED]) == ["Ce soir", "Demain"]
    assert (titles(shown.on_air), shown.on_air_count) == (["En ligne"], 1)
    assert shown.columns[Column.TO_MEND][0].open_remarks == 1
    assert [card.episode.title for card in shown.columns[Column.ARRIVING] if card.failed] == ["Quarantaine"]


def test_a_long_column_is_cut_and_its_count_true(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pasvu.channel.queries.board_page.COLUMN_LONGEST", 2)
    with record.write() as session:
        for number in range(5):
            received(session, f"Épisode {number}")
    shown = board(record)
    assert len(shown.columns[Column.ARRIVING]) == 2
    assert shown.counts[Column.ARRIVING] == 5


def test_episodes_on_air_come_by_pages_newest_first(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pasvu.channel.queries.board_page.ON_AIR_PAGE", 3)
    with record.write() as session:
        for number in range(5):
            on_air(session, f"Épisode {number}", at=AIR + number * DAY)
    first, second = board(record), board(record, page=2)
    assert first.on_air_count == second.on_air_count == 5
    assert titles(first.on_air) == ["Épisode 4", "Épisode 3", "Épisode 2"]
    assert titles(second.on_air) == ["Épisode 1", "Épisode 0"]


def test_the_board_is_narrowed_by_programme_and_owner(record: Record) -> None:
    with record.write() as session:
        programmes.create(session, "Le Débat", NOW, "nadia")
        one, _ = in_review(session, "Un"), in_review(session, "Deux")
        aired = on_air(session, "Trois").episode
        for episode in (one, aired):
            episodes.edit(session, episode, {"programme": "le-debat"}, NOW, "nadia")
    shown = board(record, Filters(programme="le-debat"))
    assert (titles(shown.columns[Column.TO_REVIEW]), titles(shown.on_air)) == (["Un"], ["Trois"])
    assert board(record, Filters(owner="personne")).on_air_count == 0


def test_a_board_costs_the_same_whatever_it_shows(record: Record) -> None:
    asked: list[str] = []
    event.listen(record.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    with record.write() as session:
        in_review(session, "Premier")
        on_air(session, "Premier en ligne")
    asked.clear()
    board(record)
    few = len(asked)
    with record.write() as session:
        for number in range(4):
            in_review(session, f"Épisode {number}")
            on_air(session, f"En ligne {number}")
    asked.clear()
    board(record)
    assert len(asked) == few < 25


def test_the_fingerprint_changes_with_what_is_shown_and_only_then(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        publication = on_air(session, "En ligne")
        episode_id, publication_id = episode.id, publication.id
    seen = [fingerprint(record), fingerprint(record)]
    assert seen[0] == seen[1]

    def changed() -> bool:
        seen.append(fingerprint(record))
        return seen[-1] not in seen[:-1]

    progress.report(record, "job", episode_id, "render", 0.25, NOW)
    assert changed()
    progress.report(record, "job", episode_id, "render", 0.5, NOW)
    assert changed()
    with record.write() as session:
        review.comment(session, episodes.find(session, episode_id), "Le son", NOW + DAY, "karim")
    assert changed()
    with record.write() as session:
        session.get_one(Publication, publication_id).views = 12
    assert changed()
    with record.write() as session:
        incoming.show(session, [incoming.Arriving(b"a", "a", 1, "x", "settle")], NOW)
    assert changed()


def test_progress_is_one_row_a_job_and_goes_with_it(record: Record) -> None:
    with record.write() as session:
        episode_id = received(session).id
    progress.report(record, "job", episode_id, "probe", None, NOW)
    progress.report(record, "job", episode_id, "render", 0.5, NOW)
    (card,) = board(record).columns[Column.ARRIVING]
    assert card.progress is not None
    assert (card.progress.step, card.progress.share) == ("render", 0.5)
    progress.finished(record, "job")
    progress.finished(record, "job")
    assert board(record).columns[Column.ARRIVING][0].progress is None


def test_the_calendar_holds_what_is_planned_and_aired_and_a_tray_of_what_waits(record: Record) -> None:
    with record.write() as session:
        scheduled(session, "Ce soir")
        on_air(session, "Hier", at=AIR - DAY, now=NOW - DAY)
        scheduled(session, "Trop loin", at=AIR + 10 * DAY)
        review.withdraw(session, scheduled(session, "Retiré").episode, NOW, "nadia")
        approved(session, "Attend une place")
        unplanned = scheduled(session, "Déprogrammé")
        publications.unschedule(session, unplanned.episode, None, NOW, "nadia")
        in_review(session, "Pas validé")
    with record.read() as session:
        week = queries.calendar(session, NOW - 3 * DAY, NOW + 4 * DAY)
        assert [each.episode.title for each in week.placed] == ["Hier", "Ce soir"]
        assert sorted(each.title for each in week.tray) == ["Attend une place", "Déprogrammé"]
        edges = queries.calendar(session, AIR, AIR + timedelta(seconds=1))
        assert [each.episode.title for each in edges.placed] == ["Ce soir"]
        assert queries.calendar(session, AIR - timedelta(hours=1), AIR).placed == []


def test_taken_instants_leave_out_the_withdrawn_and_the_episode_that_moves(record: Record) -> None:
    with record.write() as session:
        mine = scheduled(session, "Le mien")
        scheduled(session, "Un autre", at=AIR + DAY)
        review.withdraw(session, scheduled(session, "Retiré", at=AIR + 2 * DAY).episode, NOW, "nadia")
        session.flush()
        assert sorted(queries.taken_instants(session, NOW)) == [AIR, AIR + DAY]
        assert queries.taken_instants(session, NOW, besides=mine.episode_id) == [AIR + DAY]


def count(record: Record, publication_id: int, counts: list[tuple[timedelta, int]]) -> None:
    with record.write() as session:
        publication = session.get_one(Publication, publication_id)
        assert publication.air_at is not None
        for age, views in counts:
            figures.keep(session, publication, RemoteFigures("v", views, 1, 1), publication.air_at + age)


HOUR = timedelta(hours=1)


def test_horizons_are_frozen_once_with_their_error_and_when_they_were_measured(record: Record) -> None:
    with record.write() as session:
        publication_id = on_air(session).id
    count(record, publication_id, [(23 * HOUR, 1000), (25 * HOUR, 1100)])
    count(record, publication_id, [(80 * HOUR, 5000), (80 * HOUR, 9999)])
    with record.read() as session:
        publication = session.get_one(Publication, publication_id)
        frozen = [(each.hours, each.views, each.error_views, each.measured_at) for each in publication.horizons]
        assert len(figures.curve(session, publication_id)) == 3
    assert frozen == [
        (24, 1050, 50, AIR + 25 * HOUR),
        (72, round(1100 + 3900 * 47 / 55), round(3900 * 47 / 55), AIR + 80 * HOUR),
    ]


def test_what_happened_since_the_last_visit(record: Record) -> None:
    with record.write() as session:
        publication_id = on_air(session, "Ancien", at=AIR - 5 * DAY, now=NOW - 5 * DAY).id
    count(record, publication_id, [(HOUR, 100), (5 * DAY, 160)])
    with record.write() as session:
        received(session, "Arrivé")
        intake.quarantine(session, received(session, "Cassé"), "Vide.", NOW)
        approved(session, "Décidé")
    with record.read() as session:
        found = queries.since_last_visit(session, NOW - DAY, views_then=100)
        assert (found.arrived, found.in_trouble, found.decided, found.views) == (3, 1, 1, 60)


@pytest.mark.parametrize(("programme_past", "median"), [(3, 200), (2, 20)])
def test_what_is_usual_is_the_programmes_or_the_channels_when_it_is_too_young(
    record: Record, programme_past: int, median: int
) -> None:
    with record.write() as session:
        programmes.create(session, "Le Débat", NOW, "nadia")
        ids: list[tuple[int, int]] = []
        for number in range(programme_past + 3):
            at = AIR - (20 - number) * DAY
            publication = on_air(session, f"Épisode {number}", at=at, now=at - HOUR)
            ours = number < programme_past
            if ours:
                episodes.edit(session, publication.episode, {"programme": "le-debat"}, NOW, "nadia")
            ids.append((publication.id, 200 if ours else 20))
        newest = on_air(session, "Le dernier")
        episodes.edit(session, newest.episode, {"programme": "le-debat"}, NOW, "nadia")
        newest_id = newest.id
    for publication_id, views in ids:
        count(record, publication_id, [(24 * HOUR, views)])
    with record.read() as session:
        (usual,) = figures.typical(figures.Earlier.than(session, session.get_one(Publication, newest_id)))
        assert (usual.hours, usual.median) == (24, median)


def test_a_card_shows_the_failure_of_its_publication(record: Record) -> None:
    with record.write() as session:
        publication = scheduled(session)
        publications.move(session, publication, PublicationState.FAILED, NOW, "Raison.")
        session.flush()
        card = queries.card(session, publication.episode)
        assert (card.failed, card.column, card.publication) == (True, Column.SCHEDULED, publication)


def test_history_is_newest_first_and_of_one_episode(record: Record) -> None:
    with record.write() as session:
        first, second = in_review(session, "A"), in_review(session, "B")
        review.approve(session, second, NOW, "nadia")
        session.flush()
        lines = queries.history(session, first.id)
        assert {line.episode_id for line in lines} == {first.id}
        assert [line.id for line in lines] == sorted((line.id for line in lines), reverse=True)
        assert len(queries.history(session, limit=2)) == 2
