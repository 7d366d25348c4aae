"""A still made fit for any platform: JPEG, 16:9, at most 2 MB; one that is already so is sent as it is."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from pasvu.channel.errors import Refused

# YouTube takes 50 MiB since 2026-09-14, PeerTube 8 MB; other servers of the API still hold to 2 MB.
MOST_BYTES = 2_000_000
RATIO = 16 / 9
RATIO_MAY_DIFFER = 0.01
WIDEST = 1920
QUALITIES = (92, 85, 75, 60, 45)
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 100_000_000
PRINT = (8, 5)


def fit(image: Path) -> bytes | None:
    """The picture as it must be sent, or `None` when the file itself will do.

    Raises:
        Refused: not a picture.
    """
    try:
        # The formats are named: a file decides nothing more about which decoder reads it.
        with Image.open(image, formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Refused("La vignette {name} est trop grande : choisissez une image plus petite.", name=image.name)
            if opened.format == "JPEG" and _is_wide(opened) and image.stat().st_size <= MOST_BYTES:
                return None
            return _made(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as unreadable:
        raise Refused(
            "La vignette {name} n’est pas une image lisible (JPEG, PNG ou WebP) : choisissez-en une autre.",
            name=image.name,
        ) from unreadable


def print_of(picture: bytes) -> str | None:
    """What it looks like from afar, to tell another picture from the same one compressed anew; `None` if it is none."""
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return None
            return opened.convert("RGB").resize(PRINT).tobytes().hex()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _is_wide(opened: Image.Image) -> bool:
    return abs(opened.width / opened.height / RATIO - 1) <= RATIO_MAY_DIFFER


def _made(opened: Image.Image) -> bytes:
    turned = ImageOps.exif_transpose(opened)
    # Transparency would turn black: white is what the maker saw.
    flat = Image.new("RGB", turned.size, "white")
    flat.paste(turned.convert("RGBA"), mask=turned.convert("RGBA").getchannel("A"))
    width = min(WIDEST, flat.width, round(flat.height * RATIO))
    wide = ImageOps.fit(flat, (width, max(1, round(width / RATIO))))
    made = b""
    for quality in QUALITIES:
        out = io.BytesIO()
        wide.save(out, "JPEG", quality=quality, optimize=True)
        made = out.getvalue()
        if len(made) <= MOST_BYTES:
            break
    return made
