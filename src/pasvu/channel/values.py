"""Plain values that the rooms hand to each other: what was measured, what is meant, what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pasvu.channel.typography import marked


class Standing(StrEnum):
    """How what lies in a watched folder stands."""

    WAITING = "waiting"
    STOPPED = "stopped"
    """A copy that came to a halt: a person may have it taken as it is."""
    REFUSED = "refused"
    """Never a recording; said until somebody takes it away."""
    IGNORED = "ignored"
    """Left behind by some program: shown to who asks for everything."""


@dataclass(frozen=True)
class MediaInfo:
    """What the probe says of one file; `None` means the file does not say. Sizes in pixels, rates in Hz or 1/s."""

    container: str
    duration_s: float
    start_s: float = 0.0
    bit_rate: int | None = None
    video_codec: str | None = None
    video_profile: str | None = None
    pixel_format: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    variable_frame_rate: bool = False
    interlaced: bool = False
    rotation: int = 0
    color_transfer: str | None = None
    video_timescale: int | None = None
    """Units of the picture's time per second."""
    audio_codec: str | None = None
    audio_profile: str | None = None
    channels: int | None = None
    sample_rate: int | None = None
    audio_bit_rate: int | None = None
    video_s: float | None = None
    audio_s: float | None = None
    """How long the picture and the sound last, each for itself."""
    created_at: str | None = None
    """When the recorder says that it was made, ISO 8601."""

    @property
    def has_video(self) -> bool:
        """Whether there is a moving picture (cover art does not count)."""
        return self.video_codec is not None

    @property
    def hdr(self) -> str | None:
        """`PQ` or `HLG` where the picture is brighter and wider in colour than ordinary screens show."""
        return {"smpte2084": "PQ", "arib-std-b67": "HLG"}.get(self.color_transfer or "")

    @property
    def has_audio(self) -> bool:
        """Whether there is sound."""
        return self.audio_codec is not None


@dataclass(frozen=True)
class Loudness:
    """EBU R128 of a whole file: integrated in LUFS, true peak in dBTP, range in LU."""

    integrated_lufs: float
    true_peak_dbtp: float
    range_lu: float


@dataclass(frozen=True)
class Span:
    """A stretch of a recording, `[start_s, end_s)` in seconds."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Trim:
    """Where an episode starts and ends in its recording, and why the machine proposes it."""

    start_s: float
    end_s: float
    why: str = ""


@dataclass(frozen=True)
class Chapter:
    """A titled start, in seconds of the recording."""

    start_s: float
    title: str


class PlanAction(StrEnum):
    """How much of a recording must be made anew."""

    COPY = "copy"
    AUDIO = "audio"
    SMART_CUT = "smart_cut"
    ENCODE = "encode"


class Weight(StrEnum):
    """How much something found in a recording matters."""

    WRONG = "wrong"
    """Viewers will notice it, and a person should act."""
    NOTE = "note"
    """Good to know; nothing to do, or already taken care of."""


class Finding:
    """Something found out about the quality of a recording, as a sentence in French.

    `sentence` may hold `{names}` filled from `about`: the panel translates the sentence first and fills it after.
    """

    def __init__(self, sentence: str, weight: Weight = Weight.NOTE, **about: object) -> None:
        self.sentence, self.weight, self.about = sentence, weight, about

    def __str__(self) -> str:
        """The sentence, filled."""
        return self.sentence.format(**self.about)


@dataclass(frozen=True)
class Plan:
    """What must be done to make a master, and why."""

    action: PlanAction
    why: str


@dataclass(frozen=True)
class Localization:
    """Title and description in another language than the video's own."""

    language: str
    title: str
    description: str = ""


@dataclass(frozen=True)
class VideoMetadata:
    """Neutral text and flags of a video, before any platform's own words."""

    title: str
    description: str
    language: str = "fr"
    tags: tuple[str, ...] = ()
    category_id: str = "22"
    made_for_kids: bool = False
    synthetic_media: bool = False
    paid_promotion: bool = False
    license: str = "youtube"
    embeddable: bool = True
    recorded_at: datetime | None = None
    notify_subscribers: bool = True
    localizations: tuple[Localization, ...] = ()
    marker: str | None = None
    """A private tag by which a lost upload is found again on the platform."""
    duration_s: float | None = field(default=None, compare=False)
    """How long the film is: no word of it is sent, platforms only limit it."""


@dataclass(frozen=True)
class Limit:
    """How much of what a platform allows in one field is used."""

    field: str
    """`title`, `description` or `tags`, as sent."""
    used: int
    most: int
    unit: str
    """`chars`; `bytes` in UTF-8; `tags`: characters, a comma between tags, two quotes around one with a space."""


@dataclass(frozen=True)
class UploadSession:
    """A resumable upload already opened. The address is a capability: whoever holds it may send. Never log it."""

    address: str = field(repr=False)
    opened_at: datetime
    total_bytes: int


@dataclass(frozen=True)
class UploadProgress:
    """Where a platform says an upload stands: bytes confirmed, and the video's id once it is complete."""

    confirmed_bytes: int
    video_id: str | None = None


class Privacy(StrEnum):
    """Who may see a video on a platform."""

    PRIVATE = "private"
    UNLISTED = "unlisted"
    PUBLIC = "public"


VISIBILITIES: dict[str, str] = {
    Privacy.PUBLIC: marked("publique"),
    Privacy.UNLISTED: marked("non répertoriée"),
    Privacy.PRIVATE: marked("privée"),
}
"""As the record's sentences and the panel say it."""


@dataclass(frozen=True)
class RemoteVideo:
    """What a platform says it holds; `None` means it does not say."""

    video_id: str
    title: str
    privacy: Privacy
    publish_at: datetime | None
    processing: str
    """`processing`, `succeeded` or `failed`."""
    reason: str | None
    """The platform's own word for a failure or a rejection."""
    duration_s: float | None
    bytes: int | None
    tags: tuple[str, ...] = ()
    made_for_kids: bool | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Title, texts and flags as `channel.videofields` names them; a field that is absent is not known."""
    custom_thumbnail: bool | None = None
    still: str | None = None
    """Where the picture that stands for it can be fetched."""
    captioned: bool | None = None
    """Whether it has captions of any kind."""


@dataclass(frozen=True)
class RemoteTrack:
    """Captions that a platform holds; those of its own speech recognition are none."""

    language: str
    name: str
    updated_at: datetime | None
    draft: bool = False


@dataclass(frozen=True)
class RemotePlaylist:
    """A playlist of the channel."""

    id: str
    title: str


@dataclass(frozen=True)
class RemoteChannel:
    """The channel that an authorisation acts for; `None` means the platform does not say."""

    id: str
    title: str
    long_uploads: bool | None = None
    """Whether films of more than 15 minutes may be sent (YouTube: a verified account)."""


@dataclass(frozen=True)
class RemoteFigures:
    """Counts of one video as the platform gave them; `None` where it gives none (never read as 0)."""

    video_id: str
    views: int | None
    likes: int | None
    comments: int | None


@dataclass(frozen=True)
class ChannelFigures:
    """Counts of the whole channel as the platform gave them; `None` where it gives none (never read as 0)."""

    subscribers: int | None
    """As the platform shows it: YouTube rounds down to three significant figures."""
    views: int | None
    videos: int | None
    """Public videos only."""


@dataclass(frozen=True)
class RemoteLive:
    """A broadcast that is on, as the platform lists it; `None` where it says nothing."""

    video_id: str
    """Its replay keeps this id."""
    title: str
    created_at: datetime | None
    """When its page appeared: what tells an announced broadcast from one that nobody knew of."""
    scheduled_at: datetime | None
    started_at: datetime | None


@dataclass(frozen=True)
class LiveAudience:
    """Who watches a broadcast now; `watching` is `None` when the platform gives no figure (never read as 0)."""

    video_id: str
    watching: int | None
    started_at: datetime | None
    ended_at: datetime | None
    """Only once it is over."""


@dataclass(frozen=True)
class DayReport:
    """What a platform's analytics say of one of its days; numbers are the platform's."""

    day: date
    views: int
    engaged_views: int
    minutes_watched: int
    subscribers_gained: int
    subscribers_lost: int


@dataclass(frozen=True)
class ReportShare:
    """One line of a breakdown (a source, a country, a device): its own word, views and minutes."""

    key: str
    views: int
    minutes_watched: int


@dataclass(frozen=True)
class VideoReport:
    """What a platform's analytics say of a video over whole days; empty lists where it says nothing (never zeros).

    `last_day` is the last day that was there: the newest two or three come late.
    """

    first_day: date
    last_day: date | None
    days: tuple[DayReport, ...] = ()
    average_view_s: float | None = None
    average_view_percent: float | None = None
    """Of the video's length; ratios do not add up, so it is asked for the whole window."""
    retention: tuple[tuple[float, float], ...] = ()
    """(share of the length, share of viewers who watch there); over 1 where people watch again."""
    sources: tuple[ReportShare, ...] = ()
    countries: tuple[ReportShare, ...] = ()
    devices: tuple[ReportShare, ...] = ()
    live: tuple[ReportShare, ...] = ()
    """`LIVE` and `ON_DEMAND`, kept apart."""


@dataclass(frozen=True)
class Still:
    """A picture taken from a recording, with its score (higher is better)."""

    path: Path
    time_s: float
    score: float
