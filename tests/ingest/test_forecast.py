"""What a preparation is foreseen to take, and what is said when the room is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pasvu.channel.values import MediaInfo
from pasvu.ingest.facts import Examined, Timing
from pasvu.ingest.forecast import Forecast, foresee, lacking
from pasvu.ingest.layout import Layout

HOUR = MediaInfo(
    "mov,mp4", 3600.0, video_codec="h264", pixel_format="yuv420p", width=1920, height=1080, fps=25.0,
    audio_codec="aac", channels=2, sample_rate=48000, bit_rate=6_000_000,
)  # fmt: skip
PLAIN = Layout(index_first=True, fragmented=False, edits=0, edit_s=0.0, samples_there=True)
TIMING = Timing(90_000, 0.04, variable=False, open_gop=False, keyframe_gap_s=2.0, delay_frames=0)
GB = 10**9
SOUND = 384_000 / 8 * 3600


def film(info: MediaInfo = HOUR, layout: Layout | None = PLAIN) -> Examined:
    return Examined(info, TIMING, layout)


def test_a_picture_that_is_copied_takes_its_size_and_minutes() -> None:
    found = foresee([(3 * GB, film())], cores=2)
    # The sound at its level is in the film, and kept beside it.
    assert found.bytes == pytest.approx((3 * GB + 2 * SOUND) * 1.05, rel=0.01)
    assert 30 < found.seconds < 180


def test_several_parts_are_joined_first() -> None:
    found = foresee([(3 * GB, film()), (3 * GB, film())], cores=2)
    assert found.bytes == pytest.approx((12 * GB + 4 * SOUND) * 1.05, rel=0.01)


def test_a_long_film_is_written_in_two_steps() -> None:
    found = foresee([(15 * GB, film(replace(HOUR, duration_s=5 * 3600.0)))], cores=2)
    assert found.bytes == pytest.approx((30 * GB + 10 * SOUND) * 1.05, rel=0.01)


def test_what_must_be_encoded_takes_far_longer() -> None:
    copied = foresee([(3 * GB, film())], cores=2)
    prores = replace(HOUR, video_codec="prores", pixel_format="yuv422p10le")
    encoded = foresee([(60 * GB, film(prores))], cores=2)
    assert encoded.seconds > 10 * copied.seconds
    assert encoded.bytes > 60 * GB
    slower = foresee([(60 * GB, film(prores))], cores=2, pace=2.0)
    assert slower.seconds == pytest.approx(2 * encoded.seconds, rel=0.01)
    assert foresee([(60 * GB, film(prores))], cores=4).seconds < encoded.seconds


def test_sound_alone_takes_little() -> None:
    sound = MediaInfo("wav", 3600.0, audio_codec="pcm_s16le", channels=2, sample_rate=48000)
    assert foresee([(GB // 2, Examined(sound, None, None))], cores=2).seconds < 300


def test_what_is_lacking_is_said() -> None:
    assert lacking(Forecast(3 * GB, 60), 3 * GB) is None
    sentence = lacking(Forecast(3 * GB, 60), GB)
    assert sentence is not None
    assert "3,0" in sentence
    assert "1,0" in sentence
    assert "intact" in sentence
