"""An open ledger: one consistent view to read, one lock to write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from compengine.ledger.store import sqlite

WAIT_MS = 5000


@dataclass(frozen=True, slots=True)
class Store:
    """An open ledger database. Holds no connection between calls, so it may cross a fork."""

    path: Path
    engine: sa.Engine


def open_store(path: Path, wait_ms: int = WAIT_MS) -> Store:
    """The ledger at `path`, made if there is none.

    Raises `Failed`: E611 when another process holds the file longer than `wait_ms`; E609 when it is not a ledger, or
    the database does not run with the settings that are asked for.
    """
    store = Store(path, sqlite.engine(path, wait_ms))
    with reading(store) as connection:
        made = sqlite.is_made(connection, path)
    if not made:
        with _locked(store) as connection:
            if not sqlite.is_made(connection, path):
                sqlite.make(connection)
    return store


@contextmanager
def reading(store: Store) -> Iterator[sa.Connection]:
    """One consistent view of the ledger."""
    with _explained(store), store.engine.begin() as connection:
        yield connection


@contextmanager
def writing(store: Store) -> Iterator[sa.Connection]:
    """The write lock, from before the first statement to the commit; E609 where a trigger is missing."""
    with _locked(store) as connection:
        missing = guards_missing(connection)
        if missing:
            raise sqlite.refused(store.path, f"the trigger {missing[0]} is missing or changed")
        yield connection


def guards_missing(connection: sa.Connection) -> list[str]:
    """Names of the triggers that keep the tables append-only and are not there as they were made."""
    return sqlite.missing_guards(connection)


def damage(connection: sa.Connection) -> list[str]:
    """What the database product itself finds wrong with its files."""
    return sqlite.damage(connection)


@contextmanager
def _locked(store: Store) -> Iterator[sa.Connection]:
    with _explained(store), store.engine.connect() as plain:
        connection = plain.execution_options(writing=True)
        with connection.begin():
            yield connection


@contextmanager
def _explained(store: Store) -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        failed = sqlite.explained(error, store.path)
        if failed is None:
            raise
        raise failed from error
