"""Finished lives asked for by their address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "replay_request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("any_site", sa.Boolean(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_s", sa.Double(), nullable=True),
        sa.Column("received_s", sa.Double(), nullable=True),
        sa.Column("received_bytes", sa.BigInteger(), nullable=True),
        sa.Column("total_bytes", sa.BigInteger(), nullable=True),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("episode_id", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("local_id", sa.String(), nullable=True),
        sa.Column("compared", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_replay_request_episode_id")),
        sa.ForeignKeyConstraint(["local_id"], ["episode.id"], name=op.f("fk_replay_request_local_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_replay_request_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_request")),
    )
    with op.batch_alter_table("replay_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_replay_request_episode_id"), ["episode_id"], unique=False)
        batch_op.create_index("ix_replay_request_state_next_try_at", ["state", "next_try_at"], unique=False)


def downgrade() -> None:
    """Bring them back."""
    with op.batch_alter_table("replay_request", schema=None) as batch_op:
        batch_op.drop_index("ix_replay_request_state_next_try_at")
        batch_op.drop_index(batch_op.f("ix_replay_request_episode_id"))

    op.drop_table("replay_request")
