"""Views as they were at a visit, and indexes along which the board reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward; what was counted at earlier visits is not known."""
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_seen_views", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("previous_visit_views", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.create_index("ix_episode_created_at", ["created_at"], unique=False)
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_at", ["at"], unique=False)
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.create_index("ix_publication_air_at", ["air_at"], unique=False)


def downgrade() -> None:
    """Bring them back."""
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.drop_index("ix_publication_air_at")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_at")
    with op.batch_alter_table("episode", schema=None) as batch_op:
        batch_op.drop_index("ix_episode_created_at")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_column("previous_visit_views")
        batch_op.drop_column("last_seen_views")
