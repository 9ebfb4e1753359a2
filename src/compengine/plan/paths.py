"""Names and paths: which measure, component, row or column they mean."""

from dataclasses import dataclass

from compengine.inputs.schema import Column, ColumnType, Table
from compengine.plan import syntax as s
from compengine.plan import typed as t
from compengine.plan.demands import known_by
from compengine.plan.scope import UNKNOWN, Scope
from compengine.plan.typed import Grain, Known, Type, Unit
from compengine.plan.units import OF_COLUMN, shown
from compengine.source.shape import note, suggestion

_FOLLOWED = (ColumnType.REF, ColumnType.PAYEE)


def path(value: s.Path, scope: Scope) -> t.Expr | None:
    """What the path means here; None, with a diagnostic, where it means nothing."""
    return _name(value, scope) if len(value.parts) == 1 else _column(value, scope)


def _name(value: s.Path, scope: Scope) -> t.Expr | None:
    name, declared = value.parts[0].name, scope.declared
    kind = declared.kind(name)
    if kind in ("measure", "component") and not scope.computed:
        help = "credits come before measures and components" if "stream" in scope.what else ""
        note(scope.found, "E202", f"{scope.what} cannot use the {kind} {name}", value.span, help)
        return None
    if kind == "measure":
        return _measure(value, name, scope)
    if kind == "component":
        facts = declared.components.get(name)
        if facts is None:
            return None
        same = bool(scope.stream) and facts.stream == scope.stream
        grain, known = (Grain.ROW, Known.ALWAYS) if same else (Grain.PAYEE, Known.PERIOD)
        return t.ComponentValue(Type(Unit.MONEY, grain, known), value.span, value.text, name, same)
    if kind == "stream":
        note(scope.found, "E208", f"{name} is a stream, not a value", value.span, f"write sum({name}, quarter to date)")
    elif kind == "table":
        note(scope.found, "E209", f"{name} is a table: it takes arguments", value.span, f"write {name}(…)")
    elif name in scope.rows:
        columns = scope.rows[name].columns
        note(
            scope.found,
            "E202",
            f"{name} is a row, not a value",
            value.span,
            f"name a column: {name}.{next(iter(columns))}",
        )
    else:
        known_names = [*declared.of_kind("measure", "component"), *scope.rows] if scope.computed else [*scope.rows]
        help = suggestion(name, known_names)
        if not help.startswith("did you mean"):
            help = f'a text stands in quotes: "{name}"' + (f"; {help}" if help else "")
        note(scope.found, "E202", f"there is no {name} here", value.span, help)
    return None


def _measure(value: s.Path, name: str, scope: Scope) -> t.Expr | None:
    rule = scope.declared.measures.get(name)
    if rule is None:
        return None
    known_by(rule.value.type.known, value.span, name, scope)
    return t.MeasureValue(rule.value.type, value.span, value.text, name)


def _column(value: s.Path, scope: Scope) -> t.Expr | None:
    row = root(value, scope)
    if row is None:
        return None
    followed = follow(row, value.parts[1:-1], value, scope)
    if followed is None:
        return None
    hops, table, optional = followed
    last = value.parts[-1]
    column = column_of(table, last.name)
    if column is None:
        if not (table.name in ("credit", "earning") and last.name in UNKNOWN):
            _no_column(value, last, table, scope)
        return None
    name = value.parts[0].name
    grain = Grain.PAYEE if name in ("payee", "period") else Grain.ROW
    text = ".".join(p.name for p in value.parts)
    optional = (optional or column.optional) and text not in scope.filled
    kind = Type(OF_COLUMN[column.type], grain, Known.ALWAYS, optional)
    return t.Read(kind, value.span, value.text, name, hops, last.name, table.name)


def root(value: s.Path, scope: Scope) -> Table | None:
    """The table of the row that a path begins with."""
    first = value.parts[0]
    if first.name in scope.rows:
        return scope.rows[first.name]
    workspace = scope.declared.workspace
    table = workspace.row(first.name)
    if (table is not None or first.name in ("credit", "earning", "other")) and scope.grain < Grain.ROW:
        message = f"{value.text} is a value of a row; {scope.what} need one value per person"
        note(scope.found, "E206", message, value.span, "credit the rows in a stream and write sum(stream, window)")
    elif first.name == "payee":
        same = "a spread is the same for everybody; what differs from person to person stands under share"
        help = same if "period" in scope.rows else _whose(value, scope)
        note(scope.found, "E202", f"{scope.what} cannot see payee", value.span, help)
    elif table is not None or first.name in ("credit", "earning", "other", "period"):
        rows = [name for name in scope.rows if name not in ("payee", "period")]
        help = _each(table, scope) or (f"here there is: {', '.join(rows)}" if rows else "")
        note(scope.found, "E202", f"the row {first.name} is not in scope in {scope.what}", first.span, help)
    elif first.name in workspace.tables:
        name = workspace.tables[first.name].row
        note(scope.found, "E202", f"{first.name} is a table; its rows are called {name}", first.span, f"write {name}.")
    elif scope.declared.kind(first.name):
        kind = scope.declared.kind(first.name)
        note(scope.found, "E202", f"the {kind} {first.name} has no columns", first.span)
    else:
        note(
            scope.found, "E202", f"there is no row {first.name} here", first.span, suggestion(first.name, [*scope.rows])
        )
    return None


def _whose(value: s.Path, scope: Scope) -> str:
    """The same of the payee that a column of a row in scope names: `deal.owner.level`."""
    named = [
        f"{name}.{column.name}"
        for name, table in scope.rows.items()
        for column in table.columns.values()
        if column.type is ColumnType.PAYEE
    ]
    rest = "".join(f".{part.name}" for part in value.parts[1:] if part.name != "id")
    return f"write {named[0]}{rest}" if named else "a column of the row says whose it is"


def _each(table: Table | None, scope: Scope) -> str:
    """The key that brings rows of `table` into scope, where they refer to a row that is there."""
    if table is None or "stream" not in scope.what:
        return ""
    of = [name for name, row in scope.rows.items() if len(table.references(row.name)) == 1 and row.name != "payees"]
    return f"write each: {of[0]}.{table.name}, one credit per {table.row}" if of else ""


def follow(
    row: Table, steps: tuple[s.Part, ...], value: s.Path, scope: Scope
) -> tuple[tuple[t.Hop, ...], Table, bool] | None:
    """The hops along references, the table they end in, and whether one of them may be empty."""
    hops: list[t.Hop] = []
    table, optional, names = row, False, value.parts[0].name
    for step in steps:
        column = column_of(table, step.name)
        if column is None:
            if not (table.name in ("credit", "earning") and step.name in UNKNOWN):
                _no_column(value, step, table, scope)
            return None
        if column.type not in _FOLLOWED:
            message = f"{names}.{step.name} is {shown(OF_COLUMN[column.type])}, which leads to no other row"
            note(scope.found, "E210", message, step.span)
            return None
        names = f"{names}.{step.name}"
        optional = optional or (column.optional and names not in scope.filled)
        hops.append(t.Hop(step.name, column.table or "payees"))
        table = scope.declared.workspace.tables[column.table or "payees"]
    return tuple(hops), table, optional


def column_of(table: Table, name: str) -> Column | None:
    """A column, the days of a dated version included."""
    found = table.columns.get(name)
    if found is None and table.effective is not None and name in table.effective:
        return Column(name, ColumnType.DATE, optional=name == table.effective[1])
    return found


def _no_column(value: s.Path, step: s.Part, table: Table, scope: Scope) -> None:
    related = scope.declared.workspace.tables.get(step.name)
    if related is not None and related.references(table.name):
        help = f"write count({value.text}), or sum with a column of them"
        note(scope.found, "E209", f"{step.name} are rows that refer to this one, not a value", step.span, help)
        return
    help = suggestion(step.name, list(table.columns), f"{table.row} has")
    if table.name == "credit" and step.name in ("via", "level"):
        help = "it exists where the stream credits managers(…)"
    note(scope.found, "E210", f"{table.row} has no column {step.name}", step.span, help)


# --- rows that refer to a row


@dataclass(frozen=True, slots=True)
class RelatedPath:
    """Where a path such as `deal.customer.invoices.amount` leads: `rest` is what follows the table."""

    root: str
    hops: tuple[t.Hop, ...]
    table: Table
    reference: str
    rest: tuple[s.Part, ...]


def related_at(value: s.Path, scope: Scope) -> int | None:
    """The place in the path of the name of a related table, if it has one (columns come first)."""
    table = scope.rows.get(value.parts[0].name)
    for at, part in enumerate(value.parts[1:], start=1):
        if table is None:
            return None
        column = column_of(table, part.name)
        if column is None:
            return at if part.name in scope.declared.workspace.tables else None
        table = scope.declared.workspace.tables.get(column.table)
    return None


def related(value: s.Path, scope: Scope) -> RelatedPath | None:
    """None, with a diagnostic, where the path names no rows that refer to a row in scope."""
    row = root(value, scope)
    if row is None:
        return None
    at = related_at(value, scope)
    if at is None:
        tables = [x.name for x in scope.declared.workspace.tables.values() if x.references(row.name)]
        help = suggestion(value.parts[-1].name, tables, f"rows that refer to a {row.row}")
        note(scope.found, "E211", f"{value.text} names no rows that refer to another", value.span, help)
        return None
    followed = follow(row, value.parts[1:at], value, scope)
    if followed is None:
        return None
    hops, target, optional = followed
    part = value.parts[at]
    if optional:
        before = ".".join(p.name for p in value.parts[:at])
        note(scope.found, "E205", f"{before} may be empty", value.span, f"test {before} is not empty before it")
    table = scope.declared.workspace.tables[part.name]
    references = table.references(target.name)
    if target.name == "payees":
        help = "credit the rows in a stream and write sum(stream, window)"
        note(scope.found, "E206", f"the {part.name} of a person have no window", value.span, help)
    elif not references:
        note(scope.found, "E211", f"{part.name} has no column that refers to {target.name}", part.span)
    elif len(references) > 1:
        message = f"several columns of {part.name} refer to {target.name}: {', '.join(references)}"
        note(scope.found, "E302", message, part.span, "keep one of them a reference in the workspace")
    else:
        return RelatedPath(value.parts[0].name, hops, table, references[0], value.parts[at + 1 :])
    return None
