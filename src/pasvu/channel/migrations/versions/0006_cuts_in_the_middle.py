"""Stretches taken out of the middle of an episode, and what a rendition shows of its recording."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was taken out so far; a rendition of before shows one stretch, known by its start."""
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.add_column(sa.Column("removed", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.alter_column("removed", server_default=None)
    with op.batch_alter_table("rendition", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kept", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take the columns away."""
    with op.batch_alter_table("rendition", schema=None) as batch_op:
        batch_op.drop_column("kept")
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.drop_column("removed")
