"""The days of a window, taken at a day (section 5)."""

from datetime import date

from compengine.plan.typed import LookThrough, WindowKind
from compengine.values.periods import DAY, Calendar, add_months, anniversary_year

Days = tuple[date, date]
EVER = date.min


def shifted(look: LookThrough, day: date) -> date:
    """`last year` takes a window at the same day a year earlier."""
    return add_months(day, -12) if look.shift == "last year" else day


def whole(look: LookThrough, calendar: Calendar, day: date, origin: date | None) -> Days:
    """First and last day of the window taken at `day`, not yet cut by `to date`.

    `origin` is the value of the anchor of `year from DATE`. Windows that end on the day of evaluation end on `day`.
    """
    at = shifted(look, day)
    match look.kind:
        case WindowKind.UNIT:
            found = calendar.previous(look.unit, at) if look.shift == "previous" else calendar.window(look.unit, at)
            return found.start, found.end
        case WindowKind.ANNIVERSARY:
            assert origin is not None
            year = anniversary_year(origin, at)
            if look.shift == "previous":
                year = anniversary_year(origin, year.start - DAY)
            return year.start, year.end
        case WindowKind.ROLLING:
            assert look.length is not None
            if look.length.months:
                return add_months(at, -look.length.months) + DAY, at
            return at - (look.length.days - 1) * DAY, at
        case WindowKind.LIFE:
            return EVER, at
        case WindowKind.SPAN:
            assert look.start is not None and look.end is not None
            return look.start, look.end


def for_sums(look: LookThrough, calendar: Calendar, day: date, origin: date | None) -> Days:
    """The days whose credits a sum adds: up to `day` where the window runs to date."""
    first, last = whole(look, calendar, day, origin)
    return first, min(last, shifted(look, day)) if look.to_date else last


def for_quota(look: LookThrough, calendar: Calendar, day: date, until: date, origin: date | None) -> Days:
    """The days a quota covers: the window that holds `day`, where it runs to date up to `until` (section 9)."""
    if look.kind is WindowKind.LIFE:
        return EVER, shifted(look, until)
    first, last = whole(look, calendar, day, origin)
    return first, min(last, shifted(look, until)) if look.to_date else last


def closing(
    look: LookThrough, calendar: Calendar, day: date, period_end: date, horizon: date, origin: date | None
) -> date:
    """The last day of the window that holds `day`, or the horizon while it is open (section 10, whole scales)."""
    match look.kind:
        case WindowKind.ROLLING:
            last = period_end
        case WindowKind.LIFE:
            last = horizon
        case _:
            last = whole(look, calendar, day, origin)[1]
    return min(last, horizon)
