"""What a place demands of a typed value: that it is there, and of the right unit and grain."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from compengine.plan import typed as t
from compengine.plan.scope import Scope
from compengine.plan.typed import Grain, Known, Type, Unit
from compengine.plan.units import AMOUNTS, NUMBERS, shown
from compengine.source.shape import note
from compengine.source.text import Span
from compengine.values.exact import multiply, plain

_UNTIL = {Known.MONTH: "month", Known.QUARTER: "quarter", Known.YEAR: "year"}


def present(value: t.Expr | None, scope: Scope) -> t.Expr | None:
    """E205 where the value may be empty; the value goes on as if it were there."""
    if value is None or not value.type.optional:
        return value
    named = value.text if len(value.text) <= 40 else "it"
    help = f"write {named} default …, or test that {named} is not empty before it"
    note(scope.found, "E205", f"{value.text} may be empty", value.span, help)
    return replace(value, type=replace(value.type, optional=False))


def of_units(value: t.Expr | None, units: tuple[Unit, ...], what: str, scope: Scope) -> t.Expr | None:
    """E204 where the value has another unit."""
    if value is None or value.type.unit in units:
        return value
    wanted = " or ".join(dict.fromkeys(shown(u) for u in units if u is not Unit.PERCENT or units == (Unit.PERCENT,)))
    help = ""
    if isinstance(value, t.Literal) and value.type.unit in NUMBERS and Unit.MONEY in units:
        help = f"write an amount: {value.text} {scope.declared.currency}" if value.type.unit is Unit.NUMBER else ""
    if what in ("and", "or", "not") and value.type.unit is not Unit.BOOL:
        help = 'each side is a condition by itself: a == "x" or a == "y"; in short a in ("x", "y")'
    note(scope.found, "E204", f"{what} takes {wanted}; this is {shown(value.type.unit)}", value.span, help)
    return None


def boolean(value: t.Expr | None, what: str, scope: Scope) -> t.Expr | None:
    return of_units(value, (Unit.BOOL,), what, scope)


def number(value: t.Expr | None, what: str, scope: Scope) -> t.Expr | None:
    return of_units(value, NUMBERS, what, scope)


def amount(value: t.Expr | None, what: str, scope: Scope) -> t.Expr | None:
    return of_units(value, AMOUNTS, what, scope)


def percent_sign(value: t.Expr | None, what: str, scope: Scope) -> t.Expr | None:
    """A literal rate or share says `%`: `5` could mean 5% or five times."""
    bare = value.value if isinstance(value, t.Negate) else value
    if isinstance(bare, t.Literal) and bare.type.unit is Unit.NUMBER:
        assert isinstance(bare.value, Decimal)
        whole = plain(multiply(bare.value, Decimal(100)))
        help = f"write {bare.text}%, or {whole}% if a multiple is meant"
        if abs(bare.value) < 1:
            help = f"write {whole}%, or {bare.text}% if so small a part is meant"
        note(scope.found, "E204", f"{what} written as a constant carries % or a currency", bare.span, help)
        return None
    return value


def fraction(value: t.Expr | None, what: str, scope: Scope) -> t.Expr | None:
    """A share of what is recovered, released or taken back: E311 where a constant lies outside 0% to 100%."""
    given = percent_sign(number(value, what, scope), "a share", scope)
    bare = given.value if isinstance(given, t.Negate) else given
    if given is None or not isinstance(bare, t.Literal):
        return given
    assert isinstance(bare.value, Decimal)
    below = isinstance(given, t.Negate) and bare.value > 0
    if not below and 0 <= bare.value <= 1:
        return given
    message = f"{what} is {given.text}, which is no part of a whole"
    note(scope.found, "E311", message, given.span, "write a share from 0% to 100%")
    return None


def known_by(known: Known, span: Span, text: str, scope: Scope, help: str = "") -> None:
    """E207 where the value is known later than the place is evaluated."""
    if known <= scope.known:
        return
    unit = _UNTIL.get(known, "period")
    message = f"{text} is known only when the {unit} closes, and {scope.what} need it before"
    place = text if text.isidentifier() else "it"
    help = help or f"write {unit} to date in {place}"
    if not scope.stream and known in _UNTIL and help.endswith(("to date", place)):
        help = f"a rule per: {unit} reads it whole; or {help}, which counts what came before it each time again"
    note(scope.found, "E207", message, span, help)


def combined(unit: Unit, parts: Iterable[t.Expr], optional: bool = False) -> Type:
    """The type of a value made of parts: the largest grain, known when the last part is."""
    listed = list(parts)
    grain = max((p.type.grain for p in listed), default=Grain.CONSTANT)
    known = max((p.type.known for p in listed), default=Known.ALWAYS)
    return Type(unit, grain, known, optional)
