"""Episodes announced before their file has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "expected_episode",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("guests", sa.JSON(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("episode_id", sa.String(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("matched_why", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_expected_episode_episode_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_expected_episode_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expected_episode")),
    )
    with op.batch_alter_table("expected_episode", schema=None) as batch_op:
        batch_op.create_index("ix_expected_episode_at", ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_expected_episode_episode_id"), ["episode_id"], unique=False)


def downgrade() -> None:
    """Bring them back."""
    with op.batch_alter_table("expected_episode", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expected_episode_episode_id"))
        batch_op.drop_index("ix_expected_episode_at")

    op.drop_table("expected_episode")
