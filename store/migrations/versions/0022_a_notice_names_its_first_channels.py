"""a notice names its first channels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column('notice', sa.Column('channels', postgresql.ARRAY(sa.Text()), nullable=True))


def downgrade() -> None:
    """Undo this step."""
    op.drop_column('notice', 'channels')
