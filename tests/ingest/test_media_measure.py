"""What is measured of footage whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pasvu.channel.values import Span
from pasvu.ingest import inspect, propose, thumbnails
from pasvu.ingest.measure import measure
from pasvu.ingest.tools import Tools

from . import reading
from .conftest import Film, Make

pytestmark = pytest.mark.media


def test_the_proposed_trim_is_the_programme_to_the_frame(film: Film) -> None:
    found = propose.trim(film.measures, film.examined.info)
    assert found.start_s == pytest.approx(film.truth.programme.start_s, abs=0.041)
    assert found.end_s == pytest.approx(film.truth.programme.end_s, abs=0.041)
    assert "image" in found.why


def test_the_silences_are_the_true_ones(film: Film) -> None:
    true, found = film.truth.silences, film.measures.silences
    assert len(found) == len(true)
    for one, other in zip(found, true, strict=True):
        assert one.start_s == pytest.approx(other.start_s, abs=0.15)
        assert one.end_s == pytest.approx(other.end_s, abs=0.15)


def test_chapters_start_where_the_talks_do(film: Film) -> None:
    pauses = [span for span in film.measures.silences if span.duration_s >= 4 and span.end_s < film.programme.end_s]
    assert [span.end_s for span in pauses] == pytest.approx(list(film.truth.chapters[1:]), abs=0.15)


def test_loudness_agrees_with_ffmpegs_own_summary(tools: Tools, film: Film) -> None:
    integrated, peak = reading.loudness(tools, film.path)
    assert film.measures.loudness is not None
    assert film.measures.loudness.integrated_lufs == pytest.approx(integrated, abs=0.1)
    assert film.measures.loudness.true_peak_dbtp == pytest.approx(peak, abs=0.1)


def test_loudness_of_a_part_agrees_with_a_measurement_of_that_part(tools: Tools, film: Film, make: Make) -> None:
    part = Span(film.truth.programme.start_s, film.truth.programme.end_s)
    cut = make("part.wav", "-ss", str(part.start_s), "-t", str(part.duration_s), "-i", film.path, "-vn")
    integrated, peak = reading.loudness(tools, cut)
    found = film.measures.loudness_of(part)
    assert found is not None
    assert found.integrated_lufs == pytest.approx(integrated, abs=0.2)
    assert found.true_peak_dbtp == pytest.approx(peak, abs=0.2)


def test_the_waveform_follows_the_sound(film: Film) -> None:
    pairs = np.frombuffer(film.measures.peaks, np.int8).reshape(-1, 2)
    assert len(pairs) == pytest.approx(film.truth.duration_s * 10, abs=2)
    swing = (pairs[:, 1].astype(int) - pairs[:, 0]).astype(float)
    quiet = film.truth.silences[-1]
    loud = swing[round(film.truth.chapters[0] * 10) + 1 : round(film.truth.silences[1].start_s * 10) - 1]
    assert swing[round(quiet.start_s * 10) + 2 : round(quiet.end_s * 10) - 2].max() < 4
    assert loud.mean() > 10


def test_stills_are_taken_from_the_programme(
    tools: Tools, film: Film, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("stills")
    chosen = thumbnails.choose(film.measures.samples, film.programme)
    assert chosen
    stills = thumbnails.take_stills(tools, film.path, film.examined.info, chosen, folder)
    assert sorted(still.path for still in stills) == sorted(folder.iterdir())
    for still in stills:
        assert film.truth.programme.start_s <= still.time_s < film.truth.programme.end_s
        assert still.path.stat().st_size <= thumbnails.MOST_BYTES
        with Image.open(still.path) as picture:
            assert picture.format == "JPEG"
            assert picture.size == (320, 180)
            assert np.asarray(picture.convert("L")).std() > 10


def test_progress_rises_to_one(tools: Tools, film: Film) -> None:
    told: list[float] = []
    measure(tools, film.path, film.examined.info, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_rare_keyframes_do_not_hide_the_ends(tools: Tools, film: Film, make: Make) -> None:
    path = make("rare.mp4", "-i", film.path, "-c:v", "libx264", "-preset", "superfast", "-g", "250", "-c:a", "copy")
    info = inspect.inspect(tools, path)
    found = propose.trim(measure(tools, path, info), info)
    assert found.start_s == pytest.approx(film.truth.programme.start_s, abs=0.5)
    assert found.end_s == pytest.approx(film.truth.programme.end_s, abs=0.5)


def test_sound_alone_and_picture_alone_are_measured(tools: Tools, film: Film, make: Make) -> None:
    sound = make("only.m4a", "-i", film.path, "-vn", "-c", "copy")
    picture = make("only.mp4", "-i", film.path, "-an", "-c", "copy")
    heard = measure(tools, sound, inspect.inspect(tools, sound))
    seen = measure(tools, picture, inspect.inspect(tools, picture))
    assert heard.loudness is not None
    assert heard.loudness.integrated_lufs == pytest.approx(film.measures.loudness.integrated_lufs, abs=0.1)  # type: ignore[union-attr]
    assert heard.samples == ()
    assert seen.loudness is None
    assert seen.peaks == b""
    assert seen.dead == film.measures.dead
