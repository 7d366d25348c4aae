"""What is read beside a film."""

from __future__ import annotations

import json
from datetime import date

import pytest

from pasvu.channel.errors import Refused
from pasvu.ingest.sidecars import Words, belongs, kind_of, language_of, read_words

SAID = Words(
    title="Une nuit aux urgences",
    summary="Avec l’équipe de nuit.",
    tags=("santé", "hôpital"),
    language="fr",
    guests=(("Ana Petit", "infirmière"),),
    programme="Le Grand Angle",
    recorded_on=date(2026, 11, 20),
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.json",
            json.dumps(
                {
                    "title": SAID.title,
                    "description": SAID.summary,
                    "tags": ["santé", "hôpital"],
                    "language": "fr",
                    "guests": [{"name": "Ana Petit", "role": "infirmière"}],
                    "programme": "Le Grand Angle",
                    "recordingDate": "2026-11-20T20:00:00Z",
                    "privacyStatus": "public",
                    "madeForKids": False,
                }
            ),
        ),
        (
            "a.toml",
            'titre = "Une nuit aux urgences"\nrésumé = "Avec l’équipe de nuit."\n'.replace("résumé", "summary")
            + 'tags = ["santé", "hôpital"]\nlanguage = "fr"\nguests = ["Ana Petit: infirmière"]\n'
            + 'programme = "Le Grand Angle"\nrecorded_on = 2026-11-20\n',
        ),
        (
            "a.txt",
            "Titre : Une nuit aux urgences\nMots clés : santé, hôpital\nLangue : fr\nInvitée : Ana Petit : infirmière\n"
            "Émission : Le Grand Angle\nDate : 2026-11-20\n\nAvec l’équipe de nuit.\n",
        ),
        (
            "a.nfo",
            "<?xml version='1.0'?><episodedetails><title>Une nuit aux urgences</title><plot>Avec l’équipe de nuit."
            "</plot><tag>santé</tag><tag>hôpital</tag><language>fr</language><guest>Ana Petit: infirmière</guest>"
            "<showtitle>Le Grand Angle</showtitle><aired>2026-11-20</aired></episodedetails>",
        ),
    ],
)
def test_each_form_says_the_same(name: str, text: str) -> None:
    assert read_words(name, text.encode()) == SAID


def test_plain_text_is_the_description() -> None:
    assert read_words("a.txt", "Deux lignes\r\net c’est tout : voilà.".encode("cp1252")) == Words(
        summary="Deux lignes\net c’est tout : voilà."
    )


def test_the_narrower_file_speaks_first() -> None:
    narrow, wide = Words(title="Ici"), Words(title="Là", language="en")
    assert narrow.over(wide) == Words(title="Ici", language="en")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b'{"title": '),
        ("a.json", b"[1, 2]"),
        ("a.json", b"[" * 100_000),
        ("a.json", b'{"title": ["x"]}'),
        ("a.json", b'{"recordingDate": "hier"}'),
        ("a.json", b'{"language": "le patois"}'),
        ("a.toml", b"title = "),
        ("a.txt", b"\0\x01\x02\x81"),
        ("a.txt", b"x" * 300_000),
        ("a.nfo", b"<movie><title>"),
        ("a.nfo", b'<!DOCTYPE m [<!ENTITY a "b">]><movie><title>&a;</title></movie>'),
    ],
)
def test_what_cannot_be_read_is_said_by_name(name: str, content: bytes) -> None:
    with pytest.raises(Refused, match=name):
        read_words(name, content)


def test_kinds_and_languages() -> None:
    assert [kind_of(name) for name in ("a.JSON", "a.jpg", "a.fr.srt", "a.mp4", "txt")] == [
        "words",
        "picture",
        "captions",
        None,
        None,
    ]
    assert [language_of(name) for name in ("a.fr.srt", "a.pt-BR.vtt", "a.srt", "fr.srt")] == ["fr", "pt-BR", None, None]


@pytest.mark.parametrize(
    ("name", "films", "expected"),
    [
        ("Film.JSON", ["film.mp4"], True),
        ("film.fr.srt", ["film.mp4"], True),
        ("film.fr.json", ["film.mp4"], False),
        ("E.toml", ["E_p1.mp4", "E_p2.mp4"], True),
        ("E_p1.txt", ["E_p1.mp4", "E_p2.mp4"], True),
        ("E.toml", ["E_p1.mp4"], False),
        ("autre.txt", ["film.mp4"], False),
        ("film.mov", ["film.mp4"], False),
    ],
)
def test_what_belongs_to_a_film(name: str, films: list[str], expected: bool) -> None:
    assert belongs(name, films) is expected
