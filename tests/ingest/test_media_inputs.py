"""Every kind of file that may be dropped: taken, or refused in words."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pasvu.channel.errors import Unusable
from pasvu.ingest import inspect
from pasvu.ingest.structure import whole
from pasvu.ingest.tools import Tools

from .conftest import Film, Make

pytestmark = pytest.mark.media
SHORT_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=128x72:r=25:d=2")
SHORT_SOUND = ("-f", "lavfi", "-i", "sine=440:d=2")
QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def refused(tools: Tools, path: Path) -> str:
    with pytest.raises(Unusable) as refusal:
        inspect.inspect(tools, path)
    assert path.name in str(refusal.value)
    return str(refusal.value)


def test_footage_is_known_for_what_it_is(tools: Tools, film: Film) -> None:
    info, timing, layout = film.examined.info, film.examined.timing, film.examined.layout
    assert (info.video_codec, info.audio_codec, info.width, info.height) == ("h264", "aac", 320, 180)
    assert (info.fps, info.variable_frame_rate, info.interlaced, info.rotation) == (25.0, False, False, 0)
    assert info.duration_s == pytest.approx(film.truth.duration_s, abs=0.05)
    assert timing is not None
    assert timing.frames == round(film.truth.duration_s * 25)
    assert not timing.open_gop
    assert layout is not None
    assert layout.plain
    assert inspect.playable(info, layout)
    assert whole(film.path) is None


def test_an_empty_file_is_refused(tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "vide.mp4"
    path.touch()
    assert "vide" in refused(tools, path)


def test_a_text_is_refused(tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("Penser à acheter des piles.\n" * 40, encoding="utf-8")
    assert "texte" in refused(tools, path)


def test_noise_is_refused(tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "bruit.mp4"
    path.write_bytes(random.Random(1).randbytes(9000))
    assert "Exportez" in refused(tools, path)


def test_a_recording_without_its_index_is_refused(tools: Tools, make: Make, tmp_path: Path) -> None:
    source = make("index_last.mp4", *SHORT_PICTURE, *QUICK)
    path = tmp_path / "coupé.mp4"
    data = source.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    assert "terminé" in refused(tools, path)
    assert "index" in (whole(path) or "")


def test_a_copy_that_stopped_is_recognised_though_ffprobe_says_nothing(film: Film, tmp_path: Path) -> None:
    path = tmp_path / "coupé.mp4"
    path.write_bytes(film.path.read_bytes()[:-20_000])
    assert "Il manque 20,0 ko" in (whole(path) or "")


@pytest.mark.parametrize(
    "playlist", ["#EXTM3U\n#EXTINF:1,\nfile://{film}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile '{film}'\n"]
)
def test_a_playlist_dressed_as_a_film_opens_no_other_file(
    tools: Tools, film: Film, tmp_path: Path, playlist: str
) -> None:
    path = tmp_path / "film.mp4"
    path.write_text(playlist.format(film=film.path), encoding="ascii")
    refused(tools, path)


@pytest.mark.parametrize(
    ("name", "words", "video", "audio"),
    [
        ("a.mkv", (*SHORT_PICTURE, *SHORT_SOUND, *QUICK, "-c:a", "libopus"), "h264", "opus"),
        ("a.ts", (*SHORT_PICTURE, *SHORT_SOUND, *QUICK, "-c:a", "aac"), "h264", "aac"),
        ("a.mov", (*SHORT_PICTURE, *SHORT_SOUND, "-c:v", "prores", "-c:a", "pcm_s16le"), "prores", "pcm_s16le"),
        ("a.webm", (*SHORT_PICTURE, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), "vp9", None),
        ("silent.mp4", (*SHORT_PICTURE, *QUICK), "h264", None),
        ("a.wav", SHORT_SOUND, None, "pcm_s16le"),
        ("a.mp3", (*SHORT_SOUND, "-c:a", "libmp3lame"), None, "mp3"),
        ("a.m4a", (*SHORT_SOUND, "-ar", "44100", "-ac", "1"), None, "aac"),
    ],
)
def test_ordinary_files_are_taken(
    tools: Tools, make: Make, name: str, words: tuple[str, ...], video: str | None, audio: str | None
) -> None:
    path = make(name, *words)
    examined = inspect.examine(tools, path)
    assert (examined.info.video_codec, examined.info.audio_codec) == (video, audio)
    assert examined.info.duration_s == pytest.approx(2.0, abs=0.1)
    assert (examined.timing is not None) == (video is not None)
    assert whole(path) is None


@pytest.mark.parametrize(("name", "playable"), [("a.mkv", False), ("a.mov", False), ("a.webm", True), ("a.mp3", True)])
def test_what_the_browser_plays(tools: Tools, make: Make, name: str, playable: bool) -> None:
    test_words = {
        "a.mkv": (*SHORT_PICTURE, *SHORT_SOUND, *QUICK, "-c:a", "libopus"),
        "a.mov": (*SHORT_PICTURE, *SHORT_SOUND, "-c:v", "prores", "-c:a", "pcm_s16le"),
        "a.webm": (*SHORT_PICTURE, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"),
        "a.mp3": (*SHORT_SOUND, "-c:a", "libmp3lame"),
    }
    examined = inspect.examine(tools, make(name, *test_words[name]))
    assert inspect.playable(examined.info, examined.layout) is playable


def test_cover_art_is_no_picture(tools: Tools, make: Make) -> None:
    cover = make("cover.jpg", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1")
    path = make(
        "art.mp3",
        *SHORT_SOUND,
        "-i",
        cover,
        "-map",
        "0",
        "-map",
        "1",
        "-c:v",
        "mjpeg",
        "-disposition:v",
        "attached_pic",
    )
    info = inspect.inspect(tools, path)
    assert not info.has_video
    assert info.has_audio


def test_rotation_interlacing_and_rhythm_are_seen(tools: Tools, make: Make) -> None:
    plain = make("plain.mp4", *SHORT_PICTURE, *QUICK)
    turned = make("turned.mp4", "-display_rotation", "90", "-i", plain, "-c", "copy")
    fields = make(
        "fields.mp4", *SHORT_PICTURE, "-vf", "interlace", *QUICK, "-flags", "+ildct+ilme", "-x264-params", "tff=1"
    )
    dropped = make("dropped.mkv", *SHORT_PICTURE, "-vf", "select='gt(random(1),0.2)'", "-fps_mode", "vfr", *QUICK)
    assert inspect.inspect(tools, turned).rotation == 270
    assert inspect.inspect(tools, fields).interlaced
    assert inspect.inspect(tools, dropped).variable_frame_rate
    assert not inspect.inspect(tools, plain).variable_frame_rate


@pytest.mark.parametrize(
    "name", ["-y.mp4", "été 🎬 « x ».mp4", "a\nb.mp4", "100%d.mp4", "it's:here.mp4", "n" * 251 + ".mp4"]
)
def test_names_are_only_names(
    tools: Tools, film: Film, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.hardlink_to(film.path)
    monkeypatch.chdir(tmp_path)
    assert inspect.inspect(tools, Path(name)).video_codec == "h264"
