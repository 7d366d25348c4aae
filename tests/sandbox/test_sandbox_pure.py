"""The parts that only compute."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pasvu.publish.sandbox import fields, figures, instants, metadata, mp4, privacy
from pasvu.publish.sandbox.answers import ApiError
from pasvu.publish.sandbox.channel import rounded_down
from pasvu.publish.sandbox.chapters import chapters

from .films import box, film

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_views_start_at_zero_rise_quickly_and_never_fall() -> None:
    hours = [figures.counts_at("abcdefghijk", hour * 3600.0) for hour in range(24 * 60)]
    views = [one.views for one in hours]
    assert views[0] == 0
    assert all(a <= b for a, b in pairwise(views))
    assert views[72] > 3 * (views[-1] - views[-72]) > 0
    assert figures.counts_at("abcdefghijk", 86400.0) == hours[24]
    assert figures.counts_at("ABCDEFGHIJK", 86400.0) != hours[24]


@given(st.integers(0, 10**7), st.integers(0, 10**6))
def test_exposure_never_decreases(seconds: int, more: int) -> None:
    def shown(end_s: int) -> float:
        return figures.exposure_s([(NOON, NOON + timedelta(seconds=end_s))])

    assert shown(seconds + more) >= shown(seconds) >= 0


def test_an_evening_weighs_more_than_a_night() -> None:
    def hour(at: int) -> float:
        start = NOON.replace(hour=at)
        return figures.exposure_s([(start, start + timedelta(hours=1))])

    assert hour(19) > 3 * hour(7)


@pytest.mark.parametrize(
    ("tags", "length"), [([], 0), (["Foo-Baz"], 7), (["Foo Baz"], 9), (["a", "b c"], 7), (["été"], 3)]
)
def test_tags_are_counted_as_documented(tags: list[str], length: int) -> None:
    assert metadata.tags_length(tags) == length


@pytest.mark.parametrize(("count", "shown"), [(7, 7), (999, 999), (12_345, 12_300), (1_239_999, 1_230_000)])
def test_subscribers_are_rounded_down_to_three_figures(count: int, shown: int) -> None:
    assert rounded_down(count) == shown


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "P0D"), (3.2, "PT3S"), (60, "PT1M"), (951, "PT15M51S"), (3723, "PT1H2M3S")]
)
def test_durations_are_iso_8601(seconds: float, text: str) -> None:
    assert instants.iso_duration(seconds) == text


@pytest.mark.parametrize("text", ["2026-12-01T10:00:00Z", "2026-12-01T11:00:00+01:00", "2026-12-01t10:00:00.000z"])
def test_equal_instants_read_equal(text: str) -> None:
    assert instants.rfc3339(text) == datetime(2026, 12, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-12-01T10:00:00", "2026-12-01", "2026-02-30T10:00:00Z", "demain"])
def test_a_time_without_offset_is_no_instant(text: str) -> None:
    assert instants.rfc3339(text) is None


def test_a_planned_instant_makes_public_unless_something_else_was_written_before() -> None:
    planned = privacy.Wish(NOON, "private", NOON + timedelta(hours=2))
    withdrawn = privacy.Wish(NOON + timedelta(hours=1), "private")
    at_two = NOON + timedelta(hours=2)
    assert privacy.first_public(privacy.timeline([planned], at_two - timedelta(seconds=1))) is None
    assert privacy.first_public(privacy.timeline([planned], at_two)) == at_two
    assert privacy.first_public(privacy.timeline([planned, withdrawn], at_two + timedelta(days=9))) is None
    assert privacy.first_public(privacy.timeline([planned], at_two, may_publish=False)) is None


def test_a_film_says_its_length(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(film(62.5))
    assert mp4.duration_s(path) == 62.5
    wide = struct.pack(">IQQIQ", 1 << 24, 0, 0, 90_000, 90_000 * 5) + bytes(80)
    path.write_bytes(box(b"ftyp", b"qt  ") + box(b"mdat", bytes(9)) + box(b"moov", box(b"mvhd", wide)))
    assert mp4.duration_s(path) == 5.0
    extends = box(b"mvex", box(b"mehd", struct.pack(">II", 0, 7000)))
    mvhd = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, 0) + bytes(80))
    path.write_bytes(box(b"ftyp", b"iso5") + box(b"moov", mvhd + extends) + box(b"mdat", bytes(9)))
    assert mp4.duration_s(path) == 7.0


@given(content=st.binary(max_size=300))
def test_bytes_that_are_no_film_have_no_length(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "no-film"
    path.write_bytes(content)
    assert mp4.duration_s(path) is None


@pytest.mark.parametrize("cut", [4, 30, 100, 1999])
def test_a_film_cut_short_is_no_film(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(film()[:cut])
    assert mp4.duration_s(path) is None


def test_chapters_follow_the_rules_of_the_platform() -> None:
    good = "Intro\n00:00 Accueil\n05:00 – Les retraites\n1:02:03 Questions\nhttps://exemple.fr"
    assert [(one.start_s, one.title) for one in chapters(good, 4000.0)] == [
        (0, "Accueil"),
        (300, "Les retraites"),
        (3723, "Questions"),
    ]
    assert chapters(good.replace("00:00", "00:01"), 4000.0) == []
    assert chapters("00:00 A\n00:20 B", 60.0) == []
    assert chapters("00:00 A\n00:09 B\n00:30 C", 60.0) == []
    assert chapters("00:00 A\n00:20 B\n00:55 C", 60.0) == []
    assert chapters("00:00 A\n00:40 B\n00:20 C", 60.0) == []


def test_partial_answers() -> None:
    answer = {"items": [{"id": "a", "status": {"x": 1, "y": 2}}], "kind": "k", "next": "n"}
    assert fields.select(answer, "items(id,status/x),next") == {"items": [{"id": "a", "status": {"x": 1}}], "next": "n"}
    assert fields.select(answer, "items/status") == {"items": [{"status": {"x": 1, "y": 2}}]}
    for bad in ("items(id", "items)", ""):
        with pytest.raises(ApiError):
            fields.select(answer, bad)
