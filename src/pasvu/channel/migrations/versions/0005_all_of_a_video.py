"""All that a platform shows of a video, what changed there, planned changes, connections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_FLAGS = ("made_for_kids", "synthetic_media", "paid_promotion", "embeddable", "notify_subscribers")


def upgrade() -> None:
    """Bring the tables forward."""
    for table in ("episode", "programme"):
        op.add_column(table, sa.Column("license", sa.String(), nullable=True))
        for flag in _FLAGS:
            op.add_column(table, sa.Column(flag, sa.Boolean(), nullable=True))
    op.add_column("programme", sa.Column("translations", sa.JSON(), nullable=True))
    for name in ("category_id", "playlist_id"):
        op.add_column("episode", sa.Column(name, sa.String(), nullable=True))
    for name in ("localizations", "texts"):
        op.add_column("episode", sa.Column(name, sa.JSON(), nullable=True))
    for name in ("held_fields", "drift"):
        op.add_column("publication", sa.Column(name, sa.JSON(), nullable=True))
    for name in ("held_fields_at", "drift_seen_at"):
        op.add_column("publication", sa.Column(name, _INSTANT, nullable=True))
    op.add_column("publication", sa.Column("visibility", sa.String(), nullable=True))
    op.create_table(
        "planned_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=True),
        sa.Column("wall_time", sa.String(), nullable=True),
        sa.Column("after_s", sa.BigInteger(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("planned_by", sa.String(), nullable=False),
        sa.Column("planned_at", _INSTANT, nullable=False),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.Column("cancelled_at", _INSTANT, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"], name=op.f("fk_planned_change_publication_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_change")),
    )
    op.create_index(op.f("ix_planned_change_at"), "planned_change", ["at"])
    op.create_index(op.f("ix_planned_change_publication_id"), "planned_change", ["publication_id"])
    op.create_table(
        "platform_connection",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("server", sa.String(), nullable=False),
        sa.Column("sealed_client", sa.String(), nullable=True),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("channel_id", sa.String(), nullable=True),
        sa.Column("channel_title", sa.String(), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("granted_at", _INSTANT, nullable=True),
        sa.Column("granted_by", sa.String(), nullable=True),
        sa.Column("checked_at", _INSTANT, nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("platform", "server", name=op.f("pk_platform_connection")),
    )
