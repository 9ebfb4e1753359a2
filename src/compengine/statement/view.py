"""Everything a statement shows, as data: amounts with their currency, dates, labels. Nothing here is formatted.

Amounts are signed from the payee's side: what is owed or taken is negative.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce

from compengine.statement.decision import Adjusted, Disputed
from compengine.statement.downline import Downline
from compengine.statement.employment import Employment
from compengine.statement.reference import Origin, PlanReference, Reissue
from compengine.statement.release import Release
from compengine.values.exact import ZERO, add
from compengine.values.periods import Window


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and its unit: a currency, `%` (0.05 is 5%), or empty for a plain number."""

    value: Decimal
    unit: str = ""


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum; Python's own `sum` rounds to 28 digits."""
    return reduce(add, amounts, ZERO)


Labelled = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Person:
    """`details` are label and value: title, manager, cost centre, as far as the workspace knows them."""

    id: str
    name: str
    details: Labelled


@dataclass(frozen=True, slots=True)
class BridgeLine:
    """One line of the way from earned to payable. A `total` line is the sum of all lines above it."""

    key: str
    label: str
    amount: Decimal
    note: str = ""
    total: bool = False


@dataclass(frozen=True, slots=True)
class Conversion:
    """What one plan's payable comes to in the currency of payment: `paid` is `basis` × `fx`, rounded as the plan does.

    `fx` is what one unit of the plan's currency is worth on `fx_date`; None where the amount is paid as it is.
    """

    plan: str
    basis: Figure
    paid: Figure
    fx: Decimal | None = None
    fx_date: date | None = None


@dataclass(frozen=True, slots=True)
class Bridge:
    """From what was earned to what is paid, in one plan currency. The last line is a total: the payable.

    Where some of it is paid in another currency, `conversions` has a line for each plan, and their bases add up to the
    payable; else it is empty, and the payable is what is paid.
    """

    currency: str
    lines: tuple[BridgeLine, ...]
    conversions: tuple[Conversion, ...] = ()

    @property
    def payable(self) -> Decimal:
        return self.lines[-1].amount

    @property
    def paid(self) -> tuple[Figure, ...]:
        """What is paid of it: each conversion's figure, or the payable as it is."""
        return tuple(c.paid for c in self.conversions) or (Figure(self.payable, self.currency),)


@dataclass(frozen=True, slots=True)
class Account:
    """One balance of one plan: opening + movements = closing. `account` is the ledger's word for it.

    `note` is the policy behind it, where the plan states one.
    """

    account: str
    label: str
    plan: str
    currency: str
    opening: Decimal
    movements: tuple[tuple[str, Decimal], ...]
    closing: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """One band of a scale. `lower` and `upper` are in the band's unit, `upper` None at the top.

    `from_amount` and `to_amount` are the same in the unit of what is credited, where there is a quota.
    """

    label: str
    rate: str
    lower: Decimal
    upper: Decimal | None
    from_amount: Figure | None
    to_amount: Figure | None
    whole: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Performance:
    """One scale or measure at the period's end.

    `value` is the position (attainment); `credited` and `quota` its two parts where known. `next_label` and `to_next`
    are the next tier and the distance to it. `effective` is what the period's rows came to per unit of basis.
    """

    plan: str
    label: str
    value: Figure
    credited: Figure | None = None
    quota: Figure | None = None
    tiers: tuple[Tier, ...] = ()
    next_label: str = ""
    next_rate: str = ""
    to_next: Figure | None = None
    effective: Decimal | None = None
    window: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """One multiplication. `note` says in words what a row that is no plain product is, or why it is zero.

    `unrounded` is basis × rate before rounding, or the amount where there is no product. `shared` marks a row whose
    cents come from the component's total (rounding per component).
    """

    part: str
    label: str
    kind: str
    basis: Figure
    rate: Figure
    amount: Decimal
    unrounded: Decimal
    shared: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A deal's own amount in another currency, and `fx` units of the plan's for one of it."""

    own: Figure
    fx: Decimal


@dataclass(frozen=True, slots=True)
class Deal:
    """The rows of one source in one component. `credit` tells of the credited amount, split and conversion.

    `status` says when it is payable: empty for now, else a sentence. `through` is the person directly below the payee
    through whom it was credited, empty for what is the payee's own.
    """

    source: str
    date: date
    facts: Labelled
    credit: str
    slices: tuple[Slice, ...]
    status: str = ""
    exchange: Exchange | None = None
    through: str = ""

    @property
    def amount(self) -> Decimal:
        return total(s.amount for s in self.slices)


@dataclass(frozen=True, slots=True)
class Component:
    """`paid` is false for a figure that is computed and shown only. `note` says how often it is settled."""

    plan: str
    name: str
    title: str
    terms: str
    currency: str
    deals: tuple[Deal, ...]
    subtotal: Decimal
    paid: bool
    note: str = ""

    @property
    def tiered(self) -> bool:
        """Whether there is anything to say between a deal and its multiplication."""
        lines = [s for d in self.deals for s in d.slices if s.kind in ("rate", "multiplier")]
        return any(s.label or s.note or (s.shared and s.unrounded != s.amount) for s in lines)


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """One posted row of a correction: the negation of an old row, or a new one; `origin` is that of an old row."""

    sign: int
    label: str
    basis: Figure
    rate: Figure
    amount: Decimal
    kind: str
    note: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What one source of an earlier period is worth now, less what was posted for it, where that takes several rows.

    `amount` is the difference.
    """

    plan: str
    component: str
    title: str
    for_period: str
    source: str
    facts: Labelled
    sentence: str
    rows: tuple[CorrectionRow, ...]
    amount: Decimal
    currency: str
    paid: bool
    credit: str = ""
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One source of an earlier period whose one product is another now, on the same basis.

    `old` is basis × `rate_was` as it was posted, `new` basis × `rate` (both rounded); a rate is None, and its amount
    zero, where there was or is nothing. `amount` is `new` less `old`. `origin` is that of the old row.
    """

    source: str
    facts: Labelled
    date: date
    basis: Figure
    rate_was: Figure | None
    rate: Figure | None
    old: Decimal
    new: Decimal
    amount: Decimal
    origin: Origin | None = None
    credit: str = ""
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of one kind in one component and earlier period; `basis` to `amount` are the sums of its rows."""

    plan: str
    component: str
    title: str
    for_period: str
    sentence: str
    rows: tuple[Change, ...]
    basis: Figure
    old: Decimal
    new: Decimal
    amount: Decimal
    currency: str
    paid: bool


@dataclass(frozen=True, slots=True)
class Clawback:
    """A part of an original row taken back: `amount` is `share` of `original`, rounded.

    `terms` is the plan's sentence. `origin` is the original's; None where no statement had it. `credited` is the day of
    the credit, from which a plan counts; None where it is no credit any more.
    """

    plan: str
    component: str
    title: str
    source: str
    facts: Labelled
    reversal: str
    terms: str
    credited: date | None
    date: date
    for_period: str
    original: Decimal
    share: Decimal
    amount: Decimal
    currency: str
    paid: bool
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Earned, and not payable yet. `expected` is None while no date is known; `since` is the earning's date."""

    plan: str
    component: str
    title: str
    source: str
    facts: Labelled
    amount: Decimal
    currency: str
    condition: str
    expected: date | None
    since: date | None


@dataclass(frozen=True, slots=True)
class Excluded:
    """Something of the payee that earned nothing, and the condition that decided it."""

    plan: str
    rule: str
    source: str
    facts: Labelled
    reason: str


@dataclass(frozen=True, slots=True)
class YearRow:
    period: str
    earned: tuple[Decimal, ...]
    total: Decimal
    paid: Decimal
    current: bool


@dataclass(frozen=True, slots=True)
class YearToDate:
    """By period × component, in one currency; `totals` adds up every column."""

    currency: str
    components: tuple[str, ...]
    rows: tuple[YearRow, ...]
    totals: YearRow


@dataclass(frozen=True, slots=True)
class Audit:
    """What ties the page to a run; see `facts.RunFacts`."""

    run: str
    engine: str
    snapshot: str
    workspace: str
    entitlement: str
    ledger: str
    checkpoint: int
    calculated: str
    approved: str
    calculated_at: datetime | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement, its sentences written for `locale`.

    `dated` is the statement's own day; None where nobody knows it. `reissue` is of a corrected statement
    alone. `answer` is what is paid on `pay_date`, one figure per currency of payment. `payer` is who pays it, `entity`
    that one's name in the workspace file; `employments` says what falls to which entity, for somebody who has moved.
    """

    number: str
    dated: date | None
    locale: str
    status: str
    reissue: Reissue | None
    payer: str
    address: tuple[str, ...]
    entity: str
    person: Person
    period: Window
    pay_date: date
    time_zone: str
    plans: tuple[PlanReference, ...]
    answer: tuple[Figure, ...]
    bridges: tuple[Bridge, ...]
    accounts: tuple[Account, ...]
    employments: tuple[Employment, ...]
    performance: tuple[Performance, ...]
    components: tuple[Component, ...]
    downlines: tuple[Downline, ...]
    changes: tuple[Changes, ...]
    corrections: tuple[Correction, ...]
    clawbacks: tuple[Clawback, ...]
    adjustments: tuple[Adjusted, ...]
    releases: tuple[Release, ...]
    holds: tuple[Hold, ...]
    disputes: tuple[Disputed, ...]
    excluded: tuple[Excluded, ...]
    years: tuple[YearToDate, ...]
    query: str
    query_days: int
    audit: Audit

    @property
    def corrects(self) -> tuple[str, ...]:
        """The statements of which something is taken back or changed here, in their order."""
        changed = [row.origin for group in self.changes for row in group.rows]
        corrected = [row.origin for c in self.corrections for row in c.rows]
        origins = (*changed, *corrected, *(c.origin for c in self.clawbacks))
        return tuple(sorted({o.statement for o in origins if o is not None} - {self.number}))

    @property
    def earned(self) -> Decimal:
        """What this statement's rows add up to, in a statement of one currency."""
        return total(line.amount for b in self.bridges for line in b.lines if line.key == "earned")
