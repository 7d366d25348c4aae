"""What a programme opens and closes with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.add_column(sa.Column("intro", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("outro", sa.String(), nullable=True))


def downgrade() -> None:
    """Bring them back."""
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.drop_column("outro")
        batch_op.drop_column("intro")
