"""An open ledger: one consistent view to read, one lock to write. The one place that knows of two databases."""

import functools
import importlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import sqlalchemy as sa

from compengine.ledger.store import postgres, postgres_guards, revision, sqlite
from compengine.source.diagnostic import Failed

WAIT_MS = 5000
TRIES = 5
PAUSE_MS = 20
Address = Path | str
"""A file of SQLite, or the address of a PostgreSQL database, `postgresql+psycopg://…`."""
P = ParamSpec("P")
T = TypeVar("T")


class Contended(Failed):
    """The database undid the work because of what others did at the same time; done again, it may succeed."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open ledger database. Holds no connection between calls, so it may cross a fork. `committed` is called after
    every commit, before the function that wrote returns."""

    address: Address
    engine: sa.Engine
    committed: Callable[["Store"], None] | None = None

    @property
    def path(self) -> Path:
        """The file of a ledger that is one."""
        assert isinstance(self.address, Path), "this ledger is not a file"
        return self.address


def exists(address: Address) -> bool:
    """Whether there may be a ledger: a server is asked only when the ledger is opened."""
    return isinstance(address, str) or address.exists()


def open_store(address: Address, wait_ms: int = WAIT_MS) -> Store:
    """The ledger at `address`; a file is made if there is none, a database on a server is not (`migrate`).

    Raises `Failed`: E611 when another process holds the ledger longer than `wait_ms`; E609 when it is not a ledger, or
    the database does not run with the settings that are asked for.
    """
    store = _store(address, wait_ms)
    with reading(store) as connection:
        made = isinstance(address, str) or sqlite.is_made(connection, address)
        if made:
            why, help = revision.unsuitable(revision.recorded(connection))
            if why:
                raise _refused(store, why, help)
        if isinstance(address, str):
            postgres.require_plain_role(connection, address)
    if not made:
        _make(store)
    return store


def migrate(address: Address, program: str = "", payees: str = "", wait_ms: int = WAIT_MS) -> tuple[str, str]:
    """Make the tables, or bring them up to date, with their guards; the versions before (empty for none) and after.

    On a server it is done by the owner of the tables, who then lets the role `program` insert and read, and the role
    `payees` see the rows of one payee. Raises `Failed`: E609, E611.
    """
    store = _store(address, wait_ms)
    with _explained(store), store.engine.connect() as plain:
        connection = plain.execution_options(writing=isinstance(address, Path))
        with connection.begin():
            before = revision.recorded(connection)
            _bring_up(store, connection)
            if isinstance(address, str):
                postgres_guards.grant(connection, program, payees)
            return before, revision.recorded(connection)


def _store(address: Address, wait_ms: int) -> Store:
    made = postgres.engine(address, wait_ms) if isinstance(address, str) else sqlite.engine(address, wait_ms)
    return Store(address, made)


def _make(store: Store) -> None:
    with _locked(store) as connection:
        if not sqlite.is_made(connection, store.path):
            _bring_up(store, connection)


def _bring_up(store: Store, connection: sa.Connection) -> None:
    if isinstance(store.address, str):
        postgres_guards.begin(connection)
    elif revision.recorded(connection) == "" and sqlite.is_made(connection, store.address):
        raise _refused(store, "the file is a ledger from before its tables had versions", "")
    # Alembic takes as long to import as all else of a command, and is needed for a new or an old ledger only.
    importlib.import_module("compengine.ledger.store.migrate").upgrade(connection)
    if isinstance(store.address, str):
        postgres_guards.guard(connection)
    else:
        sqlite.guard(connection)


@contextmanager
def reading(store: Store) -> Iterator[sa.Connection]:
    """One consistent view of the ledger."""
    with _explained(store), store.engine.connect() as plain:
        connection = plain.execution_options(postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def writing(store: Store) -> Iterator[sa.Connection]:
    """The write lock, from before the first statement to the commit; E609 where a trigger is missing."""
    with _locked(store) as connection:
        missing = guards_missing(connection)
        if missing:
            raise _refused(store, f"the trigger {missing[0]} is missing or changed")
        yield connection
    if store.committed is not None:
        store.committed(store)


def retried(work: Callable[P, T]) -> Callable[P, T]:
    """For functions that write in one transaction: done again, a bounded number of times, where the database undid
    all of it because of others (`Contended`), and after nothing else."""

    @functools.wraps(work)
    def tried(*args: P.args, **kwargs: P.kwargs) -> T:
        for number in range(TRIES - 1):
            try:
                return work(*args, **kwargs)
            except Contended:
                time.sleep(random.randrange(PAUSE_MS << number) / 1000)
        return work(*args, **kwargs)

    return tried


def insert(connection: sa.Connection, table: sa.Table, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows of these columns, in this order."""
    if connection.dialect.name == "postgresql":
        postgres.insert(connection, table, names, rows)
    else:
        connection.execute(sa.insert(table), [dict(zip(names, row, strict=True)) for row in rows])


def guards_missing(connection: sa.Connection) -> list[str]:
    """Names of what keeps the tables append-only and is not there as it was made."""
    if connection.dialect.name == "postgresql":
        return postgres_guards.missing_guards(connection)
    return sqlite.missing_guards(connection)


def damage(connection: sa.Connection) -> list[str]:
    """What the database product itself finds wrong with its files."""
    return postgres.damage(connection) if connection.dialect.name == "postgresql" else sqlite.damage(connection)


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
        address = store.address
        if isinstance(address, Path):
            failed = sqlite.explained(error, address)
        else:
            failed = postgres.explained(error, address)
            if failed is not None and postgres.may_try_again(error):
                failed = Contended(failed.diagnostics)
        if failed is None:
            raise
        raise failed from error
    except UnicodeDecodeError as error:  # a damaged file has names that SQLite itself puts into its messages
        raise _refused(store, f"the ledger is damaged: {error}", "restore what is newest and sound") from error


def _refused(store: Store, why: str, help: str = "") -> Failed:
    if isinstance(store.address, str):
        return postgres.refused(store.address, why, help)
    return sqlite.refused(store.address, why, help)
