"""The tables that stand beside the database, as objects (`inputs.objects`): what a run gave, what a posting posted."""

import polars as pl

from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_table, put_table
from compengine.ledger.leaves import EARNINGS, POSTED, in_order
from compengine.ledger.posting import EARNING, POSTED_EARNING
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.frames import schema
from compengine.values.rows import Payable, Settlement

PAYABLES = "payables"
SETTLEMENTS = "settlements"
TABLES = {
    EARNINGS: EARNING,
    PAYABLES: schema(Payable),
    SETTLEMENTS: schema(Settlement),
    POSTED: POSTED_EARNING,
}
"""Columns by the name a table is kept under."""


def keep(objects: Objects, name: str, rows: pl.DataFrame) -> str:
    """The digest under which the table is safe on disk. Earnings and posted earnings are put `in_order` first."""
    assert rows.schema == TABLES[name], f"{name}: {rows.schema} is not {TABLES[name]}"
    return put_table(objects, name, in_order(rows) if name in (EARNINGS, POSTED) else rows)


def fetch(objects: Objects, name: str, digest: str) -> pl.DataFrame:
    """The table; raises `Failed` (E609) where it is missing, changed, or of other columns."""
    rows = get_table(objects, name, digest)
    if rows.schema != TABLES[name]:
        raise Failed([Diagnostic("E609", f"{name} {digest} has other columns", Place(table="objects", row=digest))])
    return rows
