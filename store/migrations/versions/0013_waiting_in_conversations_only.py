"""waiting in conversations only."""

from __future__ import annotations

from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.drop_index('ix_outbox_waiting', table_name='outbox')
    op.create_index('ix_outbox_waiting', 'outbox', ['conversation_id', 'seq'], unique=False,
        postgresql_where="state IN ('queued','sending') AND conversation_id IS NOT NULL")
