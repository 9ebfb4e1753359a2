"""Quotas and days: what the calendar and presence say about a payee and a window."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from compengine.engine.aggregate import Evaluate, anchors
from compengine.engine.columns import ZERO_
from compengine.engine.people import days_within
from compengine.engine.points import distinct
from compengine.engine.read import Column, converted
from compengine.engine.windows import by_day, spans, through, whole
from compengine.engine.work import Scene
from compengine.plan.typed import DaysIn, LookThrough, Quota, WindowKind
from compengine.values.frames import EXACT

_DAY = timedelta(days=1)
_UNITS = (WindowKind.UNIT, WindowKind.ANNIVERSARY)


def stretch(scene: Scene, points: pl.DataFrame, window: LookThrough, evaluate: Evaluate) -> pl.DataFrame:
    """`start` and `end` for quotas and days: a `to date` window runs to `t`, or to its end if that is earlier."""
    of = whole if window.kind in _UNITS else through
    days = spans(scene.plan.calendar, window, points["anchor"], anchors(scene, points, window, evaluate), of)
    if not (window.to_date and window.kind in _UNITS):
        return days
    at = pl.col("t").dt.offset_by("-12mo") if window.shift == "last year" else pl.col("t")
    return days.with_columns(points.select(at.alias("t"))["t"]).select(
        "start", pl.min_horizontal("end", "t").alias("end")
    )


def presence(scene: Scene, asked: pl.DataFrame) -> pl.DataFrame:
    """For each (payee, ws, we) whether the days on the plan count (`on_plan`), else the days `payees` knows them."""
    on_plan = days_within(
        asked.select("payee", pl.col("ws").alias("start"), pl.col("we").alias("end")),
        scene.work.people.by_name[scene.plan.name],
    )
    return asked.with_columns((on_plan > 0).alias("on_plan"))


def quota(scene: Scene, points: pl.DataFrame, node: Quota, evaluate: Evaluate) -> Column:
    """Σ amount × d ÷ n over the payee's rows; empty and marked where no row covers a day."""
    days = stretch(scene, points, node.window, evaluate)
    asked = points.select("payee").with_columns(days["start"].alias("ws"), days["end"].alias("we"))
    once, index = distinct(asked, ["payee", "ws", "we"])
    once = presence(scene, once).with_row_index("@p")
    table = scene.work.snapshot.frame("quotas").filter(pl.col("quota") == node.name)
    rows = once.join(table.select("payee", "from", "to", "amount", "amount@currency"), on="payee").with_columns(
        pl.max_horizontal("from", "ws").alias("start"), pl.min_horizontal("to", "we").alias("end")
    )
    rows = rows.filter(pl.col("start") <= pl.col("end"))
    if node.type.unit.value == "money":
        money = converted(scene, rows["amount"], rows["amount@currency"], rows["from"])["value"]
        rows = rows.with_columns(money.alias("amount"))
    rows = rows.with_columns(_length(scene, rows).alias("d"), _span(scene, rows).alias("n")).filter(
        (pl.col("d") > 0) & (pl.col("n") > 0)
    )
    part = pl.col("amount") * pl.col("d").cast(EXACT) / pl.col("n").cast(EXACT)
    rows = rows.with_columns(pl.when(pl.col("d") == pl.col("n")).then(pl.col("amount")).otherwise(part).alias("part"))
    lost = scene.work.faults.mark("E503", f"no exchange rate for the quota {node.name}", node)
    none = scene.work.faults.mark("E502", f"no quota {node.name} for {node.window.text}", node)
    sums = rows.group_by("@p").agg(pl.col("part").sum(), pl.col("part").null_count().alias("lost"))
    found = once.join(sums, on="@p", how="left", maintain_order="left").select(
        "part",
        pl.when(pl.col("part").is_null()).then(none).when(pl.col("lost") > 0).then(lost).cast(pl.UInt32).alias("mark"),
    )
    return found["part"].gather(index), found["mark"].gather(index)


def _length(scene: Scene, rows: pl.DataFrame) -> pl.Series:
    """d: the part of each row's span in the window and in the payee's presence."""
    match scene.plan.prorate:
        case "none":
            return rows.select(((pl.col("end") - pl.col("start")).dt.total_days() + 1).alias("d"))["d"]
        case "months":
            return _by_presence(scene, rows, month_ends)
    return _by_presence(scene, rows, lambda _, asked, days: days_within(asked, days))


Count = Callable[[Scene, pl.DataFrame, pl.DataFrame], pl.Series]
"""Length of (payee, start, end) within the payee's days."""


def _by_presence(scene: Scene, rows: pl.DataFrame, count: Count) -> pl.Series:
    asked = rows.select("payee", "start", "end")
    on_plan = count(scene, asked, scene.work.people.by_name[scene.plan.name])
    known = count(scene, asked, scene.work.people.versions)
    both = pl.DataFrame({"a": on_plan, "b": known, "on_plan": rows["on_plan"]})
    return both.select(pl.when("on_plan").then("a").otherwise("b").alias("d"))["d"]


def _span(scene: Scene, rows: pl.DataFrame) -> pl.Series:
    """n: the length of each row's span."""
    if scene.plan.prorate == "months":
        everything = pl.DataFrame(
            {"payee": ["*"], "first": [date(1, 1, 1)], "last": [date(9999, 12, 30)]},
            schema={"payee": pl.String, "first": pl.Date, "last": pl.Date},
        )
        asked = rows.select(pl.lit("*").alias("payee"), pl.col("from").alias("start"), pl.col("to").alias("end"))
        return month_ends(scene, asked, everything)
    return rows.select(((pl.col("to") - pl.col("from")).dt.total_days() + 1).alias("n"))["n"]


def month_ends(scene: Scene, asked: pl.DataFrame, days: pl.DataFrame) -> pl.Series:
    """For each row (payee, start, end) the number of months whose last day is in it and in the payee's days."""
    asked = asked.with_row_index("@at")
    parts = (
        asked.join(days.select("payee", "first", "last"), on="payee")
        .with_columns(pl.max_horizontal("first", "start").alias("a"), pl.min_horizontal("last", "end").alias("b"))
        .filter(pl.col("a") <= pl.col("b"))
    )
    # the months that end in a to b are those from the month of a up to, not with, the month of the day after b
    numbers = _numbered(scene, pl.concat([parts["a"], parts.select((pl.col("b") + _DAY).alias("a"))["a"]]))
    counted = parts.with_columns((numbers.tail(len(parts)) - numbers.head(len(parts))).alias("n"))
    sums = counted.group_by("@at").agg(pl.col("n").sum())
    return asked.join(sums, on="@at", how="left", maintain_order="left")["n"].fill_null(0)


def _numbered(scene: Scene, days: pl.Series) -> pl.Series:
    """The running number of the month that holds each day."""
    if days.is_empty():
        return days.cast(pl.Int64)
    calendar = scene.plan.calendar
    starts = by_day(days, lambda d: calendar.window("month", d))["start"]
    low, high = starts.min(), starts.max()
    assert isinstance(low, date) and isinstance(high, date)
    months = [w.start for w in calendar.between("month", low, high)]
    table = pl.DataFrame({"start": months, "n": range(len(months))}, schema={"start": pl.Date, "n": pl.Int64})
    return starts.to_frame("start").join(table, on="start", how="left", maintain_order="left")["n"]


def days_in(scene: Scene, points: pl.DataFrame, node: DaysIn, evaluate: Evaluate) -> pl.Series:
    days = stretch(scene, points, node.window, evaluate)
    if node.on_plan:
        asked = days.with_columns(points["payee"])
        return days_within(asked.select("payee", "start", "end"), scene.work.people.by_name[scene.plan.name]).cast(
            EXACT
        )
    length = (pl.col("end") - pl.col("start")).dt.total_days() + 1
    return days.select(pl.max_horizontal(length.cast(EXACT), ZERO_).alias("n"))["n"]
