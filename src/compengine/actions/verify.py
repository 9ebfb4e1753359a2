"""The whole ledger checked, and every object that a run or a posting names."""

from dataclasses import dataclass

from compengine.actions.opened import Opened
from compengine.actions.pinned import objects_of
from compengine.actions.runs import the_ledger
from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_bytes, get_table
from compengine.ledger import queries
from compengine.ledger.chain import Head
from compengine.ledger.runs import RunRecord
from compengine.ledger.verify import verify as verify_ledger
from compengine.source.diagnostic import Diagnostic, Failed


@dataclass(frozen=True, slots=True)
class Verified:
    """`head_seq` and `head` are where the chain ends; keep them outside. `diagnostics` is empty where all is sound."""

    head_seq: int
    head: str
    runs: int
    postings: int
    entries: int
    objects: int
    diagnostics: tuple[Diagnostic, ...]


def verify(opened: Opened, known: tuple[Head, ...] = ()) -> Verified:
    """`known` are heads kept outside. Raises `Failed` where there is no ledger (E606), or it cannot be opened."""
    store = the_ledger(opened)
    found = list(verify_ledger(store, opened.objects, known))
    runs = queries.runs(store) if not found else []
    checked: dict[str, str] = {}
    for run in runs:
        found += _objects(opened.objects, run.record, checked)
    postings = queries.postings(store)
    head = queries.head(store)
    entries = sum(p.last_seq - p.first_seq + 1 for p in postings)
    return Verified(head.seq, head.hash, len(queries.runs(store)), len(postings), entries, len(checked), tuple(found))


def _objects(objects: Objects, record: RunRecord, checked: dict[str, str]) -> list[Diagnostic]:
    """What of a run's objects is missing or damaged; those in `checked` were looked at already."""
    try:
        names = objects_of(objects, record)
    except Failed as failed:
        return list(failed.diagnostics)
    return [found for digest, name in names.items() for found in _object(objects, digest, name, checked)]


def _object(objects: Objects, digest: str, table: str, checked: dict[str, str]) -> tuple[Diagnostic, ...]:
    if digest in checked:
        return ()
    checked[digest] = table
    try:
        if table:
            get_table(objects, table, digest)
        else:
            get_bytes(objects, digest)
    except Failed as failed:
        return failed.diagnostics
    return ()
