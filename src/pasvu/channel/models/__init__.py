"""The record, as tables: programmes, episodes and all that belongs to them."""

from __future__ import annotations

from pasvu.channel.models.connections import PlatformConnection
from pasvu.channel.models.episodes import (
    Caption,
    ChapterMark,
    Episode,
    Guest,
    Remark,
    Thumbnail,
    WantedAudio,
    WantedStill,
)
from pasvu.channel.models.expected import ExpectedEpisode
from pasvu.channel.models.figures import (
    AlignedCurve,
    ChannelSnapshot,
    Horizon,
    ReportDay,
    VideoReportRow,
    ViewDay,
    ViewSnapshot,
)
from pasvu.channel.models.films import Incoming, Part, Recording, Rendition
from pasvu.channel.models.freezes import Freeze, FreezeOverride
from pasvu.channel.models.lives import Live, LiveCount
from pasvu.channel.models.outputs import AlertRule, AlertSent, ApiToken
from pasvu.channel.models.people import Account, Invitation, JournalEntry, ReviewLink
from pasvu.channel.models.publications import PlannedChange, Publication, QuotaEntry
from pasvu.channel.models.replays import ReplayRequest
from pasvu.channel.models.root import Base
from pasvu.channel.models.shows import Programme, Slot
from pasvu.channel.models.uploads import Upload
from pasvu.channel.models.work import JobProgress, WorkerBeat

__all__ = [
    "Account",
    "AlertRule",
    "AlertSent",
    "AlignedCurve",
    "ApiToken",
    "Base",
    "Caption",
    "ChannelSnapshot",
    "ChapterMark",
    "Episode",
    "ExpectedEpisode",
    "Freeze",
    "FreezeOverride",
    "Guest",
    "Horizon",
    "Incoming",
    "Invitation",
    "JobProgress",
    "JournalEntry",
    "Live",
    "LiveCount",
    "Part",
    "PlannedChange",
    "PlatformConnection",
    "Programme",
    "Publication",
    "QuotaEntry",
    "Recording",
    "Remark",
    "Rendition",
    "ReplayRequest",
    "ReportDay",
    "ReviewLink",
    "Slot",
    "Thumbnail",
    "Upload",
    "VideoReportRow",
    "ViewDay",
    "ViewSnapshot",
    "WantedAudio",
    "WantedStill",
    "WorkerBeat",
]
