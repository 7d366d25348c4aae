"""What every table of the record shares: names of constraints, and how our values are stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, MetaData
from sqlalchemy.orm import DeclarativeBase

from pasvu.channel.columns import Instant, Word
from pasvu.channel.states import EpisodeState, PublicationState, ReplayState


class Base(DeclarativeBase):
    """Root of the record's tables; names of constraints are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: Instant,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[list[float]]: JSON,
        EpisodeState: Word(EpisodeState),
        PublicationState: Word(PublicationState),
        ReplayState: Word(ReplayState),
    }
