"""One trial of a period: everything computed with what is known now, kept, and put on record as a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

import compengine
from compengine.actions.checkpoints import open_checked
from compengine.actions.computed import Computed, compute_all
from compengine.actions.dirty import Side
from compengine.actions.entities import require_entities
from compengine.actions.incremental import NOTE, TakenOver, from_earlier
from compengine.actions.load import the_snapshot
from compengine.actions.opened import Opened, acting
from compengine.actions.pinned import CREDITS, EXCLUSIONS, MEASURES, decided_of, pin, standing_of
from compengine.actions.plans import the_program
from compengine.actions.runs import RunView, view_of
from compengine.engine.late import CURRENT
from compengine.inputs.current import save
from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import put_bytes, put_table
from compengine.inputs.snapshot import Snapshot
from compengine.ledger.closed import Closed, content, last_closed
from compengine.ledger.intact import require_entries_intact
from compengine.ledger.leaves import EARNINGS, entitlement_root
from compengine.ledger.queries import Opening, opening_of
from compengine.ledger.rowfiles import PAYABLES, SETTLEMENTS, keep
from compengine.ledger.runs import RunRecord, find_runs, record_run
from compengine.ledger.store.database import reading
from compengine.plan.typed import Program
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import suggestion
from compengine.values.decided import ADJUSTMENT, Decided, covers
from compengine.values.digest import sha256_hex
from compengine.values.money import to_minor
from compengine.values.periods import DAY, Calendar, NoWindow, Window


@dataclass(frozen=True, slots=True)
class Calculated:
    """`again`: the same inputs gave the same run before. `taken`: what an incremental calculation took over."""

    view: RunView
    again: bool
    warnings: tuple[str, ...]
    taken: TakenOver | None = None


def calculate(
    opened: Opened,
    label: str,
    calendar: str,
    actor: str,
    now: datetime,
    *,
    incremental: bool = False,
    rows: bool = True,
) -> Calculated:
    """`incremental`: from the last run of the period, with the same result. `rows`: whether the view has those of the
    posting one by one.

    Raises `Failed`: whatever is wrong with plans or data; E704 for a period the calendar does not have; E706 without
    data; E605 for a period that is posted; E612 without an actor; E611."""
    who = acting(opened, actor)
    program, checked = the_program(opened)
    chosen, period = the_period(program, label, calendar)
    snapshot = the_snapshot(opened)
    store, objects = open_checked(opened), opened.objects
    require_entries_intact(store)
    with reading(store) as connection:
        opening = opening_of(connection, chosen.name)
        closed = last_closed(connection, comparing(program))
        runs = find_runs(connection) if incremental else []
    if opening.last_end is not None and period.end <= opening.last_end:
        message = f"{period.label} is posted, and stays as it is"
        raise Failed([Diagnostic("E605", message, help="calculate the next period; it will hold the corrections")])
    posted = standing_of(objects, closed)
    decided = decided_of(objects, opening.by_hand)
    refuse_unfit(program, snapshot, chosen, decided)
    require_entities(program.workspace, snapshot)
    side, taken = Side(program, snapshot, opening.balances, decided), None
    if incremental:
        compared_with = sha256_hex(content(closed)) if closed else ""
        computed, taken = from_earlier(objects, runs, side, (compared_with, posted), (chosen, period))
    else:
        computed = compute_all(program, snapshot, chosen, period, opening.balances, posted, decided)
    save(objects, snapshot)
    pin(objects, checked, program, opened.text, opening)
    record = _record(objects, program, snapshot, opening, closed, chosen, period, computed)
    with reading(store) as connection:
        again = bool(find_runs(connection, record.id))
    note = f"{NOTE}{taken.run}" if taken is not None and taken.run else ""
    run = record_run(store, record, who, now, opened.workspace.controls, note)
    beside = [f"{d.place.span.path}: {d.message}; {d.help}" for d in checked.diagnostics if d.place.span is not None]
    warnings = (*_warnings(opening, period, program, computed, decided), *beside)
    return Calculated(view_of(opened, store, run, rows=rows), again, warnings, taken)


def the_period(program: Program, label: str, calendar: str) -> tuple[Calendar, Window]:
    """The period of that label, in the calendar asked for, else in the one calendar of the plans that has it."""
    used = {plan.calendar.name: plan.calendar for plan in program.plans}
    if calendar and calendar not in used:
        help = suggestion(calendar, used, "calendars with plans are")
        raise Failed([Diagnostic("E704", f"no plan is paid by a calendar {calendar}", help=help)])
    found = []
    for name, each in used.items():
        if calendar in ("", name):
            try:
                found.append((each, each.period(label)))
            except NoWindow:
                continue
    if not found:
        names = calendar or ", ".join(used)
        help = f"periods are called like {_example(next(iter(used.values())), program)}"
        raise Failed([Diagnostic("E704", f"{label} is not a period of the calendar {names}", help=help)])
    if len(found) > 1:
        names = ", ".join(each.name for each, _ in found)
        raise Failed([Diagnostic("E704", f"{label} is a period of several calendars: {names}", help="use --calendar")])
    return found[0]


def _example(calendar: Calendar, program: Program) -> str:
    try:
        return calendar.window("period", program.plans[0].start).label
    except NoWindow:
        return "those under `calendars` in the workspace file"


def refuse_unfit(program: Program, snapshot: Snapshot, calendar: Calendar, decided: Decided) -> None:
    """Raises `Failed` where an adjustment no longer fits what is calculated: E705 its plan is gone, E704 the calendar
    has no such period any more, E512 its payee is gone. What was approved is never left out in silence."""
    plans, found = {plan.name for plan in program.plans if plan.calendar.name == calendar.name}, []
    payees = set(snapshot.frame("payees")["@key"]) if decided.adjustments else set()
    for one in decided.adjustments:
        place = Place(table="register", row=one.id)
        if one.plan not in plans:
            message = f"adjustment {one.id} is on plan {one.plan}, which is not there any more"
            found.append(Diagnostic("E705", message, place, "keep the plan's file until it pays nobody"))
        if one.payee not in payees:
            message = f"adjustment {one.id} is for {one.payee}, who is not in payees any more"
            found.append(Diagnostic("E512", message, place, "keep the payee's rows"))
        try:
            calendar.period(one.for_period)
        except NoWindow as error:
            found.append(Diagnostic("E704", f"adjustment {one.id}: {error}", place))
    if found:
        raise Failed(found)


def comparing(program: Program) -> set[str]:
    """The calendars whose posted credits a run needs: those of plans whose late rows are paid in the open period."""
    return {plan.calendar.name for plan in program.plans if plan.late == CURRENT}


def _record(
    objects: Objects,
    program: Program,
    snapshot: Snapshot,
    opening: Opening,
    closed: Sequence[Closed],
    calendar: Calendar,
    period: Window,
    computed: Computed,
) -> RunRecord:
    """Everything kept, and named by its digest."""
    return RunRecord(
        calendar=calendar.name,
        period=period,
        engine=compengine.__version__,
        plans=tuple(sorted((plan.id, plan.digest) for plan in program.plans)),
        workspace=program.workspace.digest,
        snapshot=snapshot.digest,
        opening=opening.digest,
        posted=put_bytes(objects, content(closed)) if closed else "",
        earnings=keep(objects, EARNINGS, computed.earnings),
        payables=keep(objects, PAYABLES, computed.payables),
        settlements=keep(objects, SETTLEMENTS, computed.settlements),
        credits=put_table(objects, CREDITS, computed.credits),
        measures=put_table(objects, MEASURES, computed.measures),
        exclusions=put_table(objects, EXCLUSIONS, computed.exclusions),
        entitlement=entitlement_root(computed.earnings),
        totals=payable_totals(computed.settlements),
    )


def payable_totals(settlements: pl.DataFrame) -> tuple[tuple[str, int], ...]:
    """What is payable, by currency, in minor units."""
    sums: dict[str, int] = {}
    for currency, amount in settlements.select("currency", "payable").iter_rows():
        sums[currency] = sums.get(currency, 0) + to_minor(amount, currency)
    return tuple(sorted(sums.items()))


def _warnings(
    opening: Opening, period: Window, program: Program, computed: Computed, decided: Decided
) -> tuple[str, ...]:
    """What does not stop a trial, and should be known."""
    found = []
    if opening.last_end is not None and period.start != opening.last_end + DAY:
        found.append(f"{period.label} is not the open period: the last one posted ends on {opening.last_end}")
    if not any(plan.start <= period.end and period.start <= plan.end for plan in program.plans):
        found.append(f"no plan is in force in {period.label}")
    return (*found, *_beside(computed, decided))


def _beside(computed: Computed, decided: Decided) -> list[str]:
    """Holds and adjustments that were probably meant otherwise: nothing of the payee lies there."""
    found = []
    for hold in decided.holds:
        theirs = computed.payables.filter(pl.col("payee") == hold.payee)
        if not any(covers(hold, *row) for row in theirs.select("payee", "plan", "component", "source").iter_rows()):
            found.append(f"hold {hold.id} keeps nothing back: {hold.payee} has no such earning in any period so far")
    for one in decided.adjustments:
        frames = (computed.credits, computed.measures, computed.earnings.filter(pl.col("kind") != ADJUSTMENT))
        if all(f.filter((pl.col("payee") == one.payee) & (pl.col("plan") == one.plan)).is_empty() for f in frames):
            found.append(f"adjustment {one.id} is paid with {one.plan}, which has nothing else of {one.payee} so far")
    return found
