from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pasvu.channel.values import Loudness, MediaInfo, PlanAction, Span, Trim
from pasvu.ingest.cutting import cut_points
from pasvu.ingest.facts import Cut, Timing
from pasvu.ingest.packets import Packets, timing
from pasvu.ingest.plan import plan

FILM = MediaInfo(
    container="mov,mp4",
    duration_s=100.0,
    video_codec="h264",
    pixel_format="yuv420p",
    width=1920,
    height=1080,
    fps=25.0,
    audio_codec="aac",
    channels=2,
    sample_rate=48000,
)
EVEN = Timing(frames=2500, longest_gap_s=0.04, variable=False, open_gop=False, keyframe_gap_s=2.0)
RIGHT = Loudness(-14.2, -1.5, 5.0)
QUIET = Loudness(-23.0, -5.0, 5.0)
WHOLE = Cut(key_s=0.0, start_s=0.0, next_key_s=0.0, head_frames=0, end_s=100.0, out_dts_s=None, clean=True)
INSIDE = replace(WHOLE, key_s=8.0, start_s=9.8, next_key_s=10.0, head_frames=5)


def action(info: MediaInfo = FILM, loudness: Loudness | None = RIGHT, **facts: object) -> PlanAction:
    known = {"timing": EVEN, "cut": WHOLE, **facts}
    found = plan(info, loudness, Trim(0.0, 100.0), **known)  # type: ignore[arg-type]
    assert found.why
    return found.action


def test_what_is_right_is_copied() -> None:
    assert action() is PlanAction.COPY


@pytest.mark.parametrize(
    "change",
    [{"audio_codec": "opus"}, {"channels": 1}, {"channels": 6}, {"sample_rate": 44100}, {"audio_codec": "pcm_s16le"}],
)
def test_a_sound_of_another_form_is_made_anew(change: dict[str, object]) -> None:
    assert action(replace(FILM, **change)) is PlanAction.AUDIO  # type: ignore[arg-type]


@pytest.mark.parametrize("loudness", [QUIET, Loudness(-9.0, 0.5, 3.0), Loudness(-14.0, -0.3, 3.0), None])
def test_a_sound_at_another_level_is_made_anew(loudness: Loudness | None) -> None:
    assert action(loudness=loudness) is PlanAction.AUDIO


def test_a_picture_without_sound_is_copied_and_said_so() -> None:
    found = plan(replace(FILM, audio_codec=None), None, Trim(0.0, 100.0), timing=EVEN, cut=WHOLE)
    assert found.action is PlanAction.COPY
    assert "Pas de son" in found.why


def test_a_sound_without_picture_gets_a_card() -> None:
    found = plan(MediaInfo(container="mp3", duration_s=9.0, audio_codec="mp3"), QUIET, Trim(0.0, 9.0))
    assert found.action is PlanAction.ENCODE
    assert "carte" in found.why


@pytest.mark.parametrize(
    "change", [{"video_codec": "prores"}, {"pixel_format": "yuv422p"}, {"interlaced": True}, {"fps": 100.0}]
)
def test_what_cannot_be_shown_is_encoded(change: dict[str, object]) -> None:
    assert action(replace(FILM, **change)) is PlanAction.ENCODE  # type: ignore[arg-type]


def test_a_rhythm_with_long_holes_is_encoded_a_mere_variable_one_is_not() -> None:
    holes = replace(EVEN, variable=True, longest_gap_s=0.6)
    assert action(timing=holes) is PlanAction.ENCODE
    assert action(timing=replace(holes, longest_gap_s=0.12)) is PlanAction.COPY


def test_open_groups_are_copied_whole_but_not_cut() -> None:
    open_groups = replace(EVEN, open_gop=True)
    assert action(timing=open_groups) is PlanAction.COPY
    assert action(timing=open_groups, cut=INSIDE) is PlanAction.ENCODE


def test_a_start_between_keyframes_gets_a_new_head() -> None:
    assert action(loudness=QUIET, cut=INSIDE) is PlanAction.SMART_CUT


def test_half_a_second_of_dead_picture_may_stay() -> None:
    near = replace(INSIDE, key_s=9.6)
    assert action(cut=near) is PlanAction.SMART_CUT
    assert action(cut=near, dead=(Span(0.0, 9.8),)) is PlanAction.COPY


@pytest.mark.parametrize("change", [{"video_codec": "hevc"}, {"variable_frame_rate": True}, {"rotation": 90}])
def test_where_a_head_would_not_fit_the_start_moves_to_a_keyframe(change: dict[str, object]) -> None:
    found = plan(replace(FILM, **change), RIGHT, Trim(9.8, 100.0), timing=EVEN, cut=INSIDE)  # type: ignore[arg-type]
    assert found.action is PlanAction.COPY
    assert "1,8 s plus tôt" in found.why


def packets(*, fps: float = 25.0, count: int = 100, gop: int = 20, open_gop: bool = False) -> Packets:
    """I B B P B B P…: two B-frames after each reference in decoding order."""
    order: list[tuple[int, bool]] = []
    for start in range(0, count, gop):
        # An open group's keyframe is decoded before the two frames that are shown before it.
        shift = 2 if open_gop and start else 0
        frames = [start + shift] + [
            n for p in range(start + shift + 3, start + gop + shift, 3) for n in (p, p - 2, p - 1)
        ]
        leading = [start, start + 1] if shift else []
        seen = set(frames) | set(leading)
        rest = [n for n in range(start, start + gop) if n not in seen]
        ordered = [frames[0], *leading, *frames[1:], *rest]
        order += [(n, i == 0) for i, n in enumerate(ordered) if n < count]
    shown = np.array([number for number, _ in order]) / fps
    decoded = (np.arange(len(order)) - 2) / fps
    return Packets(shown, decoded, np.array([key for _, key in order]))


def test_an_even_rhythm_is_recognised() -> None:
    found = timing(packets())
    assert found is not None
    assert (found.frames, found.variable, found.open_gop) == (100, False, False)
    assert found.longest_gap_s == pytest.approx(0.04)
    assert found.keyframe_gap_s == pytest.approx(0.8)


def test_open_groups_are_recognised() -> None:
    found = timing(packets(open_gop=True))
    assert found is not None
    assert found.open_gop


def test_dropped_frames_make_a_rhythm_variable() -> None:
    whole = packets()
    kept = np.random.default_rng(1).random(100) > 0.15
    found = timing(Packets(whole.shown[kept], whole.decoded[kept], whole.keys[kept]))
    assert found is not None
    assert found.variable


def test_the_head_holds_the_frames_up_to_the_next_keyframe() -> None:
    found = cut_points(packets(), Trim(1.0, 3.0))
    assert found is not None
    assert found.key_s == pytest.approx(0.8)
    assert found.start_s == pytest.approx(1.0)
    assert found.next_key_s == pytest.approx(1.6)
    assert found.head_frames == 15


def test_a_start_on_a_keyframe_needs_no_head() -> None:
    found = cut_points(packets(), Trim(1.6, 3.0))
    assert found is not None
    assert found.head_frames == 0
    assert found.key_s == found.start_s == found.next_key_s == pytest.approx(1.6)


@pytest.mark.parametrize("end_s", [2.0, 2.3, 2.77, 3.0])
def test_the_end_leaves_no_frame_out(end_s: float) -> None:
    whole = packets()
    found = cut_points(whole, Trim(0.0, end_s))
    assert found is not None
    assert found.out_dts_s is not None
    assert abs(found.end_s - end_s) <= 3 / 25 + 1e-9
    kept = np.sort(whole.shown[whole.decoded < found.out_dts_s - 1e-6])
    assert kept.tolist() == pytest.approx([n / 25 for n in range(round(found.end_s * 25))])


def test_an_end_beyond_the_last_frame_is_the_end_of_the_file() -> None:
    found = cut_points(packets(), Trim(0.0, 60.0))
    assert found is not None
    assert found.out_dts_s is None
    assert found.end_s == pytest.approx(4.0)


def test_without_a_keyframe_there_is_no_cut() -> None:
    assert cut_points(Packets(np.arange(3.0), np.arange(3.0), np.zeros(3, bool)), Trim(0.0, 1.0)) is None
