"""Alembic's entry into the history: it runs on the connection that schema.py hands over."""

from alembic import context

from cse.adapters.sql.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # in SQLite too: the caller's transaction holds all or nothing
)
context.run_migrations()
