"""A part that comes an hour later: which episode it belongs to, and what becomes of everything when it joins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from channel.stage import NOW, WHOLE_S, chapters, in_review
from pasvu.channel import captioning, captions, episodes, intake, late, review, undoing
from pasvu.channel.captions import Cue
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.models import Episode
from pasvu.channel.states import EpisodeState
from pasvu.channel.values import Span

LATER = NOW + timedelta(hours=1)


def part_of(session: Session, number: int, *, after: int = 0) -> Episode:
    """An hour of a series, received so many hours after the first."""
    episode = in_review(session, f"Plateau {number}", now=NOW + timedelta(hours=after))
    (part,) = episode.recording.parts
    part.series, part.number = "/depot|mp4|part|plateau", number
    return episode


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(10, 20), [Span(10, 20)]),
        (Span(110, 120), [Span(160, 170)]),
        (Span(90, 110), [Span(90, 100), Span(150, 160)]),
    ],
)
def test_a_stretch_is_cut_in_two_where_a_part_comes_between(span: Span, expected: Sequence[Span]) -> None:
    assert late.moved_span(span, [(0, 100, 0), (100, 200, 150)]) == expected


def test_the_names_tell_which_episode_it_continues(record: Record) -> None:
    with record.write() as session:
        first, second, third = part_of(session, 1), part_of(session, 2, after=1), part_of(session, 3, after=2)
        other, again = in_review(session, "Autre"), part_of(session, 1, after=3)
        last_week = part_of(session, 4, after=24 * 8)
        session.flush()
        assert [late.belongs_to(session, each) for each in (first, second, third)] == [None, first, first]
        assert late.came_late(session, first) == [second, third]
        assert late.belongs_to(session, other) is None
        assert late.belongs_to(session, again) is second, "another part 1 is no part of the first"
        assert late.belongs_to(session, last_week) is None


def test_what_was_written_stays_where_the_late_part_comes_after(record: Record, tmp_path: Path) -> None:
    with record.write() as session:
        whole, coming = part_of(session, 1), part_of(session, 2, after=1)
        episodes.edit(session, whole, {"summary": "Écrit.", "guests": [("Ana", "")]}, NOW, "nadia")
        review.set_chapters(session, whole, chapters(), NOW, "nadia")
        review.trim(session, whole, 30.0, 3000.0, NOW, "nadia", removed=[Span(100, 200)])
        whole.cut, whole.state = whole.wanted_cut, EpisodeState.IN_REVIEW
        review.comment(session, whole, "Le bandeau.", NOW, "malik", time_s=50.0)
        review.comment(session, coming, "Le son.", NOW, "malik", time_s=40.0)
        review.comment(session, coming, "Semble la suite d’un autre fichier.", NOW, "pasvu")
        for each in (whole, coming):
            path = captions.store(tmp_path / each.id, "fr", [Cue(1.0, 2.0, "Bonsoir.")])
            captioning.set_captions(session, each, "fr", path, "panel", NOW, "nadia")
        intake.foresee(whole, 1000, 60, NOW)
        cut, before = whole.wanted_cut, whole.version
        late.join(session, coming, whole, LATER, "malik")
        session.flush()
        assert [part.number for part in whole.recording.parts] == [1, 2]
        assert whole.recording.parts[1].path == coming.recording.parts[0].path, "no file is moved"
        assert (whole.state, whole.wanted_cut, whole.summary) == (EpisodeState.PROCESSING, cut + 1, "Écrit.")
        assert whole.version > before
        assert (whole.trim_start_s, whole.trim_end_s, whole.removed) == (30.0, None, [[100.0, 200.0]])
        assert [mark.start_s for mark in whole.chapters] == [chapter.start_s for chapter in chapters()]
        said = {remark.text: remark.time_s for remark in whole.remarks if remark.author != "pasvu"}
        assert said == {"Le bandeau.": 50.0, "Le son.": WHOLE_S + 40.0}
        (kept,) = whole.captions
        assert [cue.start_s for cue in captions.load(Path(kept.path))] == [1.0, WHOLE_S + 1.0]
        assert (whole.recording.duration_s, whole.recording.grown) == (2 * WHOLE_S, True)
        assert whole.recording.foreseen is None
        assert whole.recording.measured_at is None
        assert whole.proposed_start_s is None
        assert coming.state == EpisodeState.WITHDRAWN
        assert "Joint à l’épisode « Plateau 1 »" in (coming.state_reason or "").replace("\u202f", " ")
        assert undoing.last_change(session, whole, "nadia") is None, "what was before had another time"


def test_what_was_written_is_moved_where_the_late_part_comes_before(record: Record) -> None:
    with record.write() as session:
        whole, coming = part_of(session, 2), part_of(session, 1, after=1)
        review.set_chapters(session, whole, chapters(), NOW, "nadia")
        review.trim(session, whole, 30.0, 3000.0, NOW, "nadia")
        whole.cut, whole.state = whole.wanted_cut, EpisodeState.CHANGES_REQUESTED
        late.join(session, coming, whole, LATER, "nadia")
        assert [part.number for part in whole.recording.parts] == [1, 2]
        assert (whole.trim_start_s, whole.trim_end_s) == (None, WHOLE_S + 3000.0)
        assert [mark.start_s for mark in whole.chapters] == [WHOLE_S + chapter.start_s for chapter in chapters()]


def test_nothing_joins_what_was_decided(record: Record) -> None:
    with record.write() as session:
        whole, coming = part_of(session, 1), part_of(session, 2, after=1)
        review.approve(session, whole, NOW, "nadia")
        for state, why in (
            (EpisodeState.APPROVED, "est validé"),
            (EpisodeState.ON_AIR, "rien ne peut plus s’y joindre"),
            (EpisodeState.PROCESSING, "est en préparation"),
        ):
            whole.state = state
            with pytest.raises(Refused, match=why):
                late.join(session, coming, whole, LATER, "nadia")
        with pytest.raises(Refused, match="lui-même"):
            late.join(session, coming, coming, LATER, "nadia")
        assert coming.state == EpisodeState.IN_REVIEW
