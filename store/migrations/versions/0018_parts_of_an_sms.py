"""parts of an SMS."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column('outbox', sa.Column('parts', sa.SmallInteger(), nullable=True))
    op.add_column('campaign_slice',
        sa.Column('parts', postgresql.ARRAY(sa.SmallInteger()), nullable=True))
    # Low notices wait where campaigns do no more.
    op.execute("""UPDATE queue SET lane = 'normal' FROM outbox
        WHERE outbox.id = queue.outbox_id AND queue.lane = 'bulk' AND outbox.campaign_id IS NULL""")
