"""The audio version that people ask for is made from the film, once, by the machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from channel.opening import database_url, fresh_url, record
from channel.stage import NOW, in_review, received
from pasvu.channel import audio, programmes, review
from pasvu.channel.clock import SetClock
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.ingest.inspect import examine
from pasvu.ingest.tools import Tools
from pasvu.ingest.voiced import AudioTick

from .conftest import Make

__all__ = ["database_url", "fresh_url", "record"]

SECOND = ("-f", "lavfi", "-i", "sine=duration=1:sample_rate=48000", "-c:a", "aac", "-ac", "2")


@pytest.mark.media
def test_what_is_asked_for_is_made_once_the_cut_is_there(
    record: Record, tools: Tools, tmp_path: Path, make: Make
) -> None:
    tick = AudioTick(record, Folders(tmp_path), SetClock(NOW), tools)
    with record.write() as session:
        ref = in_review(session).id
        asked(session, ref)
        asked(session, ref)
    tick.tick()
    with record.write() as session:
        episode = session.get_one(Episode, ref)
        assert episode.wanted_audio is not None
        assert episode.wanted_audio.trouble, "the film is not where it should be, and that is said"
        assert audio.waiting(session) == [], "not tried again by itself"
        master = episode.rendition("master")
        assert master is not None
        master.path = str(make("heard.mp4", *SECOND))
        asked(session, ref)
        review.trim(session, episode, 20.0, 3000.0, NOW, "nadia")
        assert audio.waiting(session) == [], "a cut under way is waited for"
        episode.cut = episode.wanted_cut
        assert audio.waiting(session) == [ref]
    tick.tick()
    with record.read() as session:
        episode = session.get_one(Episode, ref)
        made = episode.rendition("audio")
        assert made is not None
        assert examine(tools, Path(made.path)).info.audio_codec == "aac"
        assert episode.wanted_audio is None


def test_each_cut_has_one_where_the_programme_says_so(record: Record) -> None:
    with record.write() as session:
        episode = in_review(session)
        assert [audio.follows_each_cut(episode, house) for house in (True, False)] == [True, False]
        show = episode.programme = programmes.create(session, "Midi", NOW, "ada")
        assert [audio.follows_each_cut(episode, house) for house in (True, False)] == [True, False]
        programmes.change(session, show, {"podcast": False}, NOW, "ada")
        assert not audio.follows_each_cut(episode, True)
        programmes.change(session, show, {"podcast": True}, NOW, "ada")
        assert audio.follows_each_cut(episode, False)


def test_nothing_is_promised_that_cannot_be_made(record: Record) -> None:
    with record.write() as session:
        with pytest.raises(Refused, match="pas encore de film"):
            audio.want(session, received(session, "Sans film"), NOW, "malik")
        gone = in_review(session)
        asked(session, gone.id)
        review.withdraw(session, gone, NOW, "nadia")
        assert audio.waiting(session) == []
        with pytest.raises(Refused, match="est retiré"):
            asked(session, gone.id)


def asked(session: Session, ref: str) -> None:
    audio.want(session, session.get_one(Episode, ref), NOW, "malik")
    session.flush()
