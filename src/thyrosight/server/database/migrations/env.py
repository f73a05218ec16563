"""Alembic's entry point: runs on the connection that `migrate` hands over, within its transaction."""

from alembic import context

from thyrosight.server.database.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
context.run_migrations()
