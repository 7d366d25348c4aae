"""Curves aligned on air time, views by day, figures of the channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "aligned_curve",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"], name=op.f("fk_aligned_curve_publication_id")),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_aligned_curve")),
    )
    op.create_table(
        "view_day",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("gained", sa.BigInteger(), nullable=False),
        sa.Column("estimated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "day", name=op.f("pk_view_day")),
    )
    op.create_table(
        "channel_snapshot",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("subscribers", sa.BigInteger(), nullable=True),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.Column("videos", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("platform", "taken_at", name=op.f("pk_channel_snapshot")),
        sqlite_with_rowid=False,
    )
    op.add_column("publication", sa.Column("day_gain", sa.BigInteger(), nullable=True))
    op.add_column("publication", sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_publication_state_day_gain", "publication", ["state", "day_gain"])
    op.create_index("ix_publication_next_snapshot_at", "publication", ["next_snapshot_at"])


def downgrade() -> None:
    """Take the tables back."""
    op.drop_index("ix_publication_next_snapshot_at", "publication")
    op.drop_index("ix_publication_state_day_gain", "publication")
    op.drop_column("publication", "missing_since")
    op.drop_column("publication", "day_gain")
    op.drop_table("channel_snapshot")
    op.drop_table("view_day")
    op.drop_table("aligned_curve")
