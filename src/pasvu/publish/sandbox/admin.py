"""What only the person at the machine may ask of the stand-in: its ledger, its faults, what it really holds."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from pasvu.publish.sandbox import broadcasts, faults, instants, ledger, quota, studio, videos
from pasvu.publish.sandbox.answers import ApiError, Json
from pasvu.publish.sandbox.store import packed
from pasvu.publish.sandbox.videos import Video
from pasvu.publish.sandbox.world import World

_COUNTS = {"viewCount", "likeCount", "commentCount"}


def admin_pages(world: World) -> Blueprint:
    """Everything below `/sandbox/`; a browser's page of another site cannot post here (JSON only)."""
    pages = Blueprint("admin", __name__, url_prefix="/sandbox")

    @pages.before_request
    def only_from_here() -> None:
        if request.remote_addr not in ("127.0.0.1", "::1"):
            raise ApiError(403, "forbidden", "Only from this machine.")
        if request.method == "POST" and not request.is_json:
            raise ApiError(400, "badRequest", "Send application/json.")

    @pages.get("/faults")
    def planned() -> Response:
        with world.store.transaction() as db:
            return jsonify({"faults": faults.pending(db)})

    @pages.post("/faults")
    def plan() -> Response:
        with world.store.transaction() as db:
            faults.plan(db, request.get_json())
            return jsonify({"faults": faults.pending(db)})

    @pages.delete("/faults")
    def clear() -> Response:
        with world.store.transaction() as db:
            faults.clear(db)
        return Response(status=204)

    @pages.get("/ledger")
    def entries() -> Response:
        with world.store.transaction() as db:
            since = request.args.get("since", 0, type=int)
            return jsonify({"requests": ledger.entries(db, since=since, method=request.args.get("method"))})

    @pages.get("/quota")
    def spent() -> Response:
        day = quota.pacific_day(world.clock.now())
        with world.store.transaction() as db:
            rows = db.execute("SELECT bucket, units FROM spent WHERE day = ?", (day,)).fetchall()
        buckets = {row["bucket"]: {"spent": row["units"], "of": world.rules.allowance(row["bucket"])} for row in rows}
        return jsonify({"day": day, "buckets": buckets})

    @pages.get("/videos")
    def held() -> Response:
        with world.store.transaction() as db:
            return jsonify({"videos": [_truth(video) for video in videos.newest_first(db, world.clock.now())]})

    @pages.get("/videos/<video_id>")
    def one(video_id: str) -> Response:
        with world.store.transaction() as db:
            return jsonify(_truth(_found(videos.find(db, video_id, world.clock.now()))))

    @pages.post("/videos/<video_id>/hidden")
    def hide(video_id: str) -> Response:
        counts = request.get_json().get("counts")
        if not isinstance(counts, list) or not set(counts) <= _COUNTS:
            raise ApiError(400, "badRequest", f"counts is a list of {', '.join(sorted(_COUNTS))}.")
        with world.store.transaction() as db:
            video = _found(videos.find(db, video_id, world.clock.now()))
            db.execute("UPDATE videos SET hidden = ? WHERE id = ?", (packed(counts), video.id))
        return Response(status=204)

    @pages.post("/broadcasts")
    def begin_broadcast() -> Response:
        with world.store.transaction() as db:
            return jsonify({"id": broadcasts.begin(db, world.clock.now(), request.get_json())})

    @pages.post("/broadcasts/<video_id>/end")
    def end_broadcast(video_id: str) -> Response:
        with world.store.transaction() as db:
            broadcasts.end(db, video_id, world.clock.now())
        return Response(status=204)

    @pages.post("/videos/<video_id>/studio")
    def by_hand(video_id: str) -> Response:
        with world.store.transaction() as db:
            video = _found(videos.find(db, video_id, world.clock.now()))
            studio.edit(db, video, world.store.received, str(request.get_json().get("do")), world.clock.now())
        return Response(status=204)

    return pages


def _found(video: Video | None) -> Video:
    if video is None:
        raise ApiError(404, "videoNotFound", "No such video.")
    return video


def _truth(video: Video) -> Json:
    """What the stand-in knows of one video, for assertions; `history` is the privacy so far, oldest first."""
    published = video.first_public_at
    return {
        "id": video.id,
        "title": video.title,
        "sha256": video.row["sha256"],
        "bytes": video.row["bytes"],
        "duration_s": video.row["duration_s"],
        "uploaded_at": instants.shown(video.uploaded_at),
        "ready_at": instants.shown(video.ready_at),
        "upload_status": video.progress.upload_status,
        "privacy": video.privacy,
        "publish_at": instants.shown(video.publish_at) if video.publish_at else None,
        "published_at": instants.shown(published) if published else None,
        "history": [
            {"at": instants.shown(moment.at), "privacy": moment.privacy, "cause": moment.cause}
            for moment in video.moments
        ],
        "notify_subscribers": bool(video.row["notify"]),
        "thumbnail": video.row["thumbnail"],
        "views": video.counts().views,
        "resource": video.resource,
    }
