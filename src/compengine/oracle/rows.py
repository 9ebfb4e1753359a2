"""Rows of the input tables: by key, by reference, by lookup, and exchange rates."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from compengine.inputs.schema import Table, Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.oracle.faults import Fault
from compengine.source.text import Span
from compengine.values.exact import ONE, divide, multiply, plain
from compengine.values.money import minor_unit
from compengine.values.rounding import Rounding, round_to

Row = dict[str, Any]
Versions = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a snapshot, indexed the first time an index is asked for."""

    workspace: Workspace
    snapshot: Snapshot
    loaded: dict[str, list[Row]] = field(default_factory=dict)
    keyed: dict[str, Versions] = field(default_factory=dict)
    referring: dict[tuple[str, str], Versions] = field(default_factory=dict)
    found: dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], list[Row]]] = field(default_factory=dict)
    rates: dict[tuple[str, str], tuple[list[date], list[Decimal]]] = field(default_factory=dict)


def all_rows(tables: Tables, name: str) -> list[Row]:
    """Every row, every version."""
    if name not in tables.loaded:
        tables.loaded[name] = tables.snapshot.rows(name) if name in tables.snapshot.frames else []
    return tables.loaded[name]


def _group(rows: list[Row], column: str) -> Versions:
    grouped: Versions = {}
    for row in rows:
        if row[column] is not None:
            grouped.setdefault(row[column], []).append(row)
    return grouped


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
    if name not in tables.keyed:
        tables.keyed[name] = _group(all_rows(tables, name), "@key")
    table = tables.workspace.tables[name]
    return next((row for row in tables.keyed[name].get(key, ()) if in_force(table, row, day)), None)


def related(tables: Tables, name: str, reference: str, key: str, day: date | None) -> list[Row]:
    """The rows of a table whose reference names the row with this key, in order of key (section 4)."""
    at = (name, reference)
    if at not in tables.referring:
        tables.referring[at] = _group(all_rows(tables, name), reference)
    table = tables.workspace.tables[name]
    return [row for row in tables.referring[at].get(key, ()) if in_force(table, row, day)]


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


def key_beside(table: Table, row: Row, reference: str) -> str:
    """The parts of a related row's key that are not the reference (section 8, ids)."""
    return "/".join(_part(row[column]) for column in table.key if column != reference)


def _part(value: object) -> str:
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


def _dated_rates(tables: Tables, source: str, target: str) -> tuple[list[date], list[Decimal]]:
    at = (source, target)
    if at not in tables.rates:
        name = tables.workspace.rates
        rows = all_rows(tables, name) if name else []
        chosen = sorted((row["date"], row["rate"]) for row in rows if (row["from"], row["to"]) == at)
        tables.rates[at] = ([day for day, _ in chosen], [rate for _, rate in chosen])
    return tables.rates[at]


def _latest(tables: Tables, source: str, target: str, day: date) -> tuple[Decimal, date] | None:
    days, rates = _dated_rates(tables, source, target)
    place = bisect_right(days, day)
    return (rates[place - 1], days[place - 1]) if place else None


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
    direct = _latest(tables, source, target, day)
    if direct is not None:
        rate, on = direct
        return Exchanged(round_to(multiply(amount, rate), minor_unit(target), mode), rate, on)
    inverse = _latest(tables, target, source, day)
    if inverse is None:
        raise Fault("E503", f"no exchange rate between {source} and {target} on or before {day}", span)
    rate, on = inverse
    if rate.is_zero():
        raise Fault("E501", f"the exchange rate from {target} to {source} of {on} is zero", span)
    return Exchanged(round_to(divide(amount, rate), minor_unit(target), mode), divide(ONE, rate), on)
