from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pasvu.channel.errors import Refused
from pasvu.channel.timeline import Timeline
from pasvu.channel.values import Loudness, MediaInfo, PlanAction, Span
from pasvu.ingest import joining, picture
from pasvu.ingest.cutting import cut_points
from pasvu.ingest.facts import Able, Cut, Packets, Stretch, Timing
from pasvu.ingest.packets import timing
from pasvu.ingest.plan import plan, stretches

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
EVEN = Timing(frames=2500, longest_gap_s=0.04, variable=False, delay_frames=2, open_gop=False, keyframe_gap_s=2.0)
RIGHT = Loudness(-14.2, -1.5, 5.0)
QUIET = Loudness(-23.0, -5.0, 5.0)
ALL = Timeline((Span(0.0, 100.0),))
WHOLE = Cut(ALL.kept[0], (Stretch(0.0, 100.0, 2500, copied=True),), Stretch(0.0, 100.0, 2500, copied=True), clean=True)
INSIDE = Cut(
    Span(9.8, 100.0),
    (Stretch(9.8, 10.0, 5, copied=False), Stretch(10.0, 100.0, 2250, copied=True)),
    Stretch(8.0, 100.0, 2300, copied=True),
    clean=True,
)
BEFORE = Cut(Span(0.0, 4.04), (Stretch(0.0, 4.04, 101, copied=True),), Stretch(0.0, 4.04, 101, copied=True), clean=True)


def action(
    info: MediaInfo = FILM, loudness: Loudness | None = RIGHT, shown: Timeline = ALL, **facts: object
) -> PlanAction:
    known = {"timing": EVEN, "cuts": [WHOLE], **facts}
    found = plan(info, loudness, shown, **known)  # type: ignore[arg-type]
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
    found = plan(replace(FILM, audio_codec=None), None, ALL, timing=EVEN, cuts=[WHOLE])
    assert found.action is PlanAction.COPY
    assert "Pas de son" in found.why


def test_a_sound_without_picture_gets_a_card() -> None:
    found = plan(MediaInfo(container="mp3", duration_s=9.0, audio_codec="mp3"), QUIET, Timeline((Span(0.0, 9.0),)))
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
    assert action(timing=open_groups, cuts=[INSIDE]) is PlanAction.ENCODE


def test_a_start_between_keyframes_gets_a_new_head() -> None:
    assert action(loudness=QUIET, cuts=[INSIDE]) is PlanAction.SMART_CUT


@pytest.mark.parametrize("codec", ["hevc", "vp9", "av1"])
def test_every_codec_that_can_be_made_here_is_cut_to_the_frame(codec: str) -> None:
    assert action(replace(FILM, video_codec=codec), cuts=[INSIDE]) is PlanAction.SMART_CUT


@pytest.mark.parametrize("codec", ["hevc", "vp9", "av1"])
def test_where_no_head_can_be_made_the_start_moves_to_a_keyframe(codec: str) -> None:
    film = replace(FILM, video_codec=codec)
    found = plan(film, RIGHT, ALL, timing=EVEN, cuts=[INSIDE], able=Able(joins=False))
    assert found.action is PlanAction.COPY
    assert "1,8 s plus tôt" in found.why


def test_a_start_too_early_is_encoded_rather() -> None:
    early = replace(INSIDE, copied=Stretch(7.0, 100.0, 2325, copied=True))
    found = plan(FILM, RIGHT, ALL, timing=EVEN, cuts=[early], able=Able(joins=False))
    assert found.action is PlanAction.ENCODE
    assert "2,8 s trop tôt" in found.why


def test_what_cannot_be_read_is_copied_or_refused_in_words() -> None:
    film, blind = replace(FILM, video_codec="av1"), Able(joins=False, reads=False)
    early = replace(INSIDE, copied=Stretch(2.0, 100.0, 2450, copied=True))
    assert plan(film, RIGHT, ALL, timing=EVEN, cuts=[early], able=blind).action is PlanAction.COPY
    with pytest.raises(Refused, match="AV1"):
        plan(replace(film, interlaced=True), RIGHT, ALL, timing=EVEN, cuts=[WHOLE], able=blind)


MIDDLE = Timeline((Span(0.0, 4.04), Span(9.8, 100.0)))


def test_a_stretch_taken_out_of_the_middle_is_said() -> None:
    found = plan(FILM, RIGHT, MIDDLE, timing=EVEN, cuts=[BEFORE, INSIDE])
    assert found.action is PlanAction.SMART_CUT
    assert found.why.startswith("Un passage retiré.")
    assert stretches(FILM, found, MIDDLE, [BEFORE, INSIDE]) == [*BEFORE.exact, *INSIDE.exact]
    on_keys = Cut(Span(10.0, 100.0), (INSIDE.exact[1],), INSIDE.exact[1], clean=True)
    assert action(shown=MIDDLE, cuts=[BEFORE, on_keys]) is PlanAction.COPY


def test_what_was_taken_out_never_comes_back_with_a_keyframe() -> None:
    alone = Able(joins=False)
    assert action(shown=MIDDLE, cuts=[BEFORE, INSIDE], able=alone) is PlanAction.ENCODE


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


def cut(whole: Packets, start_s: float, end_s: float) -> Cut:
    (found,) = cut_points(whole, [Span(start_s, end_s)])
    return found


def shape(found: Cut) -> list[tuple[float, float, int, bool]]:
    return [(round(s.start_s, 6), round(s.end_s, 6), s.frames, s.copied) for s in found.exact]


def test_the_head_holds_the_frames_up_to_the_next_keyframe() -> None:
    found = cut(packets(), 1.0, 3.2)
    assert found.copied.start_s == pytest.approx(0.8)
    assert shape(found) == [(1.0, 1.6, 15, False), (1.6, 3.2, 40, True)]
    assert found.exact[0].from_s == pytest.approx(0.98), "entered between the frame before and the first"


def test_a_start_on_a_keyframe_needs_no_head() -> None:
    found = cut(packets(), 1.6, 3.2)
    assert shape(found) == [(1.6, 3.2, 40, True)]
    assert found.made_frames == 0


@pytest.mark.parametrize("end_s", [2.0, 2.3, 2.32, 2.77, 2.99, 3.0])
def test_the_end_is_exact_by_a_few_new_frames_or_near_without(end_s: float) -> None:
    whole = packets()
    found = cut(whole, 0.0, end_s)
    body, *tail = found.exact
    assert body.copied
    assert body.out_dts_s is not None
    assert sum(s.frames for s in found.exact) == math.ceil(end_s * 25 - 0.4)
    assert sum(s.frames for s in tail) <= 2
    for copied in (body, found.copied):
        assert copied.out_dts_s is not None
        assert abs(copied.end_s - end_s) <= 3 / 25 + 1e-9
        kept = np.sort(whole.shown[whole.decoded < copied.out_dts_s - 1e-6])
        assert kept.tolist() == pytest.approx([n / 25 for n in range(round(copied.end_s * 25))])


def test_a_stretch_without_a_keyframe_is_made_whole() -> None:
    assert shape(cut(packets(), 1.0, 1.5)) == [(1.0, 1.52, 13, False)]


def test_a_frame_or_two_behind_a_keyframe_are_made_with_the_rest() -> None:
    assert shape(cut(packets(), 1.0, 1.68)) == [(1.0, 1.68, 17, False)]


def test_frames_before_the_first_keyframe_are_not_asked_for() -> None:
    whole = packets()
    late = Packets(whole.shown[6:], whole.decoded[6:], whole.keys[6:])
    found = cut(late, 0.0, 4.0)
    assert found.start_s == pytest.approx(0.8)


def test_a_stretch_between_two_frames_is_left_out() -> None:
    assert cut_points(packets(), [Span(1.001, 1.002), Span(2.0, 3.0)])[0].wanted == Span(2.0, 3.0)


def test_the_whole_file_is_not_left_before_its_end() -> None:
    found = cut(packets(), 0.0, 3.98)
    assert found.exact[-1].out_dts_s is None
    assert found.span == Span(0.0, pytest.approx(4.0))


def test_without_a_keyframe_there_is_no_cut() -> None:
    assert cut_points(Packets(np.arange(3.0), np.arange(3.0), np.zeros(3, bool)), [Span(0.0, 1.0)]) == []


@pytest.mark.parametrize("delay_frames", [0, 1, 2, 3])
def test_a_few_new_frames_are_not_looked_ahead_at_like_a_whole_film(delay_frames: int) -> None:
    params = str(joining.like(FILM, delay_frames).options["x264-params"]).split(":")
    assert {"threads=1", "rc-lookahead=5"} <= set(params)


def test_hdr_is_encoded_in_ten_bits_and_fewer_of_its_large_frames_are_held() -> None:
    hdr = replace(FILM, color_transfer="smpte2084", interlaced=True)
    shows = Timeline((Span(0.0, 4.0),))
    (kept, plain, mapped) = (
        picture.encoded(Path("film.mp4"), info, shows, table=table)[1]
        for info, table in ((hdr, None), (FILM, None), (hdr, Path("tone.cube")))
    )
    assert (kept["pix_fmt"], kept["profile:v"]) == ("yuv420p10le", "high10")
    assert "threads=2" in kept["x264-params"].split(":")
    for options in (plain, mapped):
        assert (options["pix_fmt"], options["profile:v"]) == ("yuv420p", "high")
        assert "threads=4" in options["x264-params"].split(":")
