"""What goes with a video: put once, replaced when it changes, taken off when nobody means it any more."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from channel.stage import AIR, NOW, picture
from pasvu.channel import bulk, captioning, captions, episodes, programmes, review
from pasvu.channel.captions import Cue
from pasvu.channel.errors import Refused
from pasvu.channel.states import JobState
from pasvu.channel.states import PublicationState as P
from pasvu.publish.errors import PlatformBusy, PlatformRefused
from pasvu.publish.picture import MOST_BYTES, fit

from .conftest import House


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def edit(house: House, publication_id: int, **changes: Any) -> None:
    with house.decide(publication_id) as (session, publication):
        episodes.edit(session, publication.episode, changes, NOW, "nadia")
    house.tick.tick()


def done(house: House, kind: str) -> list[str]:
    return [name for what, _video, name in house.platform.dressing if what == kind]


def test_another_playlist_is_entered_and_the_former_left(house: House) -> None:
    with house.record.write() as session:
        show = programmes.create(session, "Le Débat", NOW, "nadia")
        programmes.change(session, show, {"playlist_id": "PL-show"}, NOW, "nadia")
    publication_id = house.schedule()
    edit(house, publication_id, programme="le-debat")
    house.road(publication_id)
    assert done(house, "playlist") == ["PL-show"]
    edit(house, publication_id, playlist="PL-own")
    assert (done(house, "playlist"), done(house, "no playlist")) == (["PL-show", "PL-own"], ["PL-show"])
    edit(house, publication_id, playlist="-")
    assert done(house, "no playlist") == ["PL-show", "PL-own"]
    told = len(house.platform.dressing)
    edit(house, publication_id, title="Corrigé")
    assert len(house.platform.dressing) == told


def test_captions_taken_away_here_are_taken_away_there(house: House) -> None:
    publication_id = house.schedule()
    with house.decide(publication_id) as (session, publication):
        for language in ("fr", "en"):
            path = captions.store(house.folder / "captions", language, [Cue(20.0, 22.0, "Bonsoir.")])
            captioning.set_captions(session, publication.episode, language, path, "command", NOW, "nadia")
    house.road(publication_id)
    assert sorted(done(house, "captions")) == ["en", "fr"]
    with house.decide(publication_id) as (session, publication):
        captioning.remove_captions(session, publication.episode, "en", NOW, "nadia")
    house.tick.tick()
    assert (done(house, "no captions"), sorted(done(house, "captions"))) == (["en"], ["en", "fr"])
    assert house.nothing_to_tell()


NO_STILL = PlatformRefused("YouTube refuse cette opération à notre chaîne. Vérifiez.", reason="forbidden")


def test_a_refused_thumbnail_is_said_and_the_video_keeps_its_hour(house: House) -> None:
    publication_id = house.schedule()
    house.platform.always("thumbnail", NO_STILL)
    assert house.road(publication_id) == JobState.DONE
    kept = house.get(publication_id)
    assert (kept.state, kept.held_at, kept.settled) == (P.HELD, AIR, True)
    said = "La vignette n’a pas été acceptée. YouTube refuse cette opération à notre chaîne. Vérifiez. La vidéo garde"
    assert plain(kept.state_reason or "").startswith(said)
    # Asking again by itself would cost fifty units each time, for the same answer.
    asked = []
    house.platform.at["thumbnail"] = lambda: asked.append(house.clock.now())
    edit(house, publication_id, title="Corrigé")
    assert asked == []
    assert "vignette" in (house.get(publication_id).state_reason or "")


@pytest.mark.parametrize("aired", [False, True])
def test_what_was_refused_is_tried_again_when_a_person_asks(house: House, aired: bool) -> None:
    publication_id = house.schedule()
    house.platform.always("thumbnail", NO_STILL)
    house.road(publication_id)
    if aired:
        house.clock.set(AIR + timedelta(minutes=1))
        house.tick.tick()
    del house.platform.at["thumbnail"]
    with house.decide(publication_id) as (session, publication):
        bulk.try_again(session, publication.episode, house.clock.now(), "nadia")
    house.tick.tick()
    kept = house.get(publication_id)
    assert (kept.state, kept.state_reason) == (P.ON_AIR if aired else P.HELD, None)
    assert len(done(house, "thumbnail")) == 1
    assert house.nothing_to_tell()


def test_a_refused_thumbnail_gives_way_to_another(house: House) -> None:
    publication_id = house.schedule()
    house.platform.once("thumbnail", NO_STILL)
    house.road(publication_id)
    with house.decide(publication_id) as (session, publication):
        other = next(still.id for still in publication.episode.thumbnails if not still.chosen)
        review.choose_thumbnail(session, publication.episode, other, NOW, "nadia")
    house.tick.tick()
    assert len(done(house, "thumbnail")) == 1
    assert house.get(publication_id).state_reason is None


def test_a_thumbnail_that_must_wait_does_not_keep_the_instant_waiting(house: House) -> None:
    publication_id = house.schedule()
    house.platform.once("thumbnail", PlatformBusy("YouTube limite les changements de vignette.", retry_after_s=3600))
    assert house.road(publication_id) == JobState.DONE
    kept = house.get(publication_id)
    assert (kept.state, kept.held_at, kept.settled) == (P.HELD, AIR, False)
    house.tick.tick()
    assert len(done(house, "thumbnail")) == 1
    assert house.nothing_to_tell()


def test_a_wide_small_jpeg_is_sent_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "still.jpg"
    path.write_bytes(picture(1280, 720))
    assert fit(path) is None


@pytest.mark.parametrize(
    ("width", "height", "kind", "size"),
    [
        (1280, 720, "PNG", (1280, 720)),
        (1000, 1000, "JPEG", (1000, 562)),
        (3840, 2160, "WEBP", (1920, 1080)),
        (2000, 500, "JPEG", (889, 500)),
        (720, 1280, "JPEG", (720, 405)),
    ],
)
def test_other_pictures_are_made_wide_and_jpeg(
    tmp_path: Path, width: int, height: int, kind: str, size: tuple[int, int]
) -> None:
    path = tmp_path / "still"
    path.write_bytes(picture(width, height, kind))
    with Image.open(io.BytesIO(fit(path) or b"")) as made:
        assert (made.format, made.size) == ("JPEG", size)


def test_a_heavy_picture_is_made_light(tmp_path: Path) -> None:
    path = tmp_path / "still.jpg"
    Image.effect_noise((1920, 1080), 200).convert("RGB").save(path, quality=100, subsampling=0)
    assert path.stat().st_size > MOST_BYTES
    made = fit(path)
    assert made is not None
    assert len(made) <= MOST_BYTES


@pytest.mark.parametrize("content", [b"", b"not a picture", b"GIF89a" + b"\0" * 40, picture()[:200]])
def test_what_is_no_picture_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "still.jpg"
    path.write_bytes(content)
    if content[:2] == b"\xff\xd8":
        path = tmp_path / "still.png"
        path.write_bytes(picture(1000, 1000)[:300])
    with pytest.raises(Refused, match="n’est pas une image lisible"):
        fit(path)
