"""Tables of what goes out: keys of the read-only API, rules of alerts and what they have said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pasvu.channel.models.root import Base


class ApiToken(Base):
    """A key of the read-only API; only its fingerprint is kept."""

    __tablename__ = "api_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AlertRule(Base):
    """When to tell the team: a kind, its threshold where it has one, for one programme or for all."""

    __tablename__ = "alert_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    threshold: Mapped[int | None]
    programme_id: Mapped[str | None] = mapped_column(ForeignKey("programme.id"))
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class AlertSent(Base):
    """What a rule has said of a subject: each once, even when two processes look at the same time."""

    __tablename__ = "alert_sent"

    rule_id: Mapped[int] = mapped_column(ForeignKey("alert_rule.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    """`publication:12`, `token:2026-11-30`, `quota:2026-11-23`."""
    said: Mapped[str]
    found_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    """Empty while it could not be sent; tried again."""
