"""Rows of the input tables: by key, by reference, by lookup, and exchange rates."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

from compengine.inputs.schema import Table, Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.oracle.faults import Fault
from compengine.plan.typed import Hop
from compengine.source.text import Span
from compengine.values.exact import ONE, add, divide, exact, multiply, plain
from compengine.values.money import minor_unit
from compengine.values.periods import Window
from compengine.values.rounding import Rounding, round_to

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a snapshot, indexed the first time an index is asked for."""

    workspace: Workspace
    snapshot: Snapshot
    loaded: dict[str, list[Row]] = field(default_factory=dict)
    found: dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], list[Row]]] = field(default_factory=dict)
    rates: dict[tuple[str, str, date], tuple[date, Decimal] | None] = field(default_factory=dict)


def all_rows(tables: Tables, name: str) -> list[Row]:
    """Every row, every version."""
    if name not in tables.loaded:
        tables.loaded[name] = tables.snapshot.rows(name) if name in tables.snapshot.frames else []
    return tables.loaded[name]


def in_force(table: Table, row: Row, day: date | None) -> bool:
    """Whether a dated version holds on the day; rows of tables without versions always do (section 8)."""
    if table.effective is None:
        return True
    if day is None:
        return False
    first, last = row[table.effective[0]], row[table.effective[1]]
    return (first is None or first <= day) and (last is None or day <= last)


def by_key(tables: Tables, name: str, key: str, day: date | None) -> Row | None:
    """The row a reference names, in its version of the day; None where it has none that day (section 8)."""
    return next(iter(lookup(tables, name, ("@key",), (key,), day)), None)


def follow(tables: Tables, row: Row | None, hops: Iterable[Hop], day: date | None) -> Row | None:
    """The row that references lead to; none where one on the way is empty (section 4)."""
    for hop in hops:
        key = row[hop.column] if row is not None else None
        row = by_key(tables, hop.table, key, day) if key is not None else None
    return row


def matching(tables: Tables, name: str, keys: tuple[str, ...], values: tuple[Any, ...]) -> list[Row]:
    """Every row, every version, with these values."""
    at = (name, keys)
    if at not in tables.found:
        index: dict[tuple[Any, ...], list[Row]] = {}
        for row in all_rows(tables, name):
            index.setdefault(tuple(row[key] for key in keys), []).append(row)
        tables.found[at] = index
    return tables.found[at].get(values, [])


def lookup(tables: Tables, name: str, keys: tuple[str, ...], values: tuple[Any, ...], day: date | None) -> list[Row]:
    """Every row with these values that is in force on the day (section 5)."""
    table = tables.workspace.tables[name]
    return [row for row in matching(tables, name, keys, values) if in_force(table, row, day)]


def best_fits(tables: Tables, name: str, keys: tuple[str, ...], values: tuple[Any, ...], day: date | None) -> list[Row]:
    """The rows of a table of rules that fit best (section 5): one, none, or several that tie.

    A row fits where it is in force and each cell is the value or empty. Rows are compared by which cells are filled,
    in the order of the keys: the first key under which only one of them is filled decides for that one.
    """
    table = tables.workspace.tables[name]
    fits = [
        row
        for row in all_rows(tables, name)
        if in_force(table, row, day) and all(row[key] in (None, value) for key, value in zip(keys, values, strict=True))
    ]
    best = max(([row[key] is not None for key in keys] for row in fits), default=[])
    return [row for row in fits if [row[key] is not None for key in keys] == best]


def key_beside(table: Table, row: Row, reference: str) -> str:
    """The parts of a related row's key that are not the reference (section 8, ids)."""
    return "/".join(written(row[column]) for column in table.key if column != reference)


def written(value: object) -> str:
    """A value as it stands in ids and parts: numbers without zeros at the end, dates as 2026-03-31."""
    match value:
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


# --- exchange


def rates_between(tables: Tables, source: str, target: str, first: date, last: date) -> list[tuple[date, Decimal]]:
    """The rates from one currency to the other dated `first` to `last`, in any order."""
    name = tables.workspace.rates
    given = all_rows(tables, name) if name else []
    pair = [row for row in given if (row["from"], row["to"]) == (source, target)]
    return [(row["date"], row["rate"]) for row in pair if first <= row["date"] <= last]


def _latest(tables: Tables, source: str, target: str, day: date) -> tuple[date, Decimal] | None:
    """The latest rate on or before the day, and its day."""
    at = (source, target, day)
    if at not in tables.rates:
        tables.rates[at] = max(rates_between(tables, source, target, date.min, day), default=None)
    return tables.rates[at]


@dataclass(frozen=True, slots=True)
class Exchanged:
    """`rate` is units of the target currency for one of the source's; `on` the day that rate is of."""

    amount: Decimal
    rate: Decimal
    on: date | None


def exchange(
    tables: Tables, amount: Decimal, source: str, target: str, day: date, mode: Rounding, span: Span | None
) -> Exchanged:
    """The amount in the target currency, rounded to its minor unit (section 6).

    The latest rate on or before the day from source to target multiplies; else the one from target to source divides.
    """
    if source == target:
        return Exchanged(amount, ONE, None)
    direct, inverse = (_latest(tables, source, target, day), _latest(tables, target, source, day))
    if direct is not None:
        return at_rate(amount, direct[1], False, direct[0], target, mode, span)
    if inverse is not None:
        return at_rate(amount, inverse[1], True, inverse[0], target, mode, span)
    raise Fault("E503", f"no exchange rate between {source} and {target} on or before {day}", span)


def average_exchange(
    tables: Tables, amount: Decimal, source: str, target: str, period: Window, mode: Rounding, span: Span | None
) -> Exchanged:
    """The same at the average (sum ÷ count) of the rates dated in the period; its date is the period's last day."""
    for pair in ((source, target), (target, source)):
        rates = [rate for _, rate in rates_between(tables, *pair, period.start, period.end)]
        if rates:
            average = divide(reduce(add, rates), exact(len(rates)))
            return at_rate(amount, average, pair != (source, target), period.end, target, mode, span)
    raise Fault("E503", f"no exchange rate between {source} and {target} in {period.label}", span)


def at_rate(
    amount: Decimal, rate: Decimal, inverse: bool, on: date, target: str, mode: Rounding, span: Span | None
) -> Exchanged:
    """The amount × rate, or where the rate is that of the other way round (`inverse`) the amount ÷ rate."""
    if not inverse:
        return Exchanged(round_to(multiply(amount, rate), minor_unit(target), mode), rate, on)
    if rate.is_zero():
        raise Fault("E501", f"the exchange rate from {target} of {on} is zero", span)
    return Exchanged(round_to(divide(amount, rate), minor_unit(target), mode), divide(ONE, rate), on)
