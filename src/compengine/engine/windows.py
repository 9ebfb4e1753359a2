"""Windows as columns: the first and last day that a `LookThrough` means on a day."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from compengine.engine.people import FIRST, LAST
from compengine.plan.typed import LookThrough, WindowKind
from compengine.values.periods import Calendar, Window, add_months, anniversary_year

Days = tuple[date, date]
_DAY = timedelta(days=1)


def by_day(days: pl.Series, of: Callable[[date], Window]) -> pl.DataFrame:
    """`start`, `end` and `label` of the window of each day, in the order of `days`; asked once per distinct day."""
    distinct = days.unique().drop_nulls().to_list()
    found = [of(day) for day in distinct]
    table = pl.DataFrame(
        {
            "day": distinct,
            "start": [w.start for w in found],
            "end": [w.end for w in found],
            "label": [w.label for w in found],
        },
        schema={"day": pl.Date, "start": pl.Date, "end": pl.Date, "label": pl.String},
    )
    return days.to_frame("day").join(table, on="day", how="left", maintain_order="left").drop("day")


def through(calendar: Calendar, window: LookThrough, day: date, anchor: date | None = None) -> Days:
    """First and last day of the window held against `day`; a `to date` window ends on it."""
    match window.kind:
        case WindowKind.LIFE:
            return FIRST, day
        case WindowKind.SPAN:
            assert window.start is not None and window.end is not None
            return window.start, window.end
    at = add_months(day, -12) if window.shift == "last year" else day
    if window.kind is WindowKind.ROLLING:
        assert window.length is not None
        if window.length.months:
            return add_months(at, -window.length.months) + _DAY, at
        return at - (window.length.days - 1) * _DAY, at
    if window.kind is WindowKind.ANNIVERSARY:
        assert anchor is not None
        found = anniversary_year(anchor, at)
    elif window.shift == "previous":
        found = calendar.previous(window.unit, at)
    else:
        found = calendar.window(window.unit, at)
    return found.start, (at if window.to_date else found.end)


def whole(calendar: Calendar, window: LookThrough, day: date, anchor: date | None = None) -> Days:
    """The same without cutting a `to date` window at the day (for `rolling` and `life` there is nothing else)."""
    start, end = through(calendar, window, day, anchor)
    if window.to_date and window.kind is WindowKind.UNIT:
        at = add_months(day, -12) if window.shift == "last year" else day
        return start, calendar.window(window.unit, at).end
    if window.to_date and window.kind is WindowKind.ANNIVERSARY:
        assert anchor is not None
        return start, anniversary_year(anchor, day).end
    return start, LAST if window.kind is WindowKind.LIFE else end


def spans(
    calendar: Calendar,
    window: LookThrough,
    days: pl.Series,
    anchors: pl.Series | None,
    of: Callable[[Calendar, LookThrough, date, date | None], Days],
) -> pl.DataFrame:
    """`start` and `end` for each day (and anchor), in their order."""
    none = pl.lit(None, dtype=pl.Date) if anchors is None else anchors
    asked = days.to_frame("day").with_columns(none.alias("anchor"))
    distinct = asked.unique()
    found = [of(calendar, window, day, anchor) for day, anchor in distinct.iter_rows()]
    table = distinct.with_columns(
        pl.Series("start", [s for s, _ in found], dtype=pl.Date), pl.Series("end", [e for _, e in found], dtype=pl.Date)
    )
    return asked.join(table, on=["day", "anchor"], how="left", nulls_equal=True, maintain_order="left").select(
        "start", "end"
    )
