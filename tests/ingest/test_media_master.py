"""Masters, checked by other means than the product's own."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from pasvu.channel.errors import Cancelled, NoRoom
from pasvu.channel.timeline import Timeline, meant
from pasvu.channel.values import Plan, PlanAction, Span, Trim
from pasvu.ingest import filming, inspect, interleave, jail, picture, process, render, report, soundtrack, working
from pasvu.ingest.cutting import find_cuts
from pasvu.ingest.facts import Able, Master
from pasvu.ingest.rereading import BrokenJoin
from pasvu.ingest.still import draw_card
from pasvu.ingest.tools import Tools

from . import reading
from .conftest import Film, Make, examined, measured

pytestmark = pytest.mark.media


def made(
    tools: Tools, source: Path, out: Path, wanted: Trim | Timeline | None = None, **more: object
) -> tuple[Plan, Master]:
    """A master of a file as the steps make it: work file, measures, plan, render."""
    prepared = working.prepare(tools, [(source, examined(tools, source))], out.with_suffix(".work.mp4"))
    facts, measures = examined(tools, prepared.path), measured(tools, prepared.path)
    shown = wanted if isinstance(wanted, Timeline) else meant(wanted or Trim(0.0, facts.info.duration_s), ())
    return filming.film(tools, prepared.path, out, facts, measures, shown, **more)  # type: ignore[arg-type]


def check(tools: Tools, master: Master, *, audio: bool = True, even: bool = True) -> None:
    """What every master must be."""
    boxes = reading.box_names(master.path.read_bytes())
    assert boxes.index("moov") < boxes.index("mdat")
    assert not [name for name in boxes if name.endswith("elst")]
    info = inspect.inspect(tools, master.path)
    assert info.duration_s == pytest.approx(master.shows.duration_s, abs=0.1)
    assert info.start_s == pytest.approx(0.0, abs=0.001)
    assert master.bytes == master.path.stat().st_size
    times = np.sort(reading.packet_times(tools, master.path, "V:0"))
    assert times[0] == pytest.approx(0.0, abs=0.001)
    if even:
        steps = np.diff(times)
        late = np.flatnonzero(np.abs(steps - np.median(steps)) > 0.0011)
        joined = np.searchsorted(times, np.array(master.shows.joins) - 0.015) - 1
        assert set(late) <= {0, *joined}, "one frame after the other, none late but at a join"
        assert np.abs(steps - np.median(steps)).max() < 0.0215
    reading.frame_hashes(tools, master.path)
    if audio:
        assert (info.audio_codec, info.channels, info.sample_rate) == ("aac", 2, 48000)
        integrated, peak = reading.loudness(tools, master.path)
        assert integrated == pytest.approx(-14.0, abs=0.5)
        assert peak <= -1.0
        assert master.loudness is not None
        # Nobody measured the 400 ms across an end or a join: in a film of a few seconds they count.
        near = 0.3 if master.shows.joins or info.duration_s < 10 else 0.1
        assert master.loudness.integrated_lufs == pytest.approx(integrated, abs=near)
    else:
        assert not info.has_audio
        assert master.loudness is None


def delay_of(tools: Tools, source: Path, master: Master, at_s: float = 1.0, length_s: float = 4.0) -> float:
    """How much later the master's sound is than the source's, against the picture."""
    times = np.sort(reading.packet_times(tools, master.path, "V:0"))
    # The first picture of a later cut stays a little longer: what counts is what is heard with the others.
    longer_s = max(0.0, times[1] - times[0] - (times[2] - times[1]))
    before = reading.samples(tools, source, master.shows.start_s + at_s, length_s)
    after = reading.samples(tools, master.path, at_s + (longer_s if longer_s < 0.0215 else 0.0), length_s)
    return reading.delay_s(before, after)


def test_a_frame_exact_cut_copies_all_but_the_head(tools: Tools, film: Film, tmp_path: Path) -> None:
    before = hashlib.sha256(film.path.read_bytes()).digest()
    told: list[float] = []
    decided, master = made(tools, film.path, tmp_path / "m.mp4", film.programme, on_plan=lambda _: told.append)
    assert decided.action is PlanAction.SMART_CUT
    check(tools, master)
    assert master.shows.start_s == pytest.approx(film.programme.start_s, abs=0.001)
    assert master.shows.end_s == pytest.approx(film.programme.end_s, abs=0.121)
    source, result = reading.frame_hashes(tools, film.path), reading.frame_hashes(tools, master.path)
    first, last = round(master.shows.start_s * 25), round(master.shows.end_s * 25)
    head = -first % 50
    assert 0 < head < 50
    assert len(result) == last - first
    assert result[head:] == source[first + head : last], "every frame from the next keyframe on is the camera's own"
    assert abs(delay_of(tools, film.path, master)) <= 0.002
    assert abs(delay_of(tools, film.path, master, at_s=10.0)) <= 0.002
    assert hashlib.sha256(film.path.read_bytes()).digest() == before
    assert list(tmp_path.iterdir()) == [master.path]
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_what_is_taken_out_of_the_middle_is_gone_to_the_frame(tools: Tools, film: Film, tmp_path: Path) -> None:
    wanted = Timeline((Span(6.2, 9.36), Span(12.72, 15.0), Span(15.6, 16.04)))
    decided, master = made(tools, film.path, tmp_path / "m.mp4", wanted)
    assert decided.action is PlanAction.SMART_CUT
    assert "2 passages retirés" in decided.why
    check(tools, master)
    for shown, span in zip(master.shows.kept, wanted.kept, strict=True):
        assert (shown.start_s, shown.end_s) == pytest.approx((span.start_s, span.end_s), abs=1e-5)
    source, result = reading.frame_hashes(tools, film.path), reading.frame_hashes(tools, master.path)
    numbers = [n for span in wanted.kept for n in range(round(span.start_s * 25), round(span.end_s * 25))]
    assert len(result) == len(numbers)
    copied = [number for number, got in zip(numbers, result, strict=True) if got == source[number]]
    # Keyframes every two seconds: 8 to 9.36 and 14 to 15 are the camera's own, but for the two frames before an end.
    assert set(copied) >= {*range(200, 231), *range(350, 373)}
    looks = reading.small_frames(tools, master.path), reading.small_frames(tools, film.path)
    assert np.abs(looks[0] - looks[1][numbers]).mean(axis=(1, 2)).max() < 6.0, "each frame is the one of its number"
    times = np.sort(reading.packet_times(tools, master.path, "V:0"))
    for place in (10, 83, 110):
        before = reading.samples(tools, film.path, numbers[place] / 25, 0.9)
        after = reading.samples(tools, master.path, times[place], 0.9)
        assert abs(reading.delay_s(before, after, most_s=0.1)) <= 0.002


def test_what_is_taken_out_of_an_encoded_picture_is_gone_too(
    tools: Tools, film: Film, make: Make, tmp_path: Path
) -> None:
    source = make("prores.mov", "-i", film.path, "-t", "12", "-c:v", "prores", "-c:a", "pcm_s16le")
    wanted = Timeline((Span(6.2, 8.36), Span(9.72, 11.0)))
    decided, master = made(tools, source, tmp_path / "m.mp4", wanted)
    assert decided.action is PlanAction.ENCODE
    check(tools, master)
    numbers = [n for span in wanted.kept for n in range(round(span.start_s * 25), round(span.end_s * 25))]
    looks = reading.small_frames(tools, master.path), reading.small_frames(tools, source)
    assert len(looks[0]) == len(numbers)
    assert np.abs(looks[0] - looks[1][numbers]).mean(axis=(1, 2)).max() < 6.0


def test_a_cut_after_the_first_takes_the_sound_that_is_there(
    tools: Tools, film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = tmp_path / "sound.m4a"
    _, first = made(tools, film.path, tmp_path / "first.mp4", film.programme, sound=sound)
    check(tools, first)
    assert abs(delay_of(tools, film.path, first)) <= 0.0005
    before = sound.stat().st_mtime_ns
    later = Trim(film.programme.start_s + 1.0, film.programme.end_s - 0.52)
    _, second = made(tools, film.path, tmp_path / "second.mp4", later, sound=sound)
    assert sound.stat().st_mtime_ns == before
    check(tools, second)
    assert abs(delay_of(tools, film.path, second)) <= 0.0005
    assert abs(delay_of(tools, film.path, second, at_s=8.0)) <= 0.0005
    middle = Timeline((Span(6.2, 9.0), Span(9.6, film.programme.end_s)))
    _, third = made(tools, film.path, tmp_path / "third.mp4", middle, sound=sound)
    assert sound.stat().st_mtime_ns == before
    check(tools, third)
    # The same packets, but for the edge of the last: nothing was encoded twice.
    kept = set(reading.packet_bytes(tools, sound))
    assert set(reading.packet_bytes(tools, third.path)) <= kept
    # Of a film of many hours picture and sound are written one after the other; nothing of it is otherwise.
    monkeypatch.setattr(render, "_APART_S", 1.0)
    monkeypatch.setattr(picture, "LONG_S", 1.0)
    _, fourth = made(tools, film.path, tmp_path / "fourth.mp4", middle, sound=sound)
    for stream in ("V:0", "a:0"):
        times = [reading.packet_times(tools, each.path, stream) for each in (third, fourth)]
        assert times[0] == pytest.approx(times[1], abs=2e-5)
    assert reading.frame_hashes(tools, fourth.path) == reading.frame_hashes(tools, third.path)
    assert reading.packet_bytes(tools, fourth.path) == reading.packet_bytes(tools, third.path)
    check(tools, fourth)
    # Nor where the tool has to join them.
    monkeypatch.setattr(interleave, "join", unjoined)
    _, fifth = made(tools, film.path, tmp_path / "fifth.mp4", middle, sound=sound)
    for stream in ("V:0", "a:0"):
        ours, theirs = (reading.packets(tools, each.path, stream) for each in (fourth, fifth))
        assert [packet[:-1] for packet in ours] == [packet[:-1] for packet in theirs]


def unjoined(*_: object) -> None:
    raise interleave.Unjoinable("laid out otherwise")


def check_excerpt(
    tools: Tools, source: Path, wanted: Span, folder: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New frames of a film of many hours are made from an excerpt of it: the same, at the same instants."""
    facts = examined(tools, source)
    (cut,) = find_cuts(tools, source, facts.info, [wanted])
    assert facts.timing is not None
    new = [stretch for stretch in cut.exact if not stretch.copied]
    assert new
    for number, stretch in enumerate(new):
        straight, through = folder / f"straight-{number}.{suffix}", folder / f"through-{number}.{suffix}"
        for long_s, path in ((3600.0, straight), (1.0, through)):
            monkeypatch.setattr(picture, "LONG_S", long_s)
            picture.make_stretch(tools, source, facts.info, stretch, facts.timing.delay_frames, path, None)
        assert [path.name for path in folder.glob("around-*")] == [f"around-through-{n}.mp4" for n in range(number + 1)]
        assert len(reading.frame_hashes(tools, through)) == stretch.frames
        assert through.read_bytes() == straight.read_bytes()


def test_small_holes_in_a_sound_do_not_add_up(tools: Tools, film: Film, make: Make, tmp_path: Path) -> None:
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "aac", "-ar", "44100")
    clip = make("clip.mp4", "-ss", "10", "-t", "2.52", "-i", film.path, *coded)
    # Sound and picture never last quite the same: at each join one of them waits for the other.
    source = make("looped.mp4", "-stream_loop", "7", "-i", clip, "-c", "copy", "-movflags", "+faststart")
    _, master = made(tools, source, tmp_path / "m.mp4")
    assert abs(delay_of(tools, source, master, at_s=1.0)) <= 0.005
    assert abs(delay_of(tools, source, master, at_s=18.0)) <= 0.005


def test_a_sound_that_no_longer_fits_is_made_anew(
    tools: Tools, film: Film, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    halves = "volume='if(lt(t,13),1,0.12)':eval=frame"
    source = make("halves.mp4", "-i", film.path, "-c:v", "copy", "-af", halves, "-c:a", "aac")
    sound = tmp_path / "sound.m4a"
    _, first = made(tools, source, tmp_path / "first.mp4", Trim(6.0, 12.0), sound=sound)
    before = sound.stat().st_mtime_ns
    _, second = made(tools, source, tmp_path / "second.mp4", Trim(14.0, 20.0), sound=sound)
    assert sound.stat().st_mtime_ns > before
    check(tools, first)
    check(tools, second)
    # That of many hours is written in pieces first.
    monkeypatch.setattr(soundtrack, "_LONG_S", 1.0)
    monkeypatch.setitem(soundtrack._PIECES, "frag_duration", 2_000_000)
    long = tmp_path / "long.m4a"
    made(tools, source, tmp_path / "third.mp4", Trim(14.0, 20.0), sound=long)
    assert long.read_bytes() == sound.read_bytes()
    assert not list(tmp_path.glob(".*"))


def test_without_a_cut_every_frame_is_the_cameras(tools: Tools, film: Film, tmp_path: Path) -> None:
    decided, master = made(tools, film.path, tmp_path / "m.mp4")
    assert decided.action is PlanAction.AUDIO
    check(tools, master)
    assert reading.frame_hashes(tools, master.path) == reading.frame_hashes(tools, film.path)
    assert abs(delay_of(tools, film.path, master, at_s=10.0)) <= 0.002


def test_what_is_right_already_is_copied_whole(tools: Tools, film: Film, tmp_path: Path) -> None:
    _, first = made(tools, film.path, tmp_path / "first.mp4", Trim(4.0, 16.0))
    decided, second = made(tools, first.path, tmp_path / "second.mp4")
    assert decided.action is PlanAction.COPY
    check(tools, second)
    assert reading.frame_hashes(tools, second.path) == reading.frame_hashes(tools, first.path)
    assert abs(delay_of(tools, first.path, second, at_s=3.0)) <= 0.011


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("obs.mkv", ("-c:v", "copy", "-c:a", "libopus", "-b:a", "96k")),
        ("stream.ts", ("-c", "copy")),
        ("mono44.mp4", ("-c:v", "copy", "-c:a", "aac", "-ac", "1", "-ar", "44100")),
        ("surround.mkv", ("-c:v", "copy", "-c:a", "aac", "-ac", "6")),
        ("late.mkv", ("-c:v", "copy", "-c:a", "aac", "-af", "asetpts=PTS+0.35/TB")),
    ],
)
def test_other_containers_and_sounds_are_copied_into_place(
    tools: Tools, film: Film, make: Make, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    source = make(name, "-i", film.path, "-t", "12", *words)
    decided, master = made(tools, source, tmp_path / "m.mp4", Trim(film.programme.start_s, 11.0))
    assert decided.action is PlanAction.SMART_CUT
    check(tools, master)
    # A transport stream's picture begins a moment after its sound, and the recording with the sound.
    late_picture_s = reading.packet_times(tools, tmp_path / "m.work.mp4", "V:0").min()
    first, last = (round((time_s - late_picture_s) * 25) for time_s in (master.shows.start_s, master.shows.end_s))
    head = -first % 50
    assert (
        reading.frame_hashes(tools, master.path)[head:] == reading.frame_hashes(tools, film.path)[first + head : last]
    )
    late_s = 0.35 if name.startswith("late") else 0.0
    # Against the original film, not the copy: 21 ms is the priming that a transport stream cannot tell of.
    assert delay_of(tools, film.path, master) == pytest.approx(late_s, abs=0.025)


@pytest.mark.parametrize("gain_db", [-30, 18])
def test_quiet_and_loud_sounds_meet_at_the_same_level(
    tools: Tools, film: Film, make: Make, tmp_path: Path, gain_db: int
) -> None:
    source = make(
        f"gain{gain_db}.mp4", "-i", film.path, "-t", "12", "-c:v", "copy", "-af", f"volume={gain_db}dB", "-c:a", "aac"
    )
    decided, master = made(tools, source, tmp_path / "m.mp4", Trim(film.programme.start_s, 11.0))
    assert ("remonté" if gain_db < 0 else "baissé") in decided.why
    check(tools, master)


@pytest.mark.parametrize(
    ("name", "mix", "words"),
    [
        ("left", "stereo|c0=c0|c1=0.0001*c0", "qu’à gauche"),
        # Flattened, so that no limiter is needed behind the gain.
        ("right", "stereo|c0=0*c0|c1=c0,alimiter=limit=0.1:level=0,volume=-12dB", "qu’à droite"),
        ("against", "stereo|c0=c0|c1=-0.9*c0", "opposition de phase"),
    ],
)
def test_a_fault_of_the_channels_is_put_right(
    tools: Tools, film: Film, make: Make, tmp_path: Path, name: str, mix: str, words: str
) -> None:
    source = make(f"side_{name}.mp4", "-i", film.path, "-t", "12", "-c:v", "copy", "-af", f"pan={mix}", "-c:a", "aac")
    decided, master = made(tools, source, tmp_path / "m.mp4", Trim(film.programme.start_s, 11.0))
    assert words in decided.why.replace("\u202f", " ")
    check(tools, master)
    left, right = reading.sides(tools, master.path)
    assert abs(20 * np.log10(left.std() / right.std())) < 1.5
    assert np.corrcoef(left, right)[0, 1] > 0.95
    # Silences are heard as in the sound that has no fault.
    found = measured(tools, source).silences
    whole = [span for span in film.measures.silences if span.end_s < 11.5 and span.duration_s > 0.5]
    for span in whole:
        assert any(abs(other.start_s - span.start_s) < 0.15 for other in found)


def test_near_silence_stays_near_silence(tools: Tools, make: Make, film: Film, tmp_path: Path) -> None:
    source = make("hush.mp4", "-i", film.path, "-t", "6", "-c:v", "copy", "-af", "volume=-90dB", "-c:a", "aac")
    decided, master = made(tools, source, tmp_path / "m.mp4")
    assert "muet" in decided.why
    assert master.loudness is not None
    assert master.loudness.integrated_lufs <= -60


def test_a_picture_alone_has_no_sound(tools: Tools, make: Make, film: Film, tmp_path: Path) -> None:
    source = make("alone.mp4", "-i", film.path, "-an", "-c", "copy")
    decided, master = made(tools, source, tmp_path / "m.mp4")
    assert decided.action is PlanAction.COPY
    check(tools, master, audio=False)


def test_a_sound_alone_is_shown_with_the_card(tools: Tools, make: Make, film: Film, tmp_path: Path) -> None:
    source = make("alone.m4a", "-i", film.path, "-vn", "-c", "copy")
    card = draw_card(tmp_path / "card.jpg", "Midi", "Un titre")
    decided, master = made(tools, source, tmp_path / "m.mp4", Trim(film.programme.start_s, 12.0), still=card)
    assert decided.action is PlanAction.ENCODE
    check(tools, master)
    info = inspect.inspect(tools, master.path)
    assert (info.video_codec, info.width, info.height) == ("h264", 1280, 720)


def test_parts_are_joined_frame_for_frame(tools: Tools, film: Film, make: Make, tmp_path: Path) -> None:
    one = make("p1.mp4", "-t", "8", "-i", film.path, "-c", "copy")
    two = make("p2.mp4", "-ss", "8", "-t", "4", "-i", film.path, "-c", "copy")
    parts = [(path, examined(tools, path)) for path in (one, two)]
    prepared = working.prepare(tools, parts, tmp_path / "work.mp4")
    assert prepared.made
    _, master = made(tools, prepared.path, tmp_path / "m.mp4")
    check(tools, master, even=False)
    joined = reading.frame_hashes(tools, one) + reading.frame_hashes(tools, two)
    assert reading.frame_hashes(tools, master.path) == joined
    # A join may hold a few hundredths of a second; sound and picture take them together.
    times = np.sort(reading.packet_times(tools, master.path, "V:0"))
    later_s = times[len(reading.frame_hashes(tools, one))] - 8.0
    assert delay_of(tools, film.path, master, at_s=8.5, length_s=2.5) == pytest.approx(later_s, abs=0.03)


def test_parts_that_count_in_other_units_keep_their_pace(tools: Tools, film: Film, make: Make, tmp_path: Path) -> None:
    one = make("p1.mp4", "-t", "8", "-i", film.path, "-c", "copy")
    two = make("u2.mp4", "-ss", "8", "-t", "4", "-i", film.path, "-c", "copy", "-video_track_timescale", "30000")
    prepared = working.prepare(tools, [(path, examined(tools, path)) for path in (one, two)], tmp_path / "work.mp4")
    times = np.sort(reading.packet_times(tools, prepared.path, "V:0"))
    assert np.diff(times).max() < 0.2, "no more than a join holds"
    both = reading.frame_hashes(tools, one) + reading.frame_hashes(tools, two)
    assert reading.frame_hashes(tools, prepared.path) == both
    assert times[-1] == pytest.approx(len(both) / 25, abs=0.2)


def test_parts_of_differing_kinds_are_made_alike(tools: Tools, film: Film, make: Make, tmp_path: Path) -> None:
    one = make("k1.mp4", "-t", "4", "-i", film.path, "-c", "copy")
    two = make("k2.mkv", "-t", "4", "-i", film.path, "-s", "160x120", "-preset", "ultrafast", "-c:a", "libopus")
    parts = [(path, examined(tools, path)) for path in (one, two)]
    prepared = working.prepare(tools, parts, tmp_path / "work.mp4")
    info = inspect.inspect(tools, prepared.path)
    assert (info.width, info.height) == (320, 180)
    assert info.duration_s == pytest.approx(8.0, abs=0.2)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("prores.mov", ("-c:v", "prores", "-c:a", "pcm_s16le")),
        (
            "open.mp4",
            (
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-bf",
                "2",
                "-g",
                "26",
                "-x264-params",
                "open-gop=1",
                "-c:a",
                "aac",
            ),
        ),
        (
            "tff.mp4",
            ("-vf", "interlace", "-c:v", "libx264", "-preset", "ultrafast", "-flags", "+ildct+ilme", "-c:a", "copy"),
        ),
    ],
)
def test_what_cannot_be_copied_is_encoded_in_step(
    tools: Tools, film: Film, make: Make, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    source = make(name, "-i", film.path, "-t", "12", *words)
    decided, master = made(tools, source, tmp_path / "m.mp4", Trim(film.programme.start_s, 11.0))
    assert decided.action is PlanAction.ENCODE
    check(tools, master)
    info = inspect.inspect(tools, master.path)
    assert (info.video_codec, info.video_profile, info.interlaced) == ("h264", "High", False)
    timing = inspect.examine(tools, master.path).timing
    assert timing is not None
    assert not timing.open_gop
    fps = inspect.inspect(tools, source).fps or 0.0
    assert timing.keyframe_gap_s <= 0.5 + 1 / fps
    # The encoder writes down how it was asked to work: as many bits as the picture wants, not always as many.
    written = master.path.read_bytes()
    assert b" rc=crf " in written
    # Nor does it hold more frames than it needs, however many cores there are.
    assert b" rc_lookahead=5 " in written
    assert b" threads=4 " in written
    assert timing.frames == pytest.approx((master.shows.duration_s) * fps, abs=1)
    assert abs(delay_of(tools, source, master)) <= 0.025


def test_a_variable_rhythm_keeps_its_instants(
    tools: Tools, film: Film, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (
        "-vf",
        "select='gt(random(1),0.15)'",
        "-fps_mode",
        "vfr",
        "-preset",
        "ultrafast",
        "-g",
        "50",
        "-c:a",
        "copy",
    )
    source = make("vfr.mkv", "-i", film.path, *words)
    wanted = Timeline((Span(film.programme.start_s, 12.0), Span(14.02, 18.0)))
    decided, master = made(tools, source, tmp_path / "m.mp4", wanted)
    assert decided.action is PlanAction.SMART_CUT
    check(tools, master, even=False)
    recorded = np.sort(reading.packet_times(tools, tmp_path / "m.work.mp4", "V:0"))
    result = np.sort(reading.packet_times(tools, master.path, "V:0"))
    for shown, span in zip(master.shows.kept, wanted.kept, strict=True):
        assert (shown.start_s, shown.end_s) == pytest.approx((span.start_s, span.end_s), abs=0.07)
    edges = [(span.start_s - 0.001, span.end_s - 0.001) for span in master.shows.kept]
    kept = [np.flatnonzero((recorded > start_s) & (recorded < end_s)) for start_s, end_s in edges]
    assert len(result) == sum(len(frames) for frames in kept)
    looks = reading.small_frames(tools, master.path), reading.small_frames(tools, tmp_path / "m.work.mp4")
    assert np.abs(looks[0] - looks[1][np.concatenate(kept)]).mean(axis=(1, 2)).max() < 8.0
    first = kept[0]
    steps = np.diff(result[: len(first)]) - np.diff(recorded[first])
    assert np.abs(steps).max() < 0.0025
    was = reading.samples(tools, tmp_path / "m.work.mp4", recorded[kept[1][0]] + 0.05, 3.0)
    now = reading.samples(tools, master.path, result[len(first)] + 0.05, 3.0)
    assert abs(reading.delay_s(was, now, most_s=0.1)) <= 0.003
    check_excerpt(tools, tmp_path / "m.work.mp4", wanted.kept[0], tmp_path, "mp4", monkeypatch)


def test_a_turned_picture_stays_turned(tools: Tools, film: Film, make: Make, tmp_path: Path) -> None:
    source = make("turned_film.mp4", "-display_rotation", "90", "-i", film.path, "-t", "14", "-c", "copy")
    decided, master = made(tools, source, tmp_path / "m.mp4", Trim(8.6, 13.0))
    assert decided.action is PlanAction.SMART_CUT
    check(tools, master)
    assert master.shows.start_s == pytest.approx(8.6)
    assert inspect.inspect(tools, master.path).rotation == inspect.inspect(tools, source).rotation == 270
    looks = reading.small_frames(tools, master.path), reading.small_frames(tools, source)
    assert np.abs(looks[0] - looks[1][215:325]).mean(axis=(1, 2)).max() < 8.0


def test_a_turned_picture_that_is_encoded_stands_upright(tools: Tools, film: Film, make: Make, tmp_path: Path) -> None:
    start = str(film.programme.start_s)
    edited = make("edited.mov", "-ss", start, "-i", film.path, "-t", "3", "-c:v", "prores", "-c:a", "pcm_s16le")
    source = make("turned.mov", "-display_rotation", "90", "-i", edited, "-c", "copy")
    was = inspect.inspect(tools, source)
    assert was.rotation == 270
    decided, master = made(tools, source, tmp_path / "m.mp4")
    assert decided.action is PlanAction.ENCODE
    info = inspect.inspect(tools, master.path)
    assert (info.width, info.height, info.rotation) == (was.height, was.width, 0)
    # Both as a player shows them.
    looks = reading.small_frames(tools, master.path), reading.small_frames(tools, source)
    assert np.abs(looks[0] - looks[1]).mean(axis=(1, 2)).max() < 8.0


QUICK_HEVC = (
    "-c:v",
    "libx265",
    "-preset",
    "ultrafast",
    "-x265-params",
    "log-level=error:keyint=25:open-gop=0:bframes=3",
)
QUICK_AV1 = ("-c:v", "libsvtav1", "-preset", "12", "-g", "25")
QUICK_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25", "-b:v", "300k")


@pytest.mark.parametrize(
    ("name", "words", "tag"),
    [
        ("h.mkv", (*QUICK_HEVC, "-c:a", "copy"), b"hev1"),
        ("v.webm", (*QUICK_VP9, "-c:a", "libopus"), b"vp09"),
    ],
)
def test_hevc_and_vp9_are_cut_to_the_frame_too(
    tools: Tools,
    film: Film,
    make: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    words: tuple[str, ...],
    tag: bytes,
) -> None:
    source = make(name, "-i", film.path, "-t", "15", *words)
    wanted = Timeline((Span(6.2, 9.36), Span(10.6, 13.88)))
    decided, master = made(tools, source, tmp_path / "m.mp4", wanted)
    assert decided.action is PlanAction.SMART_CUT
    check(tools, master)
    assert tag in master.path.read_bytes()
    was, now = reading.frame_hashes(tools, tmp_path / "m.work.mp4"), reading.frame_hashes(tools, master.path)
    numbers = [n for span in wanted.kept for n in range(round(span.start_s * 25), round(span.end_s * 25))]
    assert len(now) == len(numbers)
    copied = [number for number, got in zip(numbers, now, strict=True) if got == was[number]]
    assert set(copied) >= {*range(175, 231), *range(275, 344)}, "from each keyframe on, the camera's own"
    looks = reading.small_frames(tools, master.path), reading.small_frames(tools, tmp_path / "m.work.mp4")
    assert np.abs(looks[0] - looks[1][numbers]).mean(axis=(1, 2)).max() < 6.0, "each frame is the one of its number"
    assert abs(delay_of(tools, film.path, master, length_s=1.0)) <= 0.025
    suffix = "ts" if tag == b"hev1" else "mp4"
    check_excerpt(tools, tmp_path / "m.work.mp4", wanted.kept[0], tmp_path, suffix, monkeypatch)


def test_hevc_cut_on_keyframes_is_copied_whole(tools: Tools, film: Film, make: Make, tmp_path: Path) -> None:
    source = make("h.mkv", "-i", film.path, "-t", "10", *QUICK_HEVC, "-c:a", "copy")
    decided, master = made(tools, source, tmp_path / "m.mp4", Trim(2.0, 5.0))
    assert decided.action is PlanAction.AUDIO
    check(tools, master)
    assert b"hvc1" in master.path.read_bytes()


def test_av1_is_taken_and_copied_whatever_this_ffmpeg_reads(
    tools: Tools, film: Film, make: Make, tmp_path: Path
) -> None:
    source = make("av1.mp4", "-i", film.path, "-t", "8", *QUICK_AV1, "-c:a", "copy")
    decided, master = made(tools, source, tmp_path / "m.mp4", Trim(2.0, 7.0))
    assert decided.action is PlanAction.AUDIO
    after = inspect.examine(tools, master.path)
    assert after.info.video_codec == "av1"
    assert after.timing is not None
    assert after.timing.frames == 125
    assert reading.loudness(tools, master.path)[0] == pytest.approx(-14.0, abs=0.5)
    info = inspect.inspect(tools, source)
    unread = report.findings(info, after, film.measures, film.programme, able=Able(reads=False))
    assert "AV1" in str(unread[0])


INTRA = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-x264-params", "intra-refresh=1:open-gop=0")


def test_a_join_that_does_not_read_back_well_is_made_another_way(
    tools: Tools, film: Film, make: Make, tmp_path: Path
) -> None:
    # Its keyframes but the first are only points from which a picture becomes clear little by little.
    source = make("refresh.mp4", "-i", film.path, "-t", "14", *INTRA, "-c:a", "copy")
    plans: list[PlanAction] = []
    faults: list[BrokenJoin] = []
    decided, master = made(
        tools,
        source,
        tmp_path / "m.mp4",
        Trim(6.2, 12.4),
        on_plan=lambda plan: plans.append(plan.action),
        on_fault=faults.append,
    )
    assert plans[0] is PlanAction.SMART_CUT
    assert plans[-1] is decided.action is PlanAction.ENCODE
    assert len(faults) == len(plans) - 1
    assert "levels" in faults[0].detail or "decode" in faults[0].detail
    assert "se lisait pas" in decided.why
    check(tools, master)
    looks = reading.small_frames(tools, master.path), reading.small_frames(tools, source)
    assert np.abs(looks[0] - looks[1][155:310]).mean(axis=(1, 2)).max() < 6.0


def test_a_preview_plays_in_the_browser(tools: Tools, film: Film, make: Make, tmp_path: Path) -> None:
    source = make("prores.mov", "-i", film.path, "-t", "12", "-c:v", "prores", "-c:a", "pcm_s16le")
    before = inspect.examine(tools, source)
    assert not inspect.playable(before.info, before.layout)
    out = render.preview(tools, source, tmp_path / "p.mp4", before.info)
    after = inspect.examine(tools, out)
    assert inspect.playable(after.info, after.layout)
    assert after.info.height == 180
    assert after.info.duration_s == pytest.approx(before.info.duration_s, abs=0.1)
    assert list(tmp_path.iterdir()) == [out]


def test_a_cancelled_master_leaves_nothing(tools: Tools, film: Film, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        render.master(
            tools,
            film.path,
            tmp_path / "m.mp4",
            film.examined,
            Plan(PlanAction.ENCODE, ""),
            meant(film.programme, ()),
            film.measures.loudness_of(film.programme),
            should_stop=lambda: True,
        )
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_leaves_nothing(
    tools: Tools, film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hashlib.sha256(film.path.read_bytes()).digest()
    small = tmp_path / "small"
    small.mkdir()
    loudness, shown = film.measures.loudness_of(film.programme), meant(film.programme, ())
    cuts = find_cuts(tools, film.path, film.examined.info, shown.kept)
    mounted = os.geteuid() == 0 and (
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(small)], capture_output=True).returncode
        == 0
    )
    try:
        if not mounted:
            monkeypatch.setattr(jail, "_limits", lambda *_: ["limit=RLIMIT_FSIZE=200000"])
        # Without the right to mount, a limit on file sizes stands in: other words, the same care.
        refusal, words = (NoRoom, "intact") if mounted else (process.ToolFailed, "plus gros que prévu")
        with pytest.raises(refusal, match=words):
            render.master(
                tools,
                film.path,
                small / "m.mp4",
                film.examined,
                Plan(PlanAction.AUDIO, ""),
                shown,
                loudness,
                cuts=cuts,
            )
        assert list(small.iterdir()) == []
    finally:
        monkeypatch.undo()
        if mounted:
            subprocess.run(["umount", str(small)], check=True)
    assert hashlib.sha256(film.path.read_bytes()).digest() == before
    master = render.master(
        tools,
        film.path,
        small / "m.mp4",
        film.examined,
        Plan(PlanAction.AUDIO, ""),
        shown,
        loudness,
        cuts=cuts,
    )
    check(tools, master)
