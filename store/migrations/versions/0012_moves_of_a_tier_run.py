"""moves of a tier run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column('tier_run', sa.Column(
        'moves', postgresql.JSONB(), server_default='[]', nullable=False))
