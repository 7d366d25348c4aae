"""Text that a spreadsheet takes for text: it would run a cell that begins like a formula. Pure."""

from __future__ import annotations

# OWASP's list (CSV injection), with the full-width forms that spreadsheets read alike.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """The text, with a quote before it where it would be run."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS) else text
