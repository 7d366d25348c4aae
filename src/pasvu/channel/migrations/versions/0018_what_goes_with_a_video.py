"""Whether the channel may send long films; what goes with a video as it was left there, and when that was looked at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("platform_connection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("long_uploads", sa.Boolean(), nullable=True))
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dressed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("held_pieces", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("pieces_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Bring them back."""
    with op.batch_alter_table("publication", schema=None) as batch_op:
        for column in ("pieces_at", "held_pieces", "dressed_at"):
            batch_op.drop_column(column)
    with op.batch_alter_table("platform_connection", schema=None) as batch_op:
        batch_op.drop_column("long_uploads")
