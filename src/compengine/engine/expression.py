"""Expressions as column expressions.

What has to be fetched (reads, measures, sums, quotas …) is a *leaf*: its values and fault marks stand in two columns
of the frame before. Everything else is composed here. Each node becomes a value and a mark; a branch not taken
leaves no mark.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

import polars as pl

from compengine.engine.columns import ONE_, ZERO_, floor, lit, quotient, rounded, rounded_by
from compengine.engine.faults import MARK, NONE, Faults
from compengine.plan.typed import (
    After,
    Aggregate,
    And,
    Arithmetic,
    Before,
    Between,
    Call,
    Compare,
    ComponentValue,
    DaysIn,
    Default,
    Duration,
    Expr,
    GroupAggregate,
    If,
    InSpan,
    IsEmpty,
    Literal,
    Lookup,
    Match,
    MeasureValue,
    Negate,
    Not,
    OneOf,
    Or,
    Plan,
    Quota,
    Ratio,
    Read,
    RelatedAggregate,
    ShareOf,
    Step,
    Table,
    TableCall,
    TableKind,
)
from compengine.values.frames import EXACT

LEAVES = (
    Read, MeasureValue, ComponentValue, Before, After, Aggregate, GroupAggregate, RelatedAggregate, Quota, Lookup,
    Match, ShareOf, DaysIn, Ratio,
)  # fmt: skip
Leaf = (
    Read | MeasureValue | ComponentValue | Before | After | Aggregate | GroupAggregate | RelatedAggregate | Quota
    | Lookup | Match | ShareOf | DaysIn | Ratio
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Built:
    """`value` and `mark` of one node; `key` is the entry a call of a `steps` table came to, as the plan writes it."""

    value: pl.Expr
    mark: pl.Expr
    key: pl.Expr | None = None


@dataclass(frozen=True, slots=True)
class Builder:
    """Compiles the expressions of one plan; `columns` names the value column of each leaf (its mark is `NAME!`)."""

    plan: Plan
    faults: Faults
    columns: Mapping[Leaf, str]


def children(node: Expr) -> tuple[Expr, ...]:
    """The parts that are evaluated in the same rows as the node; a leaf has none."""
    match node:
        case Arithmetic(left=a, right=b) | Compare(left=a, right=b) | And(left=a, right=b) | Or(left=a, right=b):
            return (a, b)
        case Negate(value=a) | Not(value=a) | IsEmpty(value=a) | InSpan(value=a):
            return (a,)
        case OneOf(value=a, choices=choices):
            return (a, *choices)
        case Between(value=a, low=b, high=c) | If(condition=a, then=b, otherwise=c):
            return (a, b, c)
        case Default(value=a, fallback=b):
            return (a, b)
        case TableCall(arguments=arguments) | Call(arguments=arguments):
            return arguments
    return ()


def leaves(node: Expr) -> Iterator[Leaf]:
    if isinstance(node, LEAVES):
        yield node
    for child in children(node):
        yield from leaves(child)


def build(b: Builder, node: Expr) -> Built:
    match node:
        case Literal(value=value):
            return Built(_literal(value), NONE)
        case Arithmetic():
            return _arithmetic(b, node)
        case Negate(value=inner):
            of = build(b, inner)
            return Built(ZERO_ - of.value, of.mark)
        case Compare(operator=operator, left=left, right=right):
            x, y = build(b, left), build(b, right)
            return Built(_compare(operator, x.value, y.value), pl.coalesce(x.mark, y.mark))
        case OneOf(value=inner, choices=choices, negated=negated):
            of, options = build(b, inner), [build(b, c) for c in choices]
            hit = pl.any_horizontal([of.value == o.value for o in options])
            return Built(~hit if negated else hit, pl.coalesce(of.mark, *[o.mark for o in options]))
        case InSpan(value=inner, start=start, end=end, negated=negated):
            of = build(b, inner)
            hit = of.value.is_between(pl.lit(start), pl.lit(end))
            return Built(~hit if negated else hit, of.mark)
        case Between(value=inner, low=low, high=high):
            of, x, y = build(b, inner), build(b, low), build(b, high)
            return Built(of.value.is_between(x.value, y.value), pl.coalesce(of.mark, x.mark, y.mark))
        case IsEmpty(value=inner, negated=negated):
            of = build(b, inner)
            return Built(of.value.is_not_null() if negated else of.value.is_null(), of.mark)
        case Default():
            return _default(b, node)
        case Not(value=inner):
            of = build(b, inner)
            return Built(~of.value, of.mark)
        case And(left=left, right=right):
            x, y = build(b, left), build(b, right)
            return Built(
                pl.when(x.value).then(y.value).otherwise(x.value), pl.coalesce(x.mark, pl.when(x.value).then(y.mark))
            )
        case Or(left=left, right=right):
            x, y = build(b, left), build(b, right)
            return Built(
                pl.when(x.value).then(pl.lit(True)).when(~x.value).then(y.value),
                pl.coalesce(x.mark, pl.when(~x.value).then(y.mark)),
            )
        case If(condition=condition, then=then, otherwise=otherwise):
            c, x, y = build(b, condition), build(b, then), build(b, otherwise)
            return Built(
                pl.when(c.value).then(x.value).when(~c.value).then(y.value),
                pl.coalesce(c.mark, pl.when(c.value).then(x.mark).when(~c.value).then(y.mark)),
            )
        case TableCall():
            return _table_call(b, node)
        case Call():
            return _call(b, node)
    assert isinstance(node, LEAVES)
    name = b.columns[node]
    return Built(pl.col(name), pl.col(f"{name}!"))


def _literal(value: Decimal | str | date | bool | Duration) -> pl.Expr:
    assert not isinstance(value, Duration), "durations stand only beside dates"
    return lit(value) if isinstance(value, Decimal) else pl.lit(value)


def _arithmetic(b: Builder, node: Arithmetic) -> Built:
    x = build(b, node.left)
    if _is_duration(node.right):
        value, mark = _moved(b, x.value, node.right, -1 if node.operator == "-" else 1)
        return Built(value, pl.coalesce(x.mark, mark))
    y = build(b, node.right)
    mark = pl.coalesce(x.mark, y.mark)
    match node.operator:
        case "+":
            return Built(x.value + y.value, mark)
        case "-":
            return Built(x.value - y.value, mark)
        case "*":
            return Built(x.value * y.value, mark)
    zero = b.faults.when(y.value == ZERO_, "E501", f"division by zero in {node.text}", node)
    return Built(quotient(x.value, y.value), pl.coalesce(mark, zero))


def _is_duration(node: Expr) -> bool:
    return node.type.unit.value == "duration"


def _moved(b: Builder, day: pl.Expr, by: Expr, sign: int) -> tuple[pl.Expr, pl.Expr]:
    match by:
        case Literal(value=Duration(months=months, days=days)):
            return day.dt.offset_by(f"{sign * months}mo" if months else f"{sign * days}d"), NONE
        case If(condition=condition, then=then, otherwise=otherwise):
            c, x, y = build(b, condition), _moved(b, day, then, sign), _moved(b, day, otherwise, sign)
            return (
                pl.when(c.value).then(x[0]).when(~c.value).then(y[0]),
                pl.coalesce(c.mark, pl.when(c.value).then(x[1]).otherwise(y[1])),
            )
    raise AssertionError(f"not a duration: {by.text}")


def _compare(operator: str, x: pl.Expr, y: pl.Expr) -> pl.Expr:
    match operator:
        case "==":
            return x == y
        case "!=":
            return x != y
        case "<":
            return x < y
        case "<=":
            return x <= y
        case ">":
            return x > y
    return x >= y


def _default(b: Builder, node: Default) -> Built:
    x, y = build(b, node.value), build(b, node.fallback)
    missing = x.mark.is_in(b.faults.missing()).fill_null(False)
    none = missing | (x.value.is_null() & x.mark.is_null())
    return Built(
        pl.when(none).then(y.value).otherwise(x.value), pl.when(none).then(y.mark).otherwise(x.mark).cast(MARK)
    )


def _call(b: Builder, node: Call) -> Built:
    parts = [build(b, a) for a in node.arguments]
    values, mark = [p.value for p in parts], pl.coalesce(*[p.mark for p in parts])
    match node.function:
        case "max":
            return Built(pl.max_horizontal(values), mark)
        case "min":
            return Built(pl.min_horizontal(values), mark)
        case "abs":
            return Built(values[0].abs(), mark)
        case "floor":
            return Built(floor(values[0], ONE_), mark)
        case "ceil":
            return Built(ZERO_ - floor(ZERO_ - values[0], ONE_), mark)
        case "days_between":
            return Built((values[1] - values[0]).dt.total_days().cast(EXACT), mark)
        case "months_between":
            return Built(_months_between(values[0], values[1]), mark)
    return _round(b, node, values, mark)


def _months_between(a: pl.Expr, z: pl.Expr) -> pl.Expr:
    months = (z.dt.year().cast(pl.Int64) - a.dt.year()) * 12 + z.dt.month().cast(pl.Int64) - a.dt.month()
    reached = pl.min_horizontal(a.dt.day(), z.dt.month_end().dt.day()) <= z.dt.day()
    return (months - pl.when(reached).then(0).otherwise(1)).cast(EXACT)


def _round(b: Builder, node: Call, values: list[pl.Expr], mark: pl.Expr) -> Built:
    to, mode = node.arguments[1], b.plan.rounding
    if isinstance(to, Literal) and isinstance(to.value, Decimal) and not to.value.is_zero():
        return Built(rounded(values[0], abs(to.value), mode), mark)
    zero = b.faults.when(values[1] == ZERO_, "E501", f"rounding to a multiple of zero in {node.text}", node)
    by = pl.when(values[1] != ZERO_).then(values[1].abs())
    return Built(rounded_by(values[0], by, mode), pl.coalesce(mark, zero))


def _table_call(b: Builder, node: TableCall) -> Built:
    table = b.plan.tables[node.name]
    parts = [build(b, a) for a in node.arguments]
    values, mark = [p.value for p in parts], pl.coalesce(*[p.mark for p in parts])
    match table.kind:
        case TableKind.STEPS:
            value, key, fault = _steps(b, node, table, table.steps, values)
            return Built(value, pl.coalesce(mark, fault), key)
        case TableKind.CURVE:
            return Built(_curve(table, values[0]), mark)
    return Built(_cumulative(table, values[0]), mark)


def _steps(
    b: Builder, node: TableCall, table: Table, steps: tuple[Step, ...], values: list[pl.Expr]
) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Value, key and mark, from the last step back to the first."""
    x, deeper = values[0], values[1:]
    text = isinstance(steps[0].at, str)
    code, what = ("E505", "has no entry for") if text else ("E504", "has no step at or below")
    asked = node.arguments[len(table.by) - len(values)].text
    value: pl.Expr = lit(0)
    key: pl.Expr = pl.lit("")
    mark: pl.Expr = b.faults.when(x.is_not_null(), code, f"table {table.name} {what} {asked}", node)
    ordered = steps if text else tuple(reversed(steps))
    last = [s for s in ordered if text and s.key == "otherwise"]
    hits: list[tuple[pl.Expr, Step]] = []
    for step in ordered:
        if step in last:
            continue
        if isinstance(step.at, str):
            hits.append((x == pl.lit(step.at), step))
        elif table.boundary_upper or step is steps[0]:
            hits.append((x >= lit(step.at), step))
        else:
            hits.append((x > lit(step.at), step))
    hits += [(pl.lit(True), s) for s in last]
    for hit, step in reversed(hits):
        if isinstance(step.value, Decimal):
            v, k, m = lit(step.value), pl.lit(step.key), NONE
        else:
            v, k, m = _steps(b, node, table, step.value, deeper)
            k = pl.lit(f"{step.key} / ") + k
        value, key = pl.when(hit).then(v).otherwise(value), pl.when(hit).then(k).otherwise(key)
        mark = pl.when(hit).then(m).otherwise(mark)
    return value, key, mark


def _curve(table: Table, x: pl.Expr) -> pl.Expr:
    points = [(s.at, s.value) for s in table.steps if isinstance(s.at, Decimal) and isinstance(s.value, Decimal)]

    def line(low: tuple[Decimal, Decimal], high: tuple[Decimal, Decimal]) -> pl.Expr:
        rise = lit(high[1] - low[1]) * (x - lit(low[0]))
        return lit(low[1]) + rise / lit(high[0] - low[0])

    if table.above is not None:
        value = lit(table.above)
    else:
        value = line(points[-2], points[-1]) if len(points) > 1 else lit(points[-1][1])
    value = pl.when(x == lit(points[-1][0])).then(lit(points[-1][1])).otherwise(value)
    for low, high in reversed(list(pairwise(points))):
        value = pl.when(x < lit(high[0])).then(line(low, high)).otherwise(value)
    assert table.below is not None
    return pl.when(x < lit(points[0][0])).then(lit(table.below)).otherwise(value)


def _cumulative(table: Table, x: pl.Expr) -> pl.Expr:
    assert table.end is not None
    lows = [s.at for s in table.steps if isinstance(s.at, Decimal)]
    worth = [s.value for s in table.steps if isinstance(s.value, Decimal)]
    value: pl.Expr = ZERO_
    for low, high, full in zip(lows, [*lows[1:], table.end], worth, strict=True):
        part = lit(full) * (x - lit(low)) / lit(high - low)
        value = value + pl.when(x <= lit(low)).then(ZERO_).when(x >= lit(high)).then(lit(full)).otherwise(part)
    return value
