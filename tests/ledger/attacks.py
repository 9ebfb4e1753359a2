"""Changes behind the ledger's back, by somebody who has the whole database in his hands."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from ledger_world import World

from compengine.ledger.chain import GENESIS, row_hash
from compengine.ledger.store import sqlite
from compengine.ledger.store.postgres_guards import GUARDS
from compengine.ledger.store.tables import CHAINED, columns


def attack(world: World, *statements: str) -> None:
    """Take away what guards the tables, do it, and put the triggers back."""
    with unguarded(world) as connection:
        for statement in statements:
            force(connection, statement)


def rechained(world: World) -> None:
    """Give every row of the database a right hash again, as somebody who knows the rule could."""
    with unguarded(world) as connection:
        rows = sorted(
            (row[0], place, tuple(row))
            for place, table in enumerate(CHAINED)
            for row in connection.exec_driver_sql(f"SELECT {', '.join(columns(table))} FROM {table.name}")
        )
        previous = GENESIS
        for seq, place, row in rows:
            table = CHAINED[place]
            right = row_hash(table, (*row[:-1], previous))
            change = sa.update(table).where(table.c.seq == seq).values(previous=previous, hash=right)
            connection.execute(change)
            previous = right


@contextmanager
def unguarded(world: World) -> Iterator[sa.Connection]:
    """The database as its owner's owner has it, without triggers; they are put back afterwards."""
    if isinstance(world.store.address, str):
        with _unguarded_server(world.store.address) as connection:
            yield connection
        return
    path = world.store.path
    engine = sa.create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(path, isolation_level=None), poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        for name in sqlite.GUARDS:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield connection
        for statement in sqlite.GUARDS.values():
            connection.exec_driver_sql(statement)


@contextmanager
def _unguarded_server(address: str) -> Iterator[sa.Connection]:
    url = sa.make_url(address).set(username="postgres")
    options = {"options": "-c search_path=compengine"}
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", connect_args=options)
    with engine.connect() as connection:
        tables = sorted({table for table, _ in GUARDS})
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield connection
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        for table, trigger in GUARDS:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def force(connection: sa.Connection, statement: str) -> None:
    """Drop every constraint that stands in the way."""
    while True:
        try:
            connection.exec_driver_sql(statement)
            return
        except sa.exc.IntegrityError as error:
            diag = getattr(error.orig, "diag", None)
            if diag is None:
                raise
            connection.exec_driver_sql(f"ALTER TABLE {diag.table_name} DROP CONSTRAINT {diag.constraint_name} CASCADE")
