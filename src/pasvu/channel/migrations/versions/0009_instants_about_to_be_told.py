"""Instants about to be told to a platform."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.add_column(sa.Column("telling_at", sa.DateTime(timezone=True), nullable=True))
