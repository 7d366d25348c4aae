"""A still with somebody in it is preferred. The face is drawn: nobody's picture is kept here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter

from pasvu.ingest import thumbnails
from pasvu.ingest.faces import face_finder
from pasvu.ingest.facts import Sample
from pasvu.ingest.inspect import inspect
from pasvu.ingest.tools import Tools


def drawn(path: Path, *, with_a_face: bool, size: tuple[int, int] = (640, 360)) -> Path:
    """A room; somebody looks at us, or has left."""
    picture = Image.new("L", size, 90)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((20, 30, 180, 150), fill=150)
    x, y, r = size[0] // 2, size[1] // 2, size[1] / 5

    def oval(left: float, top: float, right: float, bottom: float, shade: int) -> None:
        pen.ellipse((x + left * r, y + top * r, x + right * r, y + bottom * r), fill=shade)

    if with_a_face:
        oval(-1.05, -1.5, 1.05, 0.6, 40)
        oval(-0.82, -1.1, 0.82, 1.2, 190)
        for eye in (-0.36, 0.36):
            oval(eye - 0.26, -0.29, eye + 0.26, 0.03, 120)
            oval(eye - 0.2, -0.21, eye + 0.2, -0.03, 235)
            oval(eye - 0.09, -0.21, eye + 0.09, -0.03, 30)
            brow = (x + (eye - 0.28) * r, y - 0.36 * r, x + (eye + 0.28) * r, y - 0.38 * r)
            pen.line(brow, fill=50, width=round(r / 10))
        oval(-0.16, 0.36, -0.04, 0.46, 80)
        oval(0.04, 0.36, 0.16, 0.46, 80)
        oval(-0.32, 0.62, 0.32, 0.82, 80)
    picture.filter(ImageFilter.GaussianBlur(r * 0.035)).convert("RGB").save(path, format="JPEG")
    return path


@pytest.mark.parametrize("size", [(640, 360), (1280, 720)])
def test_a_face_is_told_from_an_empty_room(size: tuple[int, int], tmp_path: Path) -> None:
    shows_a_face = face_finder()
    assert shows_a_face(drawn(tmp_path / "somebody.jpg", with_a_face=True, size=size))
    assert not shows_a_face(drawn(tmp_path / "nobody.jpg", with_a_face=False, size=size))


@pytest.mark.media
def test_of_good_frames_the_one_with_somebody_comes_first(
    tools: Tools, make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for second in range(5):
        drawn(tmp_path / f"{second}.jpg", with_a_face=second == 3)
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "1", "-pix_fmt", "yuv420p")
    film = make("talk.mp4", "-framerate", "1", "-i", str(tmp_path / "%d.jpg"), *coded)
    samples = [Sample(float(second), 10.0 - second) for second in range(5)]
    there: list[int] = []

    def unpacked() -> Callable[[Path], bool]:
        there.append(len(list((tmp_path / "stills").iterdir())))
        return face_finder()

    monkeypatch.setattr(thumbnails, "face_finder", unpacked)
    stills = thumbnails.take_stills(tools, film, inspect(tools, film), samples, tmp_path / "stills")
    assert there == [5], "unpacked once, and never held beside a tool that reads a long film"
    assert [still.time_s for still in stills] == [3.0, 0.0, 1.0]
    assert sorted(path.name for path in (tmp_path / "stills").iterdir()) == sorted(still.path.name for still in stills)
