"""Runs migrations on the connection that ``server.migrate`` hands over, in its transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=context.config.attributes["schema_name"],
    transaction_per_migration=False,
)

with context.begin_transaction():
    context.run_migrations()
