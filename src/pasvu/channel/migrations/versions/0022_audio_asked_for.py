"""Audio renditions that people ask for, and programmes that have one of every episode."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.add_column(sa.Column("podcast", sa.Boolean(), nullable=True))
    op.create_table(
        "wanted_audio",
        sa.Column("episode_id", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_wanted_audio_episode_id_episode")),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_wanted_audio")),
    )


def downgrade() -> None:
    """Bring them back."""
    op.drop_table("wanted_audio")
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.drop_column("podcast")
