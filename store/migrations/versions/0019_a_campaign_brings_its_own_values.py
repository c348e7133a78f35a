"""a campaign brings its own values, and accounts count their days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column('campaign', sa.Column('values', postgresql.JSONB(astext_type=sa.Text()),
        server_default='{}', nullable=False))
    op.create_table('account_day',
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'account', 'day', name=op.f('pk_account_day'))
    )
