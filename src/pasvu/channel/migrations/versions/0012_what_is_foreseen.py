"""What preparing a recording takes, foreseen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.add_column(sa.Column("foreseen", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Bring them back."""
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_column("foreseen")
