"""What stands in the watched folders, how it stands; what a person took as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("incoming", schema=None) as batch_op:
        batch_op.add_column(sa.Column("standing", sa.String(), nullable=False, server_default="waiting"))
        batch_op.add_column(sa.Column("take_as_it_is", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_at_source", sa.String(), nullable=True))
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.add_column(sa.Column("set_aside_for", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("as_it_is", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Bring them back."""
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_column("as_it_is")
        batch_op.drop_column("set_aside_for")
    with op.batch_alter_table("part", schema=None) as batch_op:
        batch_op.drop_column("left_at_source")
    with op.batch_alter_table("incoming", schema=None) as batch_op:
        batch_op.drop_column("take_as_it_is")
        batch_op.drop_column("standing")
