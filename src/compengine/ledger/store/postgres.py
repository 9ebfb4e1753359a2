"""What is particular to PostgreSQL: its settings, its locks, and how rows go in by the thousand.

Everything runs at REPEATABLE READ. A write transaction locks `ledger_lock` before it does anything else: the lock
statement takes no snapshot, so what it reads afterwards is what the writer before it left (the other way round, a
waiting writer would read a stale end of the chain, and fork it). Whatever goes wrong with that, `links` has every hash
before under one unique key.

The program connects as a role that may insert and select and nothing else, and refuses to run as any other, or on a
server that may lose what it has acknowledged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from compengine.ledger.store.revision import COMMAND
from compengine.ledger.store.tables import CHAINED
from compengine.source.diagnostic import Diagnostic, Failed, Place

SCHEMES = ("postgresql+psycopg://", "postgresql://")
SCHEMA = "compengine"
LOCK = "ledger_lock"
OLDEST = 150000
STATEMENT_MS = 600_000
"""The longest a statement may take, and a transaction may wait for the program."""
CONNECT_S = 10
AT_ONCE = 50
"""From so many rows on they are copied in."""

SETTINGS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("fsync", ("on",), "set it in postgresql.conf: without it a crash of the machine loses what was acknowledged"),
    ("full_page_writes", ("on",), "set it in postgresql.conf: without it a crash may leave torn pages"),
    ("synchronous_commit", ("on", "remote_apply"), "set it for the server, the database and the role"),
    ("data_checksums", ("on",), "stop the server and run pg_checksums --enable"),
    ("ignore_checksum_failure", ("off",), "set it: with it a damaged page is read as if it were sound"),
    ("zero_damaged_pages", ("off",), "set it: with it a damaged page is read as if it were empty"),
    ("session_replication_role", ("origin",), "set it for the database and the role: with it triggers do not fire"),
)
"""Name, values that are good, and what to do about another."""

_RIGHTS = """
SELECT c.relname AS name, pg_has_role(c.relowner, 'MEMBER') AS owner,
  has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AS may,
  has_any_column_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE')
    OR has_table_privilege(c.oid, 'TRUNCATE') OR has_table_privilege(c.oid, 'TRIGGER') AS changes
FROM pg_class c WHERE c.relnamespace = to_regnamespace('compengine') AND c.relkind = 'r' ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True)
class _Error:
    """What a failure of the server means: the code, what happened, and what to do."""

    code: str
    what: str
    help: str = ""


_LOST = _Error(
    "E611",
    "the connection to the server was lost",
    "look with compengine runs whether the command took effect, before it is given again",
)
ERRORS: dict[str, _Error] = {
    "55P03": _Error(
        "E611",
        "another process is writing to the ledger; nothing was changed by this command",
        "try again when it has finished",
    ),
    "40001": _Error("E611", "other processes came in between, again and again; nothing was changed", "try again"),
    "40P01": _Error("E611", "other processes came in between, again and again; nothing was changed", "try again"),
    "57014": _Error(
        "E611", "the server took too long; nothing was changed by this command", "try again when it is less busy"
    ),
    "25P03": _LOST,
    "57P01": _LOST,
    "57P02": _LOST,
    "57P03": _Error("E611", "the server is starting or stopping", "try again"),
    "53100": _Error("E609", "the server's disk is full; nothing was changed by this command"),
    "53300": _Error("E611", "the server has no connection left", "try again"),
    "XX001": _Error("E609", "the server finds a page of its files damaged", "restore a backup, and verify it"),
    "XX002": _Error("E609", "the server finds an index damaged", "restore a backup, and verify it"),
    "42501": _Error("E609", "the role has not the rights it needs", f"give them with: {COMMAND}"),
    "3D000": _Error("E609", "there is no such database", "make it: see docs/guide/postgresql.md"),
}
"""By the SQLSTATE."""
AGAIN = ("40001", "40P01")
"""The two after which the same work may succeed if it is done again."""


def is_address(text: str) -> bool:
    return text.startswith(SCHEMES)


def shown(address: str) -> str:
    """The address without a password."""
    return sa.make_url(address).render_as_string(hide_password=True)


def engine(address: str, wait_ms: int) -> sa.Engine:
    """Connections to the server; on each the settings that keep what is acknowledged are asked for, or `Failed` (E609).

    Host, user and password come from the address, or from libpq's own places: a service file, .pgpass, PGUSER.
    """
    settings = {
        "search_path": f"{SCHEMA},pg_temp",
        "lock_timeout": str(wait_ms),
        "statement_timeout": str(STATEMENT_MS),
        "idle_in_transaction_session_timeout": str(STATEMENT_MS),
    }
    url = sa.make_url(address).set(drivername="postgresql+psycopg")
    made = sa.create_engine(
        url,
        poolclass=sa.pool.NullPool,
        isolation_level="REPEATABLE READ",
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
            "connect_timeout": CONNECT_S,
            "application_name": "compengine",
        },
    )

    def check(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        names = ("server_version_num", *settings, *(name for name, _, _ in SETTINGS))
        cursor = connection.cursor()
        cursor.execute(f"SELECT {', '.join(f'current_setting({name!r})' for name in names)}")
        found = dict(zip(names, cursor.fetchone() or (), strict=True))
        cursor.close()
        connection.rollback()
        wrong = list(_unsafe(found))
        if wrong:
            raise Failed([_refusal(address, what, help) for what, help in wrong])

    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("writing"):
            connection.exec_driver_sql(f"LOCK TABLE {SCHEMA}.{LOCK} IN EXCLUSIVE MODE")

    sa.event.listen(made, "connect", check)
    sa.event.listen(made, "begin", begin)
    return made


def _unsafe(found: dict[str, str]) -> Iterator[tuple[str, str]]:
    if int(found["server_version_num"]) < OLDEST:
        yield "the server is older than PostgreSQL 15", "bring the server up to date"
    for name, good, help in SETTINGS:
        if found[name] not in good:
            yield f"{name} is {found[name]}, not {good[0]}", help
    for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        if found[name] == "0":
            yield f"{name} is not set", "do not let a pooler between the program and the server drop its options"


def _refusal(address: str, why: str, help: str = "") -> Diagnostic:
    return Diagnostic("E609", f"{shown(address)}: {why}", Place(table="ledger"), help)


def refused(address: str, why: str, help: str = "") -> Failed:
    return Failed([_refusal(address, why, help)])


def require_plain_role(connection: sa.Connection, address: str) -> None:
    """Raises `Failed` (E609) where the program's role could do more to the ledger than insert and select, or less."""
    role = connection.exec_driver_sql(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).one()
    wrong: list[str] = []
    if role.rolsuper:
        wrong.append("is a superuser")
    if role.rolbypassrls:
        wrong.append("passes by row-level security")
    for table in connection.exec_driver_sql(_RIGHTS).all():
        if table.owner and not role.rolsuper:
            wrong.append(f"owns {table.name}")
        elif table.changes and not role.rolsuper and table.name != LOCK:
            wrong.append(f"may change or remove rows of {table.name}")
        elif not table.may and table.name in {t.name for t in CHAINED}:
            wrong.append(f"may not insert into and read {table.name}")
    if wrong:
        help = f"connect as a role that may insert and select only; {COMMAND} gives it that"
        raise Failed([_refusal(address, f"the role {role.rolname} {what}", help) for what in wrong])


def explained(error: sa.exc.DBAPIError, address: str) -> Failed | None:
    """What the error means to a person: E611, E609, or nothing we know."""
    state = _state(error)
    meant = ERRORS.get(state) or (_Error("E609", "the server does not let us in") if state.startswith("28") else None)
    if meant is None and (error.connection_invalidated or state.startswith("08")):
        meant = _LOST
    if meant is None and isinstance(error, sa.exc.OperationalError) and not state:
        first = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "no answer"
        meant = _Error("E609", f"the server cannot be reached: {first}", "is it running, and is the address right?")
    if meant is None:
        return None
    made = Diagnostic(meant.code, f"{shown(address)}: {meant.what}", Place(table="ledger"), meant.help)
    return Failed([made])


def may_try_again(error: sa.exc.DBAPIError) -> bool:
    return _state(error) in AGAIN


def _state(error: sa.exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def insert(connection: sa.Connection, table: sa.Table, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Many rows through COPY, to a table of the transaction's own and from there: no server copies into a table with
    row-level security. Each row meets every constraint and trigger."""
    if len(rows) < AT_ONCE:
        connection.execute(sa.insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        return
    into, listed = f"{SCHEMA}.{table.name}", ", ".join(names)
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE incoming (LIKE {into}) ON COMMIT DROP")
    _copy(connection, f"COPY pg_temp.incoming ({listed}) FROM STDIN", rows)
    connection.exec_driver_sql(f"INSERT INTO {into} ({listed}) SELECT {listed} FROM pg_temp.incoming ORDER BY seq")
    connection.exec_driver_sql("DROP TABLE pg_temp.incoming")


def _copy(connection: sa.Connection, statement: str, rows: Sequence[Sequence[object]]) -> None:
    dialect, driver = connection.dialect, connection.connection.driver_connection
    assert driver is not None, "a connection without a driver"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except dialect.loaded_dbapi.Error as error:
        raise sa.exc.DBAPIError.instance(statement, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error


def damage(connection: sa.Connection) -> list[str]:
    """What the server knows of damaged pages; a value that somebody changed is not among it."""
    failures = connection.exec_driver_sql(
        "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"
    ).scalar_one()
    return [f"{failures} pages of this database failed their checksum"] if failures else []
