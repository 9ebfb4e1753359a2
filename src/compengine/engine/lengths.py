"""How long spans are, counted as a plan's `prorate` says: in days, in working days, or in months by their last day.

Spans are frames with the columns `start` and `end`, both days included.
"""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from compengine.engine.people import days_within
from compengine.engine.windows import by_day
from compengine.engine.work import Scene
from compengine.plan.typed import Plan
from compengine.values.periods import Calendar

_DAY = timedelta(days=1)


def length(plan: Plan, spans: pl.DataFrame) -> pl.Series:
    """The length of each span, whoever was there."""
    return _counted(plan, spans)


def present(scene: Scene, rows: pl.DataFrame) -> pl.Series:
    """The length of what lies in the payee's presence, of rows with payee, start, end and `on_plan` (see `presence`).

    With `prorate: none` presence is ignored.
    """
    if scene.plan.prorate == "none":
        return length(scene.plan, rows)
    return _in_presence(scene, rows, lambda spans: _counted(scene.plan, spans))


def is_present(scene: Scene, rows: pl.DataFrame) -> pl.Series:
    """Whether each span of such rows lies in the payee's presence, every day of it."""
    return _in_presence(scene, rows, _days) == _days(rows)


Count = Callable[[pl.DataFrame], pl.Series]
"""The length of each span, as Int64."""


def _in_presence(scene: Scene, rows: pl.DataFrame, count: Count) -> pl.Series:
    on_plan = _within(rows, scene.work.people.by_name[scene.plan.name], count)
    known = _within(rows, scene.work.people.versions, count)
    both = pl.DataFrame({"a": on_plan, "b": known, "on_plan": rows["on_plan"]})
    return both.select(pl.when("on_plan").then("a").otherwise("b").alias("d"))["d"]


def presence(scene: Scene, asked: pl.DataFrame) -> pl.DataFrame:
    """For each (payee, ws, we) whether the days on the plan count (`on_plan`), else the days `payees` knows them."""
    on_plan = days_within(
        asked.select("payee", pl.col("ws").alias("start"), pl.col("we").alias("end")),
        scene.work.people.by_name[scene.plan.name],
    )
    return asked.with_columns((on_plan > 0).alias("on_plan"))


def _within(rows: pl.DataFrame, days: pl.DataFrame, count: Count) -> pl.Series:
    """The length of each span (payee, start, end) within the payee's intervals of `days`."""
    asked = rows.select("payee", "start", "end").with_row_index("@at")
    parts = (
        asked.join(days.select("payee", "first", "last"), on="payee")
        .select(
            "@at",
            pl.max_horizontal("first", "start").alias("start"),
            pl.min_horizontal("last", "end").alias("end"),
        )
        .filter(pl.col("start") <= pl.col("end"))
    )
    sums = parts.select("@at", count(parts).alias("n")).group_by("@at").agg(pl.col("n").sum())
    return asked.join(sums, on="@at", how="left", maintain_order="left")["n"].fill_null(0)


def _counted(plan: Plan, spans: pl.DataFrame) -> pl.Series:
    match plan.prorate:
        case "months":
            return _between(spans, lambda days: _months_before(plan.calendar, days))
        case "working days":
            return _between(spans, lambda days: _worked_before(plan.calendar, days))
    return _days(spans)


def _days(spans: pl.DataFrame) -> pl.Series:
    return spans.select(((pl.col("end") - pl.col("start")).dt.total_days() + 1).alias("n"))["n"]


def _between(spans: pl.DataFrame, before: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """What `before` counts up to the day after each span, less what it counts up to its first day."""
    counted = before(pl.concat([spans["start"], spans.select((pl.col("end") + _DAY).alias("start"))["start"]]))
    return counted.tail(len(spans)) - counted.head(len(spans))


def _months_before(calendar: Calendar, days: pl.Series) -> pl.Series:
    """The running number of the month that holds each day: so many months have ended before it."""
    if days.is_empty():
        return days.cast(pl.Int64)
    starts = by_day(days, lambda d: calendar.window("month", d))["start"]
    low, high = starts.min(), starts.max()
    assert isinstance(low, date) and isinstance(high, date)
    months = [w.start for w in calendar.between("month", low, high)]
    table = pl.DataFrame({"start": months, "n": range(len(months))}, schema={"start": pl.Date, "n": pl.Int64})
    return starts.to_frame("start").join(table, on="start", how="left", maintain_order="left")["n"]


def _worked_before(calendar: Calendar, days: pl.Series) -> pl.Series:
    """The number of days worked before each day, counted from the earliest of them."""
    if days.is_empty():
        return days.cast(pl.Int64)
    low, high = days.min(), days.max()
    assert isinstance(low, date) and isinstance(high, date)
    free = pl.Series(sorted(calendar.holidays), dtype=pl.Date)
    weekday = pl.col("day").dt.weekday() - 1
    worked = ~weekday.is_in(sorted(calendar.weekend)) & ~pl.col("day").is_in(free.implode())
    table = pl.select(pl.date_range(low, high).alias("day")).select(
        "day", (worked.cast(pl.Int64).cum_sum() - worked.cast(pl.Int64)).alias("n")
    )
    return days.to_frame("day").join(table, on="day", how="left", maintain_order="left")["n"]
