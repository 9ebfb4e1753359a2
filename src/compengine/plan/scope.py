"""What a plan declares, and what an expression may see of it."""

from dataclasses import dataclass, field, replace

from compengine.inputs.schema import Column, ColumnType, Table, Workspace
from compengine.plan import typed as t
from compengine.plan.typed import Grain, Known, Unit
from compengine.source.diagnostic import Diagnostic
from compengine.source.text import Span
from compengine.values.periods import Calendar


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What rules need to know of a stream, even where the stream itself has mistakes.

    `rows` are the rows a rule per credit sees by name: the source row, the `each` row and `credit`. `unit` is that
    of the amount, None where it could not be told. `filled` are the facts its `when` established.
    """

    name: str
    source: t.Source
    rows: dict[str, Table]
    unit: Unit | None
    filled: frozenset[str]


@dataclass(frozen=True, slots=True)
class ComponentFacts:
    """`stream` is that of a component per credit, else empty. `basis` and `rate` are None where they are unknown.
    `carry` is the place of a limit that carries."""

    name: str
    stream: str
    basis: Unit | None
    rate: Unit | None
    carry: Span | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """The names of one plan. `names` holds every name with its kind and place, typed or not; the other dicts fill
    as rules are typed, in an order in which each rule comes after what it reads. `sizes` are those of measures with
    every measure in them written out."""

    plan: str
    currency: str
    calendar: Calendar
    workspace: Workspace
    names: dict[str, tuple[str, Span]]
    tables: dict[str, t.Table] = field(default_factory=dict)
    streams: dict[str, StreamFacts] = field(default_factory=dict)
    measures: dict[str, t.MeasureRule] = field(default_factory=dict)
    components: dict[str, ComponentFacts] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def of_kind(self, *kinds: str) -> list[str]:
        return [name for name, (kind, _) in self.names.items() if kind in kinds]

    def kind(self, name: str) -> str:
        return self.names[name][0] if name in self.names else ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may see.

    `what` names the place in messages. `rows` are the rows in scope. `computed` lets measures, components and sums
    in. `grain` and `known` are the largest allowed. `stream` is that of a rule per credit. `walks` allows `before`
    and `after`. `found` collects what is wrong.
    """

    what: str
    declared: Declared
    found: list[Diagnostic]
    rows: dict[str, Table]
    computed: bool
    grain: Grain
    known: Known = Known.ALWAYS
    stream: str = ""
    walks: bool = False
    filled: frozenset[str] = frozenset()

    def knowing(self, facts: frozenset[str]) -> "Scope":
        return replace(self, filled=self.filled | facts) if facts else self

    def seeing(self, rows: dict[str, Table]) -> "Scope":
        return replace(self, rows={**self.rows, **rows})

    def alone(self) -> "Scope":
        """The same place without its rows: what is true of one person."""
        rows = {name: row for name, row in self.rows.items() if name in ("payee", "period")}
        return replace(self, rows=rows, grain=min(self.grain, Grain.PAYEE), stream="", walks=False)

    def on(self, what: str) -> "Scope":
        return replace(self, what=what)


# --- rows that no table of the workspace holds


def _row(name: str, columns: dict[str, ColumnType]) -> Table:
    kinds = {c: Column(c, kind, table="payees" if kind is ColumnType.PAYEE else "") for c, kind in columns.items()}
    return Table(name, name, (), kinds)


PERIOD = _row("period", {"start": ColumnType.DATE, "end": ColumnType.DATE, "number": ColumnType.NUMBER})
_COLUMN = {Unit.MONEY: ColumnType.MONEY, Unit.NUMBER: ColumnType.NUMBER, Unit.PERCENT: ColumnType.PERCENT}


def credit_row(unit: Unit | None, upward: bool) -> Table:
    """`credit`: `via` and `level` exist where the stream credits managers. Without `unit` the amount is unknown."""
    columns = {"date": ColumnType.DATE, "share": ColumnType.PERCENT, "payee": ColumnType.PAYEE, "id": ColumnType.TEXT}
    if upward:
        columns |= {"via": ColumnType.PAYEE, "level": ColumnType.NUMBER}
    return _row("credit", columns | _amounts(amount=unit))


def earning_row(facts: ComponentFacts) -> Table:
    """`earning`: a row of a component that other rows are drawn from."""
    columns = {"payee": ColumnType.PAYEE, "date": ColumnType.DATE}
    return _row("earning", columns | _amounts(amount=Unit.MONEY, basis=facts.basis, rate=facts.rate))


UNKNOWN = ("amount", "basis", "rate")
"""Columns of `credit` and `earning` whose unit may be unknown because their rule has a mistake."""


def _amounts(**units: Unit | None) -> dict[str, ColumnType]:
    return {name: _COLUMN[unit] for name, unit in units.items() if unit in _COLUMN}


# --- when values are known


_LENGTH = {"period": Known.PERIOD, "month": Known.MONTH, "quarter": Known.QUARTER, "year": Known.YEAR}


def known_of(unit: str, calendar: Calendar) -> Known:
    """When a full window of `unit` is known. A period that is as long as the unit counts as the unit."""
    return Known.PERIOD if _LENGTH[unit] <= period_length(calendar) else _LENGTH[unit]


def period_length(calendar: Calendar) -> Known:
    match calendar.kind.value:
        case "months" | "4-4-5":
            return Known.MONTH
        case "years":
            return Known.YEAR
        case "dates":
            return {12: Known.MONTH, 4: Known.QUARTER, 2: Known.QUARTER, 1: Known.YEAR}.get(
                calendar.per_year, Known.PERIOD
            )
    return Known.PERIOD
