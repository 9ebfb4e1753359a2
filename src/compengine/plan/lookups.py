"""`lookup` and `match`: one row of a table of the workspace, found by the values of its columns."""

from collections.abc import Iterable
from dataclasses import replace

from compengine.inputs.schema import Column, Table
from compengine.plan import syntax as s
from compengine.plan import typed as t
from compengine.plan.demands import combined, present
from compengine.plan.functions import FUNCTIONS
from compengine.plan.paths import column_of
from compengine.plan.scope import Scope
from compengine.plan.typed import Grain, Unit
from compengine.plan.units import OF_COLUMN, alike, shown
from compengine.plan.windows import Typed
from compengine.source.shape import note, suggestion

MOST_KEYS = 8


def found_row(value: s.Call, scope: Scope, typed: Typed) -> t.Lookup | t.Match | None:
    """Always optional: there may be no such row. Both read a table as of the date."""
    name = value.function.name
    match value.arguments:
        case (s.Path(parts=(of, part)), *rest):
            pass
        case _:
            _wrong(value, scope, f"{name} begins with table.column")
            return None
    table = _table(of, scope)
    column = _column(part, table, scope) if table else None
    keys = _keys(value, rest, table, scope, typed)
    if keys is None or column is None:
        return None
    kind = combined(OF_COLUMN[column.type], [key for _, key in keys], optional=True)
    kind = replace(kind, grain=max(kind.grain, Grain.PAYEE))
    node = t.Lookup if name == "lookup" else t.Match
    return node(kind, value.span, value.text, of.name, part.name, keys)


def _wrong(value: s.Call, scope: Scope, message: str) -> None:
    note(scope.found, "E209", message, value.span, f"write {FUNCTIONS[value.function.name].signature}")


def _table(of: s.Part, scope: Scope) -> Table | None:
    tables = scope.declared.workspace.tables
    if of.name not in tables:
        note(scope.found, "E211", f"the workspace has no table {of.name}", of.span, suggestion(of.name, list(tables)))
    return tables.get(of.name)


def _column(part: s.Part, table: Table, scope: Scope) -> Column | None:
    column = column_of(table, part.name)
    if column is None:
        help = suggestion(part.name, list(table.columns), f"{table.name} has")
        note(scope.found, "E210", f"{table.name} has no column {part.name}", part.span, help)
    return column


def _keys(
    value: s.Call, given: Iterable[s.Argument], table: Table | None, scope: Scope, typed: Typed
) -> tuple[tuple[str, t.Expr], ...] | None:
    """Each key's column and the value sought in it; None where one of them is wrong, or the table is unknown."""
    keys: dict[str, t.Expr] = {}
    good = table is not None
    for argument in given:
        if not isinstance(argument, s.Named):
            note(scope.found, "E209", f"a {value.function.name} names its keys", argument.span, "write key = value")
            good = False
            continue
        sought = present(typed(argument.value, scope), scope)
        column = _column(argument.name, table, scope) if table else None
        key = _comparable(sought, column, scope) if sought and column else None
        if argument.name.name in keys:
            note(scope.found, "E209", f"{argument.name.name} is given twice", argument.span, "name each key once")
            good = False
        if key is None:
            good = False
        else:
            keys[argument.name.name] = key
    if good and not keys:
        _wrong(value, scope, f"a {value.function.name} says which row: key = value")
    if good and value.function.name == "match" and len(keys) > MOST_KEYS:
        message = f"a match takes at most {MOST_KEYS} keys; these are {len(keys)}"
        note(scope.found, "E209", message, value.span, "join keys that are always filled together into one column")
        return None
    return tuple(keys.items()) if good and keys else None


def _comparable(sought: t.Expr, column: Column, scope: Scope) -> t.Expr | None:
    """E214 where the value cannot be what the column holds. A text literal names a payee or a currency."""
    unit = OF_COLUMN[column.type]
    if unit is Unit.MONEY:
        message = f"{column.name} is money, which may stand in several currencies: no row is found by it"
        note(scope.found, "E204", message, sought.span, "a table of the plan finds a step by its amount")
        return None
    names = isinstance(sought, t.Literal) and sought.type.unit is Unit.TEXT and unit in (Unit.PAYEE, Unit.CURRENCY)
    if alike(unit, sought.type.unit) or names:
        return sought
    note(scope.found, "E214", f"{column.name} is {shown(unit)}, this is {shown(sought.type.unit)}", sought.span)
    return None
