"""Run by Alembic: the connection comes from `bot.jobs.storage.databases.database`, inside its transaction."""

from alembic import context

from bot.jobs.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
