"""Ids, slugs, search words, and French typography."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasvu.channel import names
from pasvu.channel.errors import Refused
from pasvu.channel.typography import fine

FRENCH = st.text("abcdefghijklmnopqrstuvwxyzàâäæçéèêëîïôœöùûüÿ 0123456789-'’!", max_size=80)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("L’été à Nîmes : ça brûle !", "l-ete-a-nimes-ca-brule"),
        ("Œuvres & cœurs", "oeuvres-coeurs"),
        ("ÆON ærien", "aeon-aerien"),
        ("🎬", "episode"),
        ("", "episode"),
        ("-- --", "episode"),
        ("../../etc/passwd", "etc-passwd"),
        ("e\u0301mission", "emission"),
        ("x" * 200, "x" * 60),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert names.slug(text) == slug


@given(st.text(max_size=200))
def test_a_slug_is_always_safe_to_put_in_an_address(text: str) -> None:
    slug = names.slug(text)
    assert 0 < len(slug) <= names.SLUG_LENGTH
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug.strip("-") == slug == names.slug(slug)


@given(FRENCH)
def test_search_words_forget_case_and_accents(text: str) -> None:
    folded = names.fold(text)
    assert names.fold(text.upper()) == folded == names.fold(folded)
    assert not set(folded) & set("àâäæçéèêëîïôœöùûüÿ")


def test_a_taken_slug_is_numbered() -> None:
    taken = {"le-debat", "le-debat-2"}
    assert names.free_slug("Le débat", taken.__contains__) == "le-debat-3"
    assert names.free_slug("Autre", taken.__contains__) == "autre"


def test_ids_are_unique_and_sort_by_time() -> None:
    made = [names.new_id() for _ in range(200)]
    assert len(set(made)) == 200
    assert all(len(each) == 26 and each == each.lower() for each in made)
    assert names.new_id()[:8] >= made[0][:8]


def test_fine_spaces_stand_where_a_line_must_not_break() -> None:
    assert fine("« Oui » : 20 % ; non ? si !") == "«\u202fOui\u202f»\u202f: 20\u202f% ; non\u202f? si\u202f!".replace(
        " ;", "\u202f;"
    )


@given(st.text("« »:;!?% abc\u202f", max_size=40))
def test_typography_is_applied_once_and_changes_only_spaces(text: str) -> None:
    assert fine(fine(text)) == fine(text)
    assert fine(text).replace("\u202f", " ") == text.replace("\u202f", " ")


def test_a_sentence_holds_what_a_person_typed_as_it_is() -> None:
    assert "{titre}" in str(Refused("« {title} » est vide.", title="{titre}"))
    assert str(Refused("Un nombre {sans nom} reste.")) == "Un nombre {sans nom} reste."
