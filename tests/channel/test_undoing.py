"""One's own last change can be taken back, and the one before it; never over somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pasvu.channel import captioning, captions, episodes, queries, review, undoing
from pasvu.channel.captions import Cue
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.states import EpisodeState
from pasvu.channel.values import Chapter, Span

from .stage import NOW, in_review

NOWHERE = Path("/nowhere")
"""Where no captions lie."""


def test_changes_are_taken_back_one_after_the_other(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        first, second, *_ = (still.id for still in episode.thumbnails)
        chosen = next(still.id for still in episode.thumbnails if still.chosen)
        episodes.edit(session, episode, {"title": "Un autre titre", "guests": [("Ana", "juriste")]}, NOW, "nadia")
        review.set_chapters(session, episode, [Chapter(12.0, "Début")], NOW, "nadia")
        review.choose_thumbnail(session, episode, second if chosen == first else first, NOW, "nadia")
        session.flush()
        assert undoing.undo(session, episode, NOWHERE, NOW, "nadia").action == "episode.thumbnail"
        assert [still.id for still in episode.thumbnails if still.chosen] == [chosen]
        undoing.undo(session, episode, NOWHERE, NOW, "nadia")
        assert episode.chapters == []
        undoing.undo(session, episode, NOWHERE, NOW, "nadia")
        assert (episode.title, episode.guests) == ("Le grand débat", [])
        assert "autre" not in episode.search
        assert undoing.last_change(session, episode, "nadia") is None
        with pytest.raises(Refused, match="rien à annuler"):
            undoing.undo(session, episode, NOWHERE, NOW, "nadia")
        assert [line.action for line in queries.history(session, episode.id)][:3] == ["episode.undo"] * 3


def test_what_someone_else_wrote_since_stays(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        episodes.edit(session, episode, {"title": "De Nadia"}, NOW, "nadia")
        episodes.edit(session, episode, {"title": "De Karim"}, NOW, "karim")
        session.flush()
        with pytest.raises(Refused, match="modifié depuis"):
            undoing.undo(session, episode, NOWHERE, NOW, "nadia")
        assert episode.title == "De Karim"


def test_an_approval_follows_what_was_taken_back(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        review.approve(session, episode, NOW, "nadia")
        episodes.edit(session, episode, {"title": "Faute"}, NOW, "nadia")
        session.flush()
        undoing.undo(session, episode, NOWHERE, NOW, "nadia")
        assert episode.approved_hash == episodes.fingerprint(episode)


def test_cuts_and_captions_are_in_the_same_stack(record: Record, tmp_path: Path) -> None:
    with record.write() as session:
        episode = in_review(session)
        review.trim(session, episode, 20.0, 3400.0, NOW, "nadia")
        review.cut_out(session, episode, Span(100.0, 130.0), NOW, "nadia")
        first, second = (captions.store(tmp_path, "fr", [Cue(200.0, 202.0, text)]) for text in ("Bonjour.", "Bonsoir."))
        for path in (first, second):
            captioning.set_captions(session, episode, "fr", path, "sidecar", NOW, "nadia")
            session.flush()
        captioning.remove_captions(session, episode, "fr", NOW, "nadia")
        wanted = episode.wanted_cut

        def undo() -> str:
            session.flush()
            return undoing.undo(session, episode, tmp_path, NOW, "nadia").action

        assert undo() == "episode.captions"
        assert [(each.path, each.origin) for each in episode.captions] == [(str(second), "sidecar")]
        assert undo() == "episode.captions"
        assert [each.path for each in episode.captions] == [str(first)]
        assert undo() == "episode.captions"
        assert episode.captions == []
        assert undo() == "episode.trim"
        assert (episode.removed, episode.trim_start_s) == ([], 20.0)
        assert undo() == "episode.trim"
        assert (episode.trim_start_s, episode.trim_end_s) == (12.0, 3500.0)
        # The film is made again each time, and looked at again.
        assert episode.wanted_cut == wanted + 2
        assert episode.state == EpisodeState.PROCESSING
