"""Calls: functions of values, tables and quotas. Sums and their kin are in `aggregates`."""

from decimal import Decimal

from compengine.plan import syntax as s
from compengine.plan import typed as t
from compengine.plan.aggregates import aggregate
from compengine.plan.demands import amount, combined, known_by, number, of_units, present
from compengine.plan.functions import AGGREGATES, FUNCTIONS
from compengine.plan.lookups import found_row
from compengine.plan.scope import Scope
from compengine.plan.typed import Grain, Known, Type, Unit
from compengine.plan.units import AMOUNTS, OF_COLUMN, alike, joined, shown
from compengine.plan.windows import Typed, group, window
from compengine.source.shape import note, suggestion

_VALUES = s.Expression.__args__


def call(value: s.Call, scope: Scope, typed: Typed) -> t.Expr | None:
    name = value.function.name
    kind = scope.declared.kind(name)
    if name in FUNCTIONS and FUNCTIONS[name].computed and not scope.computed:
        note(scope.found, "E202", f"{scope.what} cannot use {name}", value.span, "it is computed later")
        return None
    if name in AGGREGATES:
        return aggregate(value, scope, typed) or _or_plain(value, scope, typed)
    match name:
        case "quota":
            return _quota(value, scope, typed)
        case "before" | "after":
            return _running(value, scope)
        case "lookup" | "match":
            return found_row(value, scope, typed)
        case "share_of":
            return _share_of(value, scope, typed)
        case "days_in" | "days_on_plan":
            return _days(value, scope, typed)
        case "managers":
            message = "managers(…) says who is credited; it stands in `to`, alone"
            note(scope.found, "E209", message, value.span)
            return None
        case _ if name in FUNCTIONS:
            return _plain(value, scope, typed)
        case _ if kind == "table":
            return _table(value, scope, typed)
    help = suggestion(name, [*FUNCTIONS, *scope.declared.of_kind("table")])
    what = f"the {kind} {name} takes no arguments" if kind else f"there is no function or table {name}"
    if name in scope.declared.workspace.tables:
        help = f"{name} is a table of the workspace: write lookup({name}.column, key = value)"
    note(scope.found, "E202", what, value.function.span, help)
    return None


def _or_plain(value: s.Call, scope: Scope, typed: Typed) -> t.Expr | None:
    """`max(a, b)` and `min(a, b)` of values: what is left when no stream, group or related rows are named."""
    if value.function.name not in ("min", "max") or not _all_values(value):
        return None
    return _plain(value, scope, typed)


def _all_values(value: s.Call) -> bool:
    return len(value.arguments) > 1 and all(isinstance(a, _VALUES) for a in value.arguments)


def _wrong(value: s.Call, scope: Scope, message: str = "") -> None:
    signature = FUNCTIONS[value.function.name].signature
    text = message or f"{value.function.name} does not take these arguments"
    note(scope.found, "E209", text, value.span, f"write {signature}")


def _arguments(value: s.Call, scope: Scope, typed: Typed) -> list[t.Expr | None] | None:
    """The arguments as values; None, with a diagnostic, where one is a window, a group or named."""
    if not all(isinstance(a, _VALUES) for a in value.arguments):
        _wrong(value, scope)
        return None
    return [present(typed(a, scope), scope) for a in value.arguments]  # type: ignore[arg-type]


def _plain(value: s.Call, scope: Scope, typed: Typed) -> t.Expr | None:
    """Functions whose arguments are values."""
    given = _arguments(value, scope, typed)
    if given is None:
        return None
    name = value.function.name
    low, high = {"min": (2, 99), "max": (2, 99), "abs": (1, 1), "floor": (1, 1), "ceil": (1, 1)}.get(name, (2, 2))
    if not low <= len(given) <= high:
        _wrong(value, scope)
        return None
    if any(g is None for g in given):
        return None
    parts = tuple(g for g in given if g is not None)
    unit = _plain_unit(value, parts, scope)
    return t.Call(combined(unit, parts), value.span, value.text, name, parts) if unit is not None else None


def _plain_unit(value: s.Call, parts: tuple[t.Expr, ...], scope: Scope) -> Unit | None:
    name = value.function.name
    if name in ("days_between", "months_between"):
        good = None not in [of_units(p, (Unit.DATE,), name, scope) for p in parts]
        return Unit.NUMBER if good else None
    if name in ("floor", "ceil"):
        return Unit.NUMBER if number(parts[0], name, scope) is not None else None
    ordered = (*AMOUNTS, Unit.DATE) if name in ("min", "max") else AMOUNTS
    if None in [of_units(p, ordered, name, scope) for p in parts]:
        return None
    unit = parts[0].type.unit
    for part in parts[1:]:
        if not alike(unit, part.type.unit):
            message = f"{name} compares like with like; this is {shown(part.type.unit)}, the first {shown(unit)}"
            note(scope.found, "E214", message, part.span)
            return None
        unit = unit if name == "round" else joined(unit, part.type.unit)
    if name == "round":
        step = parts[1]
        if not (isinstance(step, t.Literal) and isinstance(step.value, Decimal) and step.value > 0):
            _wrong(value, scope, "round takes a constant above zero to round to")
            return None
    return unit


def _table(value: s.Call, scope: Scope, typed: Typed) -> t.Expr | None:
    given = _arguments_of_table(value, scope, typed)
    table = scope.declared.tables.get(value.function.name)
    if table is None or given is None:
        return None
    if len(given) != len(table.by):
        message = f"{table.name} takes {len(table.by)} argument{'s' * (len(table.by) > 1)}, not {len(given)}"
        note(scope.found, "E209", message, value.span, f"by: {', '.join(table.by)}")
        return None
    parts = []
    for part, unit in zip(given, table.by, strict=True):
        texts = (Unit.TEXT, Unit.CURRENCY) if unit is Unit.TEXT else ()
        allowed = texts or (AMOUNTS[:2] if unit in AMOUNTS[:2] else (unit,))
        parts.append(of_units(part, allowed, table.name, scope))
    good = tuple(p for p in parts if p is not None)
    if len(good) != len(parts):
        return None
    return t.TableCall(combined(table.unit, good), value.span, value.text, table.name, good)


def _arguments_of_table(value: s.Call, scope: Scope, typed: Typed) -> list[t.Expr | None] | None:
    if all(isinstance(a, _VALUES) for a in value.arguments):
        return [present(typed(a, scope), scope) for a in value.arguments]  # type: ignore[arg-type]
    note(scope.found, "E209", f"the table {value.function.name} takes values", value.span)
    return None


def _quota(value: s.Call, scope: Scope, typed: Typed) -> t.Expr | None:
    quotas = scope.declared.workspace.quotas
    match value.arguments:
        case (s.Path(parts=(part,)), s.Window() as written):
            look = window(written, scope, typed)
            if part.name not in quotas:
                note(
                    scope.found,
                    "E202",
                    f"the workspace names no quota {part.name}",
                    part.span,
                    _quota_help(part, scope),
                )
                return None
            if look is None:
                return None
            kind = Type(OF_COLUMN[quotas[part.name]], Grain.PAYEE)
            return t.Quota(kind, value.span, value.text, part.name, look)
        case (s.Path(parts=(part,)),):
            help = f"write quota({part.name}, year)"
            note(scope.found, "E208", "a quota must say for which window", value.span, help)
        case _:
            _wrong(value, scope)
    return None


def _quota_help(part: s.Part, scope: Scope) -> str:
    quotas = scope.declared.workspace.quotas
    return suggestion(part.name, list(quotas), "quotas") if quotas else "name it under quotas in compengine.yaml"


def _running(value: s.Call, scope: Scope) -> t.Expr | None:
    """`before` and `after` of a measure."""
    name = value.function.name
    if not scope.walks:
        message = f"{name} stands in a rule of a component; {scope.what} have no credit to stand beside"
        note(scope.found, "E206", message, value.span)
        return None
    match value.arguments:
        case (s.Path(parts=(part,)),):
            if scope.declared.kind(part.name) != "measure":
                measures = scope.declared.of_kind("measure")
                help = suggestion(part.name, measures, "measures") or "name the value under measures"
                note(scope.found, "E209", f"{name} takes a measure; {part.name} is none", part.span, help)
                return None
            rule = scope.declared.measures.get(part.name)
            if rule is None:
                return None
            known_by(rule.value.type.known, value.span, value.text, scope)
            grain = Grain.ROW if scope.stream else Grain.PAYEE
            kind = Type(rule.value.type.unit, grain, rule.value.type.known)
            node = t.Before if name == "before" else t.After
            return node(kind, value.span, value.text, part.name)
    _wrong(value, scope, f"{name} takes the name of a measure")
    return None


def _share_of(value: s.Call, scope: Scope, typed: Typed) -> t.Expr | None:
    match value.arguments:
        case (pool, weight, s.Group() as written) if isinstance(pool, _VALUES) and isinstance(weight, _VALUES):
            people = group(written, scope)
            inner = scope.alone()
            whole = amount(present(typed(pool, inner), inner), "a pool", inner)
            part = amount(present(typed(weight, inner), inner), "a weight", inner)
            if people is None or whole is None or part is None:
                return None
            kind = Type(whole.type.unit, Grain.PAYEE, max(whole.type.known, part.type.known))
            return t.ShareOf(kind, value.span, value.text, whole, part, people)
    _wrong(value, scope)
    return None


def _days(value: s.Call, scope: Scope, typed: Typed) -> t.Expr | None:
    match value.arguments:
        case (s.Window() as written,):
            look = window(written, scope, typed)
            if look is None:
                return None
            on_plan = value.function.name == "days_on_plan"
            kind = Type(Unit.NUMBER, Grain.PAYEE, Known.ALWAYS)
            return t.DaysIn(kind, value.span, value.text, look, on_plan)
    _wrong(value, scope)
    return None
