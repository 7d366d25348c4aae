"""What a platform would not take of what goes with a video, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refused_pieces", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Bring them back."""
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.drop_column("refused_pieces")
