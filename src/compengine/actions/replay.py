"""A run computed again from its stored inputs alone: the same digests, or the first row that is another."""

from dataclasses import dataclass

import polars as pl

from compengine.actions.computed import Computed, compute_all, stored_results
from compengine.actions.differing import Difference, differences
from compengine.actions.independent import by_oracle
from compengine.actions.opened import Opened
from compengine.actions.pinned import (
    CREDITS,
    EXCLUSIONS,
    MEASURES,
    pinned_decided,
    pinned_opening,
    pinned_program,
    pinned_snapshot,
    pinned_standing,
)
from compengine.actions.runs import find_run, the_ledger
from compengine.inputs.objects import Store as Objects
from compengine.ledger import queries
from compengine.ledger.leaves import EARNINGS, POSTED, entitlement_root, in_order, posted_root, read_salt
from compengine.ledger.queries import Posting
from compengine.ledger.rowfiles import PAYABLES, SETTLEMENTS, fetch
from compengine.ledger.runs import Run, RunRecord
from compengine.ledger.store.database import Store
from compengine.values.digest import table_digest

TABLES = (CREDITS, MEASURES, EARNINGS, PAYABLES, SETTLEMENTS, EXCLUSIONS)


@dataclass(frozen=True, slots=True)
class Compared:
    """One result: how many rows, the digest on record, and that of what was computed now."""

    table: str
    rows: int
    stored: str
    computed: str


@dataclass(frozen=True, slots=True)
class Attested:
    """What of a bundle was held against its signed checkpoints: how many events of the run and rows of the register,
    and how many files were made again. `seq` and `head` are of the last checkpoint; `key` is the file of the key that
    was given, empty where the one enclosed was taken."""

    events: int
    register: int
    files: int
    seq: int
    head: str
    key: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """`matches`: every digest and both roots are those on record. `independent`: by the second engine. `posted` is the
    root over the salted leaves of what was posted, None before that. `attested` is None but for a bundle."""

    run: str
    period: str
    independent: bool
    matches: bool
    tables: tuple[Compared, ...]
    entitlement: Compared
    posted: Compared | None
    differences: tuple[Difference, ...]
    attested: Attested | None = None


def replay(opened: Opened, which: str, *, independent: bool = False) -> Replayed:
    """Raises `Failed`: E606; whatever `replay_record` raises."""
    store = the_ledger(opened)
    run = find_run(opened, store, which)
    return replay_record(opened.objects, run.record, posting_of(store, run), independent=independent)


def posting_of(store: Store, run: Run) -> Posting | None:
    """None where the run is not posted."""
    return next((p for p in queries.postings(store) if p.run == run.id and p.kind == "post"), None)


def replay_record(
    objects: Objects, record: RunRecord, posting: Posting | None, *, independent: bool = False
) -> Replayed:
    """Nothing but the record of the run, its posting and the objects they name is read. Raises `Failed`: E609 where an
    object is missing or damaged; E610 where the stored plans no longer check."""
    program = pinned_program(objects, record)
    snapshot = pinned_snapshot(objects, record, program.workspace)
    calendar, opening = program.workspace.calendars[record.calendar], pinned_opening(objects, record)
    compute = by_oracle if independent else compute_all
    posted, decided = pinned_standing(objects, record), pinned_decided(objects, record)
    computed = compute(program, snapshot, calendar, record.period, opening, posted, decided)
    stored = stored_results(objects, record)
    tables = tuple(_compared(name, record, computed) for name in TABLES)
    root = Compared("entitlement", computed.earnings.height, record.entitlement, entitlement_root(computed.earnings))
    rooted = None if posting is None else _rooted(objects, posting)
    same = all(c.stored == c.computed for c in (*tables, root, *([rooted] if rooted else [])))
    found = () if same else tuple(differences(stored, computed))
    return Replayed(record.id, record.period.label, independent, same, tables, root, rooted, found)


def _rooted(objects: Objects, posting: Posting) -> Compared:
    rows = fetch(objects, POSTED, posting.rows)
    return Compared("posted", rows.height, posting.rows_root, posted_root(rows, read_salt(posting.secret)))


def _compared(name: str, record: RunRecord, computed: Computed) -> Compared:
    frame: pl.DataFrame = getattr(computed, name)
    ordered = in_order(frame) if name == EARNINGS else frame
    return Compared(name, frame.height, getattr(record, name), table_digest(name, ordered))
