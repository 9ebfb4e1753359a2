"""Read by Alembic for each migration: where it runs, which is the connection it was given."""

from alembic import context

from compengine.ledger.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
