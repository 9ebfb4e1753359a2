"""The typed plan: what `check` makes and both engines read.

Everything is resolved: names point at declarations, constants are on the twelve-place grid, choices the file left
to a default are filled in. Each expression knows its unit, its grain and where it stands in the file.

Meaning is written in `docs/reference/language.md`; this module only holds shapes.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum

from compengine.inputs.schema import Workspace
from compengine.source.text import Span
from compengine.values.periods import Calendar
from compengine.values.rounding import Rounding

# --- units and grain


class Unit(StrEnum):
    """Kinds of value. A percent is a number that is printed with `%`."""

    NUMBER = "number"
    PERCENT = "percent"
    MONEY = "money"
    TEXT = "text"
    DATE = "date"
    DURATION = "duration"
    BOOL = "bool"
    PAYEE = "payee"
    CURRENCY = "currency"


class Grain(IntEnum):
    CONSTANT = 0
    PAYEE = 1
    ROW = 2


class Known(IntEnum):
    """When a per-payee value is known: the end of the longest full window it looks through."""

    ALWAYS = 0
    PERIOD = 1
    MONTH = 2
    QUARTER = 3
    YEAR = 4


@dataclass(frozen=True, slots=True)
class Type:
    """Money in a plan is always in the plan's currency (foreign columns are converted as they are read).

    `optional`: may be empty here, which `check` allows only under `default` and `is empty`.
    """

    unit: Unit
    grain: Grain
    known: Known = Known.ALWAYS
    optional: bool = False


# --- windows and groups


@dataclass(frozen=True, slots=True)
class Duration:
    """`months` for months and years (12), `days` for days and weeks (7); one of them is zero."""

    months: int
    days: int


class WindowKind(StrEnum):
    UNIT = "unit"  # period, month, quarter, year: `unit` says which
    ANNIVERSARY = "anniversary"  # year from DATE: `anchor`
    ROLLING = "rolling"  # rolling 12 months: `length`
    LIFE = "life"  # everything up to the day
    SPAN = "span"  # fixed first and last day


@dataclass(frozen=True, slots=True)
class LookThrough:
    """A window of the language. `to_date` cuts it at the day of evaluation (always so for `rolling` and `life`).

    `shift` is applied last: `previous` takes the window before (units only), `last year` the same a year earlier.
    """

    kind: WindowKind
    text: str
    unit: str = ""
    to_date: bool = False
    anchor: "Expr | None" = None
    length: Duration | None = None
    shift: str = ""
    start: date | None = None
    end: date | None = None


class GroupKind(StrEnum):
    REPORTS = "reports"  # whose manager is this payee
    DOWNLINE = "downline"  # everybody below
    PLAN = "plan"  # everybody on the plan
    SAME = "same"  # everybody with the same value in `column` of `payees`


@dataclass(frozen=True, slots=True)
class Group:
    kind: GroupKind
    text: str
    column: str = ""


# --- expressions


@dataclass(frozen=True, slots=True)
class Node:
    """What every expression carries."""

    type: Type
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """Number, percent, money (in the plan currency), text, date, duration or bool."""

    value: Decimal | str | date | bool | Duration


@dataclass(frozen=True, slots=True)
class Hop:
    """One step along a reference: `column` of the row so far holds the key of a row of `table`."""

    column: str
    table: str


@dataclass(frozen=True, slots=True)
class Read(Node):
    """A column. `root` is a row in scope; each hop follows a reference; `column` is read from the last row.

    Roots: a table's row name (`deal`, the `each` or `from` row, `earning` for a component used as a source),
    `payee`, `other` (the row of a function over related rows), `credit` (columns amount, date, share, payee, via,
    level, id), `period` (start, end, number). A hop into `payees` reads the version of the row's date.
    A path that is only the payee itself (`deal.owner`, `credit.payee`) has no hop into `payees`.
    `table` is the table that `column` belongs to: a workspace table, or `credit`, `earning`, `period`.
    An empty reference on the way makes the value empty.
    """

    root: str
    hops: tuple[Hop, ...]
    column: str
    table: str


@dataclass(frozen=True, slots=True)
class MeasureValue(Node):
    name: str


@dataclass(frozen=True, slots=True)
class ComponentValue(Node):
    """Final figure of a component: of this credit where the rule is per credit of the same stream (`same_stream`),
    else the total of the rows dated in the rule's window (of the period, in a rule per credit and in `settle`)."""

    name: str
    same_stream: bool


@dataclass(frozen=True, slots=True)
class Before(Node):
    name: str


@dataclass(frozen=True, slots=True)
class After(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`sum`, `count`, `min`, `max`, `average` over credits of a stream or rows of a component, through a window.

    `where` sees the row of the stream (the same names as a rule per credit of it).
    """

    function: str
    stream: str
    of_component: bool
    where: "Expr | None"
    window: LookThrough
    group: Group | None


@dataclass(frozen=True, slots=True)
class GroupAggregate(Node):
    """`sum`, `min`, `max`, `average` of one value per person of a group; `count` of the people for whom it is true."""

    function: str
    value: "Expr"
    group: Group


@dataclass(frozen=True, slots=True)
class RelatedAggregate(Node):
    """`sum`, `min`, `max`, `average` of a column of, or `count` of, the rows that refer to this one.

    `root` and `hops` lead to the row referred to; `table` holds the related rows, whose column `reference` names it;
    `column` (a Read rooted in `other`) and `where` see a related row as `other`.
    """

    function: str
    root: str
    hops: tuple[Hop, ...]
    table: str
    reference: str
    column: "Read | None"
    where: "Expr | None"


@dataclass(frozen=True, slots=True)
class Quota(Node):
    name: str
    window: LookThrough


@dataclass(frozen=True, slots=True)
class Lookup(Node):
    """The one row of a workspace table with these values, as of the date; empty where there is none."""

    table: str
    column: str
    keys: tuple[tuple[str, "Expr"], ...]


@dataclass(frozen=True, slots=True)
class Match(Node):
    """The row of a table of rules that fits best, as of the date; empty where none fits.

    A row fits if its cell under each key is the value or empty. Of those that fit, `keys` decide in their order: the
    first under which only one of two rows is filled decides for that one. `column` is read from the row that remains.
    """

    table: str
    column: str
    keys: tuple[tuple[str, "Expr"], ...]


@dataclass(frozen=True, slots=True)
class TableCall(Node):
    name: str
    arguments: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class ShareOf(Node):
    pool: "Expr"
    weight: "Expr"
    group: Group


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`max`, `min`, `abs`, `floor`, `ceil`, `round`, `days_between`, `months_between`, `managers` excluded."""

    function: str
    arguments: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class DaysIn(Node):
    """Calendar days of the window, or (`on_plan`) those on which the payee is on the plan."""

    window: LookThrough
    on_plan: bool


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`+ - * /`. Date ± duration has the date on the left."""

    operator: str
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Ratio(Node):
    """Money columns divided by each other: as they stand where all rows concerned are in one currency, else both in
    the plan's. A side is a column of an input table, or `sum`, `min` or `max` of one over related rows."""

    left: "Read | RelatedAggregate"
    right: "Read | RelatedAggregate"


@dataclass(frozen=True, slots=True)
class Negate(Node):
    value: "Expr"


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`== != < <= > >=`. Texts compare by bytes."""

    operator: str
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """`value in (a, b)`; never empty."""

    value: "Expr"
    choices: tuple["Expr", ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class InSpan(Node):
    """A date from `start` to `end`, both included."""

    value: "Expr"
    start: date
    end: date
    negated: bool


@dataclass(frozen=True, slots=True)
class Between(Node):
    """Both ends included."""

    value: "Expr"
    low: "Expr"
    high: "Expr"


@dataclass(frozen=True, slots=True)
class IsEmpty(Node):
    value: "Expr"
    negated: bool


@dataclass(frozen=True, slots=True)
class Default(Node):
    """`fallback` where `value` is empty, or where a quota or lookup finds nothing. Other faults stay faults."""

    value: "Expr"
    fallback: "Expr"


@dataclass(frozen=True, slots=True)
class Not(Node):
    value: "Expr"


@dataclass(frozen=True, slots=True)
class And(Node):
    """Left to right; the right side is not evaluated where the left is false."""

    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Or(Node):
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: "Expr"
    then: "Expr"
    otherwise: "Expr"


Expr = (
    Literal
    | Read
    | MeasureValue
    | ComponentValue
    | Before
    | After
    | Aggregate
    | GroupAggregate
    | RelatedAggregate
    | Quota
    | Lookup
    | Match
    | TableCall
    | ShareOf
    | Call
    | DaysIn
    | Arithmetic
    | Ratio
    | Negate
    | Compare
    | OneOf
    | InSpan
    | Between
    | IsEmpty
    | Default
    | Not
    | And
    | Or
    | If
)


# --- tables of a plan


@dataclass(frozen=True, slots=True)
class Step:
    """`key` is what the plan writes (`50%`, `new`, `otherwise`); `at` its value (a number, or the text itself).

    `value` is the entry: a number, or, in a table of several `by`, the steps one level down.
    """

    key: str
    at: Decimal | str
    value: "Decimal | tuple[Step, ...]"


class TableKind(StrEnum):
    STEPS = "steps"
    CURVE = "curve"
    CUMULATIVE = "cumulative"


@dataclass(frozen=True, slots=True)
class Table:
    """A function of constants. `by` are the units of its arguments, `unit` that of its entries.

    `steps`: rising keys (texts in any order; `otherwise`, where present, is last). `curve`: points in rising order,
    `below` what holds before the first, `above` what holds after the last, None for `continue` (the last line goes
    on). `cumulative`: steps are bands' lower bounds with what each band is worth, `end` the upper bound of the last.
    """

    name: str
    kind: TableKind
    by: tuple[Unit, ...]
    unit: Unit
    steps: tuple[Step, ...]
    boundary_upper: bool
    span: Span
    below: Decimal | None = None
    above: Decimal | None = None
    end: Decimal | None = None


# --- credits


class SourceKind(StrEnum):
    TABLE = "table"
    STREAM = "stream"  # a stream of the same plan; the row is `credit`
    COMPONENT = "component"  # a component, of this or another plan; the row is `earning`


@dataclass(frozen=True, slots=True)
class Source:
    """`row` is the name of a source row in expressions. `plan` is the plan a component or stream belongs to."""

    kind: SourceKind
    plan: str
    name: str
    row: str


@dataclass(frozen=True, slots=True)
class RelatedRows:
    """Rows of `table` whose column `reference` names the row that `root` and `hops` lead to; `row` is their name."""

    root: str
    hops: tuple[Hop, ...]
    table: str
    reference: str
    row: str
    where: Expr | None


@dataclass(frozen=True, slots=True)
class ToPayee:
    payee: Expr


@dataclass(frozen=True, slots=True)
class ToManagers:
    """Those above `payee` on the row's date, from `low` to `high` levels up; each once, at the lowest."""

    payee: Expr
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class ToMatching:
    """Everybody in `payees` on the row's date for whom `condition` holds; the candidate is `payee`."""

    condition: Expr


class SharesTotal(StrEnum):
    WHOLE = "100%"
    AT_MOST = "at most 100%"
    OVERLAY = "overlay"


@dataclass(frozen=True, slots=True)
class Stream:
    """`convert` is `comp_date` or `plan_rate`."""

    name: str
    source: Source
    each: RelatedRows | None
    when: Expr | None
    date: Expr
    amount: Expr
    to: ToPayee | ToManagers | ToMatching
    share: Expr
    shares_total: SharesTotal
    convert: str
    span: Span


# --- rules


@dataclass(frozen=True, slots=True)
class QuotaRule:
    """What a plan says of a quota of the workspace, for each pay period; None is what holds without a word.

    `spread` is the weight of the period (constants, `period.`, tables, lookups), `share` the part of the period's
    quota that the payee carries (`payee.` besides).
    """

    spread: Expr | None
    share: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class MeasureRule:
    name: str
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class PerCredit:
    stream: str


@dataclass(frozen=True, slots=True)
class PerWindow:
    """`period`, `month`, `quarter` or `year`."""

    unit: str


@dataclass(frozen=True, slots=True)
class Band:
    """`bound` is the lower bound as the plan writes it, `at` its value."""

    bound: str
    at: Decimal
    rate: Expr
    whole: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """A rate that depends on where a credit, or a window, lies.

    `position` is the expression as written, a measure's name replaced by its expression. Where it is `moving / per`
    and `per` looks at no stream, both parts are set: bounds are then multiplied by `per` and positions are `moving`.
    Else `moving` is `position` and `per` None. `by_row`: the position is a value of the row itself (it contains no
    stream), and runs from 0. `window` is the one window of a `whole` scale.
    """

    position: Expr
    moving: Expr
    per: Expr | None
    by_row: bool
    whole: bool
    boundary_upper: bool
    bands: tuple[Band, ...]
    window: LookThrough | None
    unit: Unit
    span: Span


@dataclass(frozen=True, slots=True)
class Prize:
    prize: Expr
    when: Expr | None


@dataclass(frozen=True, slots=True)
class Rank:
    """`ties` is `share`, `all`, `next`, or empty where `tiebreak` decides."""

    by: Expr
    among: Group
    ties: str
    tiebreak: tuple[Expr, ...]
    prizes: tuple[Prize, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Scope:
    """`credit`, `period`, `month`, `quarter`, `year`, `anniversary` (with `anchor`) or `life`."""

    kind: str
    anchor: Expr | None
    text: str


@dataclass(frozen=True, slots=True)
class Limit:
    """`at least`, `at most`, `first`. `value` is money, or a number for `first`; never below 0 with `carry`."""

    kind: str
    value: Expr
    scope: Scope
    by: Expr | None
    across_plan: bool
    carry: bool
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Release:
    """`on` may be empty: then the part is held."""

    share: Expr
    on: Expr
    each: RelatedRows | None
    span: Span


@dataclass(frozen=True, slots=True)
class Component:
    """Exactly one of `rate` (with `of`) and `pay` is set."""

    name: str
    terms: str
    per: PerCredit | PerWindow
    when: Expr | None
    of: Expr | None
    rate: Expr | Scale | None
    pay: Expr | Rank | None
    multiply: tuple[tuple[str, Expr], ...]
    limits: tuple[Limit, ...]
    release: tuple[Release, ...]
    paid: bool
    span: Span


class ClawbackPolicy(StrEnum):
    ORIGINAL_LINES = "original_lines"
    SCALE = "scale"
    RECOMPUTE = "recompute"


@dataclass(frozen=True, slots=True)
class Clawback:
    """`reversals` is None where the source row itself tells of its reversal."""

    name: str
    stream: str
    reversals: RelatedRows | None
    when: Expr | None
    date: Expr
    share: Expr
    policy: ClawbackPolicy
    attainment_reduced: bool
    span: Span
    terms: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """`recover` zero makes it a guarantee: nothing is owed."""

    kind: str
    amount: Expr
    when: Expr | None
    recover: Expr
    recover_when: Expr | None
    owed_limit: Expr | None
    at_end: str
    span: Span


@dataclass(frozen=True, slots=True)
class Settle:
    """`negative` is empty where the plan says nothing. `convert` is `pay_date`, `period_average` or `plan_rate`."""

    negative: str
    limits: tuple[Limit, ...]
    minimum: Expr | None
    pay_in: Expr | None
    convert: str
    order: tuple[str, ...]
    draw: Draw | None
    span: Span | None


# --- the plan and the program


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of one plan. `digest` is that of its text. Dicts keep the file's order.

    `prorate` is `days`, `working days`, `months` or `none`. `quotas` holds those with a rule of their own, by name.
    """

    name: str
    title: str
    currency: str
    start: date
    end: date
    calendar: Calendar
    payees: Expr
    rounding: Rounding
    per_component: bool
    prorate: str
    late: str
    on_transfer: str
    quotas: dict[str, QuotaRule]
    tables: dict[str, Table]
    streams: dict[str, Stream]
    measures: dict[str, MeasureRule]
    components: dict[str, Component]
    clawbacks: dict[str, Clawback]
    settle: Settle
    path: str
    digest: str

    @property
    def id(self) -> str:
        """Name and first day: versions of a plan differ in it."""
        return f"{self.name}@{self.start.isoformat()}"


@dataclass(frozen=True, slots=True)
class Task:
    """One stream or component to compute, of one plan version; measures are computed where they are read."""

    plan: str  # Plan.id
    kind: str  # stream, component
    name: str


@dataclass(frozen=True, slots=True)
class Program:
    """All plans of a run, and an order in which each stream and component comes after what it reads."""

    workspace: Workspace
    plans: tuple[Plan, ...]
    order: tuple[Task, ...]

    def plan(self, plan_id: str) -> Plan:
        return next(p for p in self.plans if p.id == plan_id)
