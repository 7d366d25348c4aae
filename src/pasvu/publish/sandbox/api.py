"""Answers one API request: fault, token, quota, description, rules, then the method itself; all of it in the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Response, jsonify
from werkzeug.wrappers import Request

from pasvu.publish.sandbox import (
    analytics,
    broadcasts,
    captions,
    channel,
    faults,
    fields,
    instants,
    intake,
    ledger,
    playlists,
    quota,
    tokens,
    uploads,
    video_calls,
)
from pasvu.publish.sandbox.answers import ApiError, Json
from pasvu.publish.sandbox.discovery import Method, Params
from pasvu.publish.sandbox.rules import quota_of
from pasvu.publish.sandbox.world import Call, Caller, World

PLAIN: dict[str, Callable[[Call], Json]] = {
    "youtube.videos.list": video_calls.list_,
    "youtube.videos.batchGetStats": video_calls.batch_get_stats,
    "youtube.videos.update": video_calls.update,
    "youtube.videos.delete": video_calls.delete,
    "youtube.channels.list": channel.list_,
    "youtube.liveBroadcasts.list": broadcasts.list_,
    "youtube.videoCategories.list": channel.list_categories,
    "youtube.playlists.list": playlists.list_,
    "youtube.playlists.insert": playlists.insert,
    "youtube.playlistItems.list": playlists.list_items,
    "youtube.playlistItems.insert": playlists.insert_item,
    "youtube.playlistItems.delete": playlists.delete_item,
    "youtube.captions.list": captions.list_,
    "youtube.captions.delete": captions.delete,
    "youtubeAnalytics.reports.query": analytics.query,
}


@dataclass(frozen=True)
class _Media:
    """A method that takes a file: refusals before any byte, the end, and the shape of the new thing's id."""

    check: Callable[[Call], None]
    finish: uploads.Finish
    prefix: tuple[str, int]


MEDIA: dict[str, _Media] = {
    "youtube.videos.insert": _Media(video_calls.check_insert, video_calls.insert, ("", 11)),
    "youtube.thumbnails.set": _Media(video_calls.check_thumbnail, video_calls.set_thumbnail, ("thumbnail-", 16)),
    "youtube.captions.insert": _Media(captions.check_insert, captions.insert, ("caption-", 24)),
    "youtube.captions.update": _Media(captions.check_update, captions.update, ("caption-", 24)),
}


class ConnectionLost(Exception):
    """The answer must not reach the client: the server closes the connection."""


@dataclass
class _Entry:
    """What the ledger will say of this request."""

    method: str = "unknown"
    params: Params = field(default_factory=dict)
    units: int = 0
    reason: str | None = None
    fault: str | None = None
    note: Json = field(default_factory=dict)


def respond(world: World, request: Request) -> Response:
    """The answer to a request below `/youtube/`, `/upload/` or `/v2/`; raises `ConnectionLost` when a fault says so."""
    entry = _Entry(params={name: request.args.getlist(name) for name in request.args})
    status = 0
    try:
        response = _answer(world, request, entry)
        status = response.status_code
        if entry.fault == "lose_answer":
            raise ConnectionLost
    except ApiError as error:
        entry.reason, status = error.reason, error.status
        response = jsonify(error.body())
        response.status_code = error.status
        if error.retry_after_s is not None:
            response.headers["Retry-After"] = str(round(error.retry_after_s))
    finally:
        _write_down(world, request, entry, status)
    return response


def _answer(world: World, request: Request, entry: _Entry) -> Response:
    path = request.path.lstrip("/")
    if "upload_id" in request.args and request.method in ("PUT", "DELETE"):
        return _continue_upload(world, request, entry)
    method = world.description.find(request.method, path)
    if method is None:
        raise ApiError(404, "notFound", f"{request.method} /{path} is not a method of the API.")
    entry.method = method.id
    _strike(world, entry)
    with world.store.transaction() as db:
        now = world.clock.now()
        scopes = method.spec.get("scopes", [])
        caller = tokens.caller_of(db, now, request.headers.get("Authorization"), with_scope=scopes)
        entry.units = quota.spend(db, world.rules, method.id, now)
    try:
        return _call(world, request, method, caller)
    except ApiError as error:
        if error.status < 500 or error.status == 501:
            with world.store.transaction() as db:
                entry.units = quota.give_back(db, method.id, now, entry.units)
        raise


def _call(world: World, request: Request, method: Method, caller: Caller) -> Response:
    if method.on_upload_path and not method.takes_media:
        raise ApiError(400, "wrongUrlForUpload", "Media may not be uploaded to this URL.")
    params = world.description.check_params(method, {name: request.args.getlist(name) for name in request.args})
    if method.id in MEDIA:
        return _take_media(world, request, method, caller, params)
    if method.id not in PLAIN:
        raise ApiError(501, "notImplemented", f"The sandbox does not play {method.id}.")
    body = world.description.check_body(method, intake.json_of(request), params.get("part", []))
    with world.store.transaction() as db:
        answer = PLAIN[method.id](Call(world, db, world.clock.now(), caller, params, body))
    if method.spec["httpMethod"] == "DELETE":
        return Response(status=204)
    return _shown(answer, params)


def _take_media(world: World, request: Request, method: Method, caller: Caller, params: Params) -> Response:
    media = MEDIA[method.id]
    kind = request.args.get("uploadType")
    if not method.on_upload_path or kind not in ("resumable", "multipart", "media"):
        raise ApiError(400, "mediaBodyRequired", "The request does not include the media content.")
    sent = intake.together(request) if kind == "multipart" else None
    given = sent.body if sent else intake.json_of(request) if kind == "resumable" else {}
    body = world.description.check_body(method, given, params.get("part", []))
    file_name = request.headers.get("Slug", "unknown")
    content_type = sent.content_type if sent else request.headers.get(
        "X-Upload-Content-Type" if kind == "resumable" else "Content-Type", "application/octet-stream"
    )  # fmt: skip
    total = _total(request) if kind == "resumable" else None
    uploads.check_media(method, content_type, total)
    with world.store.transaction() as db:
        call = Call(world, db, world.clock.now(), caller, params, body)
        media.check(call)
        if kind == "resumable":
            upload_id = uploads.open_session(
                call, method, content_type=content_type, total=total, file_name=file_name, prefix=media.prefix
            )
            where = f"{world.url}/upload/{method.spec['path']}?uploadType=resumable&upload_id={upload_id}"
            return Response(status=200, headers={"Location": where, "X-GUploader-UploadID": upload_id})
    file = uploads.take_whole(world, sent.media if sent else request.stream, content_type, file_name, media.prefix)
    with world.store.transaction() as db:
        answer = media.finish(Call(world, db, world.clock.now(), caller, params, body), file)
    return _shown(answer, params)


def _continue_upload(world: World, request: Request, entry: _Entry) -> Response:
    upload_id = request.args["upload_id"]
    opened = world.description.find("POST", request.path.lstrip("/"))
    content_range = request.headers.get("Content-Range")
    asks = content_range is not None and content_range.startswith("bytes */")
    entry.method = f"{opened.id if opened else 'unknown'}.{'status' if asks else 'chunk'}"
    entry.note = {"range": content_range, "bytes": intake.length_of(request)}
    fault = _strike(world, entry, upload_id)
    if "Authorization" in request.headers:
        with world.store.transaction() as db:
            tokens.caller_of(db, world.clock.now(), request.headers["Authorization"], with_scope=[])
    row = uploads.session(world, upload_id)
    if request.method == "DELETE":
        uploads.drop_session(world, upload_id)
        return Response(status=499)
    sent = uploads.piece(content_range, intake.length_of(request))
    stored = uploads.receive(world, row, sent, request.stream, MEDIA[row["method_id"]].finish, fault)
    entry.note["received"] = stored.received
    if stored.answer is not None:
        response = jsonify(stored.answer)
        response.status_code = 201
        return response
    headers = {"Range": f"bytes=0-{stored.received - 1}"} if stored.received else {}
    return Response(status=308, headers=headers)


def _strike(world: World, entry: _Entry, upload_id: str | None = None) -> faults.Fault | None:
    """Let the planned fault happen, if one is due."""
    with world.store.transaction() as db:
        fault = faults.due(db, entry.method)
    if fault is None:
        return None
    entry.fault = fault.do
    fault.raise_status()
    if fault.do == "drop":
        raise ConnectionLost
    if fault.do == "slow":
        # Real seconds: it is the client's own patience, measured by the system's clock, that is being tried.
        time.sleep(min(60.0, float(fault.options.get("seconds", 1.0))))
    if fault.do == "session_gone" and upload_id is not None:
        uploads.drop_session(world, upload_id)
    return fault


def _shown(answer: Json, params: Params) -> Response:
    wanted = params.get("fields")
    return jsonify(fields.select(answer, wanted[0]) if wanted else answer)


def _total(request: Request) -> int | None:
    text = request.headers.get("X-Upload-Content-Length")
    if text is None:
        return None
    if not text.isdecimal():
        raise ApiError(400, "badRequest", "X-Upload-Content-Length must be a number of bytes.")
    return int(text)


def _write_down(world: World, request: Request, entry: _Entry, status: int) -> None:
    with world.store.transaction() as db:
        ledger.write(
            db,
            {
                "at": instants.shown(world.clock.now()),
                "method": entry.method,
                "http": request.method,
                "path": request.path,
                "params": ledger.redacted(entry.params),
                **entry.note,
                "status": status,
                "reason": entry.reason,
                "bucket": quota_of(entry.method)[0] if entry.units else None,
                "units": entry.units,
                "fault": entry.fault,
            },
        )
