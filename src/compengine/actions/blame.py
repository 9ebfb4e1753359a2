"""Which change of plan or input moved a number: found by halving the list of changes and computing in between."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import accumulate

import polars as pl

from compengine.actions.changes import Change, Inputs, changes, in_order, inputs_of, made, program_of
from compengine.actions.figures import Money, summed
from compengine.actions.opened import Opened
from compengine.actions.pinned import pinned_decided, pinned_standing
from compengine.actions.runs import find_run, the_ledger
from compengine.engine.run import calculate as compute
from compengine.engine.work import Standing
from compengine.ledger import queries
from compengine.ledger.leaves import EARNINGS
from compengine.ledger.rowfiles import fetch
from compengine.ledger.runs import Run, RunRecord
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.decided import Decided
from compengine.values.periods import Calendar, NoWindow

MOST = 200
"""So many calculations are made at most, unless told otherwise."""
TOGETHER = 6
"""So many changes that act together are told apart; what needs more stays one group."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved the number, from `before` to `after`: one change, or several that can only be made together. `given`
    are changes made before, without which it would not be this amount. `whole` is false where the calculations ran
    out before the group could be divided."""

    changes: tuple[Change, ...]
    given: tuple[Change, ...]
    before: Money
    after: Money
    amount: Money
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Blamed:
    """The number is `before` with the inputs of run `old`, and `after` with those of run `new`, both computed for the
    period of `run`. `moved` are in the order in which the changes were made, and add up. `looked_at` counts changes,
    `computed` calculations."""

    run: str
    period: str
    payee: str
    line: str
    old: str
    old_time: str
    new: str
    new_time: str
    before: Money
    after: Money
    moved: tuple[Moved, ...]
    looked_at: int
    computed: int


@dataclass(frozen=True, slots=True)
class Number:
    """Rows of pay that are summed: of a payee, of periods that end by `until`, about a source or of a component."""

    payee: str
    line: str
    until: date | None
    calendar: Calendar

    def of(self, earnings: pl.DataFrame) -> Decimal:
        mine = earnings.filter((pl.col("payee") == self.payee) & pl.col("paid"))
        if self.line:
            source = pl.col("source")
            base = source.str.split("/").list.first()
            mine = mine.filter((source == self.line) | (base == self.line) | (pl.col("component") == self.line))
        amounts = mine.select("for_period", "amount").iter_rows()
        return summed([amount for label, amount in amounts if self.until is None or self._ends(label) <= self.until])

    def _ends(self, label: str) -> date:
        try:
            return self.calendar.period(label).end
        except NoWindow:
            return date.max


@dataclass(slots=True)
class Bench:
    """Two ends, the changes between them, and the number with some of the changes made, each computed once; None where
    it cannot be computed. `cuts` are the places between groups of changes (`changes.in_order`)."""

    record: RunRecord
    posted: Standing | None
    decided: Decided
    number: Number
    before: Inputs
    after: Inputs
    changes: tuple[Change, ...]
    cuts: frozenset[int]
    most: int
    known: dict[frozenset[int], Decimal | None] = field(default_factory=dict)

    @property
    def spent(self) -> bool:
        return len(self.known) >= self.most

    def value(self, some: frozenset[int]) -> Decimal | None:
        if some not in self.known:
            inputs = made(self.before, self.after, [self.changes[at] for at in sorted(some)])
            self.known[some] = _computed(inputs, self.record, self.posted, self.decided, self.number)
        return self.known[some]


def _computed(
    inputs: Inputs, record: RunRecord, posted: Standing | None, decided: Decided, number: Number
) -> Decimal | None:
    try:
        program, snapshot = program_of(inputs)
        outcome = compute(program, snapshot, record.period, posted, decided)
        outcome.work.faults.stop()
    except Failed:
        return None
    names = [plan.name for plan in program.plans if plan.calendar.name == record.calendar]
    return number.of(outcome.earnings.filter(pl.col("plan").is_in(names)))


def blame(opened: Opened, which: str, payee: str, line: str = "", most: int = MOST) -> Blamed:
    """`line` is a source, a component, or empty for all that the payee has earned. Raises `Failed`: E606; E512 where
    the run has nothing of it; E706 where no earlier run had another value; E610 where the run, computed again, comes to
    another number than it has on record; E609."""
    store = the_ledger(opened)
    run = find_run(store, which)
    record, objects = run.record, opened.objects
    stored = fetch(objects, EARNINGS, record.earnings)
    inputs = inputs_of(objects, record)
    program, _ = program_of(inputs)
    calendar = program.workspace.calendars[record.calendar]
    earlier = [r for r in queries.runs(store) if r.seq < run.seq and r.record.calendar == record.calendar]
    posted, decided = pinned_standing(objects, record), pinned_decided(objects, record)
    currency = _currency(stored, payee, line, run)

    def number(other: RunRecord) -> Number:
        whole = bool(line) and not (stored["component"] == line).any()
        return Number(payee, line, None if whole else min(other.period.end, record.period.end), calendar)

    newer, tried = run, 0
    for old in reversed(earlier):
        if _same(old.record, newer.record):
            newer = old
            continue
        asked = number(old.record)
        now = asked.of(stored)
        before = inputs_of(objects, old.record)
        then = _computed(before, record, posted, decided, asked)
        tried += 1
        if then is not None and then != now:
            after = inputs if _same(newer.record, record) else inputs_of(objects, newer.record)
            groups = in_order(changes(before, after), program.workspace)
            cuts = frozenset(accumulate(len(group) for group in groups))
            found = tuple(change for group in groups for change in group)
            bench = Bench(record, posted, decided, asked, before, after, found, cuts, most)
            bench.known |= {frozenset(): then}
            whole = bench.value(frozenset(range(len(found))))
            if whole != now:
                raise Failed([_differs(run, whole, now)])
            moved = _moved(bench, currency)
            return _told(run, payee, line, (old, newer), (then, now), moved, bench, currency, tried)
        newer = old
    what = f"{payee}{f', {line},' if line else ''}"
    message = f"{what} has had one value in every run up to {run.id}"
    raise Failed([Diagnostic("E706", message, Place(table="runs", row=run.id), "compengine runs")])


def _same(one: RunRecord, other: RunRecord) -> bool:
    return (one.plans, one.workspace, one.snapshot) == (other.plans, other.workspace, other.snapshot)


def _currency(stored: pl.DataFrame, payee: str, line: str, run: Run) -> str:
    mine = stored.filter((pl.col("payee") == payee) & pl.col("paid"))
    found = mine["currency"].unique().sort().to_list()
    if not found:
        message = f"run {run.id} of {run.record.period.label} has nothing for {payee}"
        raise Failed([Diagnostic("E512", message, Place(table="payees", row=payee))])
    if len(found) > 1 and not line:
        help = "name a line: a deal's id or a component"
        raise Failed([Diagnostic("E512", f"{payee} is paid in {', '.join(found)}, which have no sum", help=help)])
    return str(found[0])


def _differs(run: Run, computed: Decimal | None, stored: Decimal) -> Diagnostic:
    message = f"run {run.id} has {stored} on record, and comes to {computed} with its stored inputs"
    return Diagnostic("E610", message, Place(table="runs", row=run.id), "compengine replay")


def _moved(bench: Bench, currency: str) -> tuple[Moved, ...]:
    """Where the number changes along the list of changes, made one after another."""
    count = len(bench.changes)
    steps = _steps(0, count, lambda at: bench.value(frozenset(range(at))), lambda: bench.spent, sorted(bench.cuts))
    found: list[Moved] = []
    for low, high in _joined(steps, lambda at: bench.known[frozenset(range(at))]):
        before, after = (bench.known[frozenset(range(at))] for at in (low, high))
        assert before is not None and after is not None, "a group that ends where nothing can be computed"
        whole = high - low == 1 or not bench.spent
        amount = summed([after, -before])
        needed = _needed(bench, low, high, amount) if whole else ()
        own, given = bench.changes[low:high], tuple(bench.changes[at] for at in needed)
        was, now, by = (Money(x, currency) for x in (before, after, amount))
        found.append(Moved(own, given, was, now, by, whole))
    return tuple(found)


def _steps(
    low: int, high: int, value: Callable[[int], Decimal | None], spent: Callable[[], bool], cuts: Sequence[int] = ()
) -> list[tuple[int, int]]:
    """The stretches, of one change each, over which the value is another; longer ones where `spent`. What cancels out
    within a half is not seen. Halved at one of `cuts` (sorted), as long as there is one inside."""
    if value(low) == value(high):
        return []
    if high - low == 1 or spent():
        return [(low, high)]
    inside = cuts[bisect_right(cuts, low) : bisect_left(cuts, high)]
    middle = inside[len(inside) // 2] if inside else (low + high) // 2
    return [*_steps(low, middle, value, spent, inside), *_steps(middle, high, value, spent, inside)]


def _joined(steps: Sequence[tuple[int, int]], value: Callable[[int], Decimal | None]) -> list[tuple[int, int]]:
    """Stretches between which nothing can be computed belong together."""
    found: list[tuple[int, int]] = []
    for low, high in steps:
        if found and value(found[-1][1]) is None:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return [(low, high) for low, high in found if value(low) != value(high)]


def _needed(bench: Bench, low: int, high: int, amount: Decimal) -> tuple[int, ...]:
    """The changes before a stretch without which it does not move the number by as much: each is the last one that
    makes the difference, found by halving."""
    own = frozenset(range(low, high))
    fixed: list[int] = []

    def moves(first: int) -> bool:
        others = frozenset(fixed) | frozenset(range(first, low))
        before, after = bench.value(others), bench.value(others | own)
        return before is not None and after is not None and summed([after, -before]) == amount

    while not moves(low) and len(fixed) < TOGETHER and not bench.spent:
        first, last = 0, low
        while last - first > 1:
            middle = (first + last) // 2
            first, last = (middle, last) if moves(middle) else (first, middle)
        if first in fixed:
            break
        fixed.append(first)
    return tuple(sorted(fixed))


def _told(
    run: Run,
    payee: str,
    line: str,
    between: tuple[Run, Run],
    values: tuple[Decimal, Decimal],
    moved: tuple[Moved, ...],
    bench: Bench,
    currency: str,
    tried: int,
) -> Blamed:
    old, new = between
    before, after = values
    return Blamed(
        run.id,
        run.record.period.label,
        payee,
        line,
        old.id,
        old.events[0].time,
        new.id,
        new.events[0].time,
        Money(before, currency),
        Money(after, currency),
        moved,
        len(bench.changes),
        len(bench.known) - 1 + tried,
    )
