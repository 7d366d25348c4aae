"""What is on air on a platform, what went missing there, and a programme's past are found in indexes alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


_MISSING = sa.text("missing_since IS NOT NULL")


def upgrade() -> None:
    """Bring the indexes forward."""
    _again("ix_publication_state_air_at", "publication", ["state", "air_at", "platform"])
    _again("ix_publication_episode_id", "publication", ["episode_id", "platform", "air_at"])
    _again("ix_episode_programme_id", "episode", ["programme_id", "id"])
    op.drop_index("ix_publication_missing_since", "publication")
    op.create_index(
        "ix_publication_missing", "publication", ["air_at"], sqlite_where=_MISSING, postgresql_where=_MISSING
    )


def downgrade() -> None:
    """Bring them back."""
    op.drop_index("ix_publication_missing", "publication")
    op.create_index("ix_publication_missing_since", "publication", ["missing_since"])
    _again("ix_episode_programme_id", "episode", ["programme_id"])
    _again("ix_publication_episode_id", "publication", ["episode_id"])
    _again("ix_publication_state_air_at", "publication", ["state", "air_at"])


def _again(name: str, table: str, columns: list[str]) -> None:
    op.drop_index(name, table)
    op.create_index(name, table, columns)
