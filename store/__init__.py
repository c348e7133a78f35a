"""PostgreSQL through SQLAlchemy; the only room that imports it."""
