"""What shows a payee, who has nothing but a checkpoint, that his rows are part of what was posted."""

from dataclasses import dataclass

import polars as pl

from compengine.actions.opened import Opened
from compengine.actions.runs import find_run, the_ledger
from compengine.ledger import queries
from compengine.ledger.leaves import POSTED, in_order, proof
from compengine.ledger.rowfiles import fetch
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.digest import table_text


@dataclass(frozen=True, slots=True)
class Inclusion:
    """`seq` is the number of the posting's checkpoint, which names `root` as `rows`; `text` are the payee's rows in
    canonical text, the data of leaf `index` of `size`; `path` leads from it to the root, lowest first."""

    seq: int
    text: str
    index: int
    size: int
    path: tuple[str, ...]
    root: str


def proof_of(opened: Opened, which: str, payee: str) -> Inclusion:
    """Raises `Failed`: E606 no such run; E607 it is not posted; E512 it has posted nothing for the payee."""
    store = the_ledger(opened)
    run = find_run(store, which)
    posting = next((p for p in queries.postings(store) if p.run == run.id and p.kind == "post"), None)
    if posting is None:
        raise Failed([Diagnostic("E607", f"run {run.id} of {run.record.period.label} is not posted")])
    rows = in_order(fetch(opened.objects, POSTED, posting.rows))
    mine = rows.filter(pl.col("payee") == payee)
    if mine.is_empty():
        message = f"run {run.id} of {run.record.period.label} has posted nothing for {payee}"
        raise Failed([Diagnostic("E512", message, Place(table="payees", row=payee))])
    index, size, path = proof(POSTED, rows, payee)
    text = table_text(POSTED, mine).decode()
    return Inclusion(posting.last_seq + 1, text, index, size, tuple(p.hex() for p in path), posting.rows_root)
