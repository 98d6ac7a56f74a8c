"""SQL through SQLAlchemy Core: one code for a SQLite file and for PostgreSQL, chosen by a URL."""
