"""Syntax → typed expression: units, grain, emptiness and names, one part at a time.

A part that is wrong has been reported and is None; whatever holds it is None too, without another word.
"""

from dataclasses import replace
from typing import TypeGuard

from compengine.plan import syntax as s
from compengine.plan import typed as t
from compengine.plan.calls import call
from compengine.plan.constants import days_of, literal
from compengine.plan.demands import amount, boolean, combined, of_units, present
from compengine.plan.narrow import facts, key
from compengine.plan.paths import path
from compengine.plan.scope import Scope
from compengine.plan.typed import Grain, Unit
from compengine.plan.units import AMOUNTS, NUMBERS, alike, combine, comparable, joined, shown
from compengine.source.shape import note


def typed(value: s.Expression, scope: Scope) -> t.Expr | None:
    """May be `optional`: the place that holds it says whether that is allowed."""
    result = _typed(value, scope)
    if result is not None and result.type.optional and key(value) in scope.filled:
        return replace(result, type=replace(result.type, optional=False))
    return result


def needed(value: s.Expression, scope: Scope) -> t.Expr | None:
    """A value that must be there."""
    return present(typed(value, scope), scope)


def _typed(value: s.Expression, scope: Scope) -> t.Expr | None:
    match value:
        case s.Broken():
            return None
        case s.Constant():
            return literal(value, scope.declared.currency, scope.found)
        case s.Path():
            return path(value, scope)
        case s.Call():
            return call(value, scope, typed)
        case s.Arithmetic():
            return _arithmetic(value, scope)
        case s.Negate():
            return _negate(value, scope)
        case s.Compare():
            return _compare(value, scope)
        case s.OneOf():
            return _one_of(value, scope)
        case s.InSpan():
            return _in_span(value, scope)
        case s.Between():
            return _between(value, scope)
        case s.IsEmpty(value=inner, negated=negated):
            tested = typed(inner, scope)
            return t.IsEmpty(combined(Unit.BOOL, [tested]), value.span, value.text, tested, negated) if tested else None
        case s.Default():
            return _default(value, scope)
        case s.Not(value=inner):
            turned = boolean(needed(inner, scope), "not", scope)
            return t.Not(combined(Unit.BOOL, [turned]), value.span, value.text, turned) if turned else None
        case s.And() | s.Or():
            return _both(value, scope)
        case s.If():
            return _if(value, scope)


def _arithmetic(value: s.Arithmetic, scope: Scope) -> t.Expr | None:
    left, right = needed(value.left, scope), needed(value.right, scope)
    if left is None or right is None:
        return None
    unit = combine(value.operator, left.type.unit, right.type.unit)
    if not isinstance(unit, Unit):
        verb = {"+": "added to", "-": "subtracted from", "*": "multiplied by", "/": "divided by"}[value.operator]
        first, second = shown(left.type.unit), shown(right.type.unit)
        if value.operator in "+-":
            first, second = second, first
        note(scope.found, "E203", f"{first} cannot be {verb} {second}", value.span, unit)
        return None
    kind = combined(unit, [left, right])
    if value.operator == "/" and _is_money_column(left) and _is_money_column(right):
        return t.Ratio(kind, value.span, value.text, left, right)
    return t.Arithmetic(kind, value.span, value.text, value.operator, left, right)


def _is_money_column(value: t.Expr) -> TypeGuard[t.Read | t.RelatedAggregate]:
    """Whether it is money as input tables hold it, each row in a currency of its own."""
    if value.type.unit is not Unit.MONEY:
        return False
    if isinstance(value, t.RelatedAggregate):
        return value.function in ("sum", "min", "max")
    return isinstance(value, t.Read) and value.table not in ("credit", "earning")


def _negate(value: s.Negate, scope: Scope) -> t.Expr | None:
    inner = amount(needed(value.value, scope), "-", scope)
    return t.Negate(combined(inner.type.unit, [inner]), value.span, value.text, inner) if inner else None


def _compare(value: s.Compare, scope: Scope) -> t.Expr | None:
    left, right = needed(value.left, scope), needed(value.right, scope)
    if left is None or right is None or not _comparable(value.operator, left, right, scope):
        return None
    return t.Compare(combined(Unit.BOOL, [left, right]), value.span, value.text, value.operator, left, right)


def _comparable(operator: str, left: t.Expr, right: t.Expr, scope: Scope) -> bool:
    """E214 otherwise. A payee or a currency compares with a text literal, which names one."""
    a, b = left.type.unit, right.type.unit
    if (
        operator in ("==", "!=")
        and a in (Unit.PAYEE, Unit.CURRENCY)
        and b is Unit.TEXT
        and isinstance(right, t.Literal)
    ):
        return True
    if comparable(operator, a, b):
        return True
    help = ""
    if Unit.MONEY in (a, b) and (a in NUMBERS or b in NUMBERS):
        help = f"write the amount with its currency: 1_000 {scope.declared.currency}"
    elif a is b:
        help = "compare with == or !="
    elif Unit.BOOL in (a, b):
        condition = (left if a is Unit.BOOL else right).text
        help = f"a condition stands alone: {condition}, or not {condition}"
    elif Unit.TEXT in (a, b) and Unit.DATE in (a, b):
        help = "dates are written without quotes: 2026-03-31"
    message = f"{shown(a)} does not compare with {shown(b)}" if a is not b else f"{shown(a)} has no order"
    note(scope.found, "E214", message, right.span if a is not b else left.span, help)
    return False


def _one_of(value: s.OneOf, scope: Scope) -> t.Expr | None:
    sought = needed(value.value, scope)
    choices = [needed(choice, scope) for choice in value.choices]
    good = [c for c in choices if c is not None and (sought is None or _comparable("==", sought, c, scope))]
    if sought is None or len(good) != len(choices):
        return None
    kind = combined(Unit.BOOL, [sought, *good])
    return t.OneOf(kind, value.span, value.text, sought, tuple(good), value.negated)


def _in_span(value: s.InSpan, scope: Scope) -> t.Expr | None:
    day = of_units(needed(value.value, scope), (Unit.DATE,), "in", scope)
    days = days_of(value.days, scope.declared.calendar, scope.found)
    if day is None or days is None:
        return None
    return t.InSpan(combined(Unit.BOOL, [day]), value.span, value.text, day, *days, value.negated)


def _between(value: s.Between, scope: Scope) -> t.Expr | None:
    middle, low, high = (needed(part, scope) for part in (value.value, value.low, value.high))
    if middle is None or low is None or high is None:
        return None
    if not (_comparable("<", middle, low, scope) and _comparable("<", middle, high, scope)):
        return None
    return t.Between(combined(Unit.BOOL, [middle, low, high]), value.span, value.text, middle, low, high)


def _default(value: s.Default, scope: Scope) -> t.Expr | None:
    inner, fallback = typed(value.value, scope), needed(value.fallback, scope)
    if inner is None or fallback is None:
        return None
    fallback = _named(fallback, inner.type.unit)
    if not alike(inner.type.unit, fallback.type.unit):
        message = f"the default is {shown(fallback.type.unit)}, the value {shown(inner.type.unit)}"
        help = f"write the amount in {scope.declared.currency}" if inner.type.unit is Unit.MONEY else ""
        note(scope.found, "E204", message, fallback.span, help)
        return None
    unit = joined(inner.type.unit, fallback.type.unit) if inner.type.unit in AMOUNTS else inner.type.unit
    return t.Default(combined(unit, [inner, fallback]), value.span, value.text, inner, fallback)


def _named(value: t.Expr, unit: Unit) -> t.Expr:
    """A text literal beside a payee or a currency names one."""
    if unit in (Unit.PAYEE, Unit.CURRENCY) and isinstance(value, t.Literal) and value.type.unit is Unit.TEXT:
        return replace(value, type=replace(value.type, unit=unit))
    return value


def _both(value: s.And | s.Or, scope: Scope) -> t.Expr | None:
    """The right side knows what the left has tested."""
    word = "and" if isinstance(value, s.And) else "or"
    left = boolean(needed(value.left, scope), word, scope)
    inner = scope.knowing(facts(value.left, isinstance(value, s.And)))
    right = boolean(needed(value.right, inner), word, inner)
    if left is None or right is None:
        return None
    node = t.And if isinstance(value, s.And) else t.Or
    return node(combined(Unit.BOOL, [left, right]), value.span, value.text, left, right)


def _if(value: s.If, scope: Scope) -> t.Expr | None:
    condition = boolean(needed(value.condition, scope), "if", scope)
    then = typed(value.then, scope.knowing(facts(value.condition, True)))
    otherwise = typed(value.otherwise, scope.knowing(facts(value.condition, False)))
    if condition is None or then is None or otherwise is None:
        return None
    then, otherwise = _named(then, otherwise.type.unit), _named(otherwise, then.type.unit)
    a, b = then.type.unit, otherwise.type.unit
    if not alike(a, b):
        message = f"then is {shown(a)}, else is {shown(b)}: both must be alike"
        note(scope.found, "E204", message, otherwise.span)
        return None
    kind = combined(joined(a, b), [condition, then, otherwise], then.type.optional or otherwise.type.optional)
    return t.If(kind, value.span, value.text, condition, then, otherwise)


def of_grain(value: t.Expr | None, grain: Grain, what: str, scope: Scope) -> t.Expr | None:
    """E206 where the value differs from row to row and may not."""
    if value is None or value.type.grain <= grain:
        return value
    note(scope.found, "E206", f"{what} takes one value per person; {value.text} differs from row to row", value.span)
    return None
