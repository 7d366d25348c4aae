"""Tables as files: CSV that a spreadsheet opens as it is, and never runs. Pure but for the reply."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from pasvu.channel.spreadsheet import harmless


def csv_reply(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A download of UTF-8 CSV; its mark at the start is what French spreadsheets know the accents by."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(head)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
    reply = Response("\ufeff" + written.getvalue(), mimetype="text/csv")
    reply.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return reply
