"""Alembic's entry: runs inside the connection that `database.migrate` gives."""

from alembic import context

from runtime.store.connector_tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
