"""Sentences kept in the record in French are said again in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ingest.test_propose import FILM
from pasvu.channel.clock import SetClock
from pasvu.channel.errors import Unusable
from pasvu.channel.typography import amount, fine
from pasvu.channel.values import Span
from pasvu.door import checks
from pasvu.ingest import comparing, failures, propose, scan, unfetched, watcher
from pasvu.ingest.comparing import Side
from pasvu.ingest.facts import Measures
from pasvu.ingest.likeness import Likeness
from pasvu.web import retelling, words


def health(look: Callable[[Any], Iterator[checks.Line]], free: int = 0) -> checks.Line:
    """The first line that a check says of an installation of which all is well but its disk and its folder."""
    house = SimpleNamespace(
        folders=SimpleNamespace(free_bytes=lambda: free, home=Path("/nowhere")),
        settings=SimpleNamespace(free_disk_gib=20, watch_dirs=(), rehearsing=True),
        connection=SimpleNamespace(connected=lambda: True),
        platforms={
            "youtube": SimpleNamespace(
                clock_gap_s=lambda: 3.2, channel=lambda: SimpleNamespace(id="UC1", long_uploads=None)
            )
        },
        clock=SetClock(datetime(2026, 11, 23, tzinfo=UTC)),
    )
    return next(look(house))


@pytest.fixture(scope="module")
def english() -> tuple[dict[str, str], list[retelling.Pattern]]:
    return words._catalogue("en")


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (str(unfetched.not_finished()), "This live"),
        (
            str(
                Unusable(
                    "« {name} » est vide (0 octet). Relancez la copie depuis la carte ou le disque.", name="a : b.mp4"
                )
            ),
            "a : b.mp4",
        ),
        (
            "Le codec mpeg2video n’est pas fait pour la diffusion : l’image est refaite. Son refait en AAC.",
            "mpeg2video codec",
        ),
        (
            fine(watcher._NOT_TAKEN.format(why="accès refusé", cure=watcher._RIGHTS)),
            "could not be taken (access refused)",
        ),
        (fine(scan._TWO_NAMES), "drop a copy"),
        (str(failures.failure_of(-9, [], ["ffmpeg"], "cam.mp4")), "cam.mp4"),
        (
            comparing.judge(Side(600.0), Side(640.0), Likeness(20.0, 0.9)).why,
            "The replay lacks the beginning (0:20)",
        ),
        (fine(watcher._LACKING.format(size=amount(1_210_000_000))), "1.2 GB"),
        (health(checks._disk, free=9 * checks.GIB + 400_000_000).sentence, "9.4 GiB free on the disk"),
        (str(health(checks._disk, free=0).cure), "below 20 GiB"),
        (health(checks._folders).sentence, "/nowhere cannot be written to"),
        (health(checks._platform).sentence, "YouTube answers (rehearsal), channel UC1, clocks within 3 s"),
        (propose.trim(Measures(duration_s=600.0, dead=(Span(0.0, 92.4), Span(561.2, 600.0))), FILM).why, "1:32"),
    ],
)
def test_with_what_it_was_filled_with(
    kept: str, said: str, english: tuple[dict[str, str], list[retelling.Pattern]]
) -> None:
    told = retelling.retold(kept, *english)
    assert said in told
    assert not any(
        word in told
        for word in (
            "direct ",
            "est vide",
            "Début",
            "Fin à",
            "image fixe",
            "refait",
            "diffusion",
            "pris",
            "L’outil",
            "manque",
            "libre",
            "répond",
        )
    )


def test_what_nothing_fits_stays_as_it_is(english: tuple[dict[str, str], list[retelling.Pattern]]) -> None:
    for kept in (fine("Une phrase d’autrefois : elle reste."), "Ana", ""):
        assert retelling.retold(kept, *english) == retelling.plain(kept)


def test_a_pattern_with_few_words_fits_nothing() -> None:
    known = {"{a} : {b}": "{a}: {b}", "La copie de {name} s’est arrêtée.": "The copy of {name} stopped, {name}."}
    shapes = retelling.patterns(known)
    assert retelling.retold("Ana : Bob", known, shapes) == "Ana : Bob"
    told = retelling.retold("Ici. La copie de {x}.mp4 s’est arrêtée. Là.", known, shapes)
    assert told == "Ici. The copy of {x}.mp4 stopped, {x}.mp4. Là."
