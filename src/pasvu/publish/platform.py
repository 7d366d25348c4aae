"""The contract every platform keeps; one test suite serves them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

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


@dataclass(frozen=True)
class Change:
    """What to change on a platform; `None` leaves a field as the platform has it.

    `publish_at` needs `privacy=PRIVATE`; `clear_publish_at` takes a planned instant away and keeps the video private.
    """

    metadata: VideoMetadata | None = None
    privacy: Privacy | None = None
    publish_at: datetime | None = None
    clear_publish_at: bool = False


@dataclass(frozen=True)
class Changed:
    """What a platform held right before a change and was read to hold after it; equal when nothing was written."""

    before: RemoteVideo
    after: RemoteVideo


class Watching(Protocol):
    """How a long sending tells where it is, and hears that it must stop."""

    def confirmed(self, sent_bytes: int, total_bytes: int) -> None:
        """The platform confirmed `sent_bytes` of `total_bytes`."""
        ...

    def about_to_finish(self) -> None:
        """The next bytes may complete the video: written down before they go, so that no second one is ever made."""
        ...

    def should_stop(self) -> bool:
        """Whether a person cancelled."""
        ...


class Platform(Protocol):
    """A place where episodes go on air. Every call may raise the errors of `publish.errors`."""

    name: str

    def objections(self, metadata: VideoMetadata) -> list[str]:
        """What a person must mend before this can be sent, in French; pure."""
        ...

    def limits(self, metadata: VideoMetadata) -> list[Limit]:
        """How much of each field this uses, shown while people type; pure."""
        ...

    def watch_url(self, video_id: str) -> str:
        """Where viewers see the video."""
        ...

    def clock_gap_s(self) -> float:
        """Our clock minus the platform's, in seconds, by the `Date` of a cheap request."""
        ...

    def channel_id(self) -> str:
        """The channel that the authorisation acts for."""
        ...

    def channel(self) -> RemoteChannel:
        """That channel, with its name and what it may do."""
        ...

    def open_upload(self, master: Path, metadata: VideoMetadata) -> UploadSession:
        """Open a resumable upload of `master`, always private and without an instant; sends no byte of it."""
        ...

    def ask_upload(self, session: UploadSession) -> UploadProgress:
        """Where the platform says the upload stands; raises `SessionGone`."""
        ...

    def send(self, session: UploadSession, master: Path, watching: Watching) -> str:
        """Ask where the upload stands, send what is missing, return the video's id.

        Constant memory. Raises `SessionGone`, `PlatformBusy` after patient retries, `Cancelled` when told to stop.
        """
        ...

    def find_by_marker(self, marker: str) -> str | None:
        """The id of our own recent upload that carries the private tag `marker`."""
        ...

    def set_thumbnail(self, video_id: str, image: Path) -> None:
        """Set the still that stands for the video."""
        ...

    def set_captions(self, video_id: str, language: str, captions: Path) -> None:
        """Add captions (SRT or VTT), replacing those of the same language."""
        ...

    def remove_captions(self, video_id: str, language: str, name: str = "") -> None:
        """Take the captions of this language (and name) away; none there is done."""
        ...

    def captions_of(self, video_id: str) -> Sequence[RemoteTrack]:
        """The captions that people gave the video; speech recognition of the platform's own is left out."""
        ...

    def still_print(self, video: RemoteVideo) -> str | None:
        """A print of the picture that stands for the video (`publish.picture`); `None` when it cannot be had."""
        ...

    def add_to_playlist(self, video_id: str, playlist_id: str) -> None:
        """Add the video to a playlist; already there is done."""
        ...

    def playlists(self) -> Sequence[RemotePlaylist]:
        """The channel's playlists, by title."""
        ...

    def make_playlist(self, title: str) -> RemotePlaylist:
        """A new public playlist of this title."""
        ...

    def remove_from_playlist(self, video_id: str, playlist_id: str) -> None:
        """Take the video out of a playlist; not in it, or no such playlist any more, is done."""
        ...

    def state_of(self, video_ids: Sequence[str]) -> dict[str, RemoteVideo]:
        """What the platform holds; absent keys are deleted, foreign or private to others."""
        ...

    def change(self, video_id: str, change: Change) -> Changed:
        """Read, change, write back with every field kept; no write when nothing differs."""
        ...

    def withdraw(self, video_id: str) -> None:
        """Take the video from the public: private, no planned instant. Never deletes."""
        ...

    def figures(self, video_ids: Sequence[str]) -> dict[str, RemoteFigures]:
        """Counts as of now, by the cheapest call the platform has."""
        ...

    def channel_figures(self) -> ChannelFigures:
        """Counts of the whole channel as of now."""
        ...


class Analytics(Protocol):
    """What a platform tells of its audience days later; not every platform does."""

    def video_report(self, video_id: str, first: date, last: date) -> VideoReport:
        """All that is told of a video over these days; raises `PlatformRefused` without the right."""
        ...

    def channel_days(self, first: date, last: date) -> Sequence[DayReport]:
        """The channel's days; those that are not there yet are missing."""
        ...


class Lives(Protocol):
    """Who watches while a broadcast is on; a platform without these methods offers no such figure."""

    def lives(self) -> Sequence[RemoteLive]:
        """The channel's broadcasts that are on now, announced or not."""
        ...

    def live_audience(self, video_ids: Sequence[str]) -> dict[str, LiveAudience]:
        """Who watches these now, or when they ended; absent keys are deleted, or foreign."""
        ...


class SpendQuota(Protocol):
    """Writes the cost of one request into the ledger, before it is made."""

    def __call__(self, bucket: str, units: int, method: str) -> None:
        """Raise `OutOfQuota` when the bucket cannot pay."""
        ...


Sleep = Callable[[float], None]
