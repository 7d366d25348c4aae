"""The whole road by the command line alone, without a product running: from a file to its views."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pasvu.channel.clock import WallClock
from pasvu.publish import sandbox

from .conftest import Clip
from .product import Home, until

pytestmark = pytest.mark.media


def test_from_a_file_to_its_views(home: Home, clip: Clip) -> None:
    film = home.path.parent / "2026-11-20_Une nuit aux urgences.mp4"
    film.write_bytes(clip(1))

    received = home.ask("ingest", film, "--programme", "Le grand angle", "--wait")
    assert received["state"] == "in_review"
    assert received["title"] == "Une nuit aux urgences"
    assert received["programme"] == "le-grand-angle"
    assert received["recording"]["origin"] == "command"
    assert film.read_bytes() == clip(1), "what a person names stays where it is"
    slug, first = received["slug"], received["master"]
    assert first["integrated_lufs"] == pytest.approx(-14, abs=0.5)
    assert first["true_peak_dbtp"] <= -1

    heard = home.ask("episode", "audio", slug)
    kept = home.ask("episode", "show", slug)["audio"]
    assert (kept["path"], kept["bytes"], kept["cut"]) == (heard["path"], heard["bytes"], 1)
    assert kept["duration_s"] == first["duration_s"]

    # Cut anew: another master, of that length.
    home.call("episode", "trim", slug, "0:06", "9.5")
    with home.running("worker"):
        _until_state(home, slug, "in_review")
    again = home.ask("episode", "show", slug)
    assert again["trim"]["start_s"] == 6.0
    assert again["trim"]["end_s"] == 9.5
    assert again["master"]["cut"] == 2
    assert again["master"]["duration_s"] == pytest.approx(3.5, abs=0.1)
    assert again["master"]["sha256"] != first["sha256"]
    assert (again["audio"]["cut"], again["audio"]["duration_s"]) == (2, again["master"]["duration_s"])
    assert not Path(kept["path"]).exists(), "the sound follows the cut"
    assert again["recording"]["parts"][0]["sha256"] == hashlib.sha256(clip(1)).hexdigest()

    home.call("episode", "set", slug, "summary=Une nuit à l’hôpital.", "tags=santé, hôpital")
    home.call("episode", "approve", slug)
    at = (datetime.now(UTC) + timedelta(minutes=30)).replace(microsecond=0)
    home.call("schedule", slug, "--at", at.isoformat())
    home.call("publish", "--once")
    (held,) = home.ask("episode", "show", slug)["publications"]
    assert held["state"] == "held", held["state_reason"]
    assert held["uploaded_bytes"] == held["total_bytes"] == again["master"]["bytes"]
    assert datetime.fromisoformat(held["scheduled_at"]) == at
    assert held["air_at"] is None

    # An hour later.
    later = Home(home.path, clock_offset_s="5400")
    later.call("views", "collect")
    shown = later.ask("episode", "show", slug)
    assert shown["state"] == "on_air"
    assert datetime.fromisoformat(shown["publications"][0]["air_at"]) == at
    (figures,) = later.ask("views", "show", slug)["publications"]
    assert figures["video_id"] == held["video_id"]
    assert figures["latest"]["views"] > 0
    table = home.path.parent / "vues.csv"
    later.call("views", "export", "--csv", table)
    heading, *rows = table.read_text().splitlines()
    assert heading.startswith('"episode","title"')
    assert len(rows) == 1
    assert held["video_id"] in rows[0]

    _check_the_platform(home.path, again["master"], at)


def _until_state(home: Home, slug: str, state: str) -> None:
    until(lambda: next(each.state for each in home.episodes() if each.slug == slug) == state, state)


def _check_the_platform(home: Path, master: dict[str, object], at: datetime) -> None:
    serving = sandbox.serve(home / "sandbox", WallClock(offset_s=5400))
    try:
        (video,) = Home(home).held("videos")["videos"]
    finally:
        serving.close()
    assert video["sha256"] == master["sha256"]
    *before, last = [moment["privacy"] for moment in video["history"]]
    assert set(before) == {"private"}
    assert last == "public"
    assert datetime.fromisoformat(video["history"][-1]["at"]) == at
    assert datetime.fromisoformat(video["published_at"]) == at
