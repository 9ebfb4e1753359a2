"""The value of an expression in a scene (sections 4 and 5). A value is None where it is empty."""

import operator
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from compengine.oracle import measure, rows, tables, windows
from compengine.oracle.book import EVERYBODY, Scene, cut_scene, measure_scene, member_scene, with_row
from compengine.oracle.faults import Fault, Follows, Unbound
from compengine.oracle.quota import quota
from compengine.oracle.rows import Row
from compengine.plan import typed as t
from compengine.plan.typed import Expr, Unit
from compengine.source.text import Span
from compengine.values import exact
from compengine.values.money import minor_unit
from compengine.values.periods import DAY, NoWindow, add_months, months_between
from compengine.values.rounding import FINEST, floor_to, round_to, split

Value = Any


def evaluate(node: Expr, scene: Scene) -> Value:
    """The value, recorded where somebody asks how it came about."""
    return _recorded(node.text, node, scene, _value)


def labelled(label: str, node: Expr, scene: Scene) -> Value:
    """A value that must be there, under a heading of its own in a recording: `of`, `rate`, `position before`."""
    return _recorded(label, node, scene, required)


def _recorded(label: str, node: Expr, scene: Scene, compute: Callable[[Expr, Scene], Value]) -> Value:
    recorders = scene.book.calculation.recorders
    if not recorders:
        return compute(node, scene)
    recorders[-1].enter(label, node.span)
    value: Value = None
    try:
        value = compute(node, scene)
    finally:
        recorders[-1].leave(value)
    return value


def required(node: Expr, scene: Scene) -> Value:
    """A value that must be there."""
    value = evaluate(node, scene)
    if value is None:
        raise Fault("E517", f"{node.text} is empty", node.span)
    return value


def holds(node: Expr, scene: Scene) -> bool:
    return bool(required(node, scene))


def not_negative(node: Expr, scene: Scene) -> Decimal:
    """A share or a weight."""
    value: Decimal = required(node, scene)
    if value < 0:
        raise Fault("E514", f"{node.text} is negative", node.span)
    return value


def first_false(node: Expr, scene: Scene) -> str:
    """The part of a condition that decided: its first conjunct that is false, empty where all hold."""
    if isinstance(node, t.And):
        return first_false(node.left, scene) or first_false(node.right, scene)
    return "" if holds(node, scene) else node.text


def _value(node: Expr, scene: Scene) -> Value:
    match node:
        case t.Read():
            return read(node, scene)
        case t.Literal():
            return node.value
        case t.Compare():
            return _compare(node.operator, required(node.left, scene), required(node.right, scene))
        case t.Arithmetic():
            return _arithmetic(node, required(node.left, scene), required(node.right, scene))
        case t.And():
            return holds(node.left, scene) and holds(node.right, scene)
        case t.Or():
            return holds(node.left, scene) or holds(node.right, scene)
        case t.Not():
            return not holds(node.value, scene)
        case t.If():
            return evaluate(node.then if holds(node.condition, scene) else node.otherwise, scene)
        case t.MeasureValue():
            return _measure(node.name, measure_scene(scene))
        case t.Before():
            return _measure(node.name, cut_scene(scene, after=False))
        case t.After():
            return _measure(node.name, cut_scene(scene, after=True))
        case t.Aggregate():
            return measure.aggregate(node, scene, holds, _origin(node.window, scene))
        case t.Quota():
            try:
                return quota(node, scene, _origin(node.window, scene), not_negative)
            except NoWindow as error:
                raise Fault("E704", str(error), node.span) from None
        case t.Default():
            return _default(node, scene)
        case t.IsEmpty():
            return (evaluate(node.value, scene) is None) != node.negated
        case t.OneOf():
            value = required(node.value, scene)
            return (value in [required(choice, scene) for choice in node.choices]) != node.negated
        case t.InSpan():
            return (node.start <= required(node.value, scene) <= node.end) != node.negated
        case t.Between():
            value = required(node.value, scene)
            return bool(required(node.low, scene) <= value <= required(node.high, scene))
        case t.Negate():
            return exact.subtract(exact.ZERO, required(node.value, scene))
        case t.ComponentValue():
            return _component(node, scene)
        case t.TableCall():
            return table_call(node, scene)[0]
        case t.Lookup() | t.Match():
            return _lookup(node, scene)
        case t.Call():
            return _call(node, scene)
        case t.DaysIn():
            first, last = windows.for_quota(
                node.window, scene.book.plan.calendar, scene.sum_day, scene.day, _origin(node.window, scene)
            )
            return measure.days_in(first, last, scene, node.on_plan)
        case t.RelatedAggregate():
            return _related(node, scene)
        case t.Ratio():
            return _ratio(node, scene)
        case t.GroupAggregate():
            return _group(node, scene)
        case t.ShareOf():
            return _share_of(node, scene)
        case _:
            raise AssertionError(f"no reading of {type(node).__name__}")


# --- columns and references


def read(node: t.Read, scene: Scene) -> Value:
    """A column along references; empty where a reference on the way is (section 4)."""
    if node.root == "period":
        return _of_period(node.column, scene, node.span)
    value, currency, day = _as_it_stands(node, scene)
    if value is None or currency == scene.book.plan.currency:
        return value
    return converted(value, currency, day, scene, node.span).amount


def _as_it_stands(node: t.Read, scene: Scene) -> tuple[Value, str, date | None]:
    """The value in its row, its currency (the plan's of what is no foreign money), and the day of its rate."""
    home = scene.book.plan.currency
    if node.hops:
        row, day = _row_at(node.root, node.hops, scene, node.span)
    elif node.root == "payee":
        row, day = measure.payee_row(scene), None
    else:
        row, day = scene.rows.get(node.root), None
        if row is None:
            raise Unbound(node.root, node.span)
    if row is None:
        return None, home, day
    if day is None:
        day = measure.reading_day(scene) if node.root == "payee" else scene.row_day
    currency = row.get(node.column + "@currency") if node.type.unit is Unit.MONEY else None
    return row[node.column], currency or home, day


def converted(value: Decimal, currency: str, day: date | None, scene: Scene, span: Span) -> rows.Exchanged:
    """Foreign money as it is read: at the rate of the row or of the plan, rounded (section 6)."""
    plan, day = scene.book.plan, scene.rate_day or day
    if day is None:
        raise Fault("E517", f"the row has no date, so {currency} cannot be converted", span)
    return rows.exchange(scene.book.calculation.tables, value, currency, plan.currency, day, plan.rounding, span)


def _row_at(root: str, hops: tuple[t.Hop, ...], scene: Scene, span: Span) -> tuple[Row | None, date | None]:
    """The row that references lead to, in the version of the row's date, and that date."""
    if root == "payee":
        row, day = measure.payee_row(scene), measure.reading_day(scene)
    else:
        row, day = scene.rows.get(root), scene.row_day
        if row is None:
            raise Unbound(root, span)
    return rows.follow(scene.book.calculation.tables, row, hops, day), day


def _of_period(column: str, scene: Scene, span: Span) -> Value:
    """`period.start`, `period.end`, `period.number`: the pay period that holds t; its place in the year it ends in."""
    period = scene.book.period(scene.day, span)
    if column == "start":
        return period.start
    if column == "end":
        return period.end
    calendar = scene.book.plan.calendar
    year = calendar.window("year", period.end)
    ending = [p for p in calendar.between("period", year.start, period.end) if p.end >= year.start]
    return exact.exact(len(ending))


def _related(node: t.RelatedAggregate, scene: Scene) -> Value:
    """Over the rows that refer to this one; a related row is `other` (section 5)."""
    amounts = []
    for other in related_rows(node, scene, node.span):
        value = exact.ONE if node.column is None else evaluate(node.column, with_row(scene, "other", other))
        if node.column is not None and value is None:
            raise Fault("E517", f"{node.column.text} is empty in row {other['@key']}", node.column.span)
        amounts.append(value)
    return measure.fold("sum" if node.function == "count" else node.function, amounts)


def _ratio(node: t.Ratio, scene: Scene) -> Value:
    """Money columns in one and the same currency are divided as they stand, others both in the plan's (section 6)."""
    left, right = _amounts(node.left, scene), _amounts(node.right, scene)
    if len({currency for _, currency in (*left, *right)}) > 1:
        return _quotient(node, required(node.left, scene), required(node.right, scene))
    return _quotient(node, _folded(node.left, left), _folded(node.right, right))


def _amounts(side: t.Read | t.RelatedAggregate, scene: Scene) -> list[tuple[Decimal, str]]:
    """Amount and currency of each row that a side of a ratio is about."""
    if isinstance(side, t.Read):
        value, currency, _ = _as_it_stands(side, scene)
        if value is None:
            raise Fault("E517", f"{side.text} is empty", side.span)
        return [(value, currency)]
    assert side.column is not None
    return [
        amount
        for other in related_rows(side, scene, side.span)
        for amount in _amounts(side.column, with_row(scene, "other", other))
    ]


def _folded(side: t.Read | t.RelatedAggregate, amounts: list[tuple[Decimal, str]]) -> Decimal:
    value = measure.fold("sum" if isinstance(side, t.Read) else side.function, [amount for amount, _ in amounts])
    if value is None:
        raise Fault("E517", f"{side.text} is empty", side.span)
    return value


def related_rows(of: t.RelatedRows | t.RelatedAggregate, scene: Scene, span: Span) -> list[Row]:
    """The rows that refer to the one `root` and its hops lead to, where `where` holds, in order of key."""
    if of.root == "payee" and not of.hops:
        key: str | None = scene.payee
    else:
        row, _ = _row_at(of.root, of.hops, scene, span)
        key = row["@key"] if row is not None else None
    if key is None:
        return []
    found = rows.lookup(scene.book.calculation.tables, of.table, (of.reference,), (key,), scene.row_day)
    if of.where is None:
        return found
    name = of.row if isinstance(of, t.RelatedRows) else "other"
    return [row for row in found if holds(of.where, with_row(with_row(scene, name, row), "other", row))]


def _lookup(node: t.Lookup | t.Match, scene: Scene) -> Value:
    """The one row with these values, or the one that fits best, in force on the date; empty if there is none."""
    names = tuple(name for name, _ in node.keys)
    values = tuple(required(expression, scene) for _, expression in node.keys)
    find = rows.lookup if isinstance(node, t.Lookup) else rows.best_fits
    found = find(scene.book.calculation.tables, node.table, names, values, scene.row_day)
    if len(found) > 1:
        shown = ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))
        raise Fault("E508", f"{len(found)} rows of {node.table} answer {shown}", node.span)
    if not found:
        return None
    value, currency = found[0][node.column], found[0].get(node.column + "@currency")
    if value is None or node.type.unit is not Unit.MONEY or not currency:
        return value
    return converted(value, currency, scene.row_day, scene, node.span).amount


def _default(node: t.Default, scene: Scene) -> Value:
    """The fallback where the value is empty or a quota is not found; other faults stay faults (section 4)."""
    try:
        value = evaluate(node.value, scene)
    except Follows:
        raise
    except Fault as fault:
        if fault.code != "E502":
            raise
        value = None
    return evaluate(node.fallback, scene) if value is None else value


# --- measures, components, groups


def _measure(name: str, scene: Scene) -> Value:
    """A measure's expression in the scene of section 9; remembered, except while somebody records."""
    book = scene.book
    rule = book.plan.measures[name]
    if book.calculation.recorders:
        return evaluate(rule.value, scene)
    at = ("measure", name, scene.payee, scene.day, scene.sum_day, scene.window.start, scene.window.end, scene.cut)
    if at not in book.values:
        book.values[at] = evaluate(rule.value, scene)
    return book.values[at]


def _component(node: t.ComponentValue, scene: Scene) -> Decimal:
    """Of this credit in a rule per credit of the same stream, else the total of the rule's window (section 4)."""
    if not node.same_stream or "credit" not in scene.rows:
        return measure.component_total(node.name, scene)
    component = scene.book.component(node.name)
    if scene.payee in component.broken or EVERYBODY in component.broken:
        raise Follows
    return component.figures.get((scene.payee, scene.rows["credit"]["id"]), exact.ZERO)


def _group(node: t.GroupAggregate, scene: Scene) -> Value:
    """One value per member, members as of t; inside, `payee.` is the member (section 5)."""
    found = measure.members(scene, node.group, node.span)
    inner = [member_scene(scene, member) for member in found]
    if node.function == "count":
        return exact.exact(sum(holds(node.value, member) for member in inner))
    return measure.fold(node.function, [required(node.value, member) for member in inner])


def _share_of(node: t.ShareOf, scene: Scene) -> Decimal:
    """This payee's part of the pool by weight, rounded so that the parts add up (sections 5 and 6)."""
    pool = required(node.pool, scene)
    found = measure.members(scene, node.group, node.span)
    if scene.payee not in found:
        return exact.ZERO
    weights = [(member, required(node.weight, member_scene(scene, member))) for member in found]
    for member, weight in weights:
        if weight < 0:
            raise Fault("E514", f"the weight of {member} is negative", node.weight.span)
    if not any(weight for _, weight in weights):
        raise Fault("E515", "nobody in the group has a weight", node.span)
    unit = FINEST
    if node.pool.type.unit is Unit.MONEY:
        unit = minor_unit(scene.book.plan.currency)
        pool = round_to(pool, unit, scene.book.plan.rounding)
    return split(pool, weights, unit)[found.index(scene.payee)]


def _origin(window: t.LookThrough, scene: Scene) -> date | None:
    """The date a year is counted from."""
    if window.anchor is None:
        return None
    origin: date = required(window.anchor, scene)
    return origin


# --- arithmetic and functions


COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compare(sign: str, left: Value, right: Value) -> bool:
    """Texts compare by bytes."""
    if isinstance(left, str):
        left, right = left.encode(), right.encode()
    return bool(COMPARISONS[sign](left, right))


def _arithmetic(node: t.Arithmetic, left: Value, right: Value) -> Value:
    """Section 6: + and − are exact, × and ÷ round half-even at the twelfth place."""
    if isinstance(right, t.Duration):
        return moved(left, right, 1 if node.operator == "+" else -1)
    try:
        match node.operator:
            case "+":
                return exact.add(left, right)
            case "-":
                return exact.subtract(left, right)
            case "*":
                return exact.multiply(left, right)
            case _:
                return _quotient(node, left, right)
    except (exact.OutOfRange, InvalidOperation):
        raise Fault("E513", f"{node.text} does not fit", node.span) from None


def _quotient(node: t.Arithmetic | t.Ratio, left: Decimal, right: Decimal) -> Decimal:
    if right.is_zero():
        raise Fault("E501", f"{node.right.text} is zero, and {node.left.text} is divided by it", node.span)
    try:
        return exact.divide(left, right)
    except (exact.OutOfRange, InvalidOperation):
        raise Fault("E513", f"{node.text} does not fit", node.span) from None


def moved(day: date, length: t.Duration, sign: int) -> date:
    """A date plus months keeps the day of the month, or takes the month's last day (section 5)."""
    return add_months(day, sign * length.months) if length.months else day + sign * length.days * DAY


def _call(node: t.Call, scene: Scene) -> Value:
    values = [required(argument, scene) for argument in node.arguments]
    match node.function:
        case "max":
            return max(values)
        case "min":
            return min(values)
        case "abs":
            return abs(values[0])
        case "floor":
            return floor_to(values[0], exact.ONE)
        case "ceil":
            return exact.subtract(exact.ZERO, floor_to(exact.subtract(exact.ZERO, values[0]), exact.ONE))
        case "round":
            if values[1] <= 0:
                raise Fault("E501", f"{node.text} rounds to a multiple of nothing", node.span)
            return round_to(values[0], values[1], scene.book.plan.rounding)
        case "days_between":
            return exact.exact((values[1] - values[0]).days)
        case "months_between":
            return exact.exact(months_between(values[0], values[1]))
        case _:
            raise AssertionError(node.function)


def table_call(node: t.TableCall, scene: Scene) -> tuple[Decimal, list[str]]:
    """The value of a plan's table and the keys of the entries it came from."""
    arguments = [required(argument, scene) for argument in node.arguments]
    return tables.call(scene.book.plan.tables[node.name], arguments, node.span)


def rounded(amount: Decimal, scene: Scene) -> Decimal:
    """Money on the minor unit of the plan's currency, in the plan's mode."""
    plan = scene.book.plan
    return round_to(amount, minor_unit(plan.currency), plan.rounding)
