"""addresses of the book."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column('identity',
        sa.Column('from_book', sa.Boolean(), server_default='false', nullable=False))
    op.execute("UPDATE queue SET lane = 'normal' FROM outbox WHERE outbox.id = queue.outbox_id"
               " AND queue.lane = 'bulk' AND outbox.campaign_id IS NULL")


def downgrade() -> None:
    """Undo this step."""
    op.drop_column('identity', 'from_book')
