"""The Alembic history, one for all tables; it travels inside the package (see schema.py)."""
