"""Whether the hash of a row covers it: each column of each kind of row is changed alone, and the hash made again.

The columns are those that the database has, not those that the program knows of; the rows are read back from it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from attacks import unguarded
from figures import Figure, at_least, at_most
from ledger_world import World, new_world, three_months

from compengine.ledger.chain import row_hash
from compengine.ledger.store.tables import CHAINED, columns

KINDS = {
    "runs": "''",
    "events": "kind",
    "postings": "kind",
    "entries": "reason || account",
    "register": "kind || state",
}
"""What tells the kinds of rows of a table apart."""
Hashed = Callable[[sa.Table, tuple[object, ...]], str]


@dataclass(frozen=True, slots=True)
class Changed:
    """One column of one row was changed; `covered` where the hash of the row is another."""

    table: str
    kind: str
    column: str
    covered: bool


def changes(world: World, hashed: Hashed = row_hash) -> Iterator[Changed]:
    with unguarded(world) as connection:
        for table in CHAINED:
            name = table.name
            made = connection.exec_driver_sql(f"PRAGMA table_info({name})").all()
            kinds = f"SELECT min(seq), {KINDS[name]} FROM {name} GROUP BY 2 ORDER BY 2"
            for seq, kind in connection.exec_driver_sql(kinds).all():
                for column, sort in ((c.name, c.type) for c in made if c.name != "hash"):
                    yield Changed(name, kind, column, _covered(connection, table, seq, column, sort, hashed))


def _covered(connection: sa.Connection, table: sa.Table, seq: int, column: str, sort: str, hashed: Hashed) -> bool:
    before = _row(connection, table, seq)
    other = f"{column} || 'x'" if sort == "TEXT" else f"{column} + 1000000"
    connection.exec_driver_sql("BEGIN")
    connection.exec_driver_sql(f'UPDATE {table.name} SET "{column}" = {other} WHERE seq = {seq}')
    after = _row(connection, table, seq + 1_000_000 if column == "seq" else seq)
    connection.exec_driver_sql("ROLLBACK")
    return hashed(table, after) != hashed(table, before)


def _row(connection: sa.Connection, table: sa.Table, seq: int) -> tuple[object, ...]:
    names = ", ".join(columns(table))
    row = connection.exec_driver_sql(f"SELECT {names} FROM {table.name} WHERE seq = {seq}").one()
    return tuple(row)


def measure() -> list[Figure]:
    with TemporaryDirectory() as folder:
        found = list(changes(three_months(new_world(Path(folder)))))
    return [
        at_least("hash_columns", len(found), "columns of a kind of row, each changed alone", 200),
        at_most("hash_columns_uncovered", sum(not c.covered for c in found), "columns", 0),
    ]
