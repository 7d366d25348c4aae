from __future__ import annotations

import os
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasvu.ingest.naming import ReadName, read_name, safe_name

PROGRAMMES = ("le-grand-entretien", "entretien", "midi")


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        (
            "2026-11-20_le-grand-entretien_avec_Ana_Petit.mp4",
            ReadName(date(2026, 11, 20), "le-grand-entretien", "Ana Petit", "Ana Petit", None),
        ),
        (
            "20261120 Le Grand Entretien - La dette.mkv",
            ReadName(date(2026, 11, 20), "le-grand-entretien", None, "La dette", None),
        ),
        ("L'été à Saint-Denis_p2.mov", ReadName(None, None, None, "L'été à Saint-Denis", 2)),
        ("la_question_sociale_part1.MP4", ReadName(None, None, None, "La question sociale", 1)),
        ("midi 3 février 2026 budget.mp4", ReadName(date(2026, 2, 3), "midi", None, "Budget", None)),
        ("2026-11-20 18-30-05.mkv", ReadName(date(2026, 11, 20), None, None, "Sans titre", None)),
        ("Énergie : l'avenir.mp4", ReadName(None, None, None, "Énergie : l'avenir", None)),
        ("31-02-2026 impossible.mp4", ReadName(None, None, None, "31-02-2026 impossible", None)),
        ("Apollo 11.mp4", ReadName(None, None, None, "Apollo 11", None)),
        ("-rf.mp4", ReadName(None, None, None, "Rf", None)),
        ("retour\nligne.mp4", ReadName(None, None, None, "Retour ligne", None)),
        ("🎬.mp4", ReadName(None, None, None, "🎬", None)),
        ("PGM_final.mp4", ReadName(None, None, None, "Sans titre", None)),
        ("", ReadName(None, None, None, "Sans titre", None)),
    ],
)
def test_reads_what_people_mean(filename: str, expected: ReadName) -> None:
    assert read_name(filename, PROGRAMMES) == expected


@given(st.text(max_size=300))
def test_any_name_gives_a_title(filename: str) -> None:
    found = read_name(filename, PROGRAMMES)
    assert found.title.strip() == found.title
    assert 1 <= len(found.title) <= 100
    assert "\n" not in found.title


@pytest.mark.parametrize(
    ("name", "shown", "stored"),
    [
        ("L’été 🎬.MP4".encode(), "L’été 🎬.MP4", "l-ete.mp4"),
        (b"-rf *.mp4", "-rf *.mp4", "rf.mp4"),
        (b"a\nb.mp4", "a\\nb.mp4", "a-nb.mp4"),
        (b"caf\xe9.mp4", "caf\\xe9.mp4", "caf-xe9.mp4"),
        ("photo\u202egpj.mp4".encode(), "photo\\u202egpj.mp4", "photo-u202egpj.mp4"),
        (b"../../etc/passwd", "../../etc/passwd", "etc-passwd"),
        (b"....", "....", "enregistrement"),
    ],
)
def test_hostile_names_become_harmless(name: bytes, shown: str, stored: str) -> None:
    assert safe_name(name) == (shown, stored)


@given(st.binary(min_size=1, max_size=255).filter(lambda name: b"/" not in name and b"\0" not in name))
def test_any_bytes_can_be_shown_and_stored(name: bytes) -> None:
    shown, stored = safe_name(name)
    assert shown.encode("utf-8")
    assert "\x1b" not in shown
    assert 0 < len(os.fsencode(stored)) <= 120
    assert stored[0] not in ".-"
    assert stored.isascii()
    assert "/" not in stored
