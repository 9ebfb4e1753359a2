"""Cases run in memory: a period is calculated by both engines, posted to lines, and paid, with no file or database."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import polars as pl

from compengine.actions.case_files import Case, Given
from compengine.actions.computed import Computed, of_calendar
from compengine.actions.differing import first_difference
from compengine.actions.independent import by_oracle
from compengine.actions.plans import with_sources
from compengine.engine.run import calculate, settled
from compengine.engine.work import Standing
from compengine.inputs.checks import dangling, references
from compengine.inputs.given import from_rows
from compengine.inputs.schema import Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.ledger.accounts import OPENING, RELEASED, Account, Reason
from compengine.ledger.entries import Key, Line, payment_lines, run_lines
from compengine.ledger.posting import POSTED_EARNING, difference, fold
from compengine.plan.typed import Plan, Program
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.source.shape import suggestion
from compengine.values.decided import NOTHING, Decided
from compengine.values.money import from_minor
from compengine.values.periods import DAY, NoWindow, Window
from compengine.values.rows import Balance


@dataclass(frozen=True, slots=True)
class Closed:
    """What closing one period gave. `plans` are those of the case, `posted` the rows of this posting, `lines` all lines
    so far, `paid` those that paid this period; `differing` says where the engines differ, empty where they agree."""

    plans: tuple[Plan, ...]
    period: Window
    pay_date: date
    computed: Computed
    posted: pl.DataFrame
    lines: tuple[Line, ...]
    paid: tuple[Line, ...]
    differing: str


@dataclass(slots=True)
class Books:
    """A ledger in memory: everything posted so far. `payables` are those of the period that was closed last, `standing`
    is what late rows are compared with, `decided` what stands decided by hand for the period that is closed next."""

    posted: list[pl.DataFrame] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    last: Window | None = None
    payables: pl.DataFrame = field(default_factory=pl.DataFrame)
    standing: Standing | None = None
    decided: Decided = NOTHING


def program_of(program: Program, case: Case) -> Program:
    """The case's plans and those they take earnings from; raises `Failed` (E705) for a plan that is not there."""
    names = {plan.name for plan in program.plans}
    missing = [s for s in case.plans if s.value not in names]
    if missing:
        found = [
            Diagnostic("E705", f"there is no plan {s.value}", Place(s.span), suggestion(s.value, names))
            for s in missing
        ]
        raise Failed(found)
    return with_sources(program, [s.value for s in case.plans])


def snapshot_of(workspace: Workspace, rows: Iterable[Given]) -> Snapshot:
    """Raises `Failed` with the places of the rows in the case file."""
    tables: dict[str, list[Given]] = {}
    for row in rows:
        tables.setdefault(row.table, []).append(row)
    try:
        return from_rows(workspace, {name: [r.cells for r in listed] for name, listed in tables.items()}, partial=True)
    except Failed as failed:
        raise Failed([_placed(d, tables) for d in failed.diagnostics]) from None


def _placed(diagnostic: Diagnostic, tables: dict[str, list[Given]]) -> Diagnostic:
    rows = tables.get(diagnostic.place.table, [])
    named = [r for r in rows if diagnostic.place.row and diagnostic.place.row.split("/")[0] in r.cells.values()]
    having = [r for r in rows if diagnostic.place.column in r.cells]
    at = next(iter((*named, *having, *rows)), None)
    return diagnostic if at is None else replace(diagnostic, place=replace(diagnostic.place, span=at.span))


def refuse_lost(workspace: Workspace, snapshot: Snapshot, rows: Iterable[Given]) -> None:
    """Raises `Failed` (E406) where a row names another one that the case does not give."""
    found: list[Diagnostic] = []
    listed = list(rows)
    for name, table in workspace.tables.items():
        for column, target in references(table):
            there = snapshot.frame(target)
            lost = set(dangling(snapshot.frame(name), column, there)[column])
            for row in listed:
                if row.table == name and row.cells.get(column) in lost:
                    value = str(row.cells[column])
                    message = f"{column} names {value}, and {target} has no such row"
                    help = suggestion(value, there["@key"].unique().to_list()) or f"give it under {target}"
                    found.append(Diagnostic("E406", message, Place(row.span, name, column=column), help))
    if found:
        raise Failed(found)


def close(program: Program, plan: Plan, snapshot: Snapshot, label: str, books: Books) -> Closed:
    """Calculate a period, post it to `books`, and pay it. Raises `Failed`: a fault of plan or data; E704, E601."""
    try:
        period = plan.calendar.period(label)
    except NoWindow as error:
        raise Failed([Diagnostic("E704", str(error))]) from None
    if books.last is not None and period.start != books.last.end + DAY:
        message = f"{label} is not the open period: {books.last.label} was closed last"
        following = plan.calendar.window("period", books.last.end + DAY).label
        raise Failed([Diagnostic("E601", message, help=f"close {following} next; no period is left out")])
    opening = opening_of(books.lines)
    outcome = calculate(program, snapshot, period, books.standing, books.decided)
    settlements = settled(outcome.work, outcome.payables, period, opening)
    outcome.work.faults.stop()
    computed = of_calendar(program, plan.calendar, outcome, settlements)
    other = by_oracle(program, snapshot, plan.calendar, period, opening, books.standing, books.decided)
    live = fold(pl.concat([POSTED_EARNING.to_frame(), *books.posted]))
    rows = difference(computed.earnings, live, label)
    lines = run_lines(rows, computed.payables, computed.settlements, _released(books.lines), period)
    paid = payment_lines(computed.settlements, period)
    books.posted.append(rows)
    books.lines += [*lines, *paid]
    books.last, books.payables = period, computed.payables
    books.standing = Standing({plan.calendar.name: period.end}, computed.credits)
    return Closed(
        program.plans,
        period,
        plan.calendar.pay_date(period),
        computed,
        rows,
        tuple(books.lines),
        tuple(paid),
        first_difference(computed, other),
    )


def balances(lines: Iterable[Line], account: str, payee: str, reason: str = "") -> dict[str, Decimal]:
    """What stands on an account for a payee, by currency."""
    sums: dict[str, int] = {}
    for line in lines:
        if line.account == account and line.payee == payee and reason in ("", line.reason):
            sums[line.currency] = sums.get(line.currency, 0) + line.amount
    return {currency: from_minor(amount, currency) for currency, amount in sums.items()}


def opening_of(lines: Iterable[Line]) -> tuple[Balance, ...]:
    """What `ledger.queries.opening` says, of lines."""
    sums: dict[tuple[str, str, str, str], int] = {}
    for line in lines:
        accounts = [line.account] if line.account in OPENING else []
        if line.account == Account.PAYABLE and line.reason == Reason.RELEASED:
            accounts.append(RELEASED)
        for account in accounts:
            key = (line.payee, line.plan, account, line.currency)
            sums[key] = sums.get(key, 0) + line.amount
    return tuple(Balance(*key, from_minor(amount, key[3])) for key, amount in sorted(sums.items()) if amount)


def _released(lines: Iterable[Line]) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for line in lines:
        if line.account == Account.PAYABLE and line.reason == Reason.RELEASED:
            key = Key(line.payee, line.plan, line.component, line.for_period, line.currency)
            sums[key] = sums.get(key, 0) + line.amount
    return {key: amount for key, amount in sums.items() if amount}
