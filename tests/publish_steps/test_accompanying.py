"""Stills and captions that someone changed on the platform: noticed at little cost, kept or put back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from pasvu.channel import pieces, remote
from pasvu.channel.errors import Refused
from pasvu.channel.values import RemoteTrack
from pasvu.publish import accompanying
from pasvu.publish.comparing import meant_by

from .conftest import House
from .test_changed_there import lines, on_air

BLACK, WHITE = "00" * 120, "ff" * 120


def captioned(house: House) -> int:
    """On air for a while, with our still and French captions."""
    publication_id = on_air(house)
    put_at = house.clock.now()
    with house.decide(publication_id) as (_session, publication):
        publication.dressed = [*publication.dressed, "captions:fr:fr-1", "thumbnail:1"]
        publication.dressed_at = put_at
    house.platform.alter("video-1", custom_thumbnail=True, captioned=True)
    house.platform.prints["video-1"] = BLACK
    house.platform.tracks["video-1"] = [track(put_at)]
    house.clock.sleep(700)
    accompanying.compare(house.desk, house.clock.now())
    kept = house.get(publication_id)
    assert (kept.drift, set(kept.held_pieces or {})) == (None, {"thumbnail", "captions:fr"})
    return publication_id


def track(at: datetime, language: str = "fr", name: str = "", draft: bool = False) -> RemoteTrack:
    return RemoteTrack(language, name, at, draft)


def next_day(house: House) -> datetime:
    house.clock.sleep(86400)
    accompanying.compare(house.desk, house.clock.now())
    return house.clock.now()


def edited(house: House, what: str) -> None:
    before = house.platform.tracks["video-1"][0].updated_at
    assert before is not None
    later = house.clock.now()
    match what:
        case "still gone":
            house.platform.alter("video-1", custom_thumbnail=False)
        case "still other":
            house.platform.prints["video-1"] = WHITE
        case "captions gone":
            house.platform.tracks["video-1"] = []
        case "captions other":
            house.platform.tracks["video-1"] = [track(later)]
        case "captions hidden":
            house.platform.tracks["video-1"] = [track(later, draft=True)]
        case "captions more":
            house.platform.tracks["video-1"].append(track(later, "en", "By hand"))


EDITS = [
    ("still gone", "thumbnail", "none"),
    ("still other", "thumbnail", "changed"),
    ("captions gone", "captions:fr", "none"),
    ("captions other", "captions:fr", "changed"),
    ("captions hidden", "captions:fr", "draft"),
    ("captions more", "captions:en/By hand", "added"),
]


@pytest.mark.parametrize(("what", "piece", "word"), EDITS)
def test_what_someone_made_of_it_is_noticed_once_and_theirs_may_be_kept(
    house: House, what: str, piece: str, word: str
) -> None:
    publication_id = captioned(house)
    edited(house, what)
    next_day(house)
    next_day(house)
    kept = house.get(publication_id)
    assert kept.drift is not None
    assert list(kept.drift) == [piece]
    assert kept.drift[piece][1].split()[0] == word
    assert kept.drift[piece][0] == ("none" if word == "added" else "there")
    assert len(lines(house, "publication.drift")) == 1
    # The alarm of a still that is not there says nothing twice.
    with house.decide(publication_id) as (session, publication):
        assert meant_by(publication, house.clock.now()).thumbnail == (piece != "thumbnail")
        remote.keep_theirs(session, publication.episode, "youtube", house.clock.now(), "nadia")
        publication.settled = True
    next_day(house)
    assert house.get(publication_id).drift is None


@pytest.mark.parametrize(("what", "piece", "_word"), EDITS)
def test_ours_is_put_back(house: House, what: str, piece: str, _word: str) -> None:
    publication_id = captioned(house)
    edited(house, what)
    next_day(house)
    with house.decide(publication_id) as (session, publication):
        remote.keep_ours(session, publication.episode, "youtube", house.clock.now(), "nadia")
    kept = house.get(publication_id)
    assert (kept.drift, kept.settled) == (None, False)
    assert piece not in (kept.held_pieces or {})
    ours = [done for done in kept.dressed if pieces.of_dressed(done) == piece]
    # Ours is to be put there again; theirs alone is to be taken away by whatever dresses the video.
    assert ours == ([f"{piece}:theirs"] if what == "captions more" else [])
    house.tick.tick()
    if what == "captions more":
        assert ("no captions", "video-1", "en/By hand") in house.platform.dressing


def test_a_still_that_only_they_put_cannot_be_taken_away_from_here(house: House) -> None:
    publication_id = on_air(house)
    with house.decide(publication_id) as (_session, publication):
        publication.dressed = []
    house.platform.alter("video-1", custom_thumbnail=True)
    next_day(house)
    assert house.get(publication_id).drift == {"thumbnail": ["none", "added"]}
    with pytest.raises(Refused, match="sur la plateforme"), house.decide(publication_id) as (session, publication):
        remote.keep_ours(session, publication.episode, "youtube", house.clock.now(), "nadia")


def test_a_correction_of_the_text_leaves_it_said(house: House) -> None:
    publication_id = captioned(house)
    edited(house, "captions gone")
    next_day(house)
    video = house.platform.only_video()
    with house.decide(publication_id) as (session, publication):
        remote.changed(session, publication, video, video, house.clock.now())
        remote.compare(session, publication, video, house.clock.now() + timedelta(hours=1))
    assert set(house.get(publication_id).drift or {}) == {"captions:fr"}


def test_captions_are_read_daily_for_a_week_then_weekly_and_never_without_any(house: House) -> None:
    captioned(house)
    house.platform.captions_read.clear()
    for _ in range(7):
        next_day(house)
    assert 6 <= len(house.platform.captions_read) <= 7
    house.platform.captions_read.clear()
    for _ in range(70):
        next_day(house)
    assert 6 <= len(house.platform.captions_read) <= 8
    bare = house.hold("Sans sous-titres", at=house.clock.now() + timedelta(days=2))
    house.tick.tick()
    house.platform.captions_read.clear()
    next_day(house)
    assert house.get(bare).pieces_at is not None
    assert house.platform.captions_read == []


def test_a_day_looks_at_so_many_and_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accompanying, "MOST_A_DAY", 1)
    first, second = house.hold("Un"), house.hold("Deux")
    for publication_id in (first, second):
        with house.decide(publication_id) as (_session, publication):
            publication.processed_at = house.clock.now()
    house.clock.sleep(700)
    for looked in ([first], [first], [first, second]):
        accompanying.compare(house.desk, house.clock.now())
        assert [each for each in (first, second) if house.get(each).pieces_at is not None] == looked
        house.clock.sleep(46000)


def test_prints_are_of_the_picture_and_not_of_its_bytes() -> None:
    nudged: Any = bytes(min(255, value + 6) for value in bytes.fromhex(BLACK)).hex()
    assert not pieces.prints_differ(BLACK, nudged)
    assert pieces.prints_differ(BLACK, WHITE)
