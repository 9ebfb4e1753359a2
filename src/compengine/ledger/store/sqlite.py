"""What is particular to SQLite: its settings, its locks, and the triggers that refuse every change.

Every connection runs with a rollback journal (never WAL, which could corrupt a file before SQLite 3.51.3) and the
strictest synchronisation; a connection on which a setting did not take is refused. A write transaction takes the
write lock before it reads anything, so nothing it has read can change under it.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

import sqlalchemy as sa

from compengine.ledger.states import DECISIONS, FOLLOWS, LIVES
from compengine.ledger.store.tables import CHAINED, ENTRIES, EVENTS, METADATA, POSTINGS
from compengine.source.diagnostic import Diagnostic, Failed, Place

APPLICATION = 0x636F6D70
VERSION = 2
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
    """What the error means to a person: E611, E609, or nothing we know."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        message = f"another process is writing to {path}; nothing was changed by this command"
        return Failed([Diagnostic("E611", message, Place(table="ledger"), "try again when it has finished")])
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN):
        return refused(path, str(error.orig))
    return None


def refused(path: Path, why: str) -> Failed:
    return Failed([Diagnostic("E609", f"{path}: {why}", Place(table="ledger"))])


def is_made(connection: sa.Connection, path: Path) -> bool:
    """Whether the file is a ledger; False for an empty file; raises `Failed` (E609) for anything else."""
    application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if (application, version) == (APPLICATION, VERSION):
        return True
    if (application, version) == (0, 0) and not connection.exec_driver_sql(
        "SELECT count(*) FROM sqlite_master"
    ).scalar():
        return False
    raise refused(path, "the file is not a ledger of this version")


def make(connection: sa.Connection) -> None:
    METADATA.create_all(connection, checkfirst=False)
    for statement in GUARDS.values():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")
    connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")


def damage(connection: sa.Connection) -> list[str]:
    """What SQLite itself finds wrong with the file; a changed byte in a value is not among it."""
    found = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
    return [] if found == ["ok"] else [str(line) for line in found]


def missing_guards(connection: sa.Connection) -> list[str]:
    """Names of triggers that are not there as they were made."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    found = {row.name: row.sql for row in rows}
    return [name for name, statement in GUARDS.items() if found.get(name) != statement]


def _guard(name: str, occasion: str, wrong: str, message: str) -> tuple[str, str]:
    return name, f"CREATE TRIGGER {name} BEFORE {occasion} BEGIN SELECT RAISE(ABORT, '{message}') WHERE {wrong}; END"


def unique_keys(table: sa.Table) -> list[tuple[str, ...]]:
    """The keys besides `seq`."""
    return sorted(
        tuple(column.name for column in constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    )


def _refusals(table: sa.Table) -> list[tuple[str, str]]:
    """No change, no removal, no second row under a unique key (REPLACE), nothing but the next link of the chain."""
    name = table.name
    made = [
        _guard(f"{name}_no_{verb.lower()}", f"{verb} ON {name}", "1", f"{name} is append-only")
        for verb in ("UPDATE", "DELETE")
    ]
    for key in unique_keys(table):
        equal = " AND ".join(f"{column} = NEW.{column}" for column in key)
        wrong = f"EXISTS (SELECT 1 FROM {name} WHERE {equal})"
        made.append(_guard(f"{name}_new_{'_'.join(key)}", f"INSERT ON {name}", wrong, f"{', '.join(key)} exists"))
    later = " OR ".join(f"EXISTS (SELECT 1 FROM {t.name} WHERE seq >= NEW.seq)" for t in CHAINED)
    made.append(_guard(f"{name}_next", f"INSERT ON {name}", later, "not the next number of the chain"))
    before = " OR ".join(
        f"EXISTS (SELECT 1 FROM {t.name} WHERE seq = NEW.seq - 1 AND hash = NEW.previous)" for t in CHAINED
    )
    unlinked = f"NOT ((NEW.seq = 1 AND NEW.previous = '{'0' * 64}') OR {before})"
    made.append(_guard(f"{name}_linked", f"INSERT ON {name}", unlinked, "not linked to the chain"))
    return made


def _whole_postings() -> list[tuple[str, str]]:
    """A posting is followed by its entries and nothing else, then by the event that closes it; it sums to zero."""
    made = []
    for table in CHAINED:
        wrong = {
            ENTRIES.name: "NOT EXISTS (SELECT 1 FROM postings WHERE number = NEW.posting"
            " AND NEW.seq BETWEEN first_seq AND last_seq AND in_period = NEW.in_period)",
            EVENTS.name: "EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq"
            " OR (last_seq = NEW.seq - 1 AND number <> NEW.posting))",
        }.get(table.name, "EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq - 1)")
        made.append(_guard(f"{table.name}_in_turn", f"INSERT ON {table.name}", wrong, "a posting is not complete"))
    foreign = (
        f"NEW.posting > 0 AND NOT EXISTS (SELECT 1 FROM {POSTINGS.name} WHERE number = NEW.posting"
        " AND last_seq = NEW.seq - 1 AND run = NEW.run)"
    )
    made.append(_guard("events_closing", f"INSERT ON {EVENTS.name}", foreign, "the event closes no posting"))
    unequal = (
        f"EXISTS (SELECT 1 FROM {POSTINGS.name} p JOIN {ENTRIES.name} e ON e.seq BETWEEN p.first_seq AND p.last_seq"
        " WHERE p.number = NEW.posting GROUP BY e.currency HAVING sum(e.amount) <> 0)"
    )
    made.append(_guard("events_balanced", f"INSERT ON {EVENTS.name}", unequal, "the posting does not sum to zero"))
    return made


def _texts(words: Iterable[str]) -> str:
    return f"({', '.join(repr(str(word)) for word in words)})"


def _in_order(new: str, last: str, follows: Mapping[str, tuple[str, ...]]) -> str:
    """True where the state `new` may follow the state `last` (null where nothing stands yet)."""
    cases = [
        f"WHEN '{state}' THEN " + (f"coalesce({last} IN {_texts(before)}, 0)" if before else f"{last} IS NULL")
        for state, before in follows.items()
    ]
    return f"CASE {new} {' '.join(cases)} ELSE 0 END"


RUN_LIFE = {str(state): tuple(map(str, before)) for state, before in FOLLOWS.items()}


def _lives() -> list[tuple[str, str]]:
    """A run and a record of the register go through their states in order, and not by the hand of one person."""
    last = "(SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1)"
    same = "lower(trim(actor)) = lower(trim(NEW.actor))"
    submitted = "(SELECT max(seq) FROM events WHERE run = NEW.run AND kind = 'submitted')"
    earlier = f"EXISTS (SELECT 1 FROM events WHERE run = NEW.run AND {same} AND "
    approver = (
        f"(NEW.kind IN ('approved', 'rejected') AND {earlier} kind IN ('calculated', 'submitted')))"
        f" OR (NEW.kind = 'approved' AND {earlier} kind = 'approved' AND seq > {submitted}))"
        f" OR (NEW.kind = 'paid' AND {earlier} kind = 'approved' AND seq > {submitted}))"
    )
    record = "FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq"
    state = f"(SELECT state {record} DESC LIMIT 1)"
    cases = " ".join(f"WHEN '{kind}' THEN {_in_order('NEW.state', state, life)}" for kind, life in LIVES.items())
    began = f"(SELECT actor {record} LIMIT 1)"
    decided = f"NEW.state IN {_texts(DECISIONS)} AND lower(trim({began})) = lower(trim(NEW.actor))"
    ordered = f"NOT {_in_order('NEW.kind', last, RUN_LIFE)}"
    return [
        _guard("events_in_order", "INSERT ON events", ordered, "the run is not in a state for this"),
        _guard("events_persons", "INSERT ON events", approver, "another person must do this"),
        _guard("register_in_order", "INSERT ON register", f"NOT CASE NEW.kind {cases} ELSE 0 END", "not in this state"),
        _guard("register_persons", "INSERT ON register", decided, "another person must decide this"),
    ]


GUARDS = dict([guard for table in CHAINED for guard in _refusals(table)] + _whole_postings() + _lives())
"""Each trigger's statement by its name."""
