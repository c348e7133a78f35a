"""receipts that wait by time."""

from __future__ import annotations

from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_index('ix_receipt_parked', 'receipt', ['received_at'], unique=False,
        postgresql_where="outbox_id IS NULL")
