"""« Déposer »: sending files from the browser, for those who cannot reach the watched folder."""

from __future__ import annotations

from flask import Blueprint, render_template

from pasvu.channel import queries, uploads
from pasvu.web.guard import role, signed_in
from pasvu.web.house import house

pages = Blueprint("deposit", __name__)

PIECE_BYTES = 8 * 1024 * 1024
"""What a cut of the network loses at most; large enough that asking costs little beside sending."""


@pages.get("/deposer")
@role("media", "producer")
def show() -> str:
    """The place to drop files, and those of this account that wait to be continued."""
    here = house()
    with here.record.read() as session:
        mine = [each for each in queries.uploads_under_way(session) if each.account_id == signed_in().id]
        return render_template(
            "deposit.html",
            programmes=queries.programmes(session),
            waiting=mine,
            kept_days=uploads.KEPT.days,
            piece_bytes=PIECE_BYTES,
            depot=here.place.depot,
        )
