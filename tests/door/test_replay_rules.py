"""Fetching finished lives: closed by default, and public addresses only."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pasvu.channel.errors import Refused
from pasvu.ingest.replay import EXTRACTORS, check_address, options

from .conftest import Line

INSIDE = [
    "http://127.0.0.1/video",
    "http://127.0.0.1:8080/episodes",
    "http://localhost/video",
    "http://2130706433/video",
    "http://0x7f000001/video",
    "http://0.0.0.0/",
    "http://[::1]/video",
    "http://[::ffff:127.0.0.1]/video",
    "http://10.1.2.3/video",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
]
NOT_THE_WEB = [
    "file:///etc/passwd",
    "ftp://93.184.216.34/film.mp4",
    "rtmp://93.184.216.34/live",
    "data:text/plain,x",
    "javascript:alert(1)",
    "//93.184.216.34/x",
    "pas une adresse",
    "",
    "http://",
    "http://[93.184.216.34/",
    "http://93.184.216.34:99999/",
    "https://93.184.216.34/" + "x" * 3000,
]


def test_it_is_closed_until_opened(line: Line) -> None:
    sentence = line.refused("replay", "https://93.184.216.34/watch?v=x")
    assert "replays = true" in sentence


@pytest.mark.parametrize("address", [*INSIDE, *NOT_THE_WEB])
def test_addresses_that_are_no_public_page(address: str) -> None:
    with pytest.raises(Refused):
        check_address(address)


@pytest.mark.parametrize("address", ["https://93.184.216.34/watch?v=x", "http://[2606:2800:220:1::1]/watch"])
def test_public_addresses_pass(address: str) -> None:
    check_address(address)


def test_a_public_name_that_leads_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_args: object, **_options: object) -> list[tuple[object, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.1.1", 443)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(Refused, match="interne"):
        check_address("https://innocent.example/watch")


def test_opened_it_still_refuses_in_one_sentence(line: Line) -> None:
    line.environ["PASVU_REPLAYS"] = "true"
    assert "interne" in line.refused("replay", "http://127.0.0.1:8080/secret")
    assert "page du web" in line.refused("replay", "file:///etc/passwd")
    assert line.ask("episodes") == []


def test_only_known_sites_and_no_one_elses_code(tmp_path: Path) -> None:
    told: list[str] = []
    chosen = options(tmp_path, tmp_path / "ffmpeg", told.append)
    assert "generic" not in " ".join(EXTRACTORS)
    assert chosen["allowed_extractors"] == EXTRACTORS
    assert not {"postprocessors", "external_downloader", "cookiesfrombrowser", "netrc"} & set(chosen)
    assert "%(title)" not in chosen["outtmpl"]["default"]
    chosen["progress_hooks"][0]({"status": "downloading", "downloaded_bytes": 1, "total_bytes": 4})
    assert told == ["25%"]
