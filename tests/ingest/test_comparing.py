"""A replay and the team's own recording of the same event: told by their sound, and the better one proposed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from channel.opening import database_url, fresh_url, record
from channel.stage import NOW
from pasvu.channel import intake, names, queries, replays
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.ingest import comparing, likeness
from pasvu.ingest.bench import Bench, job_of
from pasvu.ingest.comparing import Side, judge
from pasvu.ingest.inspect import inspect
from pasvu.ingest.likeness import Jump, Likeness
from pasvu.ingest.measure import measure
from pasvu.ingest.tools import Tools

from .conftest import Film, Make

__all__ = ["database_url", "fresh_url", "record"]


def talk(seconds: float, seed: int) -> np.ndarray:
    """How loud a conversation is, ten times a second: words, pauses, one voice louder than the other."""
    chance, steps = np.random.default_rng(seed), round(seconds * 10)
    level = np.zeros(steps)
    at = 0
    while at < steps:
        length = int(chance.integers(3, 25))
        level[at : at + length] = chance.uniform(0.1, 0.9) * chance.uniform(0.5, 1, min(length, steps - at))
        at += length + int(chance.integers(1, 8))
    return level


def drawn(level: np.ndarray, gain: float = 1.0, noise: float = 0.0, seed: int = 5) -> bytes:
    """The waveform of it, as it is kept; heard through another microphone and another coder."""
    heard = level * gain + np.random.default_rng(seed).normal(0, noise, len(level))
    steps = np.clip(heard * 127, 0, 127).astype(np.int8)
    return np.stack([-steps, steps], axis=1).tobytes()


LOCAL = talk(2400, 1)


def test_the_same_event_at_another_level_and_begun_later() -> None:
    found = likeness.compare(drawn(LOCAL[340:-1000], 0.4, 0.01), drawn(LOCAL))
    assert found is not None
    assert (found.offset_s, found.jumps) == (pytest.approx(34.0, abs=0.11), ())
    turned = likeness.compare(drawn(LOCAL), drawn(LOCAL[340:-1000], 0.4, 0.01))
    assert turned is not None
    assert turned.offset_s == pytest.approx(-34.0, abs=0.11)


def test_what_the_site_lost_is_found() -> None:
    holed = np.concatenate([LOCAL[340:9000], LOCAL[9087:-1000]])
    found = likeness.compare(drawn(holed, 0.5, 0.01), drawn(LOCAL))
    assert found is not None
    (jump,) = found.jumps
    assert jump.missing_s == pytest.approx(8.7, abs=0.11)
    assert jump.at_s == pytest.approx(866.0, abs=30)
    assert found.end_offset_s == pytest.approx(42.7, abs=0.2)
    seen_from_there = likeness.compare(drawn(LOCAL), drawn(holed, 0.5, 0.01))
    assert seen_from_there is not None
    assert seen_from_there.jumps[0].missing_s == pytest.approx(-8.7, abs=0.11)
    assert seen_from_there.jumps[0].at_s == pytest.approx(900.0, abs=30)


@pytest.mark.parametrize("seed", range(2, 12))
def test_another_event_is_another(seed: int) -> None:
    assert likeness.compare(drawn(talk(1800, seed)), drawn(LOCAL)) is None


@pytest.mark.parametrize(
    "level", [np.zeros(3000), np.full(3000, 0.5), np.tile([0.2, 0.2, 0.9, 0.2], 750), LOCAL[:50], np.array([])]
)
def test_silence_a_tone_a_beat_and_a_moment_prove_nothing(level: np.ndarray) -> None:
    twice = drawn(np.concatenate([level, level]), noise=0.01, seed=6)
    assert likeness.compare(drawn(level, noise=0.01), twice) is None


@pytest.mark.media
def test_a_real_film_and_what_a_site_made_of_it(tools: Tools, film: Film, make: Make) -> None:
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-s", "160x90", "-c:a", "aac", "-b:a", "48k", "-ac", "1")
    path = make("site.mp4", "-ss", "3.4", "-i", film.path, "-af", "volume=-9dB,acompressor", *coded)
    there = measure(tools, path, inspect(tools, path)).peaks
    found = likeness.compare(there, film.measures.peaks)
    assert found is not None
    assert found.offset_s == pytest.approx(3.4, abs=0.15)
    assert found.jumps == ()


@pytest.mark.parametrize(
    ("replay", "local", "found", "better", "words"),
    [
        (Side(3600, 720), Side(3600, 720), Likeness(0, 1), "same", "Même durée, même image"),
        (
            Side(3600, 720),
            Side(3602, 1080),
            Likeness(1, 1),
            "local",
            "Image de 720 lignes pour la rediffusion, de 1080",
        ),
        (Side(3600, 1080), Side(3602, 720), Likeness(1, 1), "replay", "Image de 1080 lignes pour la rediffusion"),
        (Side(3000, 1080), Side(3600, 720), Likeness(0, 1), "local", "Il manque la fin à la rediffusion (10:00)"),
        (Side(3600, 720), Side(3000, 1080), Likeness(0, 1), "replay", "la fin à l’enregistrement fait ici (10:00)"),
        (Side(3570, 720), Side(3600, 720), Likeness(30, 1), "local", "Il manque le début à la rediffusion (0:30)"),
        (
            Side(3560, 1080),
            Side(3600, 720),
            Likeness(0, 1, (Jump(1800, 40),)),
            "local",
            "Il manque un passage à 30:00 à la rediffusion (0:40)",
        ),
        (Side(3600, 720, 2e6), Side(3600, 720, 8e6), Likeness(0, 1), "local", "Image plus riche pour l’enregistrement"),
    ],
)
def test_which_one_is_proposed(replay: Side, local: Side, found: Likeness, better: str, words: str) -> None:
    verdict = judge(replay, local, found)
    assert verdict.better == better
    assert words in verdict.why


class Two:
    """A record with the replay of a live and the team's own recording of it."""

    def __init__(self, record: Record, folder: Path) -> None:
        self.record, self.folder = record, folder

    def add(self, origin: str, title: str, level: np.ndarray, lines: int) -> str:
        with self.record.write() as session:
            file = intake.Received(title.encode(), title, title.encode(), self.folder / names.slug(title), 1000)
            episode = intake.receive(session, names.new_id(), [file], origin=origin, title=title, now=NOW)
            waveform = self.folder / f"{names.slug(title)}.bin"
            waveform.write_bytes(drawn(level, 0.7, 0.01))
            intake.keep_measures(episode, None, {}, waveform, NOW)
            episode.recording.duration_s = len(level) / 10
            episode.recording.parts[0].info = {"height": lines}
            if origin == "replay":
                address = f"https://youtu.be/{names.slug(title)}"
                request = replays.ask(session, address, NOW, "nadia", allowed=True, any_site=False)
                replays.begin(request, NOW)
                replays.receive(session, request, episode, len(level) / 10, 1000, NOW)
            return episode.id

    def compare(self, episode_id: str) -> None:
        clock = SetClock(NOW)
        bench = Bench(self.record, Folders(self.folder), clock, None, episode_id, job_of(episode_id, 1, 1))  # type: ignore[arg-type]
        comparing.compare(bench)

    def remarks(self, episode_id: str) -> str:
        with self.record.read() as session:
            return " ".join(remark.text for remark in session.get_one(Episode, episode_id).remarks)

    def row(self) -> queries.ReplayRow:
        with self.record.read() as session:
            return queries.replays(session, NOW, allowed=True).rows[0]


@pytest.mark.parametrize("first", ["replay", "local"])
def test_whichever_comes_last_finds_the_other(first: str, record: Record, tmp_path: Path) -> None:
    two = Two(record, tmp_path)
    two.add("watch", "Un autre jour", talk(600, 7), 1080)
    adds = {
        "replay": lambda: two.add("replay", "Le direct", LOCAL[100:6000], 720),
        "local": lambda: two.add("watch", "Régie", LOCAL[:6000], 1080),
    }
    ids = {first: adds[first]()}
    two.compare(ids[first])
    assert two.remarks(ids[first]) == ""
    last = "local" if first == "replay" else "replay"
    ids[last] = adds[last]()
    two.compare(ids[last])
    row = two.row()
    assert row.local is not None
    assert (row.local.title, row.better) == ("Régie", "local")
    assert "Il manque le début à la rediffusion (0:10)" in (row.comparison or "")
    assert "Même direct que" in two.remarks(ids["local"])
    assert "Régie" in two.remarks(ids["replay"])
    told = two.remarks(ids["local"])
    two.compare(ids[last])
    assert two.remarks(ids["local"]) == told
