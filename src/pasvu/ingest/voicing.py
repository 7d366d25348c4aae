"""Keeps an episode's audio rendition: made when it is asked for or set, and anew with each cut."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pasvu.channel import audio, episodes, intake, wording
from pasvu.channel.database import Record
from pasvu.channel.errors import Refused
from pasvu.channel.folders import Folders
from pasvu.channel.models import Episode
from pasvu.channel.values import Chapter, Loudness
from pasvu.ingest import podcast, process
from pasvu.ingest.hashing import sha256
from pasvu.ingest.podcast import Sleeve
from pasvu.ingest.tools import Tools


def voice(
    record: Record,
    folders: Folders,
    tools: Tools,
    episode_id: str,
    now: datetime,
    should_stop: process.ShouldStop | None = None,
) -> Path:
    """Make the audio rendition of the episode's last cut, with its names and chapters of today.

    Raises:
        Refused: it has no master yet, or no sound.
        NoRoom, Cancelled, ToolFailed: as `podcast.make`.
    """
    with record.read() as session:
        episode = session.get_one(Episode, episode_id)
        made = episode.rendition("master")
        if made is None or made.integrated_lufs is None:
            raise Refused(
                "« {title} » n’a pas encore de film avec du son : attendez sa préparation.", title=episode.title
            )
        home = folders.home.absolute()
        master, cut, duration_s = home / made.path, made.cut, made.duration_s
        level = Loudness(made.integrated_lufs, made.true_peak_dbtp or 0.0, 0.0)
        sleeve = _sleeve(episode, home)
        old = [home / each.path for each in episode.renditions if each.kind == "audio"]
    out = folders.renditions / episode_id / f"audio-{cut}.m4a"
    podcast.make(tools, master, out, duration_s, sleeve, should_stop)
    out.with_suffix(".txt").write_text(wording.chapter_lines(sleeve.chapters) + "\n", encoding="utf-8")
    digest = sha256(out, should_stop or (lambda: False))
    with record.write() as session:
        episode = session.get_one(Episode, episode_id)
        size = out.stat().st_size
        intake.keep_rendition(episode, "audio", cut, out, size, digest, duration_s, level, now)
        audio.made(episode)
    for path in old:
        if path != out:
            path.unlink(missing_ok=True)
            path.with_suffix(".txt").unlink(missing_ok=True)
    return out


def _sleeve(episode: Episode, home: Path) -> Sleeve:
    marks = [Chapter(mark.start_s, mark.title) for mark in episode.chapters]
    chapters = wording.in_cut(marks, episodes.meant_timeline(episode), episodes.made_timeline(episode))
    chosen = next((home / each.path for each in episode.thumbnails if each.chosen), None)
    show = episode.programme.name if episode.programme else ""
    tags = {
        "title": episode.title,
        "album": show,
        "artist": show or ", ".join(guest.name for guest in episode.guests),
        "date": str(episode.recorded_on or episode.created_at.date()),
        "genre": "Podcast",
    }
    return Sleeve(tags, chapters, chosen if chosen is not None and chosen.is_file() else None)
