"""Which files of a folder are one recording."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from pasvu.ingest.grouping import Group, Lying, group

NOON = datetime(2026, 11, 20, 12)  # noqa: DTZ001 - wall-clock time, as recorders write it


def lying(*names: str, deep: bool = False, at: datetime = NOON, folder: str = "depot") -> list[Lying]:
    return [Lying(Path(folder), name, at, deep=deep) for name in names]


def named(groups: list[Group]) -> list[list[str]]:
    return sorted([file.name for file in each.files] for each in groups)


@pytest.mark.parametrize(
    "names",
    [
        ("Entretien_p1.mp4", "Entretien_p2.mp4"),
        ("Été part 1.mp4", "Été part 2.mp4"),
        ("débat - partie 9.mov", "débat - partie 10.mov"),
        ("GX010123.MP4", "GX020123.MP4", "GX030123.MP4"),
        ("GOPR0042.MP4", "GP010042.MP4"),
    ],
)
def test_numbered_parts_are_one_recording_in_order(names: tuple[str, ...]) -> None:
    if names[0].startswith("débat"):
        expected = [*(f"débat - partie {number}.mov" for number in range(1, 9)), *names]
    else:
        expected = list(names)
    (found,) = group(lying(*sorted(expected, reverse=True)))
    assert [file.name for file in found.files] == expected
    assert found.missing == ()
    assert found.sentence is None


@pytest.mark.parametrize(
    "names",
    [
        ("C0001.MP4", "C0002.MP4"),
        ("MVI_0001.MOV", "MVI_0002.MOV"),
        ("GX010123.MP4", "GX010124.MP4"),
        ("GX010123.MP4", "GH020123.MP4"),
        ("Entretien_p1.mp4", "Debat_p2.mp4"),
        ("Entretien_p1.mp4", "Entretien_p2.mov"),
        ("Entretien_p1.mp4", "Entretien part 1.mp4", "Entretien_p2.mp4"),
        ("p1.mp4", "p2.mp4"),
        ("Entretien 1.mp4", "Entretien 2.mp4"),
        ("Entretien_p1.mp4", "Entretien_p40.mp4"),
        ("cap1.mp4", "cap2.mp4"),
    ],
)
def test_in_doubt_files_stay_apart(names: tuple[str, ...]) -> None:
    assert named(group(lying(*names))) == sorted([name] for name in names)


def test_folders_are_never_mixed() -> None:
    files = [*lying("E_p1.mp4", folder="a"), *lying("E_p2.mp4", folder="b")]
    assert named(group(files)) == [["E_p1.mp4"], ["E_p2.mp4"]]


@pytest.mark.parametrize("names", [("C0007.MP4", "C0008.MP4"), ("MVI_0101.MOV", "MVI_0102.MOV"), ("p1.mp4", "p2.mp4")])
def test_a_card_dropped_as_a_folder_is_one_recording(names: tuple[str, ...]) -> None:
    (found,) = group(lying(*names, deep=True))
    assert [file.name for file in found.files] == list(names)
    assert found.sentence is None


@pytest.mark.parametrize(
    ("names", "deep", "missing"),
    [
        (("E_p1.mp4", "E_p3.mp4"), False, (2,)),
        (("E_p2.mp4",), False, (1,)),
        (("GX020123.MP4", "GX030123.MP4"), False, (1,)),
        (("C0005.MP4", "C0007.MP4", "C0009.MP4"), True, (6, 8)),
    ],
)
def test_a_missing_number_is_said(names: tuple[str, ...], deep: bool, missing: tuple[int, ...]) -> None:
    (found,) = group(lying(*names, deep=deep))
    assert found.missing == missing
    assert found.sentence is not None
    assert names[0] in found.sentence
    assert ", ".join(map(str, missing)) in found.sentence


def test_a_split_recording_goes_on_where_it_was_closed() -> None:
    one = Lying(Path("d"), "2026-11-20 20-00-00.mkv", NOON.replace(hour=20, minute=30, second=1))
    two = Lying(Path("d"), "2026-11-20 20-30-00.mkv", NOON.replace(hour=20, minute=45))
    later = Lying(Path("d"), "2026-11-20 20-45-09.mkv", NOON.replace(hour=21))
    assert named(group([later, two, one])) == [[one.name, two.name], [later.name]]


def test_a_copy_that_lost_its_time_is_not_joined() -> None:
    files = lying("2026-11-20 20-00-00.mkv", "2026-11-20 20-30-00.mkv", at=NOON.replace(hour=23))
    assert named(group(files)) == [[file.name] for file in files]
