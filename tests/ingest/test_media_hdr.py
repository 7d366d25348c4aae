"""Pictures in HDR: kept as they are, or shown in ordinary colours that are measured patch by patch."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path

import numpy as np
import pytest

from pasvu.channel.values import PlanAction, Trim
from pasvu.ingest import inspect
from pasvu.ingest.tools import Tools

from . import reading
from .conftest import Make
from .test_media_master import made

pytestmark = pytest.mark.media
SIDE = 32
GREYS = [(nits, nits, nits) for nits in (0.05, 1.0, 5.0, 20.0, 60.0, 100.0, 203.0, 600.0)]
COLOURS = [
    (60, 35, 25),
    (25, 50, 25),
    (25, 28, 60),
    (120, 90, 60),
    (50, 30, 60),
    (90, 80, 30),
    (40, 60, 60),
    (70, 40, 70),
]
PATCHES = [*GREYS, *COLOURS]
LUMA = (0.2627, 0.6780, 0.0593)


def pq(nits: float) -> float:
    """SMPTE ST 2084, from light to signal."""
    power = (nits / 10000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def light_of(signal: float) -> float:
    """SMPTE ST 2084, from signal to light."""
    power = signal ** (1 / 78.84375)
    return 10000 * (max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)


def hlg_of(nits: tuple[float, float, float]) -> list[float]:
    """BT.2100: the signal by which a screen of 1000 cd/m² shows this light."""
    screen = sum(part * share for part, share in zip(nits, LUMA, strict=True)) / 1000
    scene = [part / 1000 * screen ** (1 / 1.2 - 1) for part in nits]
    return [math.sqrt(3 * e) if e <= 1 / 12 else 0.17883277 * math.log(12 * e - 0.28466892) + 0.55991073 for e in scene]


def expected(nits: tuple[float, float, float]) -> list[float]:
    """What an ordinary screen is to be sent for this light, 0 to 255: BT.2390 on luminance, BT.2020 to BT.709."""
    luminance = sum(part * share for part, share in zip(nits, LUMA, strict=True))
    at, most = pq(luminance) / pq(1000), pq(203) / pq(1000)
    knee = 1.5 * most - 0.5
    if at > knee:
        t = (at - knee) / (1 - knee)
        at = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * most
    red, green, blue = (part * light_of(at * pq(1000)) / luminance / 203 for part in nits)
    linear = (
        1.6605 * red - 0.5876 * green - 0.0728 * blue,
        -0.1246 * red + 1.1329 * green - 0.0083 * blue,
        -0.0182 * red - 0.1006 * green + 1.1187 * blue,
    )
    assert all(-0.002 <= part <= 1.002 for part in linear), "only colours that both screens can show are compared"
    return [255 * min(1.0, max(0.0, part)) ** (1 / 2.4) for part in linear]


@pytest.fixture(scope="module")
def board(make: Make) -> dict[str, Path]:
    """Two seconds of patches of known light, with a tone, as PQ and as HLG in ten bits of BT.2020."""
    tone = make("board.wav", "-f", "lavfi", "-i", "sine=440:d=2")
    films = {}
    for transfer in ("smpte2084", "arib-std-b67"):
        signals = [[pq(part) for part in nits] if transfer == "smpte2084" else hlg_of(nits) for nits in PATCHES]
        row = np.repeat(np.array(signals, dtype=np.float64), SIDE, axis=0)
        frame = np.round(np.broadcast_to(row, (SIDE, *row.shape)) * 65535).astype("<u2")
        still = tone.with_name(f"{transfer}.rgb")
        still.write_bytes(frame.tobytes() * 50)
        raw = ("-f", "rawvideo", "-pix_fmt", "rgb48le", "-s", f"{SIDE * len(PATCHES)}x{SIDE}", "-r", "25", "-i", still)
        tags = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc:range=tv"
        drawn = f"scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le,{tags}"
        coded = ("-vf", drawn, "-c:v", "libx264", "-crf", "4", "-preset", "ultrafast", "-g", "25")
        sound = ("-i", tone, "-c:a", "aac")
        films[transfer] = make(f"{transfer}.mp4", *raw, *sound, *coded)
    return films


def seen(tools: Tools, path: Path) -> np.ndarray:
    """The patches of a film of ordinary colours, 0 to 255."""
    whole = "scale=in_color_matrix=bt709:in_range=tv:out_range=pc,format=rgb24"
    said = subprocess.run(
        [str(tools.ffmpeg), "-v", "error", "-i", str(path), "-vf", whole, "-frames:v", "1", "-f", "rawvideo", "-"],
        capture_output=True,
        check=True,
    )
    picture = np.frombuffer(said.stdout, np.uint8).reshape(SIDE, len(PATCHES), SIDE, 3)
    return np.asarray(picture[8:24, :, 8:24].mean(axis=(0, 2)))


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_ordinary_colours_are_those_of_the_standards(
    tools: Tools, board: dict[str, Path], tmp_path: Path, transfer: str
) -> None:
    decided, master = made(tools, board[transfer], tmp_path / "m.mp4", tone_map=True)
    assert decided.action is PlanAction.ENCODE
    assert "HDR" in decided.why
    info = inspect.inspect(tools, master.path)
    assert (info.video_profile, info.pixel_format, info.color_transfer) == ("High", "yuv420p", "bt709")
    found, meant = seen(tools, master.path), np.array([expected(nits) for nits in PATCHES])
    off = np.abs(found - meant)
    # 8 bits, a coder and a table of 49 points lie between.
    assert off.max() < 5.0, list(zip(meant.round(), found.round(), strict=True))
    assert off.mean() < 1.5
    greys = found[: len(GREYS)]
    assert np.ptp(greys, axis=1).max() < 2.0, "grey stays grey"
    assert (np.diff(greys.mean(axis=1)) > 0).all(), "brighter stays brighter"


def test_hdr_is_kept_unless_asked_otherwise(tools: Tools, board: dict[str, Path], tmp_path: Path) -> None:
    source = board["arib-std-b67"]
    decided, master = made(tools, source, tmp_path / "m.mp4")
    assert decided.action is PlanAction.AUDIO
    assert reading.frame_hashes(tools, master.path) == reading.frame_hashes(tools, source)
    decided, master = made(tools, source, tmp_path / "cut.mp4", Trim(0.4, 2.0))
    assert decided.action is PlanAction.SMART_CUT
    info = inspect.inspect(tools, master.path)
    assert (info.video_profile, info.pixel_format, info.color_transfer) == ("High 10", "yuv420p10le", "arib-std-b67")
