"""Room kept for preparations under way, and the pace that earlier ones showed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pasvu.channel import episodes, intake, names
from pasvu.channel.database import Record, Session
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def begun(session: Session, size: int, seconds: float) -> Episode:
    file = intake.Received(b"film.mp4", "film.mp4", b"/depot/film.mp4", Path("/vault/film.mp4"), 10)
    episode = intake.receive(session, names.new_id(), [file], origin="watch", title="Film", now=NOW)
    intake.begin(session, episode, NOW)
    intake.foresee(episode, size, seconds, NOW)
    return episode


def test_room_is_kept_until_it_is_made_or_stops(record: Record) -> None:
    with record.write() as session:
        one, other = begun(session, 1000, 60), begun(session, 500, 60)
        session.flush()
        assert intake.reserved(session) == {one.id: 1000, other.id: 500}
        assert intake.reserved(session, besides=one.id) == {other.id: 500}
        intake.stop(session, one, "failed", "Arrêté.", NOW)
        intake.offer_for_review(session, other, 1, NOW + timedelta(seconds=90))
        session.flush()
        assert intake.reserved(session) == {}
        assert other.recording.foreseen is not None
        assert other.recording.foreseen["took_s"] == 90
        # A cut made again has its room; with a part that came late it is another preparation.
        episodes.change_state(session, other, EpisodeState.PROCESSING, NOW, "Ada")
        session.flush()
        assert intake.reserved(session) == {}
        intake.foresee(other, 900, 60, NOW)
        session.flush()
        assert intake.reserved(session) == {other.id: 900}


def test_the_pace_is_that_of_earlier_ones_once_there_are_some(record: Record) -> None:
    with record.write() as session:
        assert intake.pace(session) == 1.0
        for took_s in (120, 60, 180):
            assert intake.pace(session) == 1.0
            intake.offer_for_review(session, begun(session, 1, 60), 1, NOW + timedelta(seconds=took_s))
            session.flush()
        assert intake.pace(session) == 2.0
