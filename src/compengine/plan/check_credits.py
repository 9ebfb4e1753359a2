"""Credit streams: where rows come from, and who is credited with what."""

from dataclasses import dataclass

from compengine.inputs.schema import Table
from compengine.plan import scopes
from compengine.plan import syntax as s
from compengine.plan import typed as t
from compengine.plan import written as w
from compengine.plan.demands import amount, boolean, number, of_units, percent_sign
from compengine.plan.expressions import needed
from compengine.plan.narrow import facts
from compengine.plan.paths import related
from compengine.plan.scope import Declared, Scope, StreamFacts, credit_row, earning_row
from compengine.plan.typed import Grain, SharesTotal, SourceKind, Type, Unit
from compengine.plan.units import shown
from compengine.source.diagnostic import Diagnostic
from compengine.source.shape import note, suggestion
from compengine.source.text import Span
from compengine.source.yaml import Scalar
from compengine.values.exact import ONE

Registry = dict[str, list[Declared]]


@dataclass(frozen=True, slots=True)
class _Sourced:
    source: t.Source
    row: Table


def stream(written: w.Credit, declared: Declared, registry: Registry, found: list[Diagnostic]) -> t.Stream | None:
    """Also notes in `declared` what rules may know of the stream, even where a part of it is wrong."""
    before = len(found)
    sourced = _source(written.source, declared, registry, found) if written.source else None
    if sourced is None:
        return None
    rows = {sourced.source.row: sourced.row}
    scope = scopes.of_stream(declared, found, rows)
    each = related_rows(written.each, scope) if written.each else None
    if each is not None:
        rows[each.row] = declared.workspace.tables[each.table]
        scope = scope.seeing(rows)
        scope = scope.knowing(facts(written.each.condition if written.each else None))
    when = boolean(needed(written.when, scope), "when", scope) if written.when else None
    scope = scope.knowing(facts(written.when))
    day = of_units(needed(written.date, scope), (Unit.DATE,), "date", scope) if written.date else None
    credited = amount(needed(written.amount, scope), "amount", scope) if written.amount else None
    to = _recipient(written, scope)
    share = _share(written, scope)
    _note_facts(written, sourced, rows, credited, scope, declared)
    _check_total(written, found)
    if len(found) > before or day is None or credited is None or to is None or share is None:
        return None
    return t.Stream(
        written.name.value,
        sourced.source,
        each,
        when,
        day,
        credited,
        to,
        share,
        SharesTotal(written.shares_total),
        written.convert,
        written.name.span,
    )


def _note_facts(
    written: w.Credit,
    sourced: _Sourced,
    rows: dict[str, Table],
    credited: t.Expr | None,
    scope: Scope,
    declared: Declared,
) -> None:
    upward = isinstance(written.to, s.ToPayee) and _is_managers(written.to.value)
    unit = credited.type.unit if credited else None
    seen = {**rows, "credit": credit_row(unit, upward)}
    filled = frozenset(f for f in scope.filled if not f.startswith("credit."))
    declared.streams[written.name.value] = StreamFacts(written.name.value, sourced.source, seen, unit, filled)


def _source(written: Scalar, declared: Declared, registry: Registry, found: list[Diagnostic]) -> _Sourced | None:
    name = written.value.strip()
    if "." in name:
        return _other_plan(name, written.span, declared, registry, found)
    kind, table = declared.kind(name), declared.workspace.tables.get(name)
    if table is not None and kind in ("stream", "component"):
        message = f"{name} is a table of the workspace and a {kind} of this plan"
        note(found, "E302", message, written.span, f"rename the {kind}")
        return None
    if table is not None:
        return _Sourced(t.Source(SourceKind.TABLE, declared.plan, name, table.row), table)
    if kind == "stream":
        facts_of_stream = declared.streams.get(name)
        if facts_of_stream is None:
            return None
        source = t.Source(SourceKind.STREAM, declared.plan, name, "credit")
        return _Sourced(source, facts_of_stream.rows["credit"])
    if kind == "component":
        component = declared.components.get(name)
        source = t.Source(SourceKind.COMPONENT, declared.plan, name, "earning")
        return _Sourced(source, earning_row(component)) if component else None
    help = suggestion(name, [*declared.workspace.tables, *declared.of_kind("stream", "component")])
    note(found, "E211", f"there is no table, stream or component {name}", written.span, help)
    return None


def _other_plan(
    name: str, span: Span, declared: Declared, registry: Registry, found: list[Diagnostic]
) -> _Sourced | None:
    plan, _, component = name.rpartition(".")
    if plan not in registry:
        note(found, "E211", f"there is no plan {plan}", span, suggestion(plan, list(registry), "plans"))
        return None
    versions = [d for d in registry[plan] if d.kind(component) == "component"]
    if not versions:
        names = [n for d in registry[plan] for n in d.of_kind("component")]
        note(found, "E211", f"the plan {plan} has no component {component}", span, suggestion(component, names))
        return None
    other = next((d for d in versions if d.currency != declared.currency), None)
    if other is not None and other.currency and declared.currency:
        message = f"the plan {plan} is in {other.currency}, this one in {declared.currency}"
        note(found, "E213", message, span, "earnings cross plans in one currency only")
        return None
    known = next((d.components[component] for d in versions if component in d.components), None)
    source = t.Source(SourceKind.COMPONENT, plan, component, "earning")
    return _Sourced(source, earning_row(known)) if known else None


def related_rows(written: s.Related, scope: Scope) -> t.RelatedRows | None:
    """The rows under `each`, by the name of their table's row."""
    found = related(written.rows, scope)
    if found is None:
        return None
    if found.rest:
        note(scope.found, "E302", "each takes rows, not a column of them", written.rows.span, "leave the column out")
        return None
    row = found.table.row
    if row in scope.rows:
        message = f"the related rows are called {row}, and so is a row already here"
        note(scope.found, "E305", message, written.rows.span, "use sum or count, where they are called other")
        return None
    inner = scope.seeing({row: found.table})
    where = boolean(needed(written.condition, inner), "where", inner) if written.condition else None
    if written.condition is not None and where is None:
        return None
    return t.RelatedRows(found.root, found.hops, found.table.name, found.reference, row, where)


def _recipient(written: w.Credit, scope: Scope) -> t.ToPayee | t.ToManagers | t.ToMatching | None:
    match written.to:
        case s.ToMatching(condition=condition):
            payees = {"payee": scope.declared.workspace.tables["payees"]}
            inner = scope.seeing(payees).on("payees where")
            test = boolean(needed(condition, inner), "payees where", inner)
            return t.ToMatching(test) if test else None
        case s.ToPayee(value=value) if _is_managers(value):
            assert isinstance(value, s.Call)
            return _managers(value, scope)
        case s.ToPayee(value=value):
            payee = _payee(needed(value, scope), scope)
            return t.ToPayee(payee) if payee else None
    return None


def _payee(value: t.Expr | None, scope: Scope) -> t.Expr | None:
    """E204 where `to` is no payee, with the columns that are."""
    if value is None or value.type.unit is Unit.PAYEE:
        return value
    named = [
        f"{name}.{c.name}" for name, row in scope.rows.items() for c in row.columns.values() if c.table == "payees"
    ]
    help = f"payees are: {', '.join(named)}" if named else ""
    note(scope.found, "E204", f"to takes a payee; this is {shown(value.type.unit)}", value.span, help)
    return None


def _is_managers(value: s.Expression) -> bool:
    return isinstance(value, s.Call) and value.function.name == "managers"


def _managers(value: s.Call, scope: Scope) -> t.ToManagers | None:
    match value.arguments:
        case (whose, s.Levels(low=low, high=high)):
            pass
        case (whose, low) if not isinstance(low, s.Window | s.Group | s.RowsWhere | s.Named | s.Levels):
            high = low
        case _:
            note(
                scope.found,
                "E209",
                "managers says of whom, and how far up",
                value.span,
                "write managers(deal.owner, 1)",
            )
            return None
    if isinstance(whose, s.Window | s.Group | s.RowsWhere | s.Named | s.Levels):
        note(scope.found, "E209", "managers begins with a payee", value.span, "write managers(deal.owner, 1)")
        return None
    if not scope.declared.workspace.hierarchy:
        note(
            scope.found, "E302", "the workspace names no hierarchy", value.span, "write hierarchy: payees.manager there"
        )
    payee = of_units(needed(whose, scope), (Unit.PAYEE,), "managers", scope)
    first, last = _level(low, scope), _level(high, scope)
    if payee is None or first is None or last is None:
        return None
    if first > last:
        note(scope.found, "E209", "the levels go downwards", value.span, f"write {last} to {first}")
        return None
    return t.ToManagers(payee, first, last)


def _level(value: s.Expression, scope: Scope) -> int | None:
    if isinstance(value, s.Broken):
        return None
    if isinstance(value, s.Constant) and value.kind == "number" and value.text.isdigit() and 1 <= int(value.text) <= 99:
        return int(value.text)
    note(scope.found, "E209", "a level is a whole number from 1", value.span, "1 is the direct manager")
    return None


def _share(written: w.Credit, scope: Scope) -> t.Expr | None:
    if written.share is None:
        return whole_share(written.name.span)
    return percent_sign(number(needed(written.share, scope), "share", scope), "a share", scope)


def whole_share(span: Span) -> t.Literal:
    """The share where a rule says none."""
    return t.Literal(Type(Unit.PERCENT, Grain.CONSTANT), span, "100%", ONE)


def _check_total(written: w.Credit, found: list[Diagnostic]) -> None:
    several = isinstance(written.to, s.ToMatching) or (
        isinstance(written.to, s.ToPayee) and _is_managers(written.to.value)
    )
    if several and written.shares_total != "overlay":
        who = "payees where …" if isinstance(written.to, s.ToMatching) else "managers(…)"
        assert written.to is not None
        message = f"{who} credits several people with the same amount"
        note(found, "E306", message, written.to.span, "write shares_total: overlay")
