"""Scales: rates that depend on where a credit, or a window, lies."""

from decimal import Decimal

from compengine.plan import parse
from compengine.plan import typed as t
from compengine.plan import written as w
from compengine.plan.constants import constant
from compengine.plan.demands import amount, percent_sign
from compengine.plan.expressions import needed
from compengine.plan.inline import inlined, looks_at_streams, parts, reads_rows
from compengine.plan.scope import Scope
from compengine.plan.typed import Unit
from compengine.plan.units import alike, joined, shown
from compengine.source.diagnostic import Failed, Place
from compengine.source.shape import note
from compengine.source.yaml import Scalar


def scale(written: w.Scale, scope: Scope) -> t.Scale | None:
    before = len(scope.found)
    position = amount(needed(written.position, scope), "position", scope) if written.position else None
    bands, unit = _bands(written, position, scope)
    if position is None:
        return None
    position = inlined(position, scope.declared.measures)
    moving, per = _ratio(position)
    streams = looks_at_streams(position)
    _check_kind(position, streams, scope)
    window = _window(position, written, scope)
    if len(scope.found) > before or unit is None or not written.mode:
        return None
    return t.Scale(
        position,
        moving,
        per,
        not streams,
        written.mode == "whole",
        written.boundary == "upper",
        tuple(bands),
        window,
        unit,
        written.span,
    )


def _ratio(position: t.Expr) -> tuple[t.Expr, t.Expr | None]:
    """What moves, and what it is divided by where that looks at no stream."""
    if isinstance(position, t.Ratio):
        return position.left, position.right
    if isinstance(position, t.Arithmetic) and position.operator == "/" and not looks_at_streams(position.right):
        return position.left, position.right
    return position, None


def _check_kind(position: t.Expr, streams: bool, scope: Scope) -> None:
    """A position runs with the credits of a window or is a value of the row: never both."""
    component = next((p for p in parts(position) if isinstance(p, t.ComponentValue)), None)
    if component is not None and not component.same_stream:
        help = f"write sum({component.name}, period)"
        note(scope.found, "E302", f"a position cannot run along {component.name}", component.span, help)
    elif streams and reads_rows(position):
        message = "a position runs along a stream or is a value of the row, not both"
        note(scope.found, "E302", message, position.span, "name the running part as a measure and call a table with it")


def _window(position: t.Expr, written: w.Scale, scope: Scope) -> t.LookThrough | None:
    """The one window of the position. E307 where a scale that re-rates a window has several."""
    looks = [(p, p.window) for p in parts(position) if isinstance(p, t.Aggregate | t.Quota)]
    sums = [(p, look) for p, look in looks if isinstance(p, t.Aggregate) and not look.shift]
    if not sums:
        return None
    first, window = sums[0]
    differs = next(((p, look) for p, look in looks if _identity(look) != _identity(window)), None)
    rerates = written.mode == "whole" or any(band.whole for _, band in written.bands)
    if differs is not None and rerates:
        message = f"a whole rate looks through one window; here are {window.text} and {differs[1].text}"
        others = (Place(first.span, note=f"{window.text} is here"),)
        note(scope.found, "E307", message, differs[0].span, "make them the same", others)
    return window if differs is None else None


def _identity(look: t.LookThrough) -> tuple[object, ...]:
    """Windows are the same where only `to date` or a shift tells them apart."""
    anchor = look.anchor.text if look.anchor is not None else ""
    return look.kind, look.unit, anchor, look.length, look.start, look.end


def _bands(written: w.Scale, position: t.Expr | None, scope: Scope) -> tuple[list[t.Band], Unit | None]:
    bands: list[t.Band] = []
    unit: Unit | None = None
    for key, given in written.bands:
        at = _bound(key, position, scope)
        rate = percent_sign(amount(needed(given.rate, scope), "a rate", scope), "a rate", scope)
        if at is not None and bands and at <= bands[-1].at:
            message = f"{key.value} does not lie above {bands[-1].bound}"
            note(scope.found, "E303", message, key.span, "write lower bounds in rising order")
        if given.whole and written.mode == "whole":
            note(scope.found, "E302", "every band of a whole scale is whole", given.span, "leave the word out")
        if rate is not None and unit is not None and not alike(unit, rate.type.unit):
            message = f"rates are {shown(unit)} above, {shown(rate.type.unit)} here"
            note(scope.found, "E204", message, given.rate.span)
        if rate is not None:
            unit = rate.type.unit if unit is None else joined(unit, rate.type.unit)
        if at is not None and rate is not None:
            bands.append(t.Band(key.value, at, rate, given.whole))
    return bands, unit


def _bound(key: Scalar, position: t.Expr | None, scope: Scope) -> Decimal | None:
    try:
        value = constant(parse.expression(key), scope.declared.currency, scope.found)
    except Failed as failed:
        scope.found.extend(failed.diagnostics)
        return None
    if value is None:
        return None
    if position is not None and not alike(position.type.unit, value.type.unit):
        message = f"the position is {shown(position.type.unit)}, the bound {key.value} is {shown(value.type.unit)}"
        help = f"write {key.value} {scope.declared.currency}" if position.type.unit is Unit.MONEY else ""
        note(scope.found, "E204", message, key.span, help)
        return None
    return value.value if isinstance(value.value, Decimal) else None
