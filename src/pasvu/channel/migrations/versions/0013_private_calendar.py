"""The number of each account's private calendar address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Everyone begins with their first address."""
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("feed_number", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.alter_column("feed_number", server_default=None)


def downgrade() -> None:
    """Bring it back."""
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("feed_number")
