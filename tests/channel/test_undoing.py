"""One's own last change can be taken back, and the one before it; never over somebody else's."""

from __future__ import annotations

import pytest

from pasvu.channel import episodes, queries, review, undoing
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.values import Chapter

from .stage import NOW, in_review


def test_changes_are_taken_back_one_after_the_other(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        first, second, *_ = (still.id for still in episode.thumbnails)
        chosen = next(still.id for still in episode.thumbnails if still.chosen)
        episodes.edit(session, episode, {"title": "Un autre titre", "guests": [("Ana", "juriste")]}, NOW, "nadia")
        review.set_chapters(session, episode, [Chapter(12.0, "Début")], NOW, "nadia")
        review.choose_thumbnail(session, episode, second if chosen == first else first, NOW, "nadia")
        session.flush()
        assert undoing.undo(session, episode, NOW, "nadia").action == "episode.thumbnail"
        assert [still.id for still in episode.thumbnails if still.chosen] == [chosen]
        undoing.undo(session, episode, NOW, "nadia")
        assert episode.chapters == []
        undoing.undo(session, episode, NOW, "nadia")
        assert (episode.title, episode.guests) == ("Le grand débat", [])
        assert "autre" not in episode.search
        assert undoing.last_change(session, episode, "nadia") is None
        with pytest.raises(Refused, match="rien à annuler"):
            undoing.undo(session, episode, NOW, "nadia")
        assert [line.action for line in queries.history(session, episode.id)][:3] == ["episode.undo"] * 3


def test_what_someone_else_wrote_since_stays(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        episodes.edit(session, episode, {"title": "De Nadia"}, NOW, "nadia")
        episodes.edit(session, episode, {"title": "De Karim"}, NOW, "karim")
        session.flush()
        with pytest.raises(Refused, match="modifié depuis"):
            undoing.undo(session, episode, NOW, "nadia")
        assert episode.title == "De Karim"


def test_an_approval_follows_what_was_taken_back(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        review.approve(session, episode, NOW, "nadia")
        episodes.edit(session, episode, {"title": "Faute"}, NOW, "nadia")
        session.flush()
        undoing.undo(session, episode, NOW, "nadia")
        assert episode.approved_hash == episodes.fingerprint(episode)
