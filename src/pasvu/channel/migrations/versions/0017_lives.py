"""Broadcasts, and who watched them while they were on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "live",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("video_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vanished", sa.Boolean(), nullable=False),
        sa.Column("peak", sa.BigInteger(), nullable=True),
        sa.Column("peak_at", sa.BigInteger(), nullable=True),
        sa.Column("person_s", sa.BigInteger(), nullable=False),
        sa.Column("counted_s", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=True),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live")),
        sa.UniqueConstraint("platform", "video_id", name=op.f("uq_live_platform_video_id")),
    )
    op.create_index("ix_live_platform_started_at", "live", ["platform", "started_at"])
    op.create_table(
        "live_count",
        sa.Column("live_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("watching", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["live_id"], ["live.id"], name=op.f("fk_live_count_live_id")),
        sa.PrimaryKeyConstraint("live_id", "taken_at", name=op.f("pk_live_count")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take the tables back."""
    op.drop_table("live_count")
    op.drop_index("ix_live_platform_started_at", "live")
    op.drop_table("live")
