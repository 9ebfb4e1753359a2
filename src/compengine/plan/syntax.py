"""An expression as written: what the parser makes and the checker types. Nothing is resolved here."""

from dataclasses import dataclass

from compengine.source.text import Span


@dataclass(frozen=True, slots=True)
class Written:
    """What every part carries: its place in the file and its text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Constant(Written):
    """`kind` is number, percent, money, duration, date, text or bool; the value is still in `text`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Path(Written):
    """`deal.customer.name`, or a name alone."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Call(Written):
    function: Part
    arguments: tuple["Argument", ...]


@dataclass(frozen=True, slots=True)
class Arithmetic(Written):
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Negate(Written):
    value: "Expression"


@dataclass(frozen=True, slots=True)
class Compare(Written):
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class OneOf(Written):
    value: "Expression"
    choices: tuple["Expression", ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Days(Written):
    """A span of days: `first` and `last` are dates, or `first` is a label (`2026-Q1`) and `last` is None."""

    first: Part
    last: Part | None


@dataclass(frozen=True, slots=True)
class InSpan(Written):
    value: "Expression"
    days: Days
    negated: bool


@dataclass(frozen=True, slots=True)
class Between(Written):
    value: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True, slots=True)
class IsEmpty(Written):
    value: "Expression"
    negated: bool


@dataclass(frozen=True, slots=True)
class Default(Written):
    value: "Expression"
    fallback: "Expression"


@dataclass(frozen=True, slots=True)
class Not(Written):
    value: "Expression"


@dataclass(frozen=True, slots=True)
class And(Written):
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Or(Written):
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class If(Written):
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Broken(Written):
    """A value that could not be parsed; it has been reported, and nothing more is said about it."""


Expression = (
    Broken
    | Constant
    | Path
    | Call
    | Arithmetic
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


@dataclass(frozen=True, slots=True)
class Unit(Written):
    """`name` is period, month, quarter or year; `anchor` the date of an anniversary year."""

    name: str
    anchor: Path | None


@dataclass(frozen=True, slots=True)
class Window(Written):
    """One of `unit`, `length` (rolling), `days` (a span) is set, or none for `life to date`."""

    unit: Unit | None
    length: Constant | None
    days: Days | None
    to_date: bool
    shift: str


@dataclass(frozen=True, slots=True)
class Group(Written):
    """`kind` is reports, downline, plan or same; `column` the path after `same`."""

    kind: str
    column: Path | None


@dataclass(frozen=True, slots=True)
class RowsWhere(Written):
    """A stream or related rows, narrowed."""

    rows: Path
    condition: Expression


@dataclass(frozen=True, slots=True)
class Levels(Written):
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class Named(Written):
    name: Part
    value: Expression


Argument = Expression | Window | Group | RowsWhere | Levels | Named


# --- the other things a value may be


@dataclass(frozen=True, slots=True)
class PerCredit(Written):
    stream: Part


@dataclass(frozen=True, slots=True)
class PerWindow(Written):
    unit: str


@dataclass(frozen=True, slots=True)
class Scope(Written):
    """`kind` is credit, life, period, month, quarter, year or anniversary (with `anchor`)."""

    kind: str
    anchor: Path | None


@dataclass(frozen=True, slots=True)
class Limit(Written):
    """`kind` is at least, at most or first."""

    kind: str
    value: Expression
    scope: Scope
    by: Path | None
    across_plan: bool
    carry: Part | None


@dataclass(frozen=True, slots=True)
class Band(Written):
    rate: Expression
    whole: bool


@dataclass(frozen=True, slots=True)
class ToPayee(Written):
    value: Expression


@dataclass(frozen=True, slots=True)
class ToMatching(Written):
    condition: Expression


@dataclass(frozen=True, slots=True)
class Related(Written):
    """Rows that refer to another row: `deal.splits`, narrowed or not."""

    rows: Path
    condition: Expression | None
