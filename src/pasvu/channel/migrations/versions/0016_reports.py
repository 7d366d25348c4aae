"""What analytics say, of videos and of the channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "video_report",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"], name=op.f("fk_video_report_publication_id")),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_video_report")),
    )
    op.create_table(
        "report_day",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("engaged_views", sa.BigInteger(), nullable=False),
        sa.Column("minutes_watched", sa.BigInteger(), nullable=False),
        sa.Column("subscribers_gained", sa.BigInteger(), nullable=False),
        sa.Column("subscribers_lost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "day", name=op.f("pk_report_day")),
    )
    op.create_index("ix_publication_missing_since", "publication", ["missing_since"])


def downgrade() -> None:
    """Take the tables back."""
    op.drop_index("ix_publication_missing_since", "publication")
    op.drop_table("report_day")
    op.drop_table("video_report")
