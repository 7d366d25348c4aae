"""Captions: files as people have them, cuts, and the way back."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasvu.channel import captioning, captions
from pasvu.channel.captions import Cue
from pasvu.channel.captions.keeping import MOST_BYTES
from pasvu.channel.database import Record
from pasvu.channel.episodes import fingerprint
from pasvu.channel.errors import NotFound, Refused, Stale
from pasvu.channel.models import Episode, JournalEntry
from pasvu.channel.timeline import Timeline
from pasvu.channel.values import Span

from .stage import NOW, WHOLE_S, approved, held, received

SRT = """1
00:00:01,000 --> 00:00:03,500
Bonsoir à toutes
et à tous.

2
00:00:04,000 --> 00:00:06,000
<i>L’été</i> à Saint-Denis…
"""
CUES = [Cue(1.0, 3.5, "Bonsoir à toutes\net à tous."), Cue(4.0, 6.0, "<i>L’été</i> à Saint-Denis…")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end(encoding: str, end: str) -> None:
    assert captions.read(SRT.replace("\n", end).encode(encoding)) == CUES


def test_small_faults_are_read_over() -> None:
    faulty = (
        "\n\n1\n0:01.0 --> 00:00:03, 500\n{\\an8}<font color=red>Bonsoir</font> à toutes\n\net à tous.\n"
        "2\n00:00:04.000 --> 00:00:06,000  X1:40\n<I>L’été</I> à Saint-Denis…\n3\n00:00:07,000 --> 00:00:08,000\n\n"
    )
    assert captions.read(faulty.encode()) == CUES


def test_captions_a_little_out_of_order_are_sorted() -> None:
    text = "00:05,000 --> 00:06,000\nb\n\n00:01,000 --> 00:02,000\na\n"
    assert [cue.text for cue in captions.read(text.encode())] == ["a", "b"]


def test_a_number_that_is_said_is_not_taken_for_a_counter() -> None:
    text = "1\n00:01,000 --> 00:02,000\nEn quelle année ?\n1984\n\n2\n00:03,000 --> 00:04,000\n1985"
    assert [cue.text for cue in captions.read(text.encode())] == ["En quelle année ?\n1984", "1985"]


def test_webvtt_is_told_by_its_content() -> None:
    text = (
        "WEBVTT - Le débat\nLang: fr\n\nSTYLE\n::cue { color: red }\n\nNOTE de relecture\n1 --> 2 est à revoir\n\n"
        "ouverture\n00:01.000 --> 00:03.500 align:start line:0\n<v Ana><c.jaune>Bonsoir à</c> <00:02.000>toutes\n"
        "et à tous.</v>\n\n00:04.000 --> 01:00:06.000\nR&amp;D : 1 &lt; 2&nbsp;!\n"
    )
    assert captions.read(text.encode()) == [
        Cue(1.0, 3.5, "Bonsoir à toutes\net à tous."),
        Cue(4.0, 3606.0, "R&D : 1 < 2\u00a0!"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "aucun sous-titre"),
        ("Bonsoir.\n", "aucun sous-titre"),
        (
            "1\n00:00:01,000 --> 00:00:71,000\na\n",
            "Ligne 2\u202f: «\u202f00:00:01,000 --> 00:00:71,000\u202f» n’est pas",
        ),
        ("WEBVTT\n\n00:01.000 -->\na\n", "Ligne 3\u202f: "),
        ("1\n00:02,000 --> 00:01,000\na\n\n2\n00:05,000 --> 00:05,000\nb\n", "Ligne 2, 6\u202f: la fin"),
        ("00:45:00,000 --> 00:45:02,000\na\n\n00:00:01,000 --> 00:00:02,000\nb\n", "Ligne 4\u202f: .*morceaux"),
    ],
)
def test_faults_are_said_with_their_lines(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        captions.read(text.encode())


@pytest.mark.parametrize("data", [b"\0\0\0 ftypisom\0\0", b"\x81\x8d --> \x9d", b"\xff\xfe0"])
def test_what_is_not_text_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="UTF-8"):
        captions.read(data)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        cues = captions.read(b"WEBVTT\n" * (len(data) % 2) + b"\n00:01.000 --> 00:02.000\n" + data)
    except Refused:
        return
    assert all(cue.start_s < cue.end_s and cue.text for cue in cues)


def _kept(text: str) -> str:
    lines = (line.strip() for line in text.replace("-->", "→").split("\n"))
    return "\n".join(line for line in lines if line)


OPENED = re.compile(r"<\s*/?\s*[biu]\s*>", re.IGNORECASE)
# Colours and positions are left out on the way in, so they are no part of what must come back.
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="{") | st.just("\n"), min_size=1)
TEXTS = st.lists(WORDS | st.sampled_from(["<i>", "</i>", "&amp;", "1984", "\n", "<b>", "a < b", "-->"]), min_size=1)
LINES = TEXTS.map("".join).map(_kept).filter(bool).filter(lambda text: "font" not in text.lower())
# « <B> » and « < b > » are the mark <b>, and come back as it is written.
LINES = LINES.filter(lambda text: all(mark.replace("/", "") in ("<b>", "<i>", "<u>") for mark in OPENED.findall(text)))


@st.composite
def tracks(draw: st.DrawFn) -> list[Cue]:
    """Captions by their start, as reading gives them."""
    starts = sorted(draw(st.lists(st.integers(0, 40_000_000), min_size=1, max_size=6)))
    made = [Cue(start / 1000, (start + draw(st.integers(1, 90_000))) / 1000, draw(LINES)) for start in starts]
    return sorted(made, key=lambda cue: (cue.start_s, cue.end_s))


@given(tracks())
def test_what_is_written_is_read_back(track: list[Cue]) -> None:
    assert captions.read(captions.srt(track).encode()) == track
    assert captions.read(captions.vtt(track).encode()) == track


def test_a_cut_drops_shortens_and_shifts() -> None:
    track = [
        Cue(0, 10, "avant"),
        Cue(9, 12.5, "à cheval"),
        Cue(15, 16, "dedans"),
        Cue(19, 25, "fin"),
        Cue(20, 21, "après"),
    ]
    assert captions.in_cut(track, Timeline((Span(10.0, 20.0),))) == [
        Cue(0.0, 2.5, "à cheval"),
        Cue(5.0, 6.0, "dedans"),
        Cue(9.0, 10.0, "fin"),
    ]


def test_what_is_taken_out_of_the_middle_takes_its_captions_along() -> None:
    cut = Timeline((Span(10.0, 20.0), Span(30.0, 40.0)))
    track = [
        Cue(18, 22, "à cheval"),
        Cue(22, 28, "retiré"),
        Cue(19, 31, "autour"),
        Cue(29, 32, "reprise"),
        Cue(35, 36, "fin"),
    ]
    assert captions.in_cut(track, cut) == [
        Cue(8.0, 10.0, "à cheval"),
        Cue(9.0, 11.0, "autour"),
        Cue(10.0, 12.0, "reprise"),
        Cue(15.0, 16.0, "fin"),
    ]


@given(tracks(), st.integers(0, 40_000_000), st.integers(1, 40_000_000))
def test_a_cut_keeps_every_caption_where_it_was_said(track: list[Cue], start: int, length: int) -> None:
    cut = Span(start / 1000, (start + length) / 1000)
    moved = captions.in_cut(track, Timeline((cut,)))
    assert all(0 <= cue.start_s < cue.end_s <= length / 1000 for cue in moved)
    inside = [cue for cue in track if cue.end_s > cut.start_s and cue.start_s < cut.end_s]
    assert [cue.text for cue in moved] == [cue.text for cue in inside]
    for before, after in zip(inside, moved, strict=True):
        assert after.start_s + cut.start_s == pytest.approx(max(before.start_s, cut.start_s), abs=1e-6)
        assert after.end_s + cut.start_s == pytest.approx(min(before.end_s, cut.end_s), abs=1e-6)


@pytest.mark.parametrize(("typed", "tag"), [("fr", "fr"), (" FR ", "fr"), ("pt-br", "pt-BR"), ("ZH-hans", "zh-Hans")])
def test_languages_are_spelled_one_way(typed: str, tag: str) -> None:
    assert captions.language_tag(typed) == tag


@pytest.mark.parametrize("typed", ["", "français", "../fr", "f"])
def test_what_is_not_a_language_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="langue"):
        captions.language_tag(typed)


def test_another_text_is_kept_under_another_name(tmp_path: Path) -> None:
    first = captions.store(tmp_path / "captions", "fr", CUES)
    again = captions.store(tmp_path / "captions", "fr", CUES)
    other = captions.store(tmp_path / "captions", "fr", CUES[:1])
    assert first == again != other
    assert captions.load(first) == CUES
    assert sorted(path.name for path in first.parent.iterdir()) == sorted([first.name, other.name])
    first.unlink()
    with pytest.raises(Refused, match="disparu"):
        captions.load(first)


def test_a_film_given_by_mistake_is_not_read(tmp_path: Path) -> None:
    film = tmp_path / "film.srt"
    film.touch()
    os.truncate(film, MOST_BYTES + 1)
    with pytest.raises(Refused, match=r"film\.srt"):
        captions.read_file(film)


def test_an_approved_episode_stays_approved_with_new_captions(record: Record, tmp_path: Path) -> None:
    first, other = captions.store(tmp_path, "fr", CUES), captions.store(tmp_path, "fr", CUES[:1])
    with record.write() as session:
        episode = approved(session)
        episode_id, bare = episode.id, fingerprint(episode)
        captioning.set_captions(session, episode, "fr", first, "command", NOW, "nadia")
        with_first, version = fingerprint(episode), episode.version
        captioning.set_captions(session, episode, "fr", first, "command", NOW, "nadia")
        assert episode.version == version
        with pytest.raises(Stale):
            captioning.set_captions(session, episode, "fr", other, "command", NOW, "nadia", drawn_from=version - 1)
        captioning.set_captions(session, episode, "fr", other, "command", NOW, "nadia", drawn_from=version)
    with record.write() as session:
        episode = session.get_one(Episode, episode_id)
        assert episode.approved_hash == fingerprint(episode)
        assert len({bare, with_first, fingerprint(episode)}) == 3
        assert [(each.language, each.path, each.origin) for each in episode.captions] == [("fr", str(other), "command")]
        captioning.remove_captions(session, episode, "fr", NOW, "nadia")
        assert fingerprint(episode) == bare == episode.approved_hash
        with pytest.raises(NotFound):
            captioning.remove_captions(session, episode, "fr", NOW, "nadia")
        lines = [line for line in session.query(JournalEntry) if line.action == "episode.captions"]
    assert [line.after for line in lines] == [
        {"captions": {"fr": first.name}, "origins": {"fr": "command"}},
        {"captions": {"fr": other.name}, "origins": {"fr": "command"}},
        {"captions": {}, "origins": {}},
    ]


def test_captions_that_a_platform_has_are_taken_away_there_too(record: Record, tmp_path: Path) -> None:
    path = captions.store(tmp_path, "fr", CUES)
    with record.write() as session:
        publication = held(session)
        captioning.set_captions(session, publication.episode, "fr", path, "command", NOW, "nadia")
        publication.dressed, publication.settled = [f"captions:fr:{path.stem}"], True
        captioning.remove_captions(session, publication.episode, "fr", NOW, "nadia")
        assert not publication.settled


def test_captions_in_another_time_are_told(record: Record) -> None:
    with record.write() as session:
        episode = received(session)
        captioning.check(episode, [Cue(9 * WHOLE_S, 10 * WHOLE_S, "rien à en dire encore")])
        episode = approved(session, "Mesuré")
        captioning.check(episode, [Cue(20.0, 21.0, "dedans"), Cue(WHOLE_S - 1, WHOLE_S + 9, "dernier")])
        with pytest.raises(Refused, match=r"Ligne 7\s: .*1:00:05.*1:00:00"):
            captioning.check(episode, [Cue(20.0, 21.0, "dedans"), Cue(WHOLE_S + 5, WHOLE_S + 6, "trop loin", 7)])
        with pytest.raises(Refused, match="coupe de"):
            captioning.check(episode, [Cue(1.0, 2.0, "avant le début")])
