"""The state of one calculation: what is computed so far of each plan version, and where an expression stands."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from compengine.oracle.faults import Fault, diagnostic
from compengine.oracle.people import People, Stay, days_within
from compengine.oracle.rows import Row, Tables
from compengine.oracle.trace import Recorder
from compengine.plan.typed import Plan, Program
from compengine.source.diagnostic import Diagnostic
from compengine.source.text import Span
from compengine.values.exact import CONTEXT, ZERO, exact
from compengine.values.periods import DAY, NoWindow, Window
from compengine.values.rows import Credit, Earning, Exclusion, Payable, Posted

Key = tuple[Any, ...]
"""Place in the total order: date, id, stream, payee (ids as bytes). A shorter tuple stands before all that begin
with it, a longer one just after: `(day,)` is the start of a day, `(*key, b"")` just after a credit."""


def key_of(day: date, source: str, stream: str, payee: str) -> Key:
    """Section 8: credits of a plan are ordered by date, id, stream, payee, ids by their bytes."""
    return (day, source.encode(), stream.encode(), payee.encode())


def just_after(key: Key) -> Key:
    return (*key, b"")


LAST = b"\xff"
"""No id in UTF-8 has this byte: what begins with it stands after all others."""


def end_of_day(day: date, source: str, rule: str, payee: str) -> Key:
    """The place of a carried row: after all credits of its day (section 10, carry)."""
    return (day, LAST + source.encode(), rule.encode(), payee.encode())


# --- running sums


@dataclass(frozen=True, slots=True)
class Entry:
    """One amount that sums see. Reversals add to sums but are not `counted` (section 5, `count`); steps that are no
    credits of their own are not `ranked` by `min` and `max` either."""

    key: Key
    amount: Decimal
    counted: bool
    ranked: bool


@dataclass(frozen=True, slots=True)
class Column:
    """Entries in the total order with their running sums and counts: `sums[i]` is what the first i add up to."""

    entries: list[Entry]
    keys: list[Key]
    sums: list[Decimal]
    counts: list[int]

    def stretch(self, first: date, last: date, cut: Key | None) -> tuple[int, int]:
        """The entries dated `first` to `last` that stand before the cut, as a range."""
        low = bisect_left(self.keys, (first,))
        end: Key = (last + DAY,) if last < date.max else (last, LAST)
        if cut is not None and cut < end:
            end = cut
        return low, max(low, bisect_left(self.keys, end))


def column_of(entries: Iterable[Entry]) -> Column:
    ordered = sorted(entries, key=lambda entry: entry.key)
    sums, counts = [ZERO], [0]
    for entry in ordered:
        sums.append(CONTEXT.add(sums[-1], entry.amount))
        counts.append(counts[-1] + entry.counted)
    return Column(ordered, [entry.key for entry in ordered], sums, counts)


EMPTY = column_of([])


# --- what streams and components come to


@dataclass(frozen=True, slots=True)
class Item:
    """A credit with the rows it came from: `rows` by the names expressions use, `credit` among them.

    `of` is the credit that a reversal credit (policy `scale`) takes back, None for a credit of its own. `id` is that
    of the credit itself, but for a further credit (`late: current_period`) the id it stands under.
    """

    credit: Credit
    key: Key
    rows: dict[str, Row]
    of: "Item | None"
    id: str

    @property
    def counted(self) -> bool:
        """Whether it stands for itself in counts: no reversal, and no further credit."""
        return self.of is None and self.id == self.credit.source


def item_of(credit: Credit, in_scope: dict[str, Row], of: Item | None, id: str = "") -> Item:
    """A credit with the rows its rules see: those of its source, and itself as `credit`."""
    row: Row = {
        "amount": credit.amount,
        "date": credit.date,
        "share": credit.share,
        "payee": credit.payee,
        "via": credit.via or None,
        "level": exact(credit.level),
        "id": credit.source,
    }
    key = key_of(credit.date, credit.source, credit.stream, credit.payee)
    return Item(credit, key, {**in_scope, "credit": row}, of, id or credit.source)


@dataclass(frozen=True, slots=True)
class Reversal:
    """One step of the taking back of a credit (section 11). `name` is the clawback, with `/` and the row's key."""

    clawback: str
    name: str
    date: date
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class StreamResult:
    """Credits in order; `adjustments` are steps taken out of measures only (`attainment: reduced`)."""

    items: list[Item]
    adjustments: list[tuple[Item, Entry]]
    broken: set[str]


@dataclass(frozen=True, slots=True)
class Subject:
    """What one earning is for: a credit, or a payee's window."""

    payee: str
    source: str
    date: date
    key: Key
    scene: "Scene"
    item: Item | None
    for_period: str


@dataclass(slots=True)
class Draft:
    """A subject and its rows so far; `before` is what a limit of the whole plan starts from.

    `carried`: there is nothing but what `carry` pays into a window and what later limits do to it. `released`: as
    `release` says; else all rows are payable on their date.
    """

    subject: Subject
    rows: list[Earning]
    before: Decimal = ZERO
    carried: bool = False
    released: bool = True

    @property
    def amount(self) -> Decimal:
        return total_of((self.before, *(row.amount for row in self.rows)))


@dataclass(frozen=True, slots=True)
class ComponentResult:
    """What a component comes to, in order, clawed rows apart; `figures` of credits by payee and id."""

    drafts: list[Draft]
    claws: list[tuple[Subject, Earning]]
    payables: list[Payable]
    figures: dict[tuple[str, str], Decimal]
    broken: set[str]


EVERYBODY = ""
"""In `broken`: a row failed before it was known whom it concerns."""


@dataclass(frozen=True, slots=True)
class Calculation:
    """One run. `compute` works out a stream or component the first time it is asked for."""

    program: Program
    tables: Tables
    people: People
    horizon: Window
    posted: Posted | None
    compute: Callable[["Book", str, str], None]
    books: dict[str, "Book"] = field(default_factory=dict)
    faults: list[Diagnostic] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    recorders: list[Recorder] = field(default_factory=list)

    def note(self, fault: Fault, table: str, row: str, payee: str) -> None:
        """Keep a fault for the report, once."""
        if fault.code:
            found = diagnostic(fault, table, row, payee)
            if found not in self.faults:
                self.faults.append(found)


@dataclass(frozen=True, slots=True)
class Book:
    """One plan version under calculation. `stays`: days on this version; `plan_stays`: on any version of the plan;
    `other_stays`: on other plans, by name."""

    calculation: Calculation
    plan: Plan
    stays: dict[str, list[Stay]]
    plan_stays: dict[str, list[Stay]]
    other_stays: dict[str, dict[str, list[Stay]]]
    streams: dict[str, StreamResult] = field(default_factory=dict)
    components: dict[str, ComponentResult] = field(default_factory=dict)
    columns: dict[tuple[Any, ...], dict[Any, Column]] = field(default_factory=dict)
    values: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    periods: dict[date, Window] = field(default_factory=dict)
    taken_back: dict[str, dict[Key, list[Reversal]]] = field(default_factory=dict)

    def stream(self, name: str) -> StreamResult:
        if name not in self.streams:
            self.calculation.compute(self, "stream", name)
        return self.streams[name]

    def component(self, name: str) -> ComponentResult:
        if name not in self.components:
            self.calculation.compute(self, "component", name)
        return self.components[name]

    def window(self, unit: str, day: date, span: Span | None) -> Window:
        """The calendar's window that holds a day."""
        try:
            return self.plan.calendar.window(unit, day)
        except NoWindow as error:
            raise Fault("E704", str(error), span) from None

    def period(self, day: date, span: Span | None) -> Window:
        """The pay period that holds a day."""
        if day not in self.periods:
            self.periods[day] = self.window("period", day, span)
        return self.periods[day]

    def closed(self, unit: str, span: Span | None) -> list[Window]:
        """The windows whose last day lies in `effective` and is not after P."""
        last = min(self.plan.end, self.calculation.horizon.end)
        try:
            found = self.plan.calendar.between(unit, self.plan.start, last)
        except NoWindow as error:
            raise Fault("E704", str(error), span) from None
        return [window for window in found if window.end <= last]

    def on_plan_in(self, payee: str, window: Window) -> bool:
        """Whether somebody is on this version of the plan on at least one day of a window."""
        return days_within(self.stays.get(payee, ()), window.start, window.end) > 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A component under computation, or `settle`: whose rows are made and limited.

    `unit` is that of a rule per window, else empty; `table` the one whose rows a rule per credit is about, else empty;
    `broken` the payees for whom something failed.
    """

    book: Book
    name: str
    unit: str
    table: str
    paid: bool
    broken: set[str]

    def failed(self, fault: Fault, subject: Subject) -> None:
        self.broken.add(subject.payee)
        self.book.calculation.note(fault, self.table, subject.source, subject.payee)

    def exclude(self, subject: Subject, by: str) -> None:
        found = Exclusion(self.book.plan.name, self.name, subject.source, subject.payee, by)
        self.book.calculation.exclusions.append(found)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an expression stands: which rows and whose `payee.` it sees, and when.

    `day` is the evaluation day t; `sum_day` the day whose windows hold sums and quotas (the credit's date at a
    credit, else t); sums stop at `cut`. `window` is the evaluated period, or the rule's window. `payee_day` is the
    day as of which `payee.` is read, None where section 7 says how to find it. `row_day` is the day as of which
    references and dated tables are read; None where a row's date is not known. `rate_day` is the day whose exchange
    rates hold under `convert: plan_rate`, else None. `subject_key` is the credit's place in the order in rules per
    credit, else None.
    """

    book: Book
    rows: dict[str, Row]
    payee: str
    payee_day: date | None
    row_day: date | None
    day: date
    sum_day: date
    cut: Key | None
    window: Window
    rate_day: date | None = None
    subject_key: Key | None = None


def rate_day(book: Book, stream: str) -> date | None:
    """The day whose rates convert what a stream and the rules over it read, where it is not the row's (section 6)."""
    return book.plan.start if book.plan.streams[stream].convert == "plan_rate" else None


def credit_scene(book: Book, item: Item, span: Span | None) -> Scene:
    """A rule per credit: measures stand at the end of the period of the credit's date (section 4, names in scope)."""
    credit = item.credit
    day, period = credit.date, book.period(credit.date, span)
    converting = rate_day(book, credit.stream)
    return Scene(
        book, item.rows, credit.payee, day, day, period.end, period.end, None, period, converting, item.key
    )  # fmt: skip


def window_scene(book: Book, payee: str, window: Window, day: date | None = None) -> Scene:
    """A rule per window, a measure, or `settle`: t is the window's last day, or the day given while it is open."""
    at = day or window.end
    return Scene(book, {}, payee, None, at, at, at, None, window)


def measure_scene(scene: Scene) -> Scene:
    """A measure named in a rule: its value at t, `payee.` and money read as measures read them (sections 6 and 7)."""
    plain = scene if scene.rate_day is None else replace(scene, rate_day=None)
    if plain.payee_day is None:
        return plain
    return replace(plain, payee_day=None, row_day=plain.day, sum_day=plain.day, cut=None)


def cut_scene(scene: Scene, after: bool) -> Scene:
    """Section 9: just before or after the credit, in the windows that hold its date; in a rule per window at the
    window's start and end."""
    plain, key = measure_scene(scene), scene.subject_key
    if key is None:
        return replace(plain, sum_day=plain.day, cut=None if after else (scene.window.start,))
    return replace(plain, sum_day=key[0], cut=just_after(key) if after else key)


def latest_scene(scene: Scene, day: date) -> Scene:
    """The latest position: the same measure at a later day, nothing cut (section 10, whole)."""
    period = scene.book.period(day, None)
    return replace(
        scene, payee_day=None, row_day=day, day=day, sum_day=day, cut=None, window=period, rate_day=None
    )  # fmt: skip


def member_scene(scene: Scene, member: str) -> Scene:
    """Inside a function over a group, `payee.` is the member (section 5)."""
    return replace(scene, payee=member, payee_day=None, row_day=scene.day)


def with_row(scene: Scene, name: str, row: Row) -> Scene:
    """The same place with one more row in scope."""
    return replace(scene, rows={**scene.rows, name: row})


def total_of(amounts: Iterable[Decimal]) -> Decimal:
    found = ZERO
    for amount in amounts:
        found = CONTEXT.add(found, amount)
    return exact(found)
