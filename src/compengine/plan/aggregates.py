"""Sums, counts and their kin: over credits through a window, over people, over related rows."""

from dataclasses import replace

from compengine.plan import syntax as s
from compengine.plan import typed as t
from compengine.plan.demands import amount, boolean, of_units, present
from compengine.plan.functions import FUNCTIONS, MAY_BE_EMPTY
from compengine.plan.narrow import facts
from compengine.plan.paths import RelatedPath, follow, related, related_at
from compengine.plan.scope import Scope
from compengine.plan.typed import Grain, Known, Type, Unit
from compengine.plan.units import AMOUNTS, OF_COLUMN
from compengine.plan.windows import Typed, check_known, group, window
from compengine.source.shape import note, suggestion


def aggregate(value: s.Call, scope: Scope, typed: Typed) -> t.Expr | None:
    """None, with a diagnostic, for what is none of the three; None alone for `max(a, b)` of plain values."""
    first = value.arguments[0] if value.arguments else None
    rest = value.arguments[1:]
    rows = first.rows if isinstance(first, s.RowsWhere) else first
    if isinstance(rows, s.Group) and rows.column is None and rows.kind in scope.declared.names:
        rows = s.Path(rows.span, rows.text, (s.Part(rows.kind, rows.span),))
    where = first.condition if isinstance(first, s.RowsWhere) else None
    if isinstance(rows, s.Path) and len(rows.parts) > 1 and not rest and related_at(rows, scope) is not None:
        return _related(value, rows, where, scope, typed)
    name = rows.parts[0].name if isinstance(rows, s.Path) and len(rows.parts) == 1 else ""
    if any(isinstance(a, s.Window) for a in rest):
        return _through_window(value, rows, name, where, scope, typed)
    if len(rest) == 1 and isinstance(rest[0], s.Group) and where is None and scope.declared.kind(name) != "stream":
        return _over_people(value, rest[0], scope, typed)
    _none_of_them(value, rows, name, where is not None, scope)
    return None


def _none_of_them(value: s.Call, rows: object, name: str, narrowed: bool, scope: Scope) -> None:
    function = value.function.name
    if scope.declared.kind(name) in ("stream", "component") and (odd := _no_window(value)) is not None:
        help = f"write {MEANT[odd.text]}" if odd.text in MEANT else "windows: month, quarter to date, rolling 12 months"
        note(scope.found, "E208", f"{odd.text} is no window", odd.span, help)
    elif scope.declared.kind(name) in ("stream", "component") and (len(value.arguments) == 1 or not _plain(value)):
        help = f"write {function}({name}, quarter to date)"
        note(scope.found, "E208", f"{function} of {name} must say over which window", value.span, help)
    elif isinstance(rows, s.Path) and len(rows.parts) > 1 and (narrowed or len(value.arguments) == 1):
        related(rows, scope)
    elif name and len(value.arguments) == 1:
        help = suggestion(name, scope.declared.of_kind("stream", "component"))
        note(scope.found, "E211", f"there is no stream {name}", value.arguments[0].span, help)
    elif not _plain(value) or function not in ("min", "max"):
        note(
            scope.found, "E209", f"{function} does not take these", value.span, f"write {FUNCTIONS[function].signature}"
        )


MEANT = {
    "ytd": "year to date",
    "qtd": "quarter to date",
    "mtd": "month to date",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
    "annual": "year",
    "annually": "year",
}
"""What those who write another word for a window mean."""


def _no_window(value: s.Call) -> s.Path | None:
    """A single name where the window of a sum stands."""
    match value.arguments:
        case (_, s.Path(parts=(_,)) as odd, *_):
            return odd
    return None


def _wrong(value: s.Call, scope: Scope) -> None:
    function = FUNCTIONS[value.function.name]
    note(scope.found, "E209", f"{function.name} does not take these", value.span, f"write {function.signature}")


def _plain(value: s.Call) -> bool:
    return len(value.arguments) > 1 and not any(
        isinstance(a, s.Window | s.Group | s.RowsWhere | s.Levels | s.Named) for a in value.arguments
    )


# --- credits of a stream, rows of a component


def _through_window(
    value: s.Call, rows: object, name: str, where: s.Expression | None, scope: Scope, typed: Typed
) -> t.Expr | None:
    written = [a for a in value.arguments[1:] if isinstance(a, s.Window)]
    groups = [a for a in value.arguments[1:] if isinstance(a, s.Group)]
    kind, function = scope.declared.kind(name), value.function.name
    if not scope.computed:
        note(scope.found, "E202", f"{scope.what} cannot use sums", value.span, "they are computed later")
        return None
    look = window(written[0], scope, typed)
    group_given = group(groups[0], scope) if groups else None
    if len(written) + len(groups) != len(value.arguments) - 1 or len(written) > 1 or len(groups) > 1:
        note(
            scope.found, "E209", f"{function} does not take these", value.span, f"write {FUNCTIONS[function].signature}"
        )
        return None
    if kind not in ("stream", "component"):
        streams = scope.declared.of_kind("stream", "component")
        what = name or value.arguments[0].text
        of_table = name in scope.declared.workspace.tables
        being = f"a {kind}" if kind else "a table of the workspace" if of_table else "neither"
        message = f"{function} adds up a stream or component; {what} is {being}"
        help = suggestion(what, streams, "there is")
        if of_table or (isinstance(rows, s.Path) and len(rows.parts) > 1):
            help = f"credit the rows in a stream and write {function}(STREAM, {written[0].text})"
        note(scope.found, "E211", message, value.arguments[0].span, help)
        return None
    unit = _unit_of_rows(name, function, scope)
    condition = _condition(name, where, scope, typed) if where is not None else None
    if look is None or unit is None or (where is not None and condition is None) or (groups and group_given is None):
        return None
    known = check_known(look, value, scope)
    optional = function in MAY_BE_EMPTY
    return t.Aggregate(
        Type(unit, Grain.PAYEE, known, optional),
        value.span,
        value.text,
        function,
        name,
        kind == "component",
        condition,
        look,
        group_given,
    )


def _unit_of_rows(name: str, function: str, scope: Scope) -> Unit | None:
    if function == "count":
        return Unit.NUMBER
    if scope.declared.kind(name) == "component":
        return Unit.MONEY
    facts_of_stream = scope.declared.streams.get(name)
    return facts_of_stream.unit if facts_of_stream else None


def _condition(name: str, where: s.Expression, scope: Scope, typed: Typed) -> t.Expr | None:
    """What narrows a stream sees what a rule per credit of it does, `before` and `after` apart."""
    declared = scope.declared
    stream = name
    if declared.kind(name) == "component":
        component = declared.components.get(name)
        if component is None:
            return None
        stream = component.stream
    facts_of_stream = declared.streams.get(stream)
    if stream and facts_of_stream is None:
        return None
    rows = dict(facts_of_stream.rows) if facts_of_stream else {}
    filled = facts_of_stream.filled if facts_of_stream else frozenset()
    inner = replace(
        scope,
        what=f"conditions on the rows of {name}",
        rows={"payee": declared.workspace.tables["payees"], **rows},
        computed=True,
        walks=False,
        grain=Grain.ROW,
        known=Known.PERIOD,
        stream=stream,
        filled=filled,
    )
    return boolean(present(typed(where, inner), inner), "where", inner)


# --- one value per person


def _over_people(value: s.Call, written: s.Group, scope: Scope, typed: Typed) -> t.Expr | None:
    function = value.function.name
    if not scope.computed:
        note(scope.found, "E202", f"{scope.what} cannot look at other people", value.span, "it is computed later")
        return None
    inner = scope.alone()
    each = present(typed(value.arguments[0], inner), inner)  # type: ignore[arg-type]
    people = group(written, scope)
    each = boolean(each, "count", inner) if function == "count" else amount(each, function, inner)
    if each is None or people is None:
        return None
    unit = Unit.NUMBER if function == "count" else each.type.unit
    kind = Type(unit, Grain.PAYEE, each.type.known, function in MAY_BE_EMPTY)
    return t.GroupAggregate(kind, value.span, value.text, function, each, people)


# --- rows that refer to this one


def _related(value: s.Call, rows: s.Path, where: s.Expression | None, scope: Scope, typed: Typed) -> t.Expr | None:
    found = related(rows, scope)
    if found is None:
        return None
    inner = scope.seeing({"other": found.table})
    inner = replace(inner, what="conditions on related rows", computed=False, walks=False, grain=Grain.ROW)
    condition = boolean(present(typed(where, inner), inner), "where", inner) if where is not None else None
    function = value.function.name
    narrowed = inner.knowing(facts(where))
    column = _related_column(value, rows, found, narrowed) if function != "count" else None
    if function == "count" and found.rest:
        message = f"count takes rows; {rows.text} is a column of them"
        note(scope.found, "E209", message, rows.span, f"write count({rows.text.rsplit('.', 1)[0]})")
        return None
    if (where is not None and condition is None) or (function != "count" and column is None):
        return None
    unit = Unit.NUMBER if column is None else column.type.unit
    kind = Type(unit, Grain.ROW, optional=function in MAY_BE_EMPTY)
    return t.RelatedAggregate(
        kind,
        value.span,
        value.text,
        function,
        found.root,
        found.hops,
        found.table.name,
        found.reference,
        column,
        condition,
    )


def _related_column(value: s.Call, rows: s.Path, found: RelatedPath, scope: Scope) -> t.Read | None:
    function = value.function.name
    if not found.rest:
        columns = found.table.columns.values()
        summed = [c.name for c in columns if OF_COLUMN[c.type] in AMOUNTS] or [c.name for c in columns]
        help = f"write {function}({rows.text}.{summed[0]})"
        note(scope.found, "E209", f"{function} takes a column of the rows", rows.span, help)
        return None
    path = s.Path(rows.span, rows.text, (s.Part("other", rows.span), *found.rest))
    followed = follow(found.table, found.rest[:-1], path, scope)
    if followed is None:
        return None
    hops, table, optional = followed
    last = found.rest[-1]
    column = table.columns.get(last.name)
    if column is None:
        help = suggestion(last.name, list(table.columns), f"{table.row} has")
        note(scope.found, "E210", f"{table.row} has no column {last.name}", last.span, help)
        return None
    text = ".".join(["other", *(p.name for p in found.rest)])
    kind = Type(OF_COLUMN[column.type], Grain.ROW, optional=(optional or column.optional) and text not in scope.filled)
    read = t.Read(kind, rows.span, rows.text, "other", hops, last.name, table.name)
    units = (*AMOUNTS, Unit.DATE) if function in ("min", "max") else AMOUNTS
    checked = of_units(read, units, function, scope)
    if checked is not None and checked.type.optional:
        help = f"write {function}({'.'.join(p.name for p in rows.parts)} where {text} is not empty)"
        note(scope.found, "E205", f"{last.name} may be empty", last.span, help)
        return None
    return read if checked is not None else None
