"""What is particular to SQLite: its settings, its locks, and the triggers that refuse every change.

Every connection runs with a rollback journal (never WAL, which could corrupt a file before SQLite 3.51.3) and the
strictest synchronisation; a connection on which a setting did not take is refused. A write transaction takes the
write lock before it reads anything, so nothing it has read can change under it.
"""

import functools
import importlib
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from compengine.ledger.store import revision
from compengine.ledger.store.guards import RULES, Rule, new_keys
from compengine.ledger.store.tables import CHAINED
from compengine.source.diagnostic import Diagnostic, Failed, Place

APPLICATION = 0x636F6D70
OLDEST = (3, 37, 0)
"""STRICT tables came with this version."""

SETTINGS: tuple[tuple[str, str, object], ...] = (
    ("journal_mode", "DELETE", "delete"),
    ("synchronous", "EXTRA", 3),
    ("foreign_keys", "ON", 1),
    ("recursive_triggers", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("cache_size", "-65536", -65536),
)
"""Name, what is set, and what must be read back."""

HEADING = {"application_id": APPLICATION, "user_version": 0, "encoding": "UTF-8", "auto_vacuum": 0}


def engine(path: Path, wait_ms: int) -> sa.Engine:
    """Connections to the file at `path`, each with the settings above; raises `Failed` (E609) at the first if not."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise refused(path, f"SQLite {sqlite3.sqlite_version} is too old")
    made = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        poolclass=sa.pool.NullPool,
        connect_args={"isolation_level": None, "timeout": wait_ms / 1000},
    )

    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.text_factory = _text  # a damaged text must be found by `verify`, not stop it
        try:
            settle(connection)
        except UnicodeDecodeError as error:  # of the statements that made the tables, which SQLite reads first
            raise refused(path, f"the file is damaged: {error}") from error

    def settle(connection: sqlite3.Connection) -> None:
        for name, asked, expected in (*SETTINGS, ("busy_timeout", str(wait_ms), wait_ms)):
            connection.execute(f"PRAGMA {name} = {asked}")
            found = connection.execute(f"PRAGMA {name}").fetchone()[0]
            if found != expected:
                raise refused(path, f"{name} is {found}, not {expected}")

    def begin(connection: sa.Connection) -> None:
        kind = "IMMEDIATE" if connection.get_execution_options().get("writing") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {kind}")

    sa.event.listen(made, "connect", configure)
    sa.event.listen(made, "begin", begin)
    return made


def _text(stored: bytes) -> str:
    return stored.decode(errors="surrogateescape")


def explained(error: sa.exc.DBAPIError, path: Path) -> Failed | None:
    """What the error means to a person: E611, E609, E709, or nothing we know."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        message = f"another process is writing to {path}; nothing was changed by this command"
        return Failed([Diagnostic("E611", message, Place(table="ledger"), "try again when it has finished")])
    unread = "malformed" in str(error.orig) or "database schema" in str(error.orig)
    if unread or code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN):
        return refused(path, str(error.orig))
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY):
        help = "make room, or mend the place, and give the command again"
        message = f"{path}: {error.orig}; nothing was changed in the ledger by this command"
        return Failed([Diagnostic("E709", message, Place(table="ledger"), help)])
    return None


def refused(path: Path, why: str, help: str = "") -> Failed:
    return Failed([Diagnostic("E609", f"{path}: {why}", Place(table="ledger"), help)])


def is_made(connection: sa.Connection, path: Path) -> bool:
    """Whether the file is a ledger, of whatever version; False for an empty file; raises `Failed` (E609) for anything
    else."""
    application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if (application, version) == (APPLICATION, 0):
        return True
    if (application, version) == (0, 0) and not connection.exec_driver_sql(
        "SELECT count(*) FROM sqlite_master"
    ).scalar():
        return False
    raise refused(path, "the file is not a ledger")


def guard(connection: sa.Connection) -> None:
    """Make every trigger anew, as this version of the program has them."""
    for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
        connection.exec_driver_sql(f'DROP TRIGGER "{row.name}"')
    for statement in GUARDS.values():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")


def damage(connection: sa.Connection) -> list[str]:
    """What SQLite itself finds wrong with the file, and whatever in it is declared otherwise than in a new ledger, or
    is not in a new one, but for `missing_guards`; a changed byte in a value is not among it."""
    found = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
    due, there = _new_schema(revision.LATEST), _schema(connection)
    changed, guards = [name for name in due if there.get(name) != due[name]], missing_guards(connection)
    wrong = [f"{name} is not as it was made" for name in changed if name not in guards]
    wrong += [f"{name} is not part of a ledger" for name in there if name not in due]
    wrong += [f"{name} of the file is {value}, not {due}" for name, value, due in _heading(connection) if value != due]
    return ([] if found == ["ok"] else [str(line) for line in found]) + wrong


def _schema(connection: sa.Connection) -> dict[str, tuple[str, ...]]:
    """Of everything that the file declares: what it is, whose it is, and the words that made it, by name."""
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").all()
    return {str(name): (str(kind), str(table), " ".join((sql or "").split())) for kind, name, table, sql in rows}


@functools.cache
def _new_schema(version: str) -> dict[str, tuple[str, ...]]:
    """The same of a ledger that the migrations make now, up to that version."""
    made = sa.create_engine("sqlite://", connect_args={"isolation_level": None})
    with made.connect() as connection:
        importlib.import_module("compengine.ledger.store.migrate").upgrade(connection, to=version)
        guard(connection)
        return _schema(connection)


def _heading(connection: sa.Connection) -> list[tuple[str, object, object]]:
    """Name, value, and what it is in every ledger, of each setting that is kept in the head of the file."""
    return [(name, connection.exec_driver_sql(f"PRAGMA {name}").scalar(), value) for name, value in HEADING.items()]


def missing_guards(connection: sa.Connection) -> list[str]:
    """Names of triggers that are not there as they were made."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    found = {row.name: row.sql for row in rows}
    return [name for name, statement in GUARDS.items() if found.get(name) != statement]


def _guard(name: str, occasion: str, wrong: str, message: str) -> tuple[str, str]:
    return name, f"CREATE TRIGGER {name} BEFORE {occasion} BEGIN SELECT RAISE(ABORT, '{message}') WHERE {wrong}; END"


def _refusals(table: sa.Table) -> list[tuple[str, str]]:
    """No change, no removal."""
    name = table.name
    return [
        _guard(f"{name}_no_{verb.lower()}", f"{verb} ON {name}", "1", f"{name} is append-only")
        for verb in ("UPDATE", "DELETE")
    ]


def _refused_row(rule: Rule) -> tuple[str, str]:
    return _guard(rule.name, f"INSERT ON {rule.table}", rule.wrong, rule.message)


GUARDS = dict(
    [guard for table in CHAINED for guard in _refusals(table)]
    + [_refused_row(rule) for table in CHAINED for rule in new_keys(table)]
    + [_refused_row(rule) for rule in RULES]
)
"""Each trigger's statement by its name."""
