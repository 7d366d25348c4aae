"""The record as the JSON that others script against; shapes are the contract's, absent means not known."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pasvu.channel import episodes, figures, metadata, review
from pasvu.channel import expected as expectations
from pasvu.channel.models import (
    Episode,
    ExpectedEpisode,
    Freeze,
    Incoming,
    Part,
    PlannedChange,
    Publication,
    QuotaEntry,
    Rendition,
)
from pasvu.channel.queries import ReplayRow
from pasvu.channel.typography import fine


def instant(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def episode_row(episode: Episode) -> dict[str, Any]:
    """One episode without its lists."""
    recording = episode.recording
    trim = episodes.effective_trim(episode)
    proposed = None
    if episode.proposed_start_s is not None:
        proposed = {
            "start_s": episode.proposed_start_s,
            "end_s": episode.proposed_end_s,
            "why": episode.proposed_why,
        }
    measured = recording.integrated_lufs is not None
    return {
        "id": episode.id,
        "slug": episode.slug,
        "title": episode.title,
        "summary": episode.summary,
        "tags": list(episode.tags),
        "language": episode.language,
        "guests": [{"name": guest.name, "role": guest.role} for guest in episode.guests],
        "recorded_on": episode.recorded_on,
        **{name: metadata.option(episode, name) for name in metadata.OPTIONS},
        "playlist_id": metadata.playlist(episode),
        "localizations": episode.localizations or {},
        "texts": episode.texts or {},
        "programme": episode.programme.slug if episode.programme else None,
        "state": episode.state,
        "state_reason": episode.state_reason,
        "job_state": episode.job_state,
        "created_at": instant(episode.created_at),
        "recording": {"duration_s": recording.duration_s, "origin": recording.origin},
        "foreseen": recording.foreseen,
        "version": episode.version,
        "loudness": {
            "integrated_lufs": recording.integrated_lufs,
            "true_peak_dbtp": recording.true_peak_dbtp,
            "range_lu": recording.range_lu,
        }
        if measured
        else None,
        "trim": {
            "start_s": trim.start_s,
            "end_s": trim.end_s,
            "proposed": proposed,
            "removed": [{"start_s": span.start_s, "end_s": span.end_s} for span in episodes.removed(episode)],
        }
        if recording.duration_s is not None
        else None,
        "quality": [{"weight": found.weight, "text": fine(str(found))} for found in episodes.findings(episode)],
        "plan": {"action": episode.plan_action, "why": episode.plan_why} if episode.plan_action else None,
        "master": _master(episode.rendition("master")),
        "audio": _master(episode.rendition("audio")),
        "preview": _preview(episode.rendition("preview")),
    }


def episode_document(session: Session, episode: Episode) -> dict[str, Any]:
    """One episode whole."""
    recording = episode.recording
    return {
        **episode_row(episode),
        "recording": {
            "parts": [_part(part) for part in recording.parts],
            "duration_s": recording.duration_s,
            "origin": recording.origin,
        },
        "thumbnails": [
            {"path": still.path, "time_s": still.time_s, "score": still.score, "chosen": still.chosen}
            for still in episode.thumbnails
        ],
        "chapters": [{"start_s": mark.start_s, "title": mark.title} for mark in episode.chapters],
        "captions": [
            {"language": caption.language, "path": caption.path, "origin": caption.origin}
            for caption in episode.captions
        ],
        "publications": [publication_document(session, each) for each in episode.publications],
        "expected": expected_document(known) if (known := expectations.of(session, episode)) else None,
    }


def incoming_document(row: Incoming) -> dict[str, Any]:
    """One file that lies in a watched folder."""
    return {
        "name": row.shown_name,
        "path": os.fsdecode(row.source).encode("utf-8", "backslashreplace").decode(),
        "key": row.key,
        "bytes": row.bytes,
        "standing": row.standing,
        "waiting_for": row.waiting_for,
        "first_seen_at": instant(row.first_seen_at),
        "steady_since": instant(row.steady_since),
    }


def quarantine_document(episode: Episode) -> dict[str, Any]:
    """One recording that was set aside."""
    return {
        "id": episode.id,
        "slug": episode.slug,
        "title": episode.title,
        "reason": episode.state_reason,
        "kind": episode.recording.set_aside_for,
        "may_be_used_as_it_is": review.may_use_as_it_is(episode),
        "files": [
            {"name": part.shown_name, "path": part.path, "bytes": part.bytes} for part in episode.recording.parts
        ],
        "since": instant(episode.updated_at),
    }


def publication_document(session: Session, publication: Publication) -> dict[str, Any]:
    """One publication; the address of its upload is never in it."""
    spent = session.scalar(select(func.sum(QuotaEntry.units)).where(QuotaEntry.publication_id == publication.id))
    return {
        "platform": publication.platform,
        "state": publication.state,
        "state_reason": publication.state_reason,
        "scheduled_at": instant(publication.scheduled_at),
        "held_at": instant(publication.held_at),
        "air_at": instant(publication.air_at),
        "video_id": publication.video_id,
        "url": publication.url,
        "uploaded_bytes": publication.uploaded_bytes,
        "total_bytes": publication.total_bytes,
        "rate_bytes_s": publication.rate_bytes_s,
        "left_s": seconds_left(publication),
        "waits_for": publication.waits_for,
        "next_try_at": instant(publication.next_try_at),
        "quota_spent": spent or 0,
        "visibility": publication.visibility,
        "drift": {
            field: {"ours": ours, "theirs": theirs} for field, (ours, theirs) in (publication.drift or {}).items()
        },
        "planned_changes": [planned_document(each) for each in publication.planned_changes],
    }


def planned_document(change: PlannedChange) -> dict[str, Any]:
    """A change planned for later, done or not; `after_s` counts from the instant it airs."""
    return {
        "id": change.id,
        "at": instant(change.at),
        "after_s": change.after_s,
        "changes": change.changes,
        "planned_by": change.planned_by,
        "done_at": instant(change.done_at),
        "cancelled_at": instant(change.cancelled_at),
        "reason": change.reason,
    }


def seconds_left(publication: Publication) -> float | None:
    """How long the sending under way still takes at its present pace."""
    if not publication.rate_bytes_s or not publication.total_bytes:
        return None
    return (publication.total_bytes - publication.uploaded_bytes) / publication.rate_bytes_s


def freeze_document(freeze: Freeze) -> dict[str, Any]:
    """One freeze, with those let through by name."""
    return {
        "id": freeze.id,
        "since": instant(freeze.since),
        "until": instant(freeze.until),
        "reason": freeze.reason,
        "programme": freeze.programme.slug if freeze.programme else None,
        "created_at": instant(freeze.created_at),
        "created_by": freeze.created_by,
        "lifted_at": instant(freeze.lifted_at),
        "lifted_by": freeze.lifted_by,
        "overrides": [
            {"publication": each.publication_id, "at": instant(each.at), "by": each.by, "reason": each.reason}
            for each in freeze.overrides
        ],
    }


def expected_document(expected: ExpectedEpisode) -> dict[str, Any]:
    """One episode that is expected, and what came of it."""
    return {
        "id": expected.id,
        "title": expected.title,
        "at": instant(expected.at),
        "programme": expected.programme.slug if expected.programme else None,
        "guests": [{"name": name, "role": role} for name, role in expected.guests.items()],
        "summary": expected.summary,
        "dropped_at": instant(expected.dropped_at),
        "episode": expected.episode.slug if expected.episode else None,
        "confidence": expected.confidence,
        "why": expected.matched_why,
    }


def views_document(session: Session, episode: Episode) -> dict[str, Any]:
    """One episode's figures; every one says when it was measured."""
    return {"episode": episode.id, "publications": [_views(session, each) for each in episode.publications]}


def _views(session: Session, publication: Publication) -> dict[str, Any]:
    usual = figures.typical(figures.Earlier.than(session, publication))
    latest = None
    if publication.views_at is not None:
        latest = {
            "views": publication.views,
            "likes": publication.likes,
            "comments": publication.comments,
            "taken_at": instant(publication.views_at),
        }
    reached = [horizon.hours for horizon in publication.horizons]
    typical = next((each for each in reversed(usual) if each.hours in reached), usual[0] if usual else None)
    return {
        "platform": publication.platform,
        "video_id": publication.video_id,
        "air_at": instant(publication.air_at),
        "latest": latest,
        "horizons": [
            {
                "hours": horizon.hours,
                "views": horizon.views,
                "measured_at": instant(horizon.measured_at),
                "error_views": horizon.error_views,
            }
            for horizon in publication.horizons
        ],
        "typical": {"hours": typical.hours, "low": typical.low, "median": typical.median, "high": typical.high}
        if typical
        else None,
    }


def _part(part: Part) -> dict[str, Any]:
    info = part.info or {}
    return {
        **{key: value for key, value in info.items() if value is not None},
        "path": part.path,
        "name": part.shown_name,
        "bytes": part.bytes,
        "sha256": part.sha256,
    }


def _master(made: Rendition | None) -> dict[str, Any] | None:
    if made is None:
        return None
    return {
        "path": made.path,
        "bytes": made.bytes,
        "sha256": made.sha256,
        "duration_s": made.duration_s,
        "integrated_lufs": made.integrated_lufs,
        "true_peak_dbtp": made.true_peak_dbtp,
        "cut": made.cut,
        "kept": [{"start_s": start_s, "end_s": end_s} for start_s, end_s in made.kept or []],
    }


def _preview(made: Rendition | None) -> dict[str, Any] | None:
    return {"path": str(Path(made.path))} if made is not None else None


def replay_document(row: ReplayRow) -> dict[str, Any]:
    """A live that was asked for."""
    return {
        "id": row.id,
        "address": row.address,
        "site": row.site.key,
        "title": row.title,
        "programme": row.programme.slug if row.programme else None,
        "state": row.state,
        "reason": row.reason,
        "percent": row.percent,
        "bytes": row.received_bytes,
        "asked_by": row.asked_by,
        "asked_at": instant(row.asked_at),
        "next_try_at": instant(row.next_try_at),
        "live_at": instant(row.live_at),
        "announced_s": row.announced_s,
        "received_s": row.received_s,
        "missing_s": row.missing_s,
        "deleted_at": instant(row.deleted_at),
        "days_left": row.days_left,
        "episode": row.episode.id if row.episode else None,
        "local": row.local.id if row.local else None,
        "better": row.better,
        "comparison": row.comparison,
    }
