"""Tables of a plan: functions of constants."""

from decimal import Decimal

from compengine.plan import parse
from compengine.plan import typed as t
from compengine.plan import written as w
from compengine.plan.constants import constant
from compengine.plan.scope import Declared
from compengine.plan.typed import TableKind, Unit
from compengine.plan.units import alike, joined, shown
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.source.shape import note, suggestion
from compengine.source.yaml import Entry, Mapping, Node, Scalar

_UNITS = {u.value: u for u in (Unit.TEXT, Unit.NUMBER, Unit.PERCENT, Unit.MONEY)}
_EDGE_HELP = {"below": "write below: 0%", "above": "write above: 100%, or above: continue", "end": "write end: …"}
_EDGES = {"steps": (), "curve": ("below", "above"), "cumulative": ("end",)}


def table(written: w.Table, declared: Declared, found: list[Diagnostic]) -> t.Table | None:
    """None where something in it is wrong; all of that is noted."""
    before = len(found)
    by = _by(written, found)
    if written.entries is None or not by:
        return None
    units: list[Unit] = []
    edges = {e.key.value: e for e in written.entries.entries if e.key.value in _EDGES[written.kind]}
    rows = Mapping(tuple(e for e in written.entries.entries if e not in edges.values()), written.entries.span)
    steps = _steps(rows, by, written, declared, units, found)
    if not rows.entries:
        note(found, "E308", f"table {written.name.value} has no entry", written.name.span)
    below, above, end = _edges(written, edges, by, steps, units, declared, found)
    if len(found) > before or not units:
        return None
    unit = units[0]
    for other in units[1:]:
        unit = joined(unit, other)
    kind, upper = TableKind(written.kind), written.boundary == "upper"
    return t.Table(written.name.value, kind, by, unit, steps, upper, written.name.span, below, above, end)


def _by(written: w.Table, found: list[Diagnostic]) -> tuple[Unit, ...]:
    units = []
    for given in written.by:
        if given.value not in _UNITS:
            help = suggestion(given.value, list(_UNITS), "a table is looked up by")
            note(found, "E107", f"by cannot be {given.value}", given.span, help)
            return ()
        units.append(_UNITS[given.value])
    if written.kind != "steps" and (len(units) > 1 or Unit.TEXT in units):
        message = f"a {written.kind} table has one number, percent or amount to look up by"
        note(found, "E302", message, written.by[0].span, "use steps")
        return ()
    return tuple(units)


def _steps(
    rows: Mapping,
    by: tuple[Unit, ...],
    written: w.Table,
    declared: Declared,
    units: list[Unit],
    found: list[Diagnostic],
) -> tuple[t.Step, ...]:
    """Entries of one level; in a table of several `by` the entries below them."""
    steps: list[t.Step] = []
    for entry in rows.entries:
        at = _at(entry.key, by[0], declared, found)
        if at is None:
            continue
        if isinstance(at, Decimal) and steps and isinstance(steps[-1].at, Decimal) and at <= steps[-1].at:
            message = f"{entry.key.value} does not lie above {steps[-1].key}"
            note(found, "E303", message, entry.key.span, "write the entries in rising order")
        value = _below(entry, by, written, declared, units, found)
        if value is not None:
            steps.append(t.Step(entry.key.value, at, value))
    return tuple(sorted(steps, key=lambda step: step.key == "otherwise" and by[0] is Unit.TEXT))


def _below(
    entry: Entry, by: tuple[Unit, ...], written: w.Table, declared: Declared, units: list[Unit], found: list[Diagnostic]
) -> Decimal | tuple[t.Step, ...] | None:
    if len(by) == 1:
        return _value(entry.value, declared, units, found)
    if not isinstance(entry.value, Mapping):
        message = f"{entry.key.value} holds one value, and the table is looked up by {by[1]} next"
        note(found, "E308", message, entry.value.span, "nest one mapping per entry of by")
        return None
    return _steps(entry.value, by[1:], written, declared, units, found)


def _at(key: Scalar, unit: Unit, declared: Declared, found: list[Diagnostic]) -> Decimal | str | None:
    """The value of a key: the text itself, or a constant of the unit."""
    if unit is Unit.TEXT:
        return key.value
    if key.value == "otherwise":
        note(
            found, "E308", "otherwise stands in tables looked up by text", key.span, "write the lowest value, such as 0"
        )
        return None
    value = _constant(key, declared, found)
    if value is None:
        return None
    if not alike(value.type.unit, unit) or not isinstance(value.value, Decimal):
        note(found, "E204", f"the table is looked up by {unit}; {key.value} is {shown(value.type.unit)}", key.span)
        return None
    return value.value


def _value(node: Node, declared: Declared, units: list[Unit], found: list[Diagnostic]) -> Decimal | None:
    if not isinstance(node, Scalar):
        note(found, "E308", "an entry is one value here", node.span, "by lists as many units as levels")
        return None
    value = _constant(node, declared, found)
    if value is None:
        return None
    if not isinstance(value.value, Decimal):
        message = f"an entry is a number, a percent or an amount, not {shown(value.type.unit)}"
        note(found, "E204", message, node.span)
        return None
    if units and not alike(units[0], value.type.unit):
        note(found, "E204", f"entries are {shown(units[0])} above, {shown(value.type.unit)} here", node.span)
        return None
    units.append(value.type.unit)
    return value.value


def _constant(node: Scalar, declared: Declared, found: list[Diagnostic]) -> t.Literal | None:
    try:
        written = parse.expression(node)
    except Failed as failed:
        found.extend(failed.diagnostics)
        return None
    return constant(written, declared.currency, found)


def _edges(
    written: w.Table,
    edges: dict[str, Entry],
    by: tuple[Unit, ...],
    steps: tuple[t.Step, ...],
    units: list[Unit],
    declared: Declared,
    found: list[Diagnostic],
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """`below` and `above` of a curve, `end` of a cumulative table."""
    values: dict[str, Decimal | None] = {}
    for name in _EDGES[written.kind]:
        entry = edges.get(name)
        if entry is None:
            help = {"below": "write below: 0%", "above": "write above: 100%, or above: continue"}.get(
                name, "write end: …"
            )
            note(found, "E308", f"{written.kind} of table {written.name.value} lacks {name}", written.name.span, help)
        elif name == "end":
            end = _at(entry.value, by[0], declared, found) if isinstance(entry.value, Scalar) else None
            values[name] = end if isinstance(end, Decimal) else None
            if isinstance(end, Decimal) and steps and isinstance(steps[-1].at, Decimal) and end <= steps[-1].at:
                note(found, "E303", f"end does not lie above {steps[-1].key}", entry.value.span)
        elif name == "above" and isinstance(entry.value, Scalar) and entry.value.value == "continue":
            if len(steps) < 2:
                note(found, "E308", "a line goes on through two points; there are fewer", entry.value.span)
        else:
            values[name] = _value(entry.value, declared, units, found)
    return values.get("below"), values.get("above"), values.get("end")
