from __future__ import annotations

import pytest

from pasvu.channel.values import MediaInfo, Span, Trim
from pasvu.ingest import propose
from pasvu.ingest.facts import Measures, Sample
from pasvu.ingest.thumbnails import choose, frame_size

FILM = MediaInfo(container="mov,mp4", duration_s=600.0, video_codec="h264", width=1920, height=1080, audio_codec="aac")


def measured(**found: object) -> Measures:
    return Measures(duration_s=600.0, **found)  # type: ignore[arg-type]


def test_dead_pictures_at_both_ends_are_cut_off() -> None:
    found = propose.trim(measured(dead=(Span(0.0, 92.4), Span(561.2, 600.0))), FILM)
    assert (found.start_s, found.end_s) == (92.4, 561.2)
    assert "1:32" in found.why
    assert "9:21" in found.why


def test_someone_talking_over_a_slide_is_programme() -> None:
    dead = (Span(0.0, 60.0), Span(500.0, 600.0))
    speech = (Span(20.0, 70.0), Span(480.0, 540.0))
    found = propose.trim(measured(dead=dead, speech=speech), FILM)
    assert (found.start_s, found.end_s) == (19.7, 540.3)


def test_a_word_sung_in_the_music_of_a_slate_does_not_open_the_programme() -> None:
    found = propose.trim(measured(dead=(Span(0.0, 60.0),), speech=(Span(20.0, 21.0), Span(60.5, 300.0))), FILM)
    assert found.start_s == 60.0


def test_what_makes_people_wait_is_cut_off_and_said() -> None:
    found = propose.trim(measured(waiting=(Span(0.0, 42.2),), dead=(Span(561.2, 600.0),)), FILM)
    assert (found.start_s, found.end_s) == (42.2, 561.2)
    assert "personne ne parle" in found.why.replace("\u202f", " ")


def test_without_dead_pictures_silence_decides() -> None:
    found = propose.trim(measured(silences=(Span(0.0, 8.0), Span(300.0, 310.0), Span(590.0, 600.0))), FILM)
    assert (found.start_s, found.end_s) == (7.7, 590.3)


def test_a_short_breath_at_the_ends_changes_nothing() -> None:
    found = propose.trim(measured(silences=(Span(0.0, 1.0), Span(599.0, 600.0))), FILM)
    assert (found.start_s, found.end_s) == (0.0, 600.0)
    assert found.why


def test_a_recording_that_is_dead_throughout_is_kept_whole() -> None:
    found = propose.trim(measured(dead=(Span(0.0, 599.8),)), FILM)
    assert (found.start_s, found.end_s) == (0.0, 600.0)


def test_chapters_begin_after_long_pauses() -> None:
    silences = (Span(50.0, 55.0), Span(100.0, 101.0), Span(200.0, 207.0), Span(590.0, 599.0))
    found = propose.chapters(measured(silences=silences), Trim(10.0, 590.0))
    assert [chapter.start_s for chapter in found] == [10.0, 55.0, 207.0]
    assert len({chapter.title for chapter in found}) == 3


def test_somebody_who_thinks_opens_no_chapter_unless_the_picture_changes_too() -> None:
    silences = (Span(50.0, 57.0), Span(100.0, 104.5), Span(200.0, 207.0), Span(300.0, 306.0))
    found = propose.chapters(measured(silences=silences), Trim(10.0, 590.0))
    assert [chapter.start_s for chapter in found] == [10.0, 57.0, 207.0, 306.0]
    found = propose.chapters(measured(silences=silences, cuts=(106.0,)), Trim(10.0, 590.0))
    assert [chapter.start_s for chapter in found] == [10.0, 57.0, 104.5, 207.0, 306.0]


def test_music_between_two_talks_opens_a_chapter_and_a_cough_in_it_does_not_end_it() -> None:
    speech = (Span(10.0, 100.0), Span(103.0, 103.5), Span(107.0, 240.0), Span(246.0, 400.0), Span(401.0, 590.0))
    found = propose.chapters(measured(speech=speech), Trim(10.0, 590.0))
    assert [chapter.start_s for chapter in found] == [10.0, 107.0, 246.0]


def test_where_voices_are_not_recognised_silence_alone_opens_chapters() -> None:
    silences = (Span(100.0, 107.0), Span(240.0, 246.0))
    found = propose.chapters(measured(speech=(Span(20.0, 22.0), Span(500.0, 503.0)), silences=silences), Trim(10, 590))
    assert [chapter.start_s for chapter in found] == [10.0, 107.0, 246.0]


def test_a_picture_that_changes_all_the_time_says_nothing_of_a_pause() -> None:
    silences = (Span(50.0, 57.0), Span(100.0, 104.5), Span(200.0, 207.0))
    cuts = tuple(float(at_s) for at_s in range(10, 590, 5))
    found = propose.chapters(measured(silences=silences, cuts=cuts), Trim(10.0, 590.0))
    assert [chapter.start_s for chapter in found] == [10.0, 57.0, 207.0]


def test_what_runs_on_after_the_last_word_is_cut_off_and_said() -> None:
    found = propose.trim(measured(waiting=(Span(0.0, 42.2), Span(561.2, 600.0))), FILM)
    assert (found.start_s, found.end_s) == (42.2, 561.2)
    assert "personne ne parle plus" in found.why.replace("\u202f", " ")


@pytest.mark.parametrize("silences", [(), (Span(50.0, 55.0),), (Span(50.0, 55.0), Span(56.0, 61.0))])
def test_fewer_than_three_chapters_are_none(silences: tuple[Span, ...]) -> None:
    assert propose.chapters(measured(silences=silences), Trim(10.0, 590.0)) == []


def test_stills_are_inside_the_cut_apart_and_the_best() -> None:
    samples = [Sample(5.0, 99.0), Sample(100.0, 8.0), Sample(110.0, 9.0), Sample(300.0, 5.0), Sample(500.0, 7.0)]
    assert [sample.time_s for sample in choose(samples, Trim(10.0, 590.0))] == [110.0, 500.0, 300.0]


@pytest.mark.parametrize(
    ("width", "height", "rotation", "expected"),
    [
        (3840, 2160, 0, (1280, 720)),
        (640, 360, 0, (640, 360)),
        (1080, 1920, 0, (1280, 720)),
        (1920, 1080, 90, (1280, 720)),
        (720, 576, 0, (1024, 576)),
    ],
)
def test_stills_are_sixteen_by_nine(width: int, height: int, rotation: int, expected: tuple[int, int]) -> None:
    info = MediaInfo(container="mp4", duration_s=1.0, width=width, height=height, rotation=rotation)
    assert frame_size(info) == expected
