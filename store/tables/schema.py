"""What all tables share: one metadata, one way to name constraints, the usual columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, MetaData, Uuid, func

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column() -> Column[UUID]:
    """Return the primary key `id`: a UUID version 7 made by `kernel.ids.new_id`."""
    return Column("id", Uuid, primary_key=True)


def moment(name: str, *, now: bool = False, null: bool = True) -> Column[datetime]:
    """Return a timestamptz column; `now` fills it with the database's clock."""
    default: Any = func.now() if now else None
    return Column(name, DateTime(timezone=True), server_default=default, nullable=null and not now)
