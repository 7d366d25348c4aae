"""Freeze periods; what a sending measures and waits for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "freeze",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("programme_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_freeze_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freeze")),
    )
    with op.batch_alter_table("freeze", schema=None) as batch_op:
        batch_op.create_index("ix_freeze_until", ["until"], unique=False)
    op.create_table(
        "freeze_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("freeze_id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["freeze_id"], ["freeze.id"], name=op.f("fk_freeze_override_freeze_id_freeze")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_freeze_override_publication_id_publication")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freeze_override")),
        sa.UniqueConstraint("freeze_id", "publication_id", name=op.f("uq_freeze_override_freeze_id_publication_id")),
    )
    with op.batch_alter_table("freeze_override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_freeze_override_publication_id"), ["publication_id"], unique=False)
    # Columns that may not be empty get a value for the rows that are there; new rows get theirs from the model.
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.add_column(sa.Column("at_once", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("sending_s", sa.Double(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("rate_bytes_s", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("sending_owner", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("waits_for", sa.String(), nullable=True))
    with op.batch_alter_table("publication", schema=None) as batch_op:
        batch_op.alter_column("at_once", server_default=None)
        batch_op.alter_column("sending_s", server_default=None)
