"""Which series of files a part belongs to, and recordings that a late part was joined to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.add_column(sa.Column("series", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_part_series"), ["series"], unique=False)
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.add_column(sa.Column("grown", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Bring them back."""
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_column("grown")
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_part_series"))
        batch_op.drop_column("number")
        batch_op.drop_column("series")
