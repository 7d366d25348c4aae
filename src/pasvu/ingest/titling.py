"""Sets a title on a still, in the programme's style: a band along the foot, or large letters over the left."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pasvu.ingest import aside
from pasvu.ingest.still import wrapped

INKS = {1: "#17518f", 2: "#8b2f6c", 3: "#176047", 4: "#a3290f", 5: "#6d4a00", 6: "#54407f"}
"""The panel's colours of programmes, on which white letters can be read."""
INK, PAPER = "#17150f", "#fffdf8"
# Narrow and heavy, as on the panel: a title is read at the size of a thumb.
_WEIGHT_AND_WIDTH = [800.0, 82.0]
_SIZES = (128, 112, 98, 86, 76, 66, 58, 50)
_QUALITY = 90


def set_title(still: Path, out: Path, title: str, programme: str, colour: int, style: str, font: Path | None) -> Path:
    """Write `still`, one of our own, with `title` on it to `out`; `colour` is the programme's, from 1."""
    picture = Image.open(still, formats=["JPEG"]).convert("RGB")
    draw = _poster if style == "poster" else _band
    titled = draw(picture, title, programme.upper(), INKS.get(colour, INK), font)
    part = out.with_name(f".{out.stem}.part")
    titled.save(part, format="JPEG", quality=_QUALITY)
    return aside.keep(part, out)


def _band(picture: Image.Image, title: str, programme: str, ink: str, font: Path | None) -> Image.Image:
    width, height = picture.size
    margin = width // 26
    draw = ImageDraw.Draw(picture)
    letters, lines = _fitted(title, width - 2 * margin, 2, width, font)
    label = _font(font, width // 40)
    step = round(letters.size * 1.02)
    top = height - margin - step * len(lines)
    draw.rectangle((0, top - margin, width, height), fill=ink)
    for number, line in enumerate(lines):
        draw.text((margin, top - margin // 3 + step * number), line, fill=PAPER, font=letters)
    if programme:
        _label(draw, (margin, top - margin), programme, label, INK, PAPER)
    return picture


def _poster(picture: Image.Image, title: str, programme: str, ink: str, font: Path | None) -> Image.Image:
    width, height = picture.size
    margin = width // 26
    # Dark on the left, clear on the right: letters are read, and faces are seen.
    shade = Image.linear_gradient("L").rotate(-90).resize((width, height))
    picture = Image.composite(Image.new("RGB", picture.size, INK), picture, shade.point(lambda light: light * 15 // 16))
    draw = ImageDraw.Draw(picture)
    letters, lines = _fitted(title, round(width * 0.62), 4, width, font)
    step = round(letters.size * 1.0)
    top = (height - step * len(lines)) // 2
    for number, line in enumerate(lines):
        draw.text((margin, top + step * number), line, fill=PAPER, font=letters)
    if programme:
        _label(draw, (margin, top - margin // 2), programme, _font(font, width // 40), ink, PAPER)
    return picture


def _label(
    draw: ImageDraw.ImageDraw, foot: tuple[int, int], text: str, font: ImageFont.FreeTypeFont, back: str, ink: str
) -> None:
    """A small block of text whose lower left corner is `foot`."""
    left, bottom = foot
    pad = int(font.size) // 2
    right = left + round(draw.textlength(text, font=font)) + 2 * pad
    draw.rectangle((left, bottom - int(font.size) - 2 * pad, right, bottom), fill=back)
    draw.text((left + pad, bottom - pad - int(font.size) * 1.12), text, fill=ink, font=font)


def _fitted(
    title: str, room: int, most: int, width: int, font: Path | None
) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest letters in which the whole title fits in `most` lines; the smallest, cut, when none does."""
    words = title.split()
    for size in _SIZES:
        letters = _font(font, size * width // 1280)
        lines = wrapped(words, lambda text, in_=letters: in_.getlength(text) <= room, most)
        if lines is not None:
            return letters, _balanced(words, letters, room, lines)
    letters = _font(font, _SIZES[-1] * width // 1280)
    lines, line = [], ""
    for word in words:
        longer = f"{line} {word}".strip()
        if letters.getlength(longer) <= room:
            line = longer
        else:
            lines, line = [*lines, line], word
    lines = [*lines, line][:most]
    while letters.getlength(lines[-1] + "…") > room:
        lines[-1] = lines[-1][:-1]
    return letters, [*lines[:-1], lines[-1].rstrip() + "…"]


def _balanced(words: list[str], letters: ImageFont.FreeTypeFont, room: int, lines: list[str]) -> list[str]:
    """As many lines, of lengths as near as can be: a last word alone reads as a mistake."""
    while room > 0:
        room -= 20
        narrower = wrapped(words, lambda text, most=room: letters.getlength(text) <= most, len(lines))
        if narrower is None:
            break
        lines = narrower
    return lines


def _font(font: Path | None, size: int) -> ImageFont.FreeTypeFont:
    try:
        letters = ImageFont.truetype(str(font), size)
        letters.set_variation_by_axes(_WEIGHT_AND_WIDTH)
    except (OSError, ValueError):
        fallback = ImageFont.load_default(size)
        assert isinstance(fallback, ImageFont.FreeTypeFont)
        return fallback
    return letters
