"""What a statement is made from: everything about one payee in one period, as the caller knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from compengine.plan.typed import Plan
from compengine.statement.employment import Stay
from compengine.statement.language import DEFAULT
from compengine.statement.reference import Reissue
from compengine.values.decided import NOTHING, Decided, Hold
from compengine.values.periods import Window
from compengine.values.rows import Balance, Credit, Earning, Exclusion, Measure, Payable, Settlement


class Status(StrEnum):
    PREVIEW = "Preview"
    FINAL = "Final"
    CORRECTED = "Corrected"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The run behind the statement. Digests are hexadecimal and may be empty where a preview has none yet.

    `number` is the statement's own, unique and free of anything personal. Times carry their time zone. `checkpoint` is
    the number of the row that closed the posting and `ledger` its hash: the posting's checkpoint holds both; 0 where
    nothing is posted.
    `dated` is the statement's own day, where the company is: that of the posting, of a preview that of the calculation.
    `reissue` is of a corrected statement.
    `approved_by` names everybody whose approval counts, in order, `approved_at` is when the last one gave it.
    """

    run: str
    number: str
    status: Status
    engine: str
    snapshot: str
    workspace: str
    entitlement: str = ""
    ledger: str = ""
    checkpoint: int = 0
    calculated_by: str = ""
    calculated_at: datetime | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    dated: date | None = None
    reissue: Reissue | None = None


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """One plan the payee is on (or has rows of), the period it pays, and the day it pays on."""

    plan: Plan
    period: Window
    pay_date: date


@dataclass(frozen=True, slots=True)
class Posted:
    """One posted row: `sign` is 1, or −1 for the exact negation of a row posted before (the row itself unchanged).

    `in_period` is the period that posted it. `origin` is the number of the statement that has what it corrects: the
    row that is negated, or of which a clawback takes a part; empty where there is none.
    """

    sign: int
    row: Earning
    in_period: str
    origin: str = ""

    @property
    def amount(self) -> Decimal:
        return self.row.amount if self.sign > 0 else -self.row.amount


@dataclass(frozen=True, slots=True)
class ScalePosition:
    """Where a payee stands on a component's scale at the period's end.

    `value` is in the unit the bands are written in. Where the scale is a measure per quota, `moving` and `per` are its
    two parts in `unit` (a currency, or empty for numbers): credited, and quota.
    """

    plan: str
    component: str
    value: Decimal
    moving: Decimal | None = None
    per: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class YearCell:
    """One component in one period of the year so far, by the period that posted it (`in_period`)."""

    period: str
    plan: str
    component: str
    earned: Decimal
    paid: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class EarnedBefore:
    """What an earlier statement said was earned, by the rows that were posted with it."""

    period: str
    earned: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What the register says of an approved adjustment or a hold: its kind of adjustment (empty for a hold), why it was
    begun, when and by whom, who decided it, and the dispute that it ends."""

    kind: str
    reason: str
    begun: date
    decided: date | None = None
    decided_by: str = ""
    begun_by: str = ""
    dispute: str = ""


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A dispute of the payee: of which statement and line, why, how it stands, until when it is to be decided, and what
    was said when it was. `last` is the day of its last step."""

    id: str
    statement: str
    line: str
    reason: str
    state: str
    opened: date
    due: date
    last: date
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class PartBefore:
    """A part of a row as the calendar's posting before left it: `held`, or released with it or earlier. `statement` is
    the number of the one that has the row."""

    part: Payable
    held: bool
    statement: str


SourceFacts = Mapping[str, tuple[tuple[str, str], ...]]
"""What to print beside a source (`D1`, `D1/ana`): label and value pairs, the first one standing next to the id."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything about one payee in one period. Rows of other payees must not be among it.

    - `payee`: the row of `payees` in force at the period's end, column → text; `name` and `title` are used where they
      exist, whatever else is listed is printed in the given order
    - `rows`: what this statement posts; `payables`: of the payee's live rows
    - `decided`: the payee's adjustments and holds that the run was calculated with; `register`: what there is to say
      about each, by its id; `disputes`: those that are open, and those that ended since the statement before
    - `workspace`: the name of who pays, `address` its lines; `entity` its name in the workspace file, empty where that
      names no legal entities; `stays`: when the payee was with which, oldest first
    - `below`: the names of those directly below through whom `credits` came, by id
    - `locale`: one of `language.LOCALES`, in which the statement is written
    - `opening`, `closing`: balances before and after; `closing` None where nothing is posted yet (a preview)
    - `parts`: those of every source, by component, of which something was held after the calendar's posting before;
      `lifted`: holds that it was calculated with and that are over
    - `before`: balances as the calendar's posting before left them, and so as the statement before closed; `told`: what
      the earlier statements of the year say was earned. None where they are not known
    """

    run: RunFacts
    workspace: str
    plans: tuple[PlanFacts, ...]
    payee_id: str
    payee: Mapping[str, str]
    rows: tuple[Posted, ...]
    payables: tuple[Payable, ...] = ()
    parts: tuple[PartBefore, ...] = ()
    credits: tuple[Credit, ...] = ()
    measures: tuple[Measure, ...] = ()
    positions: tuple[ScalePosition, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    opening: tuple[Balance, ...] = ()
    closing: tuple[Balance, ...] | None = None
    before: tuple[Balance, ...] | None = None
    told: tuple[EarnedBefore, ...] | None = None
    year: tuple[YearCell, ...] = ()
    sources: SourceFacts = field(default_factory=dict)
    decided: Decided = NOTHING
    lifted: tuple[Hold, ...] = ()
    register: Mapping[str, RecordFacts] = field(default_factory=dict)
    disputes: tuple[DisputeFacts, ...] = ()
    below: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    query_days: int = 0
    time_zone: str = ""
    entity: str = ""
    address: tuple[str, ...] = ()
    stays: tuple[Stay, ...] = ()
    locale: str = DEFAULT
