"""What YouTube asks of a player is solved inside the process that fetches, in its jail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import quickjs
from yt_dlp.extractor.youtube.jsc.provider import (
    JsChallengeRequest,
    JsChallengeType,
    NChallengeInput,
    SigChallengeInput,
)

from pasvu.door import checks
from pasvu.ingest import challenge, fetching, process, replay

PLAYER = "https://www.youtube.com/s/player/ours/base.js"


@pytest.fixture
def youtube(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """yt-dlp's own extractor as we start it, given our player where it would fetch YouTube's."""
    with replay.yt_dlp.YoutubeDL(replay.options(tmp_path, 1, any_site=False, patience_s=1)) as line:
        extractor = line.get_info_extractor("Youtube")
        extractor.initialize()
        monkeypatch.setattr(extractor, "_load_player", lambda **_about: challenge.SAMPLE)
        yield extractor


def test_yt_dlp_asks_our_engine_and_takes_its_answers(youtube: Any) -> None:
    asked = [
        JsChallengeRequest(JsChallengeType.N, NChallengeInput(PLAYER, ["abcdef"])),
        JsChallengeRequest(JsChallengeType.SIG, SigChallengeInput(PLAYER, ["xSIGNED"])),
    ]
    answers = {request.type: answer.output.results for request, answer in youtube._jsc_director.bulk_solve(asked)}
    assert answers == {JsChallengeType.N: {"abcdef": "fedcba"}, JsChallengeType.SIG: {"xSIGNED": "SIGNED"}}


@pytest.mark.jail
def test_it_runs_in_the_jail_and_check_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks._youtube_lives().level == "ok"

    def broken(*_words: object, **_options: object) -> None:
        raise process.ToolFailed("{tool}", "no engine", tool="python")

    monkeypatch.setattr(process, "run", broken)
    assert not fetching.solves_scripts()
    line = checks._youtube_lives()
    assert (line.level, "YouTube Studio" in (line.cure or "")) == ("warning", True)


def test_a_script_reaches_nothing_and_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    doors = ["std", "os", "require", "process", "fetch", "Deno", "Worker", "XMLHttpRequest", "WebAssembly"]
    assert challenge.run(f"console.log({doors}.filter(name => name in globalThis).join())") == ""
    monkeypatch.setattr(challenge, "LONGEST_S", 0.05)
    monkeypatch.setattr(challenge, "MOST_BYTES", 1 << 24)
    for script in (
        "for (;;);",
        "var all = []; for (;;) all.push(new Array(10000).fill(1));",
        "(function f() { f() })()",
    ):
        with pytest.raises((quickjs.JSException, quickjs.StackOverflow)):
            challenge.run(script)
