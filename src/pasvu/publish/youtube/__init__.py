"""YouTube as a platform: the contract, told in calls of its client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pasvu.channel.clock import Clock
from pasvu.channel.values import (
    ChannelFigures,
    DayReport,
    Limit,
    LiveAudience,
    Privacy,
    RemoteChannel,
    RemoteFigures,
    RemoteLive,
    RemotePlaylist,
    RemoteTrack,
    RemoteVideo,
    UploadProgress,
    UploadSession,
    VideoMetadata,
    VideoReport,
)
from pasvu.publish.errors import Missing, NotConnected, PlatformBusy, PlatformRefused
from pasvu.publish.platform import Change, Changed, Sleep, SpendQuota, Watching
from pasvu.publish.youtube import lives, reports, translate
from pasvu.publish.youtube.authorization import AuthorizedUser
from pasvu.publish.youtube.client import Client
from pasvu.publish.youtube.dressing import Dressing
from pasvu.publish.youtube.objections import limits, objections
from pasvu.publish.youtube.sending import send

__all__ = ["AuthorizedUser", "YouTube"]

# Ceiling of the discovery document, and the grain of the resumable protocol.
VIDEO_MOST_BYTES = 256 * 1024**3
CHUNK_GRAIN_BYTES = 256 * 1024
IDS_PER_CALL = 50
# The batch call is of June 2026: a server of the same API may be older, and says so in one of these ways.
NO_SUCH_CALL = ("noSuchCall", "404", "405", "501", "notFound")
# Two pages of fifty, newest first: a lost upload is looked for soon after it was sent. That order is not promised: a
# list in another one is read further.
MARKER_PAGES = 2
MARKER_PAGES_UNSORTED = 20
# What was written may be read a moment late; what arrived may be listed late: seconds between the looks.
LAGS_S = (1.0, 2.0, 4.0)


class YouTube:
    """The contract of `publish.platform.Platform` kept by YouTube, or by a server of the same API.

    Args:
        base_url: `https://www.googleapis.com`, or another server whose discovery is at `{base_url}/$discovery/rest`.
        chunk_bytes: a multiple of 256 KiB; memory is a piece of it, or nothing without TLS.
        spend: pays for each request before it is made.
        sleep: waits between tries.
        watch_base: what stands before a video's id in its public address.
        limit_bytes_s: most that all uploads of this client take of the line together; no limit when `None`.
        turns_file: with it, all clients of this machine that name the same file share that limit.
        pinned_to: the channel that was connected: nothing is sent to another.
        long_uploads: whether that channel may send films of more than 15 minutes, as it was last told.
    """

    name = "youtube"

    def __init__(
        self,
        base_url: str,
        credentials: AuthorizedUser,
        *,
        chunk_bytes: int,
        clock: Clock,
        spend: SpendQuota,
        sleep: Sleep,
        watch_base: str = "https://www.youtube.com/watch?v=",
        limit_bytes_s: float | None = None,
        turns_file: Path | None = None,
        pinned_to: str | None = None,
        long_uploads: bool | None = None,
    ) -> None:
        if chunk_bytes <= 0 or chunk_bytes % CHUNK_GRAIN_BYTES:
            raise ValueError(f"chunk_bytes must be a multiple of {CHUNK_GRAIN_BYTES}, not {chunk_bytes}")
        self._client = Client(
            base_url,
            credentials,
            clock=clock,
            spend=spend,
            sleep=sleep,
            limit_bytes_s=limit_bytes_s,
            turns_file=turns_file,
        )
        self._dressing = Dressing(self._client)
        self._chunk_bytes = chunk_bytes
        self._clock = clock
        self._sleep = sleep
        self._watch_base = watch_base
        self._pinned_to = pinned_to
        self._long_uploads = long_uploads
        self._gives_stats_in_batch = True

    def objections(self, metadata: VideoMetadata) -> list[str]:
        """What a person must mend before this can be sent, in French; pure."""
        return objections(metadata, long_uploads=self._long_uploads)

    def limits(self, metadata: VideoMetadata) -> list[Limit]:
        """How much of each field this uses, as YouTube counts; pure."""
        return limits(metadata)

    def watch_url(self, video_id: str) -> str:
        """Where viewers see the video."""
        return f"{self._watch_base}{video_id}"

    def clock_gap_s(self) -> float:
        """Our clock minus YouTube's, in seconds, good to about a second; 1 unit."""
        return self._client.clock_gap_s()

    def channel_id(self) -> str:
        """The channel that the authorisation acts for; 1 unit."""
        return str(self._channel("id")["id"])

    def channel(self) -> RemoteChannel:
        """The channel, its name, and whether it may send long films; 1 unit."""
        found = self._channel("id,snippet,status")
        long_uploads = found.get("status", {}).get("longUploadsStatus")
        return RemoteChannel(
            id=str(found["id"]),
            title=str(found.get("snippet", {}).get("title", "")),
            long_uploads=None if long_uploads in (None, "longUploadsUnspecified") else long_uploads == "allowed",
        )

    def open_upload(self, master: Path, metadata: VideoMetadata) -> UploadSession:
        """Open a resumable upload, always private and without an instant; one of the day's 100 insertions."""
        if self._pinned_to is not None and self.channel_id() != self._pinned_to:
            # A token may act for another channel of the same account since it was connected.
            raise NotConnected(
                "L’autorisation agit pour une autre chaîne que celle qui a été connectée\u202f: reconnectez la bonne."
            )
        total_bytes = master.stat().st_size
        if total_bytes == 0:
            raise PlatformRefused(f"Le fichier {master.name} est vide. Refaites le rendu.", reason="mediaBodyRequired")
        if total_bytes > VIDEO_MOST_BYTES:
            raise PlatformRefused(
                f"Le fichier {master.name} dépasse 256\u202fGio, le maximum de YouTube. Coupez l’épisode en deux.",
                reason="tooLarge",
            )
        body = translate.insert_body(metadata)
        address = self._client.open_session(master, ",".join(body), body, notify=metadata.notify_subscribers)
        return UploadSession(address, self._clock.now(), total_bytes)

    def ask_upload(self, session: UploadSession) -> UploadProgress:
        """Where YouTube says the upload stands; raises `SessionGone`."""
        with self._client.session(session, None, self._chunk_bytes) as line:
            try:
                return line.ask()
            except PlatformBusy as busy:
                # An expired token shows as this once, and is renewed by then.
                if busy.retry_after_s != 0.0:
                    raise
                return line.ask()

    def send(self, session: UploadSession, master: Path, watching: Watching) -> str:
        """Ask where the upload stands, send what is missing, return the video's id; memory is constant."""
        with self._client.session(session, master, self._chunk_bytes) as line:
            return send(line, watching, self._sleep)

    def find_by_marker(self, marker: str) -> str | None:
        """The id of our own recent upload that carries the tag; by the uploads playlist, 1 + 2 units a page."""
        lists = self._channel("contentDetails").get("contentDetails", {}).get("relatedPlaylists", {})
        uploads, token, newest_first = lists.get("uploads"), None, True
        if uploads is None:
            return None
        for looked_at in range(MARKER_PAGES_UNSORTED):
            if looked_at >= MARKER_PAGES and newest_first:
                return None
            try:
                page = self._list(
                    "playlistItems",
                    part="snippet,contentDetails",
                    playlistId=uploads,
                    maxResults=IDS_PER_CALL,
                    pageToken=token,
                )
            except PlatformRefused as refused:
                # A channel that never uploaded has no such playlist yet.
                if refused.reason != "playlistNotFound":
                    raise
                return None
            items = page.get("items", [])
            newest_first = newest_first and _newest_first(items)
            ids = [video_id for item in items if (video_id := _video_of(item)) is not None]
            for video in self._videos(ids, ("snippet",)):
                if marker in video.get("snippet", {}).get("tags", ()):
                    return str(video["id"])
            token = page.get("nextPageToken")
            if not token:
                return None
        return None

    def set_thumbnail(self, video_id: str, image: Path) -> None:
        """Set the still (JPEG or PNG, 50 MiB at most); 50 units."""
        self._dressing.set_thumbnail(video_id, image)

    def set_captions(self, video_id: str, language: str, captions: Path) -> None:
        """Add captions, or replace those of the same language; 400 units, 900 when they replace."""
        self._dressing.set_captions(video_id, language, captions)

    def remove_captions(self, video_id: str, language: str, name: str = "") -> None:
        """Delete the track of this language and name; 50 units, and 50 more when it is there."""
        self._dressing.remove_captions(video_id, language, name)

    def captions_of(self, video_id: str) -> list[RemoteTrack]:
        """The tracks that people gave; 50 units."""
        return self._dressing.captions_of(video_id)

    def still_print(self, video: RemoteVideo) -> str | None:
        """What the still looks like; no unit."""
        return self._dressing.still_print(video)

    def add_to_playlist(self, video_id: str, playlist_id: str) -> None:
        """Add the video; already there is done. 51 units."""
        self._dressing.add_to_playlist(video_id, playlist_id)

    def playlists(self) -> list[RemotePlaylist]:
        """The channel's playlists, by title; 1 unit per fifty."""
        return self._dressing.playlists()

    def make_playlist(self, title: str) -> RemotePlaylist:
        """A new public playlist; 51 units, for a repeated insertion would make two."""
        return self._dressing.make_playlist(title)

    def remove_from_playlist(self, video_id: str, playlist_id: str) -> None:
        """Delete its items of the playlist; 1 unit, and 50 for each."""
        self._dressing.remove_from_playlist(video_id, playlist_id)

    def state_of(self, video_ids: Sequence[str]) -> dict[str, RemoteVideo]:
        """What YouTube holds; absent keys are deleted, foreign or private to others. 1 unit per fifty."""
        found: dict[str, RemoteVideo] = {}
        for some in _by_fifty(video_ids):
            for video in self._own(some, translate.STATE_PARTS):
                found[video["id"]] = translate.remote_video(video)
        return found

    def change(self, video_id: str, change: Change) -> Changed:
        """Read, change, write back with every field kept; 1 unit, and 51 more when something differs."""
        held = self._one(video_id)
        before = translate.remote_video(held)
        body = translate.update_body(held, change, self._clock.now())
        parts = [part for part in body if part != "id"]
        if parts:

            def update(service: Any) -> Any:
                # Each try is later than the one before: an instant that has come meanwhile would publish at once.
                translate.refuse_past(body, self._clock.now())
                return service.videos().update(part=",".join(parts), body=body)

            self._client.call("videos.update", update)
            # Read again: what counts is what YouTube made of it.
            held = self._read_back(video_id, body)
        return Changed(before, translate.remote_video(held))

    def withdraw(self, video_id: str) -> None:
        """Private, no planned instant; never deletes."""
        self.change(video_id, Change(privacy=Privacy.PRIVATE, clear_publish_at=True))

    def figures(self, video_ids: Sequence[str]) -> dict[str, RemoteFigures]:
        """Counts as of now: 1 unit of their own bucket per fifty."""
        found: dict[str, RemoteFigures] = {}
        for some in _by_fifty(video_ids):
            for video in self._stats(some):
                found[video["id"]] = translate.remote_figures(video)
        return found

    def channel_figures(self) -> ChannelFigures:
        """Counts of the whole channel: 1 unit; subscribers are rounded down to three significant figures."""
        return translate.channel_figures(self._channel("statistics"))

    def video_report(self, video_id: str, first: date, last: date) -> VideoReport:
        """What Analytics tells of a video over these Pacific days, two or three days late."""
        return reports.video_report(self._client.report, video_id, first, last)

    def channel_days(self, first: date, last: date) -> list[DayReport]:
        """What Analytics tells of the channel, by Pacific day."""
        return reports.channel_days(self._client.report, first, last)

    def lives(self) -> list[RemoteLive]:
        """The broadcasts that are on: 1 unit, by the price that all lists have; YouTube publishes none for this one."""
        return lives.on_now(
            self._list("liveBroadcasts", **lives.ACTIVE, part="id,snippet,status", maxResults=IDS_PER_CALL)
        )

    def live_audience(self, video_ids: Sequence[str]) -> dict[str, LiveAudience]:
        """Who watches now, or when it ended: 1 unit per fifty."""
        found: dict[str, LiveAudience] = {}
        for some in _by_fifty(video_ids):
            query = {"part": "liveStreamingDetails", "id": ",".join(some), "maxResults": IDS_PER_CALL}
            answer = self._client.call("videos.list (live)", partial(_videos_list, query))
            found |= {video["id"]: lives.audience(video) for video in answer.get("items", [])}
        return found

    def close(self) -> None:
        """Close this thread's connection."""
        self._client.close()

    def _channel(self, part: str) -> dict[str, Any]:
        answer = self._list("channels", part=part, mine=True)
        if not answer.get("items"):
            raise NotConnected("Le compte Google connecté n’a pas de chaîne YouTube. Connectez le compte de la chaîne.")
        channel: dict[str, Any] = answer["items"][0]
        return channel

    def _list(self, resource: str, **query: Any) -> Any:
        return self._client.page(resource, **query)

    def _stats(self, video_ids: Sequence[str]) -> list[dict[str, Any]]:
        if self._gives_stats_in_batch:
            try:
                answer = self._client.call("videos.batchGetStats", partial(_batch_stats, list(video_ids)))
            except PlatformRefused as refused:
                if refused.reason not in NO_SUCH_CALL:
                    raise
                self._gives_stats_in_batch = False
            else:
                items: list[dict[str, Any]] = translate.without_nulls(answer.get("items") or [])
                return items
        return self._videos(video_ids, ("statistics",))

    def _videos(self, video_ids: Sequence[str], parts: Sequence[str]) -> list[dict[str, Any]]:
        if not video_ids:
            return []
        found: list[dict[str, Any]] = []
        token: str | None = None
        # More pages than ids would be a server that never ends.
        for _ in video_ids:
            answer = self._list(
                "videos", part=",".join(parts), id=",".join(video_ids), maxResults=IDS_PER_CALL, pageToken=token
            )
            found += translate.without_nulls(answer.get("items") or [])
            token = answer.get("nextPageToken")
            if not token or len(found) >= len(video_ids):
                break
        return found

    def _own(self, video_ids: Sequence[str], parts: Sequence[str]) -> list[dict[str, Any]]:
        """As `_videos`; one foreign id refuses the whole call when owner's parts are asked, so each is asked alone."""
        try:
            return self._videos(video_ids, parts)
        except PlatformRefused as refused:
            if refused.reason != "forbidden":
                raise
            if len(video_ids) == 1:
                return []
            return [video for video_id in video_ids for video in self._own([video_id], parts)]

    def _one(self, video_id: str) -> dict[str, Any]:
        for pause_s in (*LAGS_S, None):
            for video in self._videos([video_id], translate.STATE_PARTS):
                return video
            # A video that has just arrived may be listed late.
            if pause_s is not None:
                self._sleep(pause_s)
        raise Missing("YouTube ne connaît pas cette vidéo\u202f: elle a été supprimée, ou elle n’est pas à la chaîne.")

    def _read_back(self, video_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """The video once it reads as it was written, or as it stands after a patient while."""
        held = self._one(video_id)
        for pause_s in LAGS_S:
            if translate.is_placed(held, body):
                break
            self._sleep(pause_s)
            held = self._one(video_id)
        return held


def _newest_first(items: Sequence[dict[str, Any]]) -> bool:
    at = [str(when) for item in items if (when := item.get("snippet", {}).get("publishedAt"))]
    return bool(at) and at == sorted(at, reverse=True)


def _video_of(item: dict[str, Any]) -> str | None:
    named = item.get("snippet", {}).get("resourceId", {}).get("videoId")
    found = item.get("contentDetails", {}).get("videoId") or named
    return str(found) if found else None


def _videos_list(query: dict[str, Any], service: Any) -> Any:
    return service.videos().list(**query)


def _batch_stats(video_ids: list[str], service: Any) -> Any:
    videos = service.videos()
    if not hasattr(videos, "batchGetStats"):
        raise PlatformRefused("Ce serveur ne donne pas les chiffres par lots.", reason="noSuchCall")
    return videos.batchGetStats(part="statistics", id=video_ids)


def _by_fifty(video_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(video_ids), IDS_PER_CALL):
        yield video_ids[start : start + IDS_PER_CALL]
