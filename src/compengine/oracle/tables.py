"""The tables of a plan: functions of constants (section 3, tables)."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

from compengine.oracle.faults import Fault
from compengine.plan.typed import Step, Table, TableKind
from compengine.source.text import Span
from compengine.values.exact import ZERO, add, divide, multiply, plain, subtract

OTHERWISE = "otherwise"


def call(table: Table, arguments: list[Any], span: Span) -> tuple[Decimal, list[str]]:
    """The value, and for `steps` the keys of the entries that led to it."""
    match table.kind:
        case TableKind.STEPS:
            return _steps(table, arguments, span)
        case TableKind.CURVE:
            return _curve(table, arguments[0]), []
        case TableKind.CUMULATIVE:
            return _cumulative(table, arguments[0]), []


def _steps(table: Table, arguments: list[Any], span: Span) -> tuple[Decimal, list[str]]:
    steps, keys = table.steps, []
    for argument in arguments:
        find = _listed if isinstance(argument, str) else _at_or_below
        step = find(table, steps, argument, span)
        keys.append(step.key)
        if isinstance(step.value, Decimal):
            return step.value, keys
        steps = step.value
    raise AssertionError(f"table {table.name} has more levels than arguments")


def _listed(table: Table, steps: tuple[Step, ...], argument: Any, span: Span) -> Step:
    """For text: the entry of exactly that text, or `otherwise`."""
    for step in steps:
        if step.at == argument and step.key != OTHERWISE:
            return step
    if steps and steps[-1].key == OTHERWISE:
        return steps[-1]
    raise Fault("E505", f'table {table.name} has no entry "{argument}"', span)


def _at_or_below(table: Table, steps: tuple[Step, ...], argument: Any, span: Span) -> Step:
    """The entry at or below the argument; with `boundary: lower` strictly below, but for the first."""
    found: Step | None = None
    for place, step in enumerate(steps):
        assert isinstance(step.at, Decimal)
        reached = step.at <= argument if table.boundary_upper or place == 0 else step.at < argument
        if reached:
            found = step
    if found is None:
        raise Fault("E504", f"{plain(argument)} is below the first step of table {table.name}", span)
    return found


def _number(value: Decimal | str | tuple[Step, ...]) -> Decimal:
    assert isinstance(value, Decimal)
    return value


def _curve(table: Table, x: Decimal) -> Decimal:
    """Straight lines: y0 + (y1 − y0) × (x − x0) ÷ (x1 − x0), multiplied before it is divided."""
    points = [(_number(step.at), _number(step.value)) for step in table.steps]
    if x < points[0][0]:
        assert table.below is not None
        return table.below
    for first, second in pairwise(points):
        if x <= second[0]:
            return _line(first, second, x)
    if x == points[-1][0] or (table.above is None and len(points) == 1):
        return points[-1][1]
    return table.above if table.above is not None else _line(points[-2], points[-1], x)


def _line(first: tuple[Decimal, Decimal], second: tuple[Decimal, Decimal], x: Decimal) -> Decimal:
    (x0, y0), (x1, y1) = first, second
    return add(y0, divide(multiply(subtract(y1, y0), subtract(x, x0)), subtract(x1, x0)))


def _cumulative(table: Table, x: Decimal) -> Decimal:
    """The bands passed, plus the part of the band x is in: worth × (x − lower) ÷ (upper − lower)."""
    assert table.end is not None
    bounds = [_number(step.at) for step in table.steps] + [table.end]
    value = ZERO
    for step, (lower, upper) in zip(table.steps, pairwise(bounds), strict=True):
        worth = _number(step.value)
        if x >= upper:
            value = add(value, worth)
        elif x > lower:
            value = add(value, divide(multiply(worth, subtract(x, lower)), subtract(upper, lower)))
    return value
