"""consents that staff wrote down; the tier of a client is in client_tier alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.drop_column('client', 'tier')
    op.add_column('consent', sa.Column('person_id', sa.Uuid(), nullable=True))
    op.add_column('consent', sa.Column('note', sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f('fk_consent_person_id'), 'consent', 'person', ['person_id'], ['id'])
