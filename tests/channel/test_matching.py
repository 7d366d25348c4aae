"""Which expected episode a recording is, and how sure that is."""

from __future__ import annotations

from datetime import date

import pytest

from pasvu.channel.matching import ENOUGH, Known, best, candidates, likeness

MEANT = Known("Une nuit aux urgences", "show-1", date(2026, 11, 26), ("Ana Petit",))


@pytest.mark.parametrize(
    ("received", "least", "most"),
    [
        (Known("Une nuit aux urgences", "show-1", date(2026, 11, 26), ("Ana Petit",)), 0.95, 1.0),
        (Known("Sans titre", None, date(2026, 11, 26)), 0.6, 0.6),  # a date alone is enough
        (Known("Une nuit aux urgences"), 0.65, 0.75),  # so is a title
        (Known("ana petit"), 0.6, 0.7),  # so is a guest
        (Known("MVI", "show-1", date(2026, 11, 20)), 0.3, 0.55),  # a programme in the week before is not
        (Known("MVI", "show-1", date(2026, 11, 25)), 0.55, 0.65),
        (Known("Une nuit à l’opéra", None, date(2026, 12, 4)), 0.0, 0.4),
        (Known("Une nuit aux urgences", "show-2", date(2026, 11, 26)), 0.0, 0.0),  # another programme's
        (Known("Autre chose"), 0.0, 0.0),
    ],
)
def test_likeness(received: Known, least: float, most: float) -> None:
    found = likeness(received, MEANT)
    assert least <= found.confidence <= most, found


def test_what_speaks_for_it_is_said() -> None:
    found = likeness(Known("Une nuit aux urgences avec Ana Petit", "show-1", date(2026, 11, 26)), MEANT)
    assert found.why == "même émission, même date, titre proche, nom en commun : Ana Petit"


def test_the_surest_is_taken_and_two_alike_are_left_to_a_person() -> None:
    other = Known("Les communs", "show-1", date(2026, 11, 26))
    received = Known("Une nuit aux urgences", "show-1", date(2026, 11, 26))
    found = best(received, [other, MEANT])
    assert found is not None
    assert found[0] == 1
    unclear = Known("Sans titre", "show-1", date(2026, 11, 26))
    assert best(unclear, [other, MEANT]) is None
    assert candidates(unclear, [other, MEANT]) == [0, 1]
    assert best(Known("Rien à voir"), [other, MEANT]) is None
    assert best(received, []) is None
    assert found[1].confidence >= ENOUGH
