"""Points: a payee at a day, where measures are evaluated.

Columns of a frame of points:

- `payee`, `t`: whom, and the evaluation day
- `wstart`, `wend`: the evaluated period, or the window of the rule
- `asof`: the day as of which `payee.` is read
- `anchor`: the day that windows are held against: `t`, or the credit's date
- `upto`: the last day whose credits count
- `cut`, `cut_stream`, `cut_after`: the credit (`@n` of that stream) that cuts the sums (empty: nothing but `upto` does)
"""

from datetime import timedelta

import polars as pl

from compengine.engine.people import FIRST, last_day
from compengine.engine.windows import by_day
from compengine.engine.work import Work
from compengine.plan.typed import Plan

CUTS = ("cut", "cut_stream", "cut_after")
PLACE = ("payee", "t", "wstart", "wend")
"""What determines a value that looks at no stream."""


def asof(work: Work, plan: Plan, frame: pl.DataFrame) -> pl.Series:
    """The last day of the evaluated window up to `t` on the plan, else the last known day up to `t`, else `t`."""
    asked = frame.select("payee", pl.col("wstart").alias("since"), pl.min_horizontal("wend", "t").alias("day"), "t")
    distinct = asked.unique()
    on_plan = last_day(distinct.select("payee", "since", "day"), work.people.by_name[plan.name])
    ever = distinct.select("payee", pl.lit(FIRST).alias("since"), pl.col("t").alias("day"))
    known = last_day(ever, work.people.versions)
    found = distinct.with_columns(pl.coalesce(on_plan, known, pl.col("t")).alias("asof"))
    return asked.join(found, on=["payee", "since", "day", "t"], how="left", maintain_order="left")["asof"]


def at_days(work: Work, plan: Plan, frame: pl.DataFrame) -> pl.DataFrame:
    """Points from payee, t, wstart, wend: everything up to `t` counts. Other columns are kept."""
    return frame.with_columns(asof(work, plan, frame).alias("asof")).with_columns(
        pl.col("t").alias("anchor"),
        pl.col("t").alias("upto"),
        *uncut(),
    )


def uncut() -> list[pl.Expr]:
    """`CUTS` of points that no credit cuts."""
    return [
        pl.lit(None, dtype=pl.UInt32).alias("cut"),
        pl.lit(None, dtype=pl.String).alias("cut_stream"),
        pl.lit(False).alias("cut_after"),
    ]


def period_ends(work: Work, plan: Plan, payees: pl.Series, days: pl.Series) -> pl.DataFrame:
    """For each payee and day the point at the end of the day's period."""
    calendar = plan.calendar
    period = by_day(days, lambda d: calendar.window("period", d))
    frame = pl.DataFrame({"payee": payees, "t": period["end"], "wstart": period["start"], "wend": period["end"]})
    return at_days(work, plan, frame)


def at_credits(work: Work, plan: Plan, credits: pl.DataFrame, stream: str, after: bool) -> pl.DataFrame:
    """For each credit the point just before or after it."""
    return period_ends(work, plan, credits["payee"], credits["date"]).with_columns(
        credits["date"].alias("anchor"),
        credits["date"].alias("upto"),
        credits["@n"].alias("cut"),
        pl.lit(stream).alias("cut_stream"),
        pl.lit(after).alias("cut_after"),
    )


def at_start(points: pl.DataFrame) -> pl.DataFrame:
    """The same points with sums cut before the window's first day."""
    return points.with_columns((pl.col("wstart") - timedelta(days=1)).alias("upto"))


def distinct(points: pl.DataFrame, by: list[str]) -> tuple[pl.DataFrame, pl.Series]:
    """One row per different value of `by`, and for each point the index of its row."""
    once = points.unique(by, keep="first", maintain_order=True)
    numbered = once.select(by).with_row_index("@n")
    index = points.select(by).join(numbered, on=by, how="left", nulls_equal=True, maintain_order="left")["@n"]
    return once, index
