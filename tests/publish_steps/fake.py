"""A platform in memory that keeps the contract, does what it is scripted to, and remembers all it was told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pasvu.channel.clock import Clock
from pasvu.channel.errors import Cancelled
from pasvu.channel.states import JobState
from pasvu.channel.values import (
    ChannelFigures,
    Limit,
    Privacy,
    RemoteChannel,
    RemoteFigures,
    RemotePlaylist,
    RemoteTrack,
    RemoteVideo,
    UploadProgress,
    UploadSession,
    VideoMetadata,
)
from pasvu.channel.videofields import fields_of
from pasvu.publish.errors import Missing, SessionGone
from pasvu.publish.platform import Change, Changed, Watching

CHUNK = 500


class PowerCut(BaseException):
    """The process dies here; no `except Exception` may catch it."""


@dataclass
class Upload:
    """One session and what it received."""

    metadata: VideoMetadata
    total: int
    received: bytes = b""
    video_id: str | None = None


@dataclass
class FakePlatform:
    """`at` maps a point of a call to what happens there: raise, look at the record, change a decision."""

    clock: Clock
    name: str = "youtube"
    at: dict[str, Callable[[], None]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    videos: dict[str, RemoteVideo] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    dressing: list[tuple[str, ...]] = field(default_factory=list)
    figures_now: dict[str, RemoteFigures] = field(default_factory=dict)
    channel_now: ChannelFigures = field(default_factory=lambda: ChannelFigures(12_300, 450_000, 87))
    tracks: dict[str, list[RemoteTrack]] = field(default_factory=dict)
    shelf: list[RemotePlaylist] = field(default_factory=list)
    prints: dict[str, str] = field(default_factory=dict)
    captions_read: list[str] = field(default_factory=list)
    gap_s: float = 0.0
    markers_found: bool = True

    def reach(self, point: str) -> None:
        if point in self.at:
            self.at[point]()

    def once(self, point: str, failure: BaseException) -> None:
        """Raise `failure` the next time a call comes to `point`."""

        def fail() -> None:
            del self.at[point]
            raise failure

        self.at[point] = fail

    def always(self, point: str, failure: Exception) -> None:
        def fail() -> None:
            raise failure

        self.at[point] = fail

    def only_video(self) -> RemoteVideo:
        (video_id,) = self.videos
        return self.state_of([video_id])[video_id]

    def limits(self, metadata: VideoMetadata) -> list[Limit]:
        return []

    def objections(self, metadata: VideoMetadata) -> list[str]:
        return []

    def watch_url(self, video_id: str) -> str:
        self.reach("answered")
        return f"https://watch/{video_id}"

    def clock_gap_s(self) -> float:
        return self.gap_s

    def channel_id(self) -> str:
        return "channel"

    def channel(self) -> RemoteChannel:
        return RemoteChannel("channel", "La chaîne")

    def open_upload(self, master: Path, metadata: VideoMetadata) -> UploadSession:
        self.reach("opening")
        address = f"https://upload/{len(self.uploads)}"
        self.uploads[address] = Upload(metadata, master.stat().st_size)
        self.reach("opened")
        return UploadSession(address, self.clock.now(), master.stat().st_size)

    def ask_upload(self, session: UploadSession) -> UploadProgress:
        upload = self._known(session)
        return UploadProgress(len(upload.received), upload.video_id)

    def send(self, session: UploadSession, master: Path, watching: Watching) -> str:
        self.reach("sending")
        upload = self._known(session)
        body = master.read_bytes()
        while upload.video_id is None:
            if watching.should_stop():
                raise Cancelled("L’envoi a été arrêté.")
            here = len(upload.received)
            if here + CHUNK >= upload.total:
                watching.about_to_finish()
            self.reach("before bytes")
            upload.received += body[here : here + CHUNK]
            if len(upload.received) == upload.total:
                upload.video_id = self._insert(upload)
                self.reach("after last byte")
            watching.confirmed(len(upload.received), upload.total)
        return upload.video_id

    def find_by_marker(self, marker: str) -> str | None:
        self.reach("finding")
        found = (video_id for video_id, video in self.videos.items() if marker in video.tags)
        return next(found, None) if self.markers_found else None

    def set_thumbnail(self, video_id: str, image: Path) -> None:
        self.reach("thumbnail")
        self.dressing.append(("thumbnail", video_id, image.name))

    def set_captions(self, video_id: str, language: str, captions: Path) -> None:
        self.dressing.append(("captions", video_id, language))

    def add_to_playlist(self, video_id: str, playlist_id: str) -> None:
        self.dressing.append(("playlist", video_id, playlist_id))

    def remove_captions(self, video_id: str, language: str, name: str = "") -> None:
        self.dressing.append(("no captions", video_id, f"{language}/{name}" if name else language))

    def playlists(self) -> Sequence[RemotePlaylist]:
        return self.shelf

    def make_playlist(self, title: str) -> RemotePlaylist:
        self.shelf.append(RemotePlaylist(f"PL{len(self.shelf)}", title))
        return self.shelf[-1]

    def captions_of(self, video_id: str) -> Sequence[RemoteTrack]:
        self.reach("reading captions")
        self.captions_read.append(video_id)
        return self.tracks.get(video_id, [])

    def still_print(self, video: RemoteVideo) -> str | None:
        return self.prints.get(video.video_id)

    def remove_from_playlist(self, video_id: str, playlist_id: str) -> None:
        self.dressing.append(("no playlist", video_id, playlist_id))

    def state_of(self, video_ids: Sequence[str]) -> dict[str, RemoteVideo]:
        self.reach("looking")
        for video_id in video_ids:
            video = self.videos.get(video_id)
            if video and video.publish_at is not None and video.publish_at <= self.clock.now():
                self.alter(video_id, privacy=Privacy.PUBLIC, publish_at=None)
        return {video_id: self.videos[video_id] for video_id in video_ids if video_id in self.videos}

    def change(self, video_id: str, change: Change) -> Changed:
        self.reach("changing")
        if video_id not in self.videos:
            raise Missing("gone")
        before = self.state_of([video_id])[video_id]
        self.changes.append(change)
        if change.metadata is not None:
            self.alter(video_id, title=change.metadata.title, fields=fields_of(change.metadata))
        if change.privacy is not None:
            self.alter(video_id, privacy=change.privacy)
        if change.clear_publish_at:
            self.alter(video_id, publish_at=None)
        if change.publish_at is not None:
            self.alter(video_id, publish_at=change.publish_at)
        self.reach("changed")
        # A past instant publishes at once, as on YouTube.
        return Changed(before, self.state_of([video_id])[video_id])

    def withdraw(self, video_id: str) -> None:
        self.reach("withdrawing")
        self.alter(video_id, privacy=Privacy.PRIVATE, publish_at=None)

    def figures(self, video_ids: Sequence[str]) -> dict[str, RemoteFigures]:
        self.reach("counting")
        return {video_id: self.figures_now[video_id] for video_id in video_ids if video_id in self.figures_now}

    def channel_figures(self) -> ChannelFigures:
        self.reach("counting the channel")
        return self.channel_now

    def alter(self, video_id: str, **fields: object) -> None:
        """Someone, or the platform itself, changes what it holds."""
        self.videos[video_id] = RemoteVideo(**{**vars(self.videos[video_id]), **fields})  # type: ignore[arg-type]

    def _known(self, session: UploadSession) -> Upload:
        if session.address not in self.uploads:
            raise SessionGone("unknown session")
        return self.uploads[session.address]

    def _insert(self, upload: Upload) -> str:
        video_id = f"video-{len(self.videos) + 1}"
        self.videos[video_id] = RemoteVideo(
            video_id=video_id,
            title=upload.metadata.title,
            privacy=Privacy.PRIVATE,
            publish_at=None,
            processing="succeeded",
            reason=None,
            duration_s=3488.2,
            bytes=upload.total,
            tags=(*upload.metadata.tags, upload.metadata.marker or ""),
            fields=fields_of(upload.metadata),
        )
        self.bodies[video_id] = upload.received
        return video_id


@dataclass
class FakeJobs:
    """Keeps what is asked of the engine; the same id is one job."""

    asked: dict[str, tuple[int, int]] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    ended: dict[str, JobState] = field(default_factory=dict)

    def enqueue(self, queue: str, kind: str, job_id: str, *subject: str | int, priority: int = 5) -> None:
        assert (queue, kind) == ("publish", "publish")
        assert subject[1] == job_id
        self.asked.setdefault(job_id, (int(subject[0]), priority))

    def state_of(self, job_id: str) -> JobState | None:
        if job_id in self.given_up:
            return JobState.FAILED
        return self.ended.get(job_id, JobState.WAITING if job_id in self.asked else None)


EVERY = timedelta(minutes=1)
