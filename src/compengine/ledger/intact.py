"""What every command asks of the ledger before it tells anything from it: that rows are as they were written.

Entries are most of a ledger, and are hashed only for a command whose figures are summed from them. All other rows are
hashed each time, and must follow each other in number and link, where the last entry of a posting stands for those
before it. `verify` derives every posting again as well, and finds more.
"""

import heapq
from datetime import date

import sqlalchemy as sa

from compengine.ledger.chain import Head
from compengine.ledger.checkpoint import hash_at
from compengine.ledger.queries import read_postings
from compengine.ledger.register import find_records
from compengine.ledger.runs import find_runs
from compengine.ledger.store.database import Store, reading
from compengine.ledger.store.tables import CHAINED, ENTRIES, POSTINGS, columns
from compengine.ledger.verify import ONE, faults_of_chain, is_hashed, rows_of
from compengine.source.diagnostic import Diagnostic, Failed, Place

HELP = "nothing was told from it; compengine verify says all that is wrong. Restore what is newest and sound"
FEW = tuple(table for table in CHAINED if table is not ENTRIES)
LAST = columns(POSTINGS).index("last_seq")


def require_intact(store: Store) -> None:
    """Every row but entries, and that they mean something. Raises `Failed` (E609) with the first that does not."""
    with reading(store) as connection:
        _require_linked(connection)
        try:
            _meant(connection)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _altered("ledger", "", f"the ledger holds what it cannot have written: {error}") from error


def require_entries_intact(store: Store) -> None:
    """Every row, entries as well. Raises `Failed` (E609) with the first that is another than was written."""
    with reading(store) as connection:
        for table, seq, what in faults_of_chain(connection):
            raise _wrong(table, seq, what)


def _meant(connection: sa.Connection) -> tuple[object, ...]:
    """Everything but entries as the program takes it; raises where there is a date, a number or a list that is none."""
    ends = [date.fromisoformat(p.period_end) for p in read_postings(connection)]
    return find_runs(connection), ends, [record.body for record in find_records(connection)]


def _require_linked(connection: sa.Connection) -> None:
    last = Head()
    rows = (rows_of(connection, table) for table in FEW)
    for seq, table, values, stored in heapq.merge(*rows, key=lambda row: row[0]):
        if seq != last.seq + 1:
            raise _wrong(table, seq, f"the row before it has the number {last.seq}; something was removed or put in")
        if values[-1] != last.hash:
            raise _wrong(table, seq, "is not linked to the row before it")
        if not is_hashed(table, values, stored):
            raise _wrong(table, seq, "is not what its hash was made from")
        last = Head(seq, stored)
        end = values[LAST] if table is POSTINGS else seq
        if isinstance(end, int) and end > seq:
            last = Head(end, hash_at(connection, end))


def _wrong(table: sa.Table | None, seq: int, what: str) -> Failed:
    if table is None:
        return _altered("ledger", "", what)
    return _altered(table.name, str(seq), f"{ONE[table.name]} {seq}: {what}")


def _altered(table: str, row: str, what: str) -> Failed:
    return Failed([Diagnostic("E609", what, Place(table=table, row=row), HELP)])
