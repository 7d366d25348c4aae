"""Makes a recording of which everything is known: slate with music, black, talks with pauses, black, end slate.

Made like a mixer's recording: H.264 with a keyframe every two seconds, AAC 48 kHz stereo, index first.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from pasvu.channel.values import Span
from pasvu.demo import voice
from pasvu.ingest import aside, commands, process
from pasvu.ingest.tools import Tools

FPS = 25
_BLACK_S = 1.0
_GAP_S = 5.0
_PAUSES_S = (0.4, 0.7, 1.1, 1.6)
_CAMERAS = (
    "testsrc2=s={half}:r={fps}",
    "mandelbrot=s={half}:r={fps}:maxiter=60:end_scale=0.003",
    "gradients=s={quarter}:r={fps}:speed=0.05:nb_colors=4:seed={seed}",
    "cellauto=s={quarter}:r={fps}:rule=110:seed={seed}",
)


@dataclass(frozen=True)
class Truth:
    """What is in the footage, in seconds: `chapters` are the starts of talks, `silences` last 0.3 s or more."""

    duration_s: float
    programme: Span
    chapters: tuple[float, ...]
    silences: tuple[Span, ...]
    black: tuple[Span, ...]
    slates: tuple[Span, ...]
    width: int
    height: int
    fps: int


def make_footage(
    tools: Tools,
    out: Path,
    seconds: float = 75.0,
    seed: int = 20,
    *,
    talks: int = 3,
    size: tuple[int, int] = (640, 360),
    level_db: float = -6.0,
    gop: int = 2 * FPS,
) -> Truth:
    """Write an MP4 and say what is in it. Same arguments, same film.

    `level_db` moves the speech (0: about −20 dBFS RMS). At least 6 s per talk are needed beyond the slates.
    """
    truth = _timeline(seconds, seed, talks, size)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.stem[:40]}.", suffix=".part", dir=out.parent) as folder:
        wav, film = Path(folder) / "sound.wav", Path(folder) / "film.mp4"
        sound, silences = _sound(truth, seed, level_db)
        voice.write_wav(wav, sound)
        output = ffmpeg.output(
            _picture(truth, seed),
            ffmpeg.input(str(wav))["a:0"],
            commands.address(film),
            f="mp4",
            vcodec="libx264",
            # Footage for rehearsals: quick to make before all.
            preset="ultrafast",
            pix_fmt="yuv420p",
            bf=2,
            g=gop,
            # A mixer's encoder makes its keyframes by the clock, not by the picture.
            keyint_min=gop,
            sc_threshold=0,
            r=FPS,
            movflags="+faststart",
            acodec="aac",
            audio_bitrate="160k",
            aac_coder="fast",
            # Both sides are the same: see `commands.AAC`.
            aac_ms=0,
            **{"b:v": "1200k", "maxrate": "1800k", "bufsize": "2M", "profile:v": "high"},
        )
        process.run(
            commands.command(tools, [output]), subject=out.name, reads=(), writes=[Path(folder)], duration_s=seconds
        )
        aside.keep(film, out)
    return replace(truth, silences=tuple(silences))


def _timeline(seconds: float, seed: int, talks: int, size: tuple[int, int]) -> Truth:
    """Who is on screen when; every border on a frame."""

    def on_frame(time_s: float) -> float:
        return round(time_s * FPS) / FPS

    lead_s = on_frame(max(4.0, min(9.0, seconds / 9)) + 0.52)
    trail_s = on_frame(max(3.0, min(7.0, seconds / 11)) + 0.28)
    total_s = on_frame(seconds)
    start_s, end_s = lead_s + _BLACK_S, total_s - trail_s - _BLACK_S
    gaps_s = _GAP_S * (talks - 1)
    shares = np.random.default_rng(seed).dirichlet(np.full(talks, 20.0)) * (end_s - start_s - gaps_s)
    starts = [start_s]
    for share in shares[:-1]:
        starts.append(on_frame(starts[-1] + share + _GAP_S))
    return Truth(
        duration_s=total_s,
        programme=Span(start_s, end_s),
        chapters=tuple(starts),
        silences=(),
        black=(Span(lead_s, start_s), Span(end_s, end_s + _BLACK_S)),
        slates=(Span(0.0, lead_s), Span(end_s + _BLACK_S, total_s)),
        width=size[0],
        height=size[1],
        fps=FPS,
    )


def _sound(truth: Truth, seed: int, level_db: float) -> tuple[np.ndarray, list[Span]]:
    """Music on the first slate, sentences with pauses in the talks; and where nobody is heard."""
    rng = np.random.default_rng(seed + 1)
    sound = voice.room_tone(truth.duration_s, seed)
    heard: list[Span] = []

    def put(at_s: float, what: np.ndarray) -> None:
        first = round(at_s * voice.RATE)
        what = what[: len(sound) - first]
        sound[first : first + len(what)] += what
        heard.append(Span(at_s, at_s + len(what) / voice.RATE))

    put(0.0, voice.music(truth.slates[0].duration_s, seed))
    ends = [start - _GAP_S for start in truth.chapters[1:]] + [truth.programme.end_s]
    for number, (start_s, end_s) in enumerate(zip(truth.chapters, ends, strict=True)):
        at_s = start_s
        # Speakers differ: every other one is 5 dB quieter.
        gain = 10 ** ((level_db - 5 * (number % 2)) / 20)
        while at_s < end_s - 0.5:
            length_s = float(rng.uniform(1.8, 3.4))
            # The last sentence reaches the end of the talk exactly.
            length_s = end_s - at_s if end_s - at_s - length_s < 2.5 else length_s
            put(at_s, voice.murmur(length_s, int(rng.integers(1000)) * 3 + number % 3) * gain)
            at_s += length_s + float(rng.choice(_PAUSES_S))
    heard.append(Span(truth.duration_s, truth.duration_s))
    silences = [Span(a.end_s, b.start_s) for a, b in pairwise(heard)]
    return sound, [span for span in silences if span.duration_s >= 0.3]


def _picture(truth: Truth, seed: int) -> Any:
    """Slates that stand still, black, and cameras that change every few seconds."""
    size = f"{truth.width}x{truth.height}"
    black = f"color=0x000000:s={size}:r={FPS}"
    shots = [_slate(size, truth.slates[0].duration_s, "0x1a2a5a"), _generated(black, truth.black[0].duration_s)]
    for number, length_s in enumerate(_shot_lengths(truth.programme.duration_s, seed), 1):
        half, quarter = (f"{truth.width // part}x{truth.height // part}" for part in (2, 4))
        camera = _CAMERAS[(number + seed) % len(_CAMERAS)]
        source = camera.format(half=half, quarter=quarter, fps=FPS, seed=seed + number)
        shot = _generated(source, length_s, number)
        # A sensor's noise, so that no frame is ever quite like the last.
        shots.append(
            shot.filter("scale", truth.width, truth.height, flags="neighbor").filter("noise", alls=6, allf="t")
        )
    shots.append(_generated(black, truth.black[1].duration_s, len(shots)))
    shots.append(_slate(size, truth.slates[1].duration_s, "0x5a2a1a"))
    film = ffmpeg.concat(*(shot.filter("format", "yuv420p").filter("setsar", "1") for shot in shots), v=1, a=0)
    # The join rounds the lengths of the shots, and a frame is lost: the frames are counted once more.
    return film.filter("setpts", f"N/{FPS}/TB")


def _generated(source: str, length_s: float, number: int = 0) -> Any:
    # Frames are counted: a length in seconds may round to one frame more. The number makes the inputs differ, because
    # ffmpeg-python takes two equal ones for the same.
    stream = ffmpeg.input(source, f="lavfi", t=f"{length_s + 1 + number / 1000:.3f}")
    return stream["v:0"].filter("trim", end_frame=round(length_s * FPS)).filter("setpts", f"N/{FPS}/TB")


def _slate(size: str, length_s: float, colour: str) -> Any:
    ground = _generated(f"color={colour}:s={size}:r={FPS}", length_s)
    return ground.filter("drawbox", x="iw/8", y="ih/3", w="iw*3/4", h="ih/3", color="0x3050a0", t="fill").filter(
        "drawbox", x="iw/6", y="ih*5/12", w="iw*2/3", h="ih/24", color="white", t="fill"
    )


def _shot_lengths(total_s: float, seed: int) -> list[float]:
    """How long each camera stays, 3 to 8 s, on whole frames, adding up."""
    rng = np.random.default_rng(seed + 2)
    left = round(total_s * FPS)
    frames = []
    while left:
        take = int(rng.uniform(3, 8) * FPS)
        take = left if left - take < 3 * FPS else take
        frames.append(take)
        left -= take
    return [count / FPS for count in frames]
