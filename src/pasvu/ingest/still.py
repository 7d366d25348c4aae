"""Draws the card that is shown while there is only sound: programme and title, in the house's paper, ink and red."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pasvu.channel.names import fold
from pasvu.ingest import aside

PAPER, INK, RED = "#f3f0e8", "#17150f", "#c8102e"
_SIZE = (1280, 720)
_MARGIN = 96
_FONTS = (
    "DejaVuSerif-Bold.ttf",
    "LiberationSerif-Bold.ttf",
    "NotoSerif-Bold.ttf",
    "DejaVuSans-Bold.ttf",
    "LiberationSans-Bold.ttf",
    "Georgia Bold.ttf",
)
_SIZES = (92, 76, 62, 50, 40)
_LINES = 4
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_card(out: Path, programme: str, title: str, font: Path | None = None) -> Path:
    """Write a JPEG of 1280×720. `font` is a font file to prefer (the panel's own); else one of the system's."""
    card = Image.new("RGB", _SIZE, PAPER)
    draw = ImageDraw.Draw(card)
    _lozenge(draw, _MARGIN + 26, _MARGIN + 30, 26)
    draw.text((_MARGIN + 76, _MARGIN + 4), _drawable(programme, font), fill=INK, font=_font(font, 40))
    draw.line((_MARGIN, 190, _SIZE[0] - _MARGIN, 190), fill=INK, width=3)
    lettering, lines = _fitted(draw, _drawable(title, font), font)
    draw.multiline_text((_MARGIN, 236), "\n".join(lines), fill=INK, font=lettering, spacing=14)
    draw.rectangle((_MARGIN, _SIZE[1] - _MARGIN, _MARGIN + 120, _SIZE[1] - _MARGIN + 8), fill=RED)
    part = out.with_name(f".{out.name}.part")
    card.save(part, format="JPEG", quality=92)
    return aside.keep(part, out)


def wrapped(words: list[str], fits: object, lines: int) -> list[str] | None:
    """Words laid out in at most `lines` lines that each fit; `None` when they do not. Pure."""
    assert callable(fits)
    laid: list[str] = []
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        if fits(longer):
            line = longer
        else:
            laid, line = [*laid, line] if line else laid, word
        if not fits(line):
            return None
    laid = [*laid, line] if line else laid
    return laid if len(laid) <= lines else None


def _fitted(draw: ImageDraw.ImageDraw, title: str, font: Path | None) -> tuple[Font, list[str]]:
    """The largest lettering in which the whole title fits; a title too long for the smallest is cut."""
    words = title.split()
    room = _SIZE[0] - 2 * _MARGIN
    for size in _SIZES:
        lettering = _font(font, size)
        lines = wrapped(words, lambda text, in_=lettering: draw.textlength(text, font=in_) <= room, _LINES)
        if lines is not None:
            return lettering, lines
    lettering = _font(font, _SIZES[-1])
    shortened = title
    while draw.textlength(shortened + "…", font=lettering) > room:
        shortened = shortened[:-1]
    return lettering, [shortened.rstrip() + "…"]


def _lozenge(draw: ImageDraw.ImageDraw, x: int, y: int, half: int) -> None:
    draw.polygon(((x, y - half), (x + half, y), (x, y + half), (x - half, y)), fill=RED)


def _font(wanted: Path | None, size: int) -> Font:
    for name in ([str(wanted)] if wanted is not None else []) + list(_FONTS):
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _drawable(text: str, font: Path | None) -> str:
    """The text as the font can draw it: Pillow's own font, the last resort, knows no accents."""
    found = _font(font, 20)
    if not isinstance(found, ImageFont.FreeTypeFont) or found.getname()[0] == "Aileron":
        return fold(text).upper().encode("ascii", "ignore").decode("ascii")
    return text
