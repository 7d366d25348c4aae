"""Taking files from the browser in pieces, by the tus protocol; they end in the watched folder like any other."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import Blueprint, Flask, Response, make_response, request, url_for

from pasvu.channel import queries, uploads
from pasvu.channel.errors import NoRoom, NotFound, Passing, PasVuError, Refused, Stale
from pasvu.web import tus
from pasvu.web.guard import actor, role, signed_in
from pasvu.web.house import house
from pasvu.web.words import say

actions = Blueprint("uploading", __name__)

CODES = ((NotFound, 404), (Stale, 409), (NoRoom, 507), (Passing, 423), (Refused, 422))


def take_pieces(app: Flask) -> None:
    """Let a piece be larger than a form; must come before what looks into the body."""

    def allow() -> None:
        if request.endpoint == "uploading.append":
            request.max_content_length = tus.LARGEST_PIECE

    app.before_request(allow)


@actions.errorhandler(PasVuError)
def refused(error: PasVuError) -> Response:
    """A refusal as the client reads it: a code of the protocol, and the sentence that the page shows."""
    code = next((code for kind, code in CODES if isinstance(error, kind)), 500)
    return make_response(say(error), code, {"Content-Type": "text/plain; charset=utf-8", "Tus-Resumable": tus.VERSION})


@actions.before_request
def speak_the_same() -> Response | None:
    """Refuse another version of the protocol, as the protocol asks."""
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != tus.VERSION:
        return make_response("", 412, tus.abilities())
    return None


@actions.route("/deposer/envois", methods=["OPTIONS"])
@role("media", "producer")
def abilities() -> Response:
    """What may be asked here."""
    return make_response("", 204, tus.abilities())


@actions.post("/deposer/envois")
@role("media", "producer")
def begin() -> Response:
    """Begin an upload; its address is in `Location`."""
    here = house()
    said = tus.metadata(request.headers.get("Upload-Metadata", ""))
    whole = tus.whole_number(request.headers.get("Upload-Length"))
    with here.record.write() as session:
        uploads.sweep(session, here.place, here.now)
        account = queries.account(session, signed_in().id)
        assert account is not None
        made = uploads.begin(
            session,
            here.place,
            said.get("filename", ""),
            whole or 0,
            said.get("programme") or None,
            account,
            here.now,
        )
        headers = tus.progress(0, made.bytes, uploads.expires_at(made))
        headers["Location"] = url_for(".state", upload_id=made.id)
    return make_response("", 201, headers)


@actions.route("/deposer/envois/<upload_id>", methods=["HEAD"])
@role("media", "producer")
def state(upload_id: str) -> Response:
    """How far it is: asked after every cut."""
    here = house()
    # What a crash kept from the depot goes there now.
    uploads.land_finished(here.record, here.place)
    with here.record.read() as session:
        upload = uploads.find(session, upload_id, signed_in())
        headers = tus.progress(uploads.offset(upload, here.place), upload.bytes, uploads.expires_at(upload))
    return make_response("", 200, headers)


@actions.route("/deposer/envois/<upload_id>", methods=["PATCH"])
@role("media", "producer")
def append(upload_id: str) -> Response:
    """Take the next piece."""
    here = house()
    at = tus.whole_number(request.headers.get("Upload-Offset"))
    if request.mimetype != tus.PIECE_TYPE:
        return make_response("", 415, tus.abilities())
    if at is None:
        return make_response("", 400, tus.abilities())
    there = uploads.append(
        here.record, here.place, upload_id, signed_in(), at, cast(BinaryIO, request.stream), here.now
    )
    with here.record.read() as session:
        upload = uploads.find(session, upload_id, signed_in())
        return make_response("", 204, tus.progress(there, upload.bytes, uploads.expires_at(upload)))


@actions.route("/deposer/envois/<upload_id>", methods=["DELETE"])
@role("media", "producer")
def give_up(upload_id: str) -> Response:
    """Stop it; what came so far is thrown away."""
    here = house()
    with here.record.write() as session:
        upload = uploads.find(session, upload_id, signed_in())
        uploads.give_up(session, here.place, upload, here.now, actor())
    return make_response("", 204, tus.abilities())
