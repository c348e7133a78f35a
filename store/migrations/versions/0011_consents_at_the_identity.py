"""consents at the identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column('identity', sa.Column(
        'consents', postgresql.JSONB(), server_default='{}', nullable=False))
    op.execute(BACKFILL)
    op.execute("DROP TRIGGER consent_now ON consent")
    op.execute("DROP FUNCTION consent_now()")
    op.drop_table('consent_now')
    op.execute(KEEP)
    op.execute("CREATE TRIGGER consent_kept AFTER INSERT ON consent"
               " FOR EACH ROW EXECUTE FUNCTION keep_consent()")


BACKFILL = """
UPDATE identity SET consents = word.said FROM (
  SELECT identity_id, jsonb_object_agg(category, state) AS said FROM consent_now GROUP BY 1) AS word
WHERE word.identity_id = identity.id
"""

KEEP = """
CREATE FUNCTION keep_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE identity SET consents = consents || jsonb_build_object(NEW.category, (
    SELECT state FROM consent
    WHERE consent.identity_id = NEW.identity_id AND category = NEW.category
    ORDER BY at DESC, (consent.id = NEW.id) DESC LIMIT 1))
  WHERE id = NEW.identity_id;
  RETURN NULL;
END $$
"""
"""Whoever writes a consent, the newest word of each category is at hand where somebody is reached."""
