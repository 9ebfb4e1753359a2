"""A run from an earlier one of its period: what is dirty is computed, everything else is taken over."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

import compengine
from compengine.actions.computed import Computed, compute_all, stored_results
from compengine.actions.dirty import Dirty, Side, dirty
from compengine.actions.pinned import pinned_decided, pinned_opening, pinned_program, snapshot_tables
from compengine.engine.order import in_order
from compengine.engine.work import Standing
from compengine.inputs.current import conform, snapshot_of
from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_table
from compengine.inputs.snapshot import Snapshot
from compengine.ledger.runs import Run, RunRecord
from compengine.source.diagnostic import Failed
from compengine.values.periods import Calendar, Window

NOTE = "incremental, from run "
"""What stands beside the calculation of an incremental run, before the id of the earlier one."""

_ORDER = {
    "credits": ["plan", "stream", "payee"],
    "measures": ["plan", "measure", "payee"],
    "earnings": [],
    "payables": ["payee", "plan", "component"],
    "settlements": ["plan", "payee"],
}
"""By what rows are in order; rows that have the same are all of one side, and are in order among each other. Earnings
are put in order where they are kept (`ledger.rowfiles.keep`)."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What everything depends on: the engine's version, the digests of the workspace file and of what late rows are
    compared with."""

    engine: str
    workspace: str
    posted: str


@dataclass(frozen=True, slots=True)
class TakenOver:
    """`run` is the earlier run, of which `kept` payees were taken over; it is empty where everybody was `computed`, for
    the `reason` given."""

    run: str
    reason: str
    computed: int
    kept: int


def from_earlier(
    objects: Objects,
    runs: Sequence[Run],
    after: Side,
    posted: tuple[str, Standing | None],
    month: tuple[Calendar, Window],
) -> tuple[Computed, TakenOver]:
    """What calculating everything gives for a period of a calendar, and how it came about. `runs` are all runs in order
    of recording, `posted` is what late rows are compared with, after its digest.

    Raises `Failed` as calculating everything does; what is wrong with the earlier run is a reason to do so.
    """
    calendar, period = month
    digest, standing = posted
    mine = [run for run in runs if run.record.calendar == calendar.name and run.record.period == period]
    if not mine:
        return _whole(f"there is no earlier run of {period.label}", after, month, standing)
    record = mine[-1].record
    now = Basis(compengine.__version__, after.program.workspace.digest, digest)
    if reason := incomparable(basis_of(record), now):
        return _whole(f"since run {record.id} {reason}", after, month, standing)
    try:
        before = earlier_side(objects, record, after)
        found = dirty(before, after, period)
        computed = recomputed(stored_results(objects, record), (before, after), found, month, standing)
    except Failed as error:
        reason = f"run {record.id} cannot be taken over: {error.diagnostics[0].message}"
        return _whole(reason, after, month, standing)
    everybody, again = _payees(computed, pl.lit(True)), _payees(computed, _dirty_rows(found))
    return computed, TakenOver(record.id, "", again, everybody - again)


def incomparable(before: Basis, now: Basis) -> str:
    """What has changed that everything depends on; empty where nothing of it has."""
    if before.engine != now.engine:
        return f"the engine changed from {before.engine} to {now.engine}"
    if before.workspace != now.workspace:
        return "the workspace file changed"
    if before.posted != now.posted:
        return "what late rows are compared with changed"
    return ""


def basis_of(record: RunRecord) -> Basis:
    return Basis(record.engine, record.workspace, record.posted)


def calculated_from(run: Run) -> str:
    """The id of the run that it was calculated from; empty where everybody was computed."""
    note = run.events[0].note
    return note.removeprefix(NOTE) if note.startswith(NOTE) else ""


def earlier_side(objects: Objects, record: RunRecord, after: Side) -> Side:
    """The inputs of a run in the workspace of `after`; what is the same in both is not read again. Raises `Failed`:
    E609, E610."""
    plans = tuple(sorted((plan.id, plan.digest) for plan in after.program.plans))
    program = after.program if plans == record.plans else pinned_program(objects, record)
    return Side(
        program,
        _snapshot(objects, record, after),
        pinned_opening(objects, record),
        pinned_decided(objects, record),
    )


def _snapshot(objects: Objects, record: RunRecord, after: Side) -> Snapshot:
    workspace, now = after.program.workspace, after.snapshot
    digests = snapshot_tables(objects, record)
    known = {name: now.frames[name] for name, digest in digests.items() if now.digests.get(name) == digest}
    for name, digest in digests.items():
        if name in workspace.tables and name not in known:
            known[name] = conform(workspace.tables[name], get_table(objects, name, digest), [])
    return snapshot_of(workspace, known, digests)


def _whole(
    reason: str, after: Side, month: tuple[Calendar, Window], standing: Standing | None
) -> tuple[Computed, TakenOver]:
    computed = compute_all(after.program, after.snapshot, *month, after.opening, standing, after.decided)
    return computed, TakenOver("", reason, _payees(computed, pl.lit(True)), 0)


def _payees(computed: Computed, which: pl.Expr) -> int:
    """How many there are in the results."""
    frames = (computed.credits, computed.measures, computed.earnings, computed.payables, computed.settlements)
    return pl.concat([frame.filter(which).select("payee").unique() for frame in frames])["payee"].n_unique()


def recomputed(
    stored: Computed,
    sides: tuple[Side, Side],
    dirty: Dirty,
    month: tuple[Calendar, Window],
    posted: Standing | None = None,
) -> Computed:
    """What a calculation of all of the second side gives for a period of a calendar. `stored` is what that of the first
    gave, `posted` what both compare late rows with. Raises `Failed` where what is computed is at fault, which
    calculating everything may not be."""
    before, after = sides
    new = compute_all(after.program, after.snapshot, *month, after.opening, posted, after.decided, dirty.part)
    mine = _dirty_rows(dirty)
    found = {name: _joined(getattr(stored, name), getattr(new, name), mine, by) for name, by in _ORDER.items()}
    nobodys = (pl.col("payee") == "") & ~pl.col("plan").is_in(sorted(dirty.whole))
    gone = stored.exclusions.filter(nobodys)
    if not gone.is_empty():  # what earned nothing and is nobody's follows from its row alone
        old = compute_all(before.program, before.snapshot, *month, (), posted, part=dirty.before)
        gone = old.exclusions.filter(nobodys)
    kept = stored.exclusions.filter(~mine).join(gone, on=gone.columns, how="anti")
    exclusions = pl.concat([kept, new.exclusions.filter(mine | nobodys)]).unique()
    return Computed(**found, exclusions=exclusions.sort("plan", "rule", "source", "payee", "by"))


def _dirty_rows(dirty: Dirty) -> pl.Expr:
    """Whether a row is of a plan and payee that were computed."""
    of_plans = [(pl.col("plan") == name) & pl.col("payee").is_in(who.implode()) for name, who in dirty.payees.items()]
    return pl.any_horizontal(pl.col("plan").is_in(sorted(dirty.whole)), *of_plans)


def _joined(stored: pl.DataFrame, new: pl.DataFrame, mine: pl.Expr, by: list[str]) -> pl.DataFrame:
    both = pl.concat([stored.filter(~mine), new.filter(mine)])
    return in_order(both, by) if by else both
