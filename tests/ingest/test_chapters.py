"""Chapters that came with a recording, and those that its captions tell of."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pasvu.channel.captions import Cue
from pasvu.channel.values import Chapter, Span, Trim
from pasvu.ingest import chapterlists, propose, subjects
from pasvu.ingest.facts import Measures
from pasvu.ingest.inspect import chapters_in
from pasvu.ingest.sidecars import belongs, read_words
from pasvu.ingest.tools import Tools

LIST = "0:00 Ouverture\n12:30 - La santé\n1:02:03,5 | Questions\n"
MARKS = [Chapter(0.0, "Ouverture"), Chapter(750.0, "La santé"), Chapter(3723.5, "Questions")]
FFMETADATA = (
    ";FFMETADATA1\ntitle=x\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=750000\ntitle=Ouverture\n"
    "[CHAPTER]\nTIMEBASE=1/10\nSTART=7500\nEND=37235\ntitle=La santé\n"
    "[CHAPTER]\nTIMEBASE=1/10\nSTART=37235\nEND=37250\ntitle=Questions\n"
)
OGM = (
    "CHAPTER01=00:00:00.000\nCHAPTER01NAME=Ouverture\nCHAPTER02=00:12:30.000\nCHAPTER02NAME=La santé\n"
    "CHAPTER03=01:02:03.500\nCHAPTER03NAME=Questions\n"
)
TABLES = [
    {"start": 0, "title": "Ouverture"},
    {"time": "12:30", "titre": "La santé"},
    {"start_s": 3723.5, "name": "Questions"},
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.chapters.txt", LIST),
        ("a.chapitres.txt", "\ufeff" + LIST.replace("\n", "\r\n")),
        ("a.chapters", OGM),
        ("a.ffmetadata", FFMETADATA),
        ("a.txt", FFMETADATA),
        ("a.txt", f"Titre : Un soir\n\nLe débat.\n\n{LIST}\nMerci !"),
        ("a.json", json.dumps({"chapters": TABLES})),
        ("a.json", json.dumps({"chapters": [[0, "Ouverture"], ["12:30", "La santé"], [3723.5, "Questions"]]})),
        ("a.json", json.dumps({"description": f"Le débat.\n{LIST}"})),
        ("a.toml", 'chapitres = ["0:00 Ouverture", "[12:30] La santé", "1:02:03.5 Questions"]'),
        ("a.toml", '[chapters]\n"0:00" = "Ouverture"\n"12:30" = "La santé"\n"1:02:03.5" = "Questions"\n'),
    ],
)
def test_every_form_of_a_list_is_read(name: str, text: str) -> None:
    assert belongs(name, ["a.mp4"])
    assert list(read_words(name, text.encode()).chapters or ()) == MARKS


@pytest.mark.parametrize(
    "text", ["À 12:30, la question.", "0:00 A\n1:00 B", "1:00 A\n2:00 B\n3:00 C", "0:00 A\n5:00 B\n4:00 C", "Un soir."]
)
def test_times_in_a_description_that_are_no_list_stay_words(text: str) -> None:
    assert read_words("a.json", json.dumps({"description": text}).encode()).chapters is None


def test_a_wish_is_kept_as_it_was_written() -> None:
    said = read_words("a.json", b'{"title": "Un soir", "publishAt": "2026-11-27T20:00:00Z"}')
    assert (said.title, said.wish) == ("Un soir", "2026-11-27T20:00:00Z")


@pytest.mark.media
def test_what_the_film_itself_holds(tools: Tools, make: Callable[..., Path], tmp_path: Path) -> None:
    short = FFMETADATA.replace("750000", "4000").replace("7500", "40").replace("37235", "80")
    (tmp_path / "marks").write_text(short.replace("37250", "100"))
    sound = ("-f", "lavfi", "-i", "sine=300:r=8000:d=10", "-f", "ffmetadata", "-i", str(tmp_path / "marks"))
    for ending in ("mkv", "m4a"):
        film = make(f"marks.{ending}", *sound, "-map_chapters", "1", "-c:a", "aac", "-b:a", "16k")
        assert [(each.start_s, each.title) for each in chapters_in(tools, film)] == [
            (0.0, "Ouverture"), (4.0, "La santé"), (8.0, "Questions"),
        ]  # fmt: skip
    assert chapterlists.from_probe({"chapters": [{"start_time": "0"}, {"start_time": "9"}]}) == []


def said(*lines: tuple[float, str]) -> Sequence[Cue]:
    return [Cue(at_s, at_s + 4.0, text) for at_s, text in lines]


WHOLE = Trim(10.0, 900.0)
TALK = said(
    (11.0, "Bonsoir à tous, et bienvenue."),
    (16.0, "On commence."),
    (97.5, "[Musique]"),
    (101.0, ">> Alors, la nuit aux urgences\nest devenue"),
    (105.0, "intenable. Pourquoi ?"),
    (300.0, "Et cela dure depuis des années."),
    (304.0, "<i>Alors passons maintenant à la question des salaires,</i>"),
    (308.0, "qui fâche."),
    (320.0, "Deuxième question, plus courte."),
    (500.0, "- Moi je travaille ici depuis vingt ans, vous savez, et je n’ai jamais vu cela."),
    (700.0, "Voix off sans marque."),
    (880.0, "Pour finir, merci."),
)


def test_captions_say_where_a_subject_begins_and_what_it_is_called() -> None:
    found = subjects.chapters(TALK, [100.0], WHOLE)
    assert found == [
        Chapter(10.0, "Bonsoir à tous, et bienvenue"),
        # The pause ends at 100; its sentence begins at 101.
        Chapter(101.0, "La nuit aux urgences est devenue intenable"),
        Chapter(304.0, "Passons maintenant à la question des salaires, qui fâche"),
        # At 320 somebody announces more than he opens; at 700 nothing says that it is another subject.
        Chapter(500.0, "Moi je travaille ici depuis vingt ans, vous savez…"),
        Chapter(880.0, "Pour finir, merci"),
    ]


def test_the_reason_says_what_they_come_from() -> None:
    measures = Measures(duration_s=900.0, silences=(Span(94.0, 100.0), Span(200.0, 206.0)))
    assert propose.chapters_and_why(measures, WHOLE, TALK)[1] == propose.SAID
    # A pause without captions near it stays where it is.
    found, why = propose.chapters_and_why(measures, WHOLE, [])
    assert ([each.start_s for each in found], why) == ([10.0, 100.0, 206.0], propose.HEARD)
    assert propose.chapters_and_why(Measures(duration_s=900.0), WHOLE, said((11.0, "Un mot."))) == ([], None)
