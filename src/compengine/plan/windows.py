"""Windows and groups: through what, and at whom, a measure looks."""

from collections.abc import Callable

from compengine.plan import syntax as s
from compengine.plan import typed as t
from compengine.plan.constants import days_of, duration
from compengine.plan.demands import known_by, of_units, present
from compengine.plan.scope import Scope, known_of
from compengine.plan.typed import Grain, GroupKind, Known, Unit, WindowKind
from compengine.source.shape import note
from compengine.values.periods import Calendar, Kind, NoWindow

Typed = Callable[[s.Expression, Scope], t.Expr | None]


def window(value: s.Window, scope: Scope, typed: Typed) -> t.LookThrough | None:
    """The window; E207 is not raised here, because a quota may look ahead and a sum may not."""
    text = " ".join(value.text.split())
    if value.days is not None:
        days = days_of(value.days, scope.declared.calendar, scope.found)
        return t.LookThrough(WindowKind.SPAN, text, start=days[0], end=days[1]) if days else None
    if value.length is not None:
        length = duration(value.length.text)
        if length.months == 0 and length.days == 0:
            note(scope.found, "E108", "a rolling window has a length", value.length.span, "write rolling 12 months")
            return None
        return t.LookThrough(WindowKind.ROLLING, text, to_date=True, length=length, shift=value.shift)
    if value.unit is None:
        return t.LookThrough(WindowKind.LIFE, text, to_date=True)
    if value.unit.anchor is not None:
        if value.shift == "previous":
            note(
                scope.found, "E209", "previous takes a period, month, quarter or year", value.span, "write … last year"
            )
            return None
        start = anchor(value.unit.anchor, scope, typed)
        if start is None:
            return None
        return t.LookThrough(WindowKind.ANNIVERSARY, text, "year", value.to_date, start, shift=value.shift)
    if not has_unit(value.unit, scope):
        return None
    return t.LookThrough(WindowKind.UNIT, text, value.unit.name, value.to_date, shift=value.shift)


def anchor(value: s.Path, scope: Scope, typed: Typed) -> t.Expr | None:
    """The date from which somebody's years are counted: a value per person."""
    day = of_units(present(typed(value, scope), scope), (Unit.DATE,), "year from", scope)
    if day is not None and day.type.grain is Grain.ROW:
        note(
            scope.found, "E206", f"years from {day.text} would differ from row to row", day.span, "use a date of payee"
        )
        return None
    return day


def has_unit(value: s.Unit | s.PerWindow | s.Scope, scope: Scope) -> bool:
    """E209 where the plan's calendar has no such unit."""
    name = value.unit if isinstance(value, s.PerWindow) else value.kind if isinstance(value, s.Scope) else value.name
    calendar = scope.declared.calendar
    if calendar_has(calendar, name):
        return True
    note(scope.found, "E209", f"the calendar {calendar.name} has no {name}", value.span)
    return False


def calendar_has(calendar: Calendar, unit: str) -> bool:
    try:
        calendar.window(
            unit, calendar.starts[0] if calendar.kind is Kind.DATES and calendar.starts else calendar.anchor
        )
    except NoWindow:
        return False
    return True


def known(look: t.LookThrough, calendar: Calendar) -> Known:
    """When a sum through the window is known. What lies behind, or is cut at the day, is known at any time.

    A span of fixed days counts as the shortest unit that is at least as long.
    """
    if look.to_date or look.shift:
        return Known.ALWAYS
    match look.kind:
        case WindowKind.UNIT:
            return known_of(look.unit, calendar)
        case WindowKind.ANNIVERSARY:
            return known_of("year", calendar)
        case WindowKind.SPAN:
            assert look.start is not None and look.end is not None
            days = (look.end - look.start).days + 1
            return known_of("month" if days <= 35 else "quarter" if days <= 98 else "year", calendar)
    return Known.ALWAYS


def check_known(look: t.LookThrough, call: s.Call, scope: Scope) -> Known:
    """E207 where a rule needs the sum before the window closes."""
    when = known(look, scope.declared.calendar)
    help = f"write {look.text} to date"
    if look.kind is WindowKind.SPAN:
        help = "read it in a rule of a window that is at least as long"
    known_by(when, call.span, call.text, scope, help)
    return when


def group(value: s.Group, scope: Scope) -> t.Group | None:
    text = " ".join(value.text.split())
    if value.column is None:
        return t.Group(GroupKind(value.kind), text)
    names = [part.name for part in value.column.parts]
    payees = scope.declared.workspace.tables["payees"]
    if len(names) != 2 or names[0] != "payee" or names[1] not in payees.columns:
        help = "write same payee.team, with a column of payees"
        note(scope.found, "E210", f"{value.column.text} is not a column of payees", value.column.span, help)
        return None
    return t.Group(GroupKind.SAME, text, names[1])
