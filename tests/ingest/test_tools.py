from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pasvu.channel.errors import PasVuError
from pasvu.ingest import commands
from pasvu.ingest.tools import find_tools


def program(path: Path, version: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "{path.name} version {version} Copyright"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def test_finds_working_tools() -> None:
    found = find_tools()
    assert subprocess.run([found.ffprobe, "-version"], capture_output=True, check=True).stdout.startswith(b"ffprobe")


def test_the_setting_comes_first(tmp_path: Path) -> None:
    ffmpeg, ffprobe = program(tmp_path / "ffmpeg", "7.1"), program(tmp_path / "ffprobe", "7.1")
    found = find_tools(str(ffmpeg), str(ffprobe))
    assert (found.ffmpeg, found.version) == (ffmpeg, "7.1")


def test_a_wrong_setting_is_refused_not_passed_over() -> None:
    with pytest.raises(PasVuError, match="réglages"):
        find_tools("/nonexistent/ffmpeg", "/nonexistent/ffprobe")


def test_the_path_comes_before_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "ffmpeg", "n7.1-5")
    program(tmp_path / "ffprobe", "n7.1-5")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert find_tools().version == "n7.1-5"


def test_an_old_system_ffmpeg_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "ffmpeg", "4.4.2-0ubuntu")
    program(tmp_path / "ffprobe", "4.4.2-0ubuntu")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert find_tools().ffmpeg.parent != tmp_path


def test_every_received_file_is_opened_safely(tmp_path: Path) -> None:
    tools = find_tools()
    output = commands.received(tmp_path / "-x.mp4")["V:0"].output("-", f="null")
    for words in (commands.command(tools, [output]), commands.probe(tools, tmp_path / "-x.mp4")):
        assert words[words.index("-protocol_whitelist") + 1] == "file"
        assert "hls" not in words[words.index("-format_whitelist") + 1].split(",")
        assert "concat" not in words[words.index("-format_whitelist") + 1].split(",")
        assert f"file:{tmp_path}/-x.mp4" in words
