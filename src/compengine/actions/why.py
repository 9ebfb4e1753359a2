"""What made somebody's pay another than in the run before: inputs, plans, balances, what was decided by hand."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from compengine.actions.changes import Change, RowChange, TextChange, about, changes, inputs_of
from compengine.actions.dirty import Side, dirty
from compengine.actions.figures import Money
from compengine.actions.incremental import basis_of, calculated_from, earlier_side, incomparable
from compengine.actions.movers import Mover, PaidPeriod, movers
from compengine.actions.opened import Opened
from compengine.actions.pinned import (
    CREDITS,
    pinned_by_hand,
    pinned_decided,
    pinned_opening,
    pinned_program,
    pinned_snapshot,
)
from compengine.actions.review import paid_period
from compengine.actions.runs import find_run, names_of, the_ledger
from compengine.actions.source_facts import row_keys
from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_table
from compengine.ledger import queries
from compengine.ledger.runs import Run, RunRecord
from compengine.ledger.states import State
from compengine.ledger.store.database import Store
from compengine.ledger.store.past import as_it_was
from compengine.source.diagnostic import Diagnostic, Failed, Place


@dataclass(frozen=True, slots=True)
class BalanceChange:
    """A balance that the settlement starts from, before and now."""

    plan: str
    account: str
    before: Money
    now: Money


@dataclass(frozen=True, slots=True)
class Cause:
    """Something for which a payee has to be computed again; kinds, `name` and `rule` are those of `dirty.Dirty`. Of a
    row `verb` says what happened to it (`changes.RowChange`)."""

    plan: str
    kind: str
    name: str
    rule: str
    verb: str


@dataclass(frozen=True, slots=True)
class Why:
    """`run` beside `against`. `rows` are changed rows that name the payee or stand behind a credit of either run;
    `others` counts the rest by table. `texts` are changes of plans that pay the payee and of the workspace,
    `other_texts` the names of further ones. `decided`: what was decided by hand and is in one of the runs only.

    `causes` are what makes the payee dirty beside `against`, without any nothing that their pay depends on is another;
    `everything` says why all of it is to be computed, whatever changed. `taken`: whether the run was calculated
    incrementally from `against`."""

    run: str
    period: str
    against: str
    against_period: str
    payee: str
    name: str
    pay: tuple[Mover, ...]
    rows: tuple[RowChange, ...]
    others: tuple[tuple[str, int], ...]
    texts: tuple[TextChange, ...]
    other_texts: tuple[str, ...]
    balances: tuple[BalanceChange, ...]
    decided: tuple[str, ...]
    engine: str
    causes: tuple[Cause, ...]
    everything: str
    taken: bool


def why(opened: Opened, payee: str, which: str = "", against: str = "") -> Why:
    """The run asked for, else the last one, beside `against`, else the run it was calculated from, else the run of its
    calendar recorded before it.

    Raises `Failed`: E606; E706 where there is no run before; E512 where neither run has anything of the payee; E609.
    """
    store = the_ledger(opened)
    run = find_run(opened, store, which) if which else queries.runs(store)[-1]
    before = find_run(opened, store, against) if against else _before(store, run)
    now, then = _paid(opened, store, run), _paid(opened, store, before)
    keys, plans = _behind(opened, (run, before), payee)
    if not keys and not plans and not _settled(now, payee) and not _settled(then, payee):
        message = f"neither run {run.id} nor run {before.id} has anything for {payee}"
        help = f"compengine show {run.id} lists who has anything in it"
        raise Failed([Diagnostic("E512", message, Place(table="payees", row=payee), help)])
    found = changes(inputs_of(opened.objects, before.record), inputs_of(opened.objects, run.record))
    rows = about(found, payee, keys)
    plans |= {s.plan for s in (*now.settlements, *then.settlements) if s.payee == payee}
    texts = [c for c in found if isinstance(c, TextChange)]
    mine = [c for c in texts if c.kind != "plan" or c.name.split("@")[0] in plans]
    names = names_of(opened, run.record.snapshot)
    causes, everything = _causes(opened.objects, before.record, run.record, payee, plans)
    verbs = {f"{c.table} {c.identity[0]}": c.verb for c in found if isinstance(c, RowChange)}
    return Why(
        run.id,
        run.record.period.label,
        before.id,
        before.record.period.label,
        payee,
        names.get(payee, ""),
        movers(_of(now, payee), _of(then, payee), names),
        tuple(rows),
        _counted(found, rows),
        tuple(mine),
        tuple(sorted({c.name for c in texts if c not in mine})),
        _balances(opened, before.record, run.record, payee),
        tuple(_decided(opened, before.record, run.record, payee)),
        "" if before.record.engine == run.record.engine else f"{before.record.engine} to {run.record.engine}",
        tuple(replace(cause, verb=verbs.get(cause.name, "")) for cause in causes),
        everything,
        calculated_from(run) == before.id,
    )


def _causes(
    objects: Objects, before: RunRecord, now: RunRecord, payee: str, plans: Collection[str]
) -> tuple[tuple[Cause, ...], str]:
    """On these plans; and why everything is to be computed, if it is."""
    if (before.calendar, before.period) != (now.calendar, now.period):
        return (), f"run {before.id} is of another period"
    program = pinned_program(objects, now)
    after = Side(
        program,
        pinned_snapshot(objects, now, program.workspace),
        pinned_opening(objects, now),
        pinned_decided(objects, now),
    )
    if reason := incomparable(basis_of(before), basis_of(now)):
        return (), reason
    found = dirty(earlier_side(objects, before, after), after, now.period)
    return tuple(
        Cause(plan, kind, name, rule, "")
        for plan in sorted({*plans} & {*found.causes})
        for who, kind, name, rule in found.causes[plan].iter_rows()
        if who == payee
    ), ""


def _before(store: Store, run: Run) -> Run:
    earlier = [r for r in queries.runs(store) if r.seq < run.seq and r.record.calendar == run.record.calendar]
    if taken := [r for r in earlier if r.id == calculated_from(run)]:
        return taken[0]
    if not earlier:
        message = f"there is no run before {run.id}"
        raise Failed([Diagnostic("E706", message, Place(table="runs", row=run.id), "compengine runs")])
    return earlier[-1]


def _paid(opened: Opened, store: Store, run: Run) -> PaidPeriod:
    """A run that was never posted, beside the ledger of its own time: what it would have posted then."""
    there = store if run.event(State.POSTED) is not None else as_it_was(store, run.events[0].seq)
    return paid_period(opened, there, run)


def _of(period: PaidPeriod, payee: str) -> PaidPeriod:
    rows = tuple(r for r in period.rows if r[0].payee == payee)
    return PaidPeriod(period.run, period.label, rows, tuple(s for s in period.settlements if s.payee == payee))


def _settled(period: PaidPeriod, payee: str) -> bool:
    return any(s.payee == payee for s in period.settlements)


def _behind(opened: Opened, runs: Iterable[Run], payee: str) -> tuple[set[str], set[str]]:
    """Keys that rows behind the payee's credits may have, and the plans of these credits."""
    keys: set[str] = set()
    plans: set[str] = set()
    for run in runs:
        credits = get_table(opened.objects, CREDITS, run.record.credits).filter(pl.col("payee") == payee)
        for source, plan in credits.select("source", "plan").iter_rows():
            keys |= set(row_keys(source)) - {""}
            plans.add(plan.split("@")[0])
    return keys, plans


def _counted(found: Iterable[Change], mine: Iterable[RowChange]) -> tuple[tuple[str, int], ...]:
    shown = {(c.table, c.identity) for c in mine}
    rest = Counter(c.table for c in found if isinstance(c, RowChange) and (c.table, c.identity) not in shown)
    return tuple(sorted(rest.items()))


def _balances(opened: Opened, before: RunRecord, now: RunRecord, payee: str) -> tuple[BalanceChange, ...]:
    """But for the pseudo account `released`, which every posting moves."""
    sides: list[dict[tuple[str, str, str], Decimal]] = []
    for record in (before, now):
        mine = [b for b in pinned_opening(opened.objects, record) if b.payee == payee and b.account != "released"]
        sides.append({(b.plan, b.account, b.currency): b.amount for b in mine})
    was, becomes = sides
    return tuple(
        BalanceChange(
            key[0], key[1], Money(was.get(key, Decimal(0)), key[2]), Money(becomes.get(key, Decimal(0)), key[2])
        )
        for key in sorted({*was, *becomes})
        if was.get(key) != becomes.get(key)
    )


def _decided(opened: Opened, before: RunRecord, now: RunRecord, payee: str) -> list[str]:
    sides: list[set[str]] = []
    for record in (before, now):
        decided = pinned_by_hand(opened.objects, record)
        said = {
            f"adjustment {t.adjustment.id}: {Money(t.adjustment.amount, t.adjustment.currency)} for "
            f"{t.adjustment.for_period}, {t.adjustment.code}"
            for t in decided.taken
            if t.adjustment.payee == payee
        }
        for hold in decided.holds:
            scope = " ".join(part for part in (hold.plan, hold.component, hold.source) if part)
            said |= {f"hold {hold.id}{f' of {scope}' if scope else ''}"} if hold.payee == payee else set()
        sides.append(said)
    was, becomes = sides
    return [*(f"{one} (new)" for one in sorted(becomes - was)), *(f"{one} (gone)" for one in sorted(was - becomes))]
