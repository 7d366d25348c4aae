"""The cookies of one site go to that site alone, through the jail, and stay nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pasvu.channel import sites
from pasvu.channel.errors import Refused
from pasvu.ingest import cookies

FACEBOOK = sites.by_key("facebook")
LINES = (
    "# Netscape HTTP Cookie File",
    ".facebook.com\tTRUE\t/\tTRUE\t1900000000\tc_user\t42",
    "#HttpOnly_.facebook.com\tTRUE\t/\tTRUE\t0\txs\tSECRET",
    ".bank.example\tTRUE\t/\tTRUE\t0\tsession\tMONEY",
    ".notfacebook.com\tTRUE\t/\tTRUE\t0\tx\tOTHER",
    ".facebook.com\tTRUE\t/\tTRUE\tsoon\tbroken\tTOLD",
    ".facebook.com TRUE / TRUE 0 spaces TOLD",
)


def left(folder: Path, *lines: str, mode: int = 0o600) -> Path:
    path = folder / "cookies-facebook.txt"
    path.write_text("\n".join(lines) + "\n")
    path.chmod(mode)
    return path


def test_only_whole_lines_of_that_site_are_handed_over(tmp_path: Path) -> None:
    text = cookies.read(left(tmp_path, *LINES), FACEBOOK)
    assert text is not None
    assert text.splitlines() == list(LINES[:3])
    assert cookies.read(tmp_path / "cookies-kick.txt", sites.by_key("kick")) is None


@pytest.mark.parametrize(
    ("lines", "mode", "sentence"),
    [
        (LINES, 0o640, "chmod 600"),
        (LINES[3:], 0o600, "ne contient rien de Facebook"),
        (('[{"name": "xs", "value": "SECRET"}]',), 0o600, "cookies.txt"),
    ],
)
def test_a_file_that_cannot_serve_is_refused_without_its_words(
    lines: tuple[str, ...], mode: int, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused:
        cookies.read(left(tmp_path, *lines, mode=mode), FACEBOOK)
    assert sentence in str(refused.value)
    assert not {"SECRET", "MONEY", "42"} & set(str(refused.value).split())


def test_what_is_handed_over_is_read_and_never_changed() -> None:
    fd = cookies.handed("text")
    try:
        assert os.read(fd, 100) == b"text"
        with pytest.raises(PermissionError):
            os.write(fd, b"x")
    finally:
        os.close(fd)
