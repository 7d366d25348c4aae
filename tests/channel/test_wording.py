"""What viewers read: stamps, chapters, templates."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pasvu.channel import wording
from pasvu.channel.timeline import Timeline
from pasvu.channel.values import Chapter, Span


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0:00"), (9.99, "0:09"), (60, "1:00"), (3599.9, "59:59"), (3600, "1:00:00"), (36061, "10:01:01")],
)
def test_stamps(seconds: float, written: str) -> None:
    assert wording.stamp(seconds) == written


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("83.5", 83.5), ("1:23.5", 83.5), ("0:01:23.500", 83.5), ("1:00:00", 3600), ("12,25", 12.25), (" 90 ", 90)],
)
def test_stamps_are_read(written: str, seconds: float) -> None:
    assert wording.read_stamp(written) == seconds


@pytest.mark.parametrize("written", ["", "abc", "1:60", "1:2:3:4", "-5", "1.5:20", "1:", "nan", "1e3"])
def test_what_is_not_a_time_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="n’est pas un temps"):
        wording.read_stamp(written)


@given(st.integers(0, 360_000))
def test_a_stamp_reads_back(seconds: int) -> None:
    assert wording.read_stamp(wording.stamp(seconds)) == seconds


def test_chapters_are_read_line_by_line_and_sorted() -> None:
    text = "10:00 – Les invités\n\n0:00 Ouverture\n1:00:00 Questions du public\n"
    assert wording.read_chapters(text) == [
        Chapter(0, "Ouverture"),
        Chapter(600, "Les invités"),
        Chapter(3600, "Questions du public"),
    ]


@pytest.mark.parametrize(("text", "words"), [("0:00 A\n1:00", "Ligne 2"), ("bonjour à tous", "n’est pas un temps")])
def test_a_line_that_is_no_chapter_is_named(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wording.read_chapters(text)


MARKS = [Chapter(0, "Mire"), Chapter(30, "Ouverture"), Chapter(600, "Débat"), Chapter(1800, "Fin")]


def test_chapters_move_with_the_cut_and_the_one_under_way_opens_it() -> None:
    assert wording.in_cut(MARKS, Timeline((Span(60, 1500),))) == [Chapter(0, "Ouverture"), Chapter(540, "Débat")]
    assert wording.in_cut(MARKS, Timeline((Span(600, 1900),))) == [Chapter(0, "Débat"), Chapter(1200, "Fin")]


def test_chapters_follow_what_is_taken_out_of_the_middle() -> None:
    cut = Timeline((Span(30, 500), Span(700, 1000), Span(1700, 2000)))
    assert wording.in_cut(MARKS, cut) == [Chapter(0, "Ouverture"), Chapter(470, "Débat"), Chapter(870, "Fin")]
    lost = [*MARKS, Chapter(1100, "Retiré"), Chapter(1700, "Retour")]
    assert wording.in_cut(lost, cut) == [
        Chapter(0, "Ouverture"),
        Chapter(470, "Débat"),
        Chapter(770, "Retour"),
        Chapter(870, "Fin"),
    ]
    made = Timeline((Span(28, 500), Span(700, 1000), Span(1700, 2000)))
    assert wording.in_cut(MARKS, cut, made)[1] == Chapter(472, "Débat")


def test_chapters_outside_the_cut_are_left_out() -> None:
    assert wording.in_cut([Chapter(600, "Débat")], Timeline((Span(0, 600),))) == []
    assert wording.in_cut([], Timeline((Span(10, 20),))) == []


@given(st.integers(0, 100_000), st.integers(10, 100_000))
@example(99_974, 60)
def test_a_cut_in_milliseconds_loses_no_second(start_ms: int, ahead_s: int) -> None:
    start_s = start_ms / 1000
    moved = wording.in_cut([Chapter(start_s + ahead_s, "Débat")], Timeline((Span(start_s, start_s + ahead_s + 60),)))
    assert wording.stamp(moved[0].start_s) == wording.stamp(ahead_s)


def test_what_a_platform_wants_of_chapters_and_which_line_is_at_fault() -> None:
    whole = Timeline((Span(0, 100),))

    def faults(chapters: list[Chapter], duration_s: float = 100) -> list[tuple[str, Chapter | None]]:
        found = wording.chapter_faults(wording.placed(chapters, whole), duration_s)
        return [(fault.sentence.format(**fault.about), fault.chapter) for fault in found]

    good = [Chapter(0, "A"), Chapter(10, "B"), Chapter(20, "C")]
    assert faults([]) == []
    assert faults(good, 30) == []
    assert faults(good, 29.9) == [("Le chapitre « C » dure moins de dix secondes.", good[2])]
    assert faults(good[:2]) == [("Il faut au moins trois chapitres, ou aucun.", None)]
    late = [Chapter(1, "A"), Chapter(20, "B"), Chapter(40, "C")]
    assert faults(late) == [("Le premier chapitre doit commencer à 0:00.", late[0])]
    # What nobody will see is known, and is no fault of the others.
    cut = wording.placed(MARKS, Timeline((Span(60, 1500),)))
    assert [(each.chapter.title, each.at_s) for each in cut] == [
        ("Mire", None),
        ("Ouverture", 0.0),
        ("Débat", 540.0),
        ("Fin", None),
    ]


def test_lines_for_the_platform() -> None:
    assert wording.chapter_lines([Chapter(0, "A"), Chapter(3700, "B")]) == "0:00 A\n1:01:40 B"


def test_a_template_is_filled_once_and_closes_its_gaps() -> None:
    words = {"title": "Le {summary}", "summary": "", "chapters": "0:00 A"}
    assert wording.fill("{title}\n\n{summary}\n\n{chapters}", words) == "Le {summary}\n\n0:00 A"
    assert wording.fill("{title} {inconnu} {}", {"title": "X"}) == "X {inconnu} {}"
