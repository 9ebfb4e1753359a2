"""Which change of plan or input moved a number: found by halving the list of changes and computing in between."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate

import polars as pl

from compengine.actions.changes import Change, Inputs, changes, in_order, inputs_of, made, program_of
from compengine.actions.figures import Money, summed
from compengine.actions.opened import Opened
from compengine.actions.pinned import pinned_decided, pinned_standing, pinned_workspace
from compengine.actions.runs import find_run, the_ledger
from compengine.engine.run import calculate as compute
from compengine.engine.work import Standing
from compengine.ledger import queries
from compengine.ledger.leaves import EARNINGS
from compengine.ledger.rowfiles import fetch
from compengine.ledger.runs import Run, RunRecord
from compengine.ledger.states import State
from compengine.source.diagnostic import Diagnostic, Failed, Place
from compengine.values.decided import Adjustment, Decided
from compengine.values.periods import Calendar, NoWindow

MOST = 200
"""So many calculations are made at most, unless told otherwise."""
ZERO = Decimal(0)
TOGETHER = 6
"""So many changes that act together are told apart; what needs more stays one group."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An approved adjustment that only one of the runs has taken in."""

    kind: str
    name: str
    verb: str
    said: str
    adjustment: Adjustment


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved the number, from `before` to `after`: one change, or several that can only be made together. `given`
    are changes made before, without which it would not be this amount. `whole` is false where the calculations ran
    out before the group could be divided."""

    changes: tuple[Change | Decision, ...]
    given: tuple[Change | Decision, ...]
    before: Money
    after: Money
    amount: Money
    whole: bool = True


@dataclass(frozen=True, slots=True)
class OfPeriod:
    """What is earned for one period. `moved` are in the order in which the changes were made, and add up."""

    period: str
    before: Money
    after: Money
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Blamed:
    """`run` beside `against`, both computed for the period of `run`: `periods` are those for which the number is
    another, in order. `posted`: whether `against` is. `first` are changes without which the inputs of `against` cannot
    be computed for that period; they are made before anything is compared. `looked_at` counts changes, `computed`
    calculations."""

    run: str
    period: str
    run_time: str
    payee: str
    line: str
    against: str
    against_period: str
    against_time: str
    posted: bool
    first: tuple[Change | Decision, ...]
    periods: tuple[OfPeriod, ...]
    looked_at: int
    computed: int


ByPeriod = Mapping[str, Decimal]
"""What is earned, by the period it is for; nothing is left out."""


@dataclass(frozen=True, slots=True)
class Number:
    """Rows of pay that are summed: of a payee, about a source or of a component."""

    payee: str
    line: str

    def rows(self, earnings: pl.DataFrame) -> pl.DataFrame:
        mine = earnings.filter((pl.col("payee") == self.payee) & pl.col("paid"))
        if not self.line:
            return mine
        source = pl.col("source")
        base = source.str.split("/").list.first()
        return mine.filter((source == self.line) | (base == self.line) | (pl.col("component") == self.line))

    def of(self, earnings: pl.DataFrame) -> ByPeriod:
        found: dict[str, list[Decimal]] = {}
        for label, amount in self.rows(earnings).select("for_period", "amount").iter_rows():
            found.setdefault(label, []).append(amount)
        sums = {label: summed(amounts) for label, amounts in found.items()}
        return {label: amount for label, amount in sums.items() if amount}


@dataclass(slots=True)
class Bench:
    """Two ends, the changes between them, and the number with some of the changes made, each computed once; None where
    it cannot be computed. `cuts` are the places between groups of changes (`changes.in_order`); the changes before
    `base` are always made."""

    record: RunRecord
    posted: Standing | None
    decided: Decided
    number: Number
    before: Inputs
    after: Inputs
    changes: tuple[Change | Decision, ...]
    cuts: tuple[int, ...]
    most: int
    base: int = 0
    known: dict[frozenset[int], ByPeriod | None] = field(default_factory=dict)

    @property
    def spent(self) -> bool:
        return len(self.known) >= self.most

    def values(self, some: frozenset[int]) -> ByPeriod | None:
        some |= frozenset(range(self.base))
        if some not in self.known:
            self.known[some] = self._computed(some)
        return self.known[some]

    def value(self, some: frozenset[int], period: str) -> Decimal | None:
        values = self.values(some)
        return None if values is None else values.get(period, ZERO)

    def _computed(self, some: frozenset[int]) -> ByPeriod | None:
        chosen = [self.changes[at] for at in sorted(some)]
        inputs = made(self.before, self.after, [c for c in chosen if not isinstance(c, Decision)])
        ours = {c.name for c in self.changes if isinstance(c, Decision) and (c in chosen) == (c.verb == "added")}
        either = [c.adjustment for c in self.changes if isinstance(c, Decision) and c.name in ours]
        moving = {c.name for c in self.changes if isinstance(c, Decision)}
        stays = [a for a in self.decided.adjustments if a.id not in moving]
        decided = replace(self.decided, adjustments=(*stays, *either))
        try:
            program, snapshot = program_of(inputs)
            outcome = compute(program, snapshot, self.record.period, self.posted, decided)
            outcome.work.faults.stop()
        except Failed:
            return None
        names = [plan.name for plan in program.plans if plan.calendar.name == self.record.calendar]
        return self.number.of(outcome.earnings.filter(pl.col("plan").is_in(names)))


def blame(opened: Opened, which: str, payee: str, line: str = "", most: int = MOST, *, against: str = "") -> Blamed:
    """Run `which` beside `against`, else the run posted last before it was calculated; where nothing was posted then,
    the last run before it that comes to another number. `line` is a source, a component, or empty for all that the
    payee has earned.

    Raises `Failed`: E606; E512 where neither run has anything of it; E706 where nothing has moved, or there is no run
    before; E610 where the run, computed again, comes to another number than it has on record; E609."""
    store = the_ledger(opened)
    run, number = find_run(opened, store, which), Number(payee, line)
    earlier = [r for r in queries.runs(store) if r.seq < run.seq and r.record.calendar == run.record.calendar]
    chosen = find_run(opened, store, against) if against else _posted_before(earlier, run)
    tried = 0
    for other in [chosen] if chosen is not None else reversed(earlier):
        if chosen is None and _same(other.record, run.record):
            continue
        currency = _currency(opened, (run, other), number)
        bench = _bench(opened, run, other, number, most)
        _start(bench, first=chosen is not None)
        now = number.of(fetch(opened.objects, EARNINGS, run.record.earnings))
        start = bench.values(frozenset())
        if (start == now and not bench.base) or (start is None and chosen is None):
            tried += len(bench.known)
            continue
        whole = bench.values(frozenset(range(len(bench.changes))))
        if whole != now:
            raise Failed([_differs(run, whole, now)])
        periods = _periods(bench, now, currency, _calendar(opened, run))
        return _told(run, other, number, periods, bench, tried)
    _currency(opened, (run,) if chosen is None else (run, chosen), number)
    raise Failed([_nothing(run, chosen, number)])


def _posted_before(earlier: Sequence[Run], run: Run) -> Run | None:
    """The run posted last before this one was calculated."""
    when = [(e.seq, r) for r in earlier if (e := r.event(State.POSTED)) is not None and e.seq < run.seq]
    return max(when, key=lambda pair: pair[0])[1] if when else None


def _calendar(opened: Opened, run: Run) -> Calendar:
    return pinned_workspace(opened.objects, run.record).calendars[run.record.calendar]


def _bench(opened: Opened, run: Run, other: Run, number: Number, most: int) -> Bench:
    objects, record = opened.objects, run.record
    before, after = inputs_of(objects, other.record), inputs_of(objects, record)
    decided = pinned_decided(objects, record)
    by_hand = _decisions(pinned_decided(objects, other.record), decided, number.payee)
    groups = in_order(changes(before, after), pinned_workspace(objects, record))
    parts: list[tuple[Change | Decision, ...]] = [*((one,) for one in by_hand), *groups]
    cuts = tuple(accumulate(len(part) for part in parts))
    found = tuple(change for part in parts for change in part)
    return Bench(record, pinned_standing(objects, record), decided, number, before, after, found, cuts, most)


def _decisions(before: Decided, after: Decided, payee: str) -> Iterator[Decision]:
    ours, theirs = ({a.id: a for a in each.adjustments if a.payee == payee} for each in (after, before))
    for name in sorted({*ours, *theirs}):
        if name in ours and name in theirs:
            continue
        one = ours.get(name) or theirs[name]
        said = f"{Money(one.amount, one.currency)} on {one.plan} for {one.for_period}, {one.code}"
        yield Decision("adjustment", name, "added" if name in ours else "taken out", said, one)


def _start(bench: Bench, *, first: bool) -> None:
    """Where nothing can be computed without some of the changes: so many of them, made first."""
    if not first or bench.values(frozenset()) is not None:
        return
    places = [0, *bench.cuts]
    low, high = 0, len(places) - 1
    while high - low > 1 and not bench.spent:
        middle = (low + high) // 2
        low, high = (middle, high) if bench.values(frozenset(range(places[middle]))) is None else (low, middle)
    bench.base = places[high]


def _same(one: RunRecord, other: RunRecord) -> bool:
    return (one.plans, one.workspace, one.snapshot) == (other.plans, other.workspace, other.snapshot)


def _currency(opened: Opened, runs: Iterable[Run], number: Number) -> str:
    """Of the first of the runs that has anything of the number."""
    named = list(runs)
    for run in named:
        found = number.rows(fetch(opened.objects, EARNINGS, run.record.earnings))["currency"].unique().sort().to_list()
        if len(found) > 1:
            help = "name a line: a deal's id or a component"
            message = f"{_what(number)} is paid in {', '.join(found)}, which have no sum"
            raise Failed([Diagnostic("E512", message, help=help)])
        if found:
            return str(found[0])
    said = " and ".join(f"run {run.id} of {run.record.period.label}" for run in named)
    raise Failed(
        [
            Diagnostic(
                "E512",
                f"{said} {'have' if len(named) > 1 else 'has'} nothing for {_what(number)}",
                Place(table="payees", row=number.payee),
                f"compengine show {named[0].id} lists who has anything in it",
            )
        ]
    )


def _what(number: Number) -> str:
    return f"{number.payee}, {number.line}" if number.line else number.payee


def _nothing(run: Run, chosen: Run | None, number: Number) -> Diagnostic:
    place = Place(table="runs", row=run.id)
    if chosen is None:
        message = f"{_what(number)} has had one value in every run up to {run.id}"
        return Diagnostic("E706", message, place, "compengine runs")
    message = f"{_what(number)} has earned the same in run {run.id} as with the inputs of run {chosen.id}"
    return Diagnostic("E706", message, place, "another run to set it beside: --against")


def _differs(run: Run, computed: ByPeriod | None, stored: ByPeriod) -> Diagnostic:
    said = [
        ", ".join(f"{amount} for {label}" for label, amount in sorted((each or {}).items())) or "nothing"
        for each in (stored, computed)
    ]
    message = f"run {run.id} has {said[0]} on record, and comes to {said[1]} with its stored inputs"
    return Diagnostic("E610", message, Place(table="runs", row=run.id), "compengine replay")


def _periods(bench: Bench, now: ByPeriod, currency: str, calendar: Calendar) -> tuple[OfPeriod, ...]:
    def end(label: str) -> tuple[date, str]:
        try:
            return calendar.period(label).end, label
        except NoWindow:
            return date.max, label

    then = bench.values(frozenset()) or {}
    moved = [label for label in {*then, *now} if then.get(label) != now.get(label)]
    return tuple(
        OfPeriod(
            label,
            Money(then.get(label, ZERO), currency),
            Money(now.get(label, ZERO), currency),
            _moved(bench, label, currency),
        )
        for label in sorted(moved, key=end)
    )


def _moved(bench: Bench, period: str, currency: str) -> tuple[Moved, ...]:
    """Where the number changes along the list of changes, made one after another."""

    def value(at: int) -> Decimal | None:
        return bench.value(frozenset(range(at)), period)

    steps = _steps(bench.base, len(bench.changes), value, lambda: bench.spent, sorted(set(bench.cuts)))
    found: list[Moved] = []
    for low, high in _joined(steps, value):
        before, after = value(low), value(high)
        assert before is not None and after is not None, "a group that ends where nothing can be computed"
        whole = high - low == 1 or not bench.spent
        amount = summed([after, -before])
        needed = _needed(bench, low, high, amount, period) if whole else ()
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


def _needed(bench: Bench, low: int, high: int, amount: Decimal, period: str) -> tuple[int, ...]:
    """The changes before a stretch without which it does not move the number by as much: each is the last one that
    makes the difference, found by halving."""
    own = frozenset(range(low, high))
    fixed: list[int] = []

    def moves(first: int) -> bool:
        others = frozenset(fixed) | frozenset(range(first, low))
        before, after = bench.value(others, period), bench.value(others | own, period)
        return before is not None and after is not None and summed([after, -before]) == amount

    while not moves(low) and len(fixed) < TOGETHER and not bench.spent:
        first, last = bench.base, low
        while last - first > 1:
            middle = (first + last) // 2
            first, last = (middle, last) if moves(middle) else (first, middle)
        if first in fixed:
            break
        fixed.append(first)
    return tuple(sorted(fixed))


def _told(run: Run, other: Run, number: Number, periods: tuple[OfPeriod, ...], bench: Bench, tried: int) -> Blamed:
    return Blamed(
        run.id,
        run.record.period.label,
        run.events[0].time,
        number.payee,
        number.line,
        other.id,
        other.record.period.label,
        other.events[0].time,
        other.event(State.POSTED) is not None,
        bench.changes[: bench.base],
        periods,
        len(bench.changes),
        len(bench.known) + tried,
    )
