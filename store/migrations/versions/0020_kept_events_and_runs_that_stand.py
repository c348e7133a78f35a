"""kept events and runs that stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column('client_event', sa.Column('shown', sa.Text(), nullable=True))
    op.add_column('journey_run', sa.Column('trouble', sa.Text(), nullable=True))
    op.create_index('ix_journey_run_standing', 'journey_run', ['journey_id', 'client_id'], unique=False,
        postgresql_where="trouble IS NOT NULL")
