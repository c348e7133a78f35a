"""knowledge."""

from __future__ import annotations

import pgvector.sqlalchemy
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    texts = postgresql.ARRAY(sa.Text())
    moment = sa.DateTime(timezone=True)
    now = sa.text('now()')
    op.create_table('article',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), server_default='published', nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('questions', texts, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('product', texts, nullable=False),
    sa.Column('action', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('source_date', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('created_at', moment, server_default=now, nullable=False),
    sa.Column('ended_at', moment, nullable=True),
    sa.CheckConstraint("state IN ('published', 'superseded', 'retired')", name=op.f('ck_article_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article')),
    sa.UniqueConstraint('key', 'lang', 'version', name=op.f('uq_article_key_lang_version'))
    )
    op.create_index('uq_article_published', 'article', ['key', 'lang'], unique=True, postgresql_where="state='published'")
    op.create_table('passage',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('article_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('embedding', pgvector.sqlalchemy.Vector(), nullable=False),
    sa.CheckConstraint("kind IN ('question', 'title', 'body')", name=op.f('ck_passage_kind')),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], name=op.f('fk_passage_article_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passage'))
    )
    op.create_index(op.f('ix_passage_article_id'), 'passage', ['article_id'], unique=False)
    op.create_table('gap',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('lang', sa.Text(), nullable=False),
    sa.Column('cluster', sa.Text(), nullable=False),
    sa.Column('examples', texts, nullable=False),
    sa.Column('count', sa.Integer(), server_default='1', nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('centre', pgvector.sqlalchemy.Vector(), nullable=False),
    sa.Column('state', sa.Text(), server_default='open', nullable=False),
    sa.Column('first_at', moment, server_default=now, nullable=False),
    sa.Column('last_at', moment, server_default=now, nullable=False),
    sa.CheckConstraint("state IN ('open', 'answered', 'ignored')", name=op.f('ck_gap_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gap'))
    )
    op.create_index('ix_gap_open', 'gap', ['state', 'count'], unique=False)
