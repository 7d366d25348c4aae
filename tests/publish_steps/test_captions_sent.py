"""Captions on their way to the platform: in the time of what was sent, again when the text changes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from channel.stage import NOW
from pasvu.channel import captioning, captions, episodes
from pasvu.channel.captions import Cue
from pasvu.channel.models import Publication
from pasvu.channel.states import JobState, PublicationState

from .conftest import House

SPOKEN = [Cue(5.0, 11.0, "avant"), Cue(9.0, 14.0, "Bonsoir."), Cue(20.0, 22.5, "<i>Le débat</i>")]


@pytest.fixture
def sent(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The text of each captions file at the moment the platform gets it."""
    texts: list[str] = []
    former = house.platform.set_captions

    def take(video_id: str, language: str, file: Path) -> None:
        texts.append(file.read_text(encoding="utf-8"))
        former(video_id, language, file)

    monkeypatch.setattr(house.platform, "set_captions", take)
    return texts


def give(house: House, publication_id: int, cues: list[Cue]) -> None:
    def act(session: Any, publication: Publication) -> None:
        path = captions.store(house.folder / "captions", "fr", cues)
        captioning.set_captions(session, publication.episode, "fr", path, "command", NOW, "nadia")

    house.decides(publication_id, act)


def test_captions_are_sent_in_the_time_of_the_cut(house: House, sent: list[str]) -> None:
    publication_id = house.schedule()
    give(house, publication_id, SPOKEN)

    def starts_early(_session: Any, publication: Publication) -> None:
        # Wished from 12 s; the copied picture starts at the keyframe at 10.5 s.
        assert episodes.effective_trim(publication.episode).start_s == 12.0
        made = publication.episode.rendition("master")
        assert made is not None
        made.start_s = 10.5

    house.decides(publication_id, starts_early)
    assert house.road(publication_id) == JobState.DONE
    assert sent == [
        "1\n00:00:00,000 --> 00:00:00,500\navant\n\n"
        "2\n00:00:00,000 --> 00:00:03,500\nBonsoir.\n\n"
        "3\n00:00:09,500 --> 00:00:12,000\n<i>Le débat</i>\n"
    ]
    assert [path.suffix for path in (house.folder / "captions").iterdir()] == [".vtt"]
    assert house.nothing_to_tell()


def test_a_new_text_replaces_the_one_there_and_the_former_may_come_back(house: House, sent: list[str]) -> None:
    publication_id = house.schedule()
    give(house, publication_id, SPOKEN)
    assert house.road(publication_id) == JobState.DONE
    house.steps.dress(publication_id)
    assert len(sent) == 1
    give(house, publication_id, SPOKEN[1:2])
    assert not house.nothing_to_tell()
    house.tick.tick()
    give(house, publication_id, SPOKEN)
    house.tick.tick()
    assert len(sent) == 3
    assert sent[0] == sent[2] != sent[1]
    kept = house.get(publication_id)
    assert len([name for name in kept.dressed if name.startswith("captions:")]) == 1
    assert house.nothing_to_tell()


def test_captions_outside_the_cut_do_not_keep_the_video_from_its_hour(
    house: House, sent: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    publication_id = house.schedule()
    give(house, publication_id, [Cue(1.0, 2.0, "coupé")])
    with caplog.at_level(logging.WARNING):
        assert house.road(publication_id) == JobState.DONE
    assert sent == []
    assert "no caption" in caplog.text
    assert house.get(publication_id).state == PublicationState.HELD


def test_captions_that_left_the_disk_are_said(house: House) -> None:
    publication_id = house.schedule()
    give(house, publication_id, SPOKEN)
    for file in (house.folder / "captions").iterdir():
        file.unlink()
    assert house.road(publication_id) == JobState.FAILED
    assert "sous-titres" in (house.get(publication_id).state_reason or "")
