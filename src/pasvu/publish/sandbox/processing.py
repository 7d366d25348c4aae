"""What the platform makes of received bytes, and how far it has come at an instant; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pasvu.publish.sandbox.rules import Rules

_PARTS = 100


@dataclass(frozen=True)
class Verdict:
    """How processing ends: `processed`, `failed` or `rejected`, with the platform's word for why."""

    outcome: str
    reason: str | None = None


@dataclass(frozen=True)
class Progress:
    """Where processing stands: the words of `status` and `processingDetails`."""

    upload_status: str
    processing_status: str
    failure_reason: str | None
    rejection_reason: str | None
    parts_processed: int
    parts_total: int
    time_left_ms: int

    @property
    def playable(self) -> bool:
        """Whether viewers can play the video."""
        return self.upload_status == "processed"


def judge(size_bytes: int, duration_s: float | None, *, duplicate: bool, rules: Rules) -> Verdict:
    """The end that awaits these bytes; `duration_s` is `None` when they are not a film."""
    if size_bytes == 0:
        return Verdict("failed", "emptyFile")
    if duration_s is None:
        return Verdict("failed", "invalidFile")
    if duplicate:
        return Verdict("rejected", "duplicate")
    unverified = rules.long_uploads != "allowed" and duration_s > rules.longest_unverified_s
    if duration_s > rules.longest_s or unverified:
        return Verdict("rejected", "length")
    return Verdict("processed")


def ready_at(received_at: datetime, duration_s: float | None, rules: Rules) -> datetime:
    """When processing ends."""
    return received_at + timedelta(seconds=rules.processing_base_s + rules.processing_per_s * (duration_s or 0.0))


def progress(verdict: Verdict, received_at: datetime, done_at: datetime, now: datetime) -> Progress:
    """Where processing stands at `now`."""
    if now < done_at:
        total = (done_at - received_at).total_seconds()
        done = int(_PARTS * (now - received_at).total_seconds() / total)
        left_ms = round((done_at - now).total_seconds() * 1000)
        return Progress("uploaded", "processing", None, None, done, _PARTS, left_ms)
    return Progress(
        upload_status=verdict.outcome,
        processing_status="succeeded" if verdict.outcome == "processed" else "failed",
        failure_reason=verdict.reason if verdict.outcome == "failed" else None,
        rejection_reason=verdict.reason if verdict.outcome == "rejected" else None,
        parts_processed=_PARTS,
        parts_total=_PARTS,
        time_left_ms=0,
    )
