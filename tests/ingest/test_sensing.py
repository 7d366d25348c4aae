from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pasvu.channel.values import Span
from pasvu.demo import voice
from pasvu.ingest import edges, peaks, seeing, silence
from pasvu.ingest.edges import Shots
from pasvu.ingest.hearing import RATE, Hearing
from pasvu.ingest.repeats import repeats
from pasvu.ingest.still import PAPER, draw_card, wrapped


def spoken(tone_db: float) -> tuple[np.ndarray, list[Span]]:
    """12 s at 16 kHz: a voice with two pauses over the tone of a room."""
    sound = voice.room_tone(12.0, 1, tone_db)
    for start_s, end_s in ((0.0, 4.0), (5.0, 8.0), (10.5, 12.0)):
        first, last = round(start_s * voice.RATE), round(end_s * voice.RATE)
        sound[first:last] += voice.murmur(end_s - start_s, 5)[: last - first] * 0.7
    small = (np.clip(sound, -1, 1) * 32767).astype("<i2")[:: voice.RATE // RATE]
    return small, [Span(4.0, 5.0), Span(8.0, 10.5)]


@pytest.mark.parametrize("tone_db", [-80.0, -62.0, -50.0])
def test_pauses_are_found_whatever_the_room(tone_db: float) -> None:
    samples, truth = spoken(tone_db)
    hearing = Hearing(listen_for_speech=False)
    data = np.repeat(samples, 2).tobytes()
    for at in range(0, len(data), 4097):  # chunks that cut samples in two
        hearing.take(data[at : at + 4097])
    hearing.finish()
    found = [span for span in hearing.silences() if span.duration_s > 0.5]
    assert len(found) == len(truth)
    for span, true in zip(found, truth, strict=True):
        assert span.start_s == pytest.approx(true.start_s, abs=0.15)
        assert span.end_s == pytest.approx(true.end_s, abs=0.15)


def test_the_waveform_has_a_pair_for_each_tenth_of_a_second() -> None:
    samples = np.zeros(RATE, "<i2")
    samples[RATE // 2] = 32767
    samples[RATE // 2 + 1] = -32768
    pairs = np.frombuffer(peaks.of_samples(samples, RATE), np.int8).reshape(-1, 2)
    assert len(pairs) == 10
    assert pairs[5].tolist() == [-128, 127]
    assert not pairs[[0, 1, 2, 3, 4, 6, 7, 8, 9]].any()


def test_the_voice_detector_hears_no_voice_in_noise() -> None:
    hearing = Hearing()
    hearing.take((voice.room_tone(6.0, 1, -30.0) * 32767).astype("<i2")[::3].repeat(2).tobytes())
    hearing.finish()
    assert hearing.speech() == []


def test_speech_is_closed_over_short_gaps() -> None:
    chances = np.array([0.9] * 10 + [0.1] * 5 + [0.9] * 10 + [0.1] * 40 + [0.9] * 3)
    assert silence.find_speech(chances, 0.032) == [Span(0.0, 0.8)]


def test_black_still_and_cut_are_seen() -> None:
    rng = np.random.default_rng(1)
    slate = np.full((seeing.HEIGHT, seeing.WIDTH), 90, np.uint8)
    black = np.full((seeing.HEIGHT, seeing.WIDTH), 16, np.uint8)
    scene = rng.integers(0, 255, (seeing.HEIGHT, seeing.WIDTH), np.uint8)
    seen = seeing.Seeing()
    data = b"".join(frame.tobytes() for frame in (slate, slate, black, scene))
    for at in range(0, len(data), 9999):
        seen.take(data[at : at + 9999])
    assert seen.dark == [False, False, True, False]
    assert seen.same == [False, True, False, False]
    assert seen.cut_here == [False, False, True, True]
    assert seen.again == [False, True, False, False]
    assert seen.scores[3] > seen.scores[0]
    assert seen.scores[2] == 0.0


def picture(time_s: float) -> np.ndarray:
    """A countdown that flips each second for 26 s, black up to 28.2 s, then a stage."""
    frame = np.full((seeing.HEIGHT, seeing.WIDTH), 60, np.uint8)
    if time_s < 26.0:
        frame[20:70, 40:120] = 240 if int(time_s) % 2 else 100
    elif time_s < 28.2:
        frame[:] = 16
    else:
        frame[:, ::2] = 150
    return frame


def watched(shown: Callable[[float], np.ndarray], every_s: float = 2.0) -> tuple[seeing.Seeing, edges.Look]:
    """80 s of what is `shown`, a keyframe every so often, and a way to look at any 25th of a second of it."""
    seen = seeing.Seeing()
    seen.times = [every_s * number for number in range(round(80 / every_s))]
    for time_s in seen.times:
        seen.take(shown(time_s).tobytes())

    def look(start_s: float, end_s: float) -> Shots:
        times = np.arange(np.ceil(max(0.0, start_s) * 25 - 1e-6), end_s * 25) / 25
        return Shots(list(times), [shown(time_s) for time_s in times])

    return seen, look


@pytest.mark.parametrize(
    ("first_said_s", "until_s"),
    [(29.0, 28.2), (33.5, 28.2), (60.0, None), (5.0, None)],
    ids=["at once", "after a while", "long after", "over the countdown"],
)
def test_a_countdown_is_waiting_until_its_black_ends(first_said_s: float, until_s: float | None) -> None:
    seen, look = watched(picture)
    found = edges.waiting(seen, first_said_s, look)
    assert [span.end_s for span in found] == ([until_s] if until_s is not None else [])


def grey(time_s: float, until_s: float) -> np.ndarray:
    """A loop of three pictures for 4 s each, and another one from an instant on."""
    return np.full((seeing.HEIGHT, seeing.WIDTH), 200 if time_s >= until_s else (50, 90, 130)[int(time_s // 4) % 3])


def looping(until_s: float, *, backwards: bool = False) -> tuple[seeing.Seeing, edges.Look]:
    """80 s that begin with that loop up to an instant; or that end with it, as long."""

    def at(time_s: float) -> np.ndarray:
        return grey(80.0 - time_s - 0.02 if backwards else time_s, until_s).astype(np.uint8)

    def look(start_s: float, end_s: float) -> Shots:
        times = np.arange(np.ceil(start_s * 25), min(80.0, end_s) * 25) / 25
        return Shots(list(times), [at(time_s) for time_s in times])

    seen = seeing.Seeing()
    seen.times = [2.0 * number for number in range(40)]
    for time_s in seen.times:
        seen.take(at(time_s).tobytes())
    return seen, look


def test_a_loop_is_waiting_until_it_gives_way() -> None:
    seen, look = looping(29.8)
    assert [span.end_s for span in edges.waiting(seen, 31.0, look)] == [29.8]
    assert edges.waiting(seen, 60.0, look) == [], "nobody speaks for half a minute after it: in doubt"


def test_titles_that_do_not_come_round_are_programme() -> None:
    def at(until_s: float) -> Callable[[float], np.ndarray]:
        return lambda time_s: np.full(
            (seeing.HEIGHT, seeing.WIDTH), 250 if time_s >= until_s else 40 + 20 * (time_s // 4), np.uint8
        )

    seen, look = watched(at(25.8))
    seen.again = [False] * 40
    assert edges.waiting(seen, 27.0, look) == []
    seen, look = watched(at(33.8))
    seen.again = [False] * 40
    assert [span.end_s for span in edges.waiting(seen, 35.0, look)] == [33.8], "no titles are so long"


def wall(shade: int) -> np.ndarray:
    rng = np.random.default_rng(shade)
    return np.kron(rng.integers(shade, shade + 40, (9, 64)), np.ones((10, 10))).astype(np.uint8)


HALL, FOYER, SCREEN = wall(90), wall(50), wall(150)


def moving(time_s: float, over: np.ndarray = HALL) -> np.ndarray:
    """A camera that goes over a wall at 5 points per second."""
    return over[:, int(time_s * 5) :][:, :160]


def whirling(time_s: float) -> np.ndarray:
    """What comes round every 7.2 s."""
    return SCREEN[:, int(time_s % 7.2 * 40) :][:, :160]


def test_a_loop_is_told_from_a_camera_that_moves_or_stands_still() -> None:
    times = np.arange(400) / 25
    assert repeats([whirling(time_s) for time_s in times], 25.0)
    assert not repeats([whirling(time_s) for time_s in times[:190]], 25.0), "not for long enough"
    assert not repeats([moving(time_s) for time_s in times], 25.0)
    assert not repeats([moving(0.0) for _ in times], 25.0)
    assert not repeats([moving(time_s) if time_s < 3 else whirling(time_s) for time_s in times], 25.0), "begins before"
    assert not repeats([], 25.0)


def test_between_rare_keyframes_a_fast_loop_is_found_to_the_frame() -> None:
    # The voice is heard until after the cut: music, at times, sounds like one.
    seen, look = watched(lambda time_s: moving(time_s) if time_s < 45.48 else whirling(time_s), every_s=4.0)
    assert [span.start_s for span in edges.staying(seen, 47.0, 80.0, look)] == [45.48]
    assert edges.staying(seen, 60.0, 80.0, look) == [], "somebody speaks over it"
    seen, look = watched(lambda time_s: whirling(time_s) if time_s < 22.4 else moving(time_s), every_s=4.0)
    assert [span.end_s for span in edges.waiting(seen, 24.0, look)] == [22.4]
    seen, look = watched(lambda time_s: moving(time_s) if time_s < 45.48 else moving(time_s, FOYER), every_s=4.0)
    seen.again = [False] * 20
    assert edges.staying(seen, 47.0, 80.0, look) == [], "people leave"


def test_between_rare_keyframes_a_black_is_found_to_the_frame() -> None:
    def at(time_s: float) -> np.ndarray:
        if 45.2 <= time_s < 46.4:
            return np.full((seeing.HEIGHT, seeing.WIDTH), 16, np.uint8)
        return moving(time_s, HALL if time_s < 45 else FOYER)

    seen, look = watched(at, every_s=4.0)
    assert [span.start_s for span in edges.staying(seen, 44.0, 80.0, look)] == [45.2]


def test_a_loop_after_the_last_word_is_not_programme() -> None:
    seen, look = looping(29.8, backwards=True)
    assert [span.start_s for span in edges.staying(seen, 47.0, 80.0, look)] == [pytest.approx(50.2, abs=0.05)]
    assert edges.staying(seen, 79.0, 80.0, look) == [], "somebody speaks over it"


def test_a_black_after_the_last_word_ends_the_programme_where_it_begins() -> None:
    def at(time_s: float) -> np.ndarray:
        return np.full((seeing.HEIGHT, seeing.WIDTH), 16 if 50.4 <= time_s < 52.6 else 60 + int(time_s), np.uint8)

    seen, look = watched(at)
    assert [span.start_s for span in edges.staying(seen, 49.0, 80.0, look)] == [50.4]


class Voice:
    """Hears a voice in what is loud; says how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def process(self, window: memoryview) -> float:
        self.asked += 1
        return float(np.abs(np.frombuffer(window, np.float32)).max() > 0.3)


def test_every_other_moment_is_listened_to_and_pauses_are_found_all_the_same() -> None:
    sound = np.full(600 * RATE, 0.4, np.float32)
    for start_s, end_s in ((200.3, 204.8), (303.3, 307.4), (350.0, 410.0)):  # music, softer than a voice
        sound[round(start_s * RATE) : round(end_s * RATE)] = 0.1
    hearing = Hearing(600.0)
    hearing._voice = voice_heard = Voice()
    hearing.take((sound * 32767).astype("<i2").repeat(2).tobytes())
    hearing.finish()
    gaps = [(before.end_s, after.start_s) for before, after in itertools.pairwise(hearing.speech())]
    assert gaps == [pytest.approx(gap, abs=0.1) for gap in ((200.3, 204.8), (303.3, 307.4), (350.0, 410.0))]
    # Both ends are listened to whole, 150 s each; of the 300 s between, little more than half.
    assert voice_heard.asked * 0.032 < 300 + 200


def test_the_card_shows_programme_and_title(tmp_path: Path) -> None:
    out = draw_card(tmp_path / "card.jpg", "Le grand entretien", "Où va la dette publique ? Réponses d’une économiste")
    with Image.open(out) as card:
        assert card.size == (1280, 720)
        paper = [int(PAPER[at : at + 2], 16) for at in (1, 3, 5)]
        near = (np.abs(np.asarray(card.convert("RGB")).astype(int) - paper) < 4).all(axis=2)
        assert 0.6 < near.mean() < 0.98, "mostly paper"
        assert not near[236:500].all(axis=1).all(), "and something written on it"
    assert list(tmp_path.iterdir()) == [out]


def test_an_endless_title_still_fits(tmp_path: Path) -> None:
    assert draw_card(tmp_path / "card.jpg", "Midi", "anticonstitutionnellement" * 20).stat().st_size < 2_000_000


def test_words_are_laid_out_in_lines() -> None:
    assert wrapped(["un", "deux", "trois", "quatre"], lambda line: len(line) <= 8, 3) == ["un deux", "trois", "quatre"]
    assert wrapped(["un", "deux", "trois", "quatre"], lambda line: len(line) <= 8, 2) is None
