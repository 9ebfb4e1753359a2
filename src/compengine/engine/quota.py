"""Quotas and days: what the calendar and presence say about a payee and a window."""

from datetime import date

import polars as pl

from compengine.engine.aggregate import Evaluate, anchors
from compengine.engine.columns import ZERO_, quotient
from compengine.engine.faults import MARK
from compengine.engine.lengths import is_present, length, presence, present
from compengine.engine.people import days_within
from compengine.engine.points import distinct
from compengine.engine.read import Column, in_home_currency
from compengine.engine.spread import counted
from compengine.engine.windows import spans, through, whole
from compengine.engine.work import Scene
from compengine.plan.typed import DaysIn, LookThrough, Quota, WindowKind
from compengine.values.frames import EXACT

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


def quota(scene: Scene, points: pl.DataFrame, node: Quota, evaluate: Evaluate) -> Column:
    """What counts of the payee's rows in the window, added up; empty and marked where no row covers a day."""
    days = stretch(scene, points, node.window, evaluate)
    asked = points.select("payee").with_columns(days["start"].alias("ws"), days["end"].alias("we"))
    once, index = distinct(asked, ["payee", "ws", "we"])
    once = presence(scene, once).with_row_index("@p")
    rows = once.join(_given(scene, node), on="payee").filter(
        pl.max_horizontal("from", "ws") <= pl.min_horizontal("to", "we")
    )
    parts = counted(scene, rows, node, evaluate) if node.name in scene.plan.quotas else _prorated(scene, rows)
    sums = parts.group_by("@p").agg(
        pl.col("part").sum(),
        pl.col("mark").max(),
        (pl.col("part").is_null() & pl.col("mark").is_null()).sum().alias("lost"),
    )
    lost = rows.group_by("@p").agg(pl.col("@lost").drop_nulls().first())
    found = once.join(sums, on="@p", how="left", maintain_order="left").join(
        lost, on="@p", how="left", maintain_order="left"
    )
    none = scene.work.faults.mark("E502", f"no quota {node.name} for {node.window.text}", node)
    found = found.select(
        "part",
        pl.when(pl.col("part").is_null())
        .then(pl.col("ws").replace_strict(_missing(scene, found, node), default=none, return_dtype=MARK))
        .when(pl.col("lost") > 0)
        .then("@lost")
        .otherwise("mark")
        .cast(pl.UInt32)
        .alias("mark"),
    )
    return found["part"].gather(index), found["mark"].gather(index)


def _missing(scene: Scene, found: pl.DataFrame, node: Quota) -> dict[date, int]:
    """The mark of each first day of a window that somebody has no quota for."""
    days = found.filter(pl.col("part").is_null())["ws"].drop_nulls().unique().sort().to_list()
    told = f"no quota {node.name} for {node.window.text}"
    return {day: scene.work.faults.mark("E502", f"{told}, from {day}", node) for day in days}


def _given(scene: Scene, node: Quota) -> pl.DataFrame:
    """The rows of the quota, numbered (`@q`): payee, from, to, amount in the plan's currency, and where there is no
    rate a mark, `@lost`, in its place."""
    table = scene.work.snapshot.frame("quotas").filter(pl.col("quota") == node.name)
    rows = table.select("payee", "from", "to", "amount", "amount@currency").with_row_index("@q")
    if node.type.unit.value != "money":
        return rows.with_columns(pl.lit(None, dtype=MARK).alias("@lost"))
    money, lost = in_home_currency(scene, rows["amount"], rows["amount@currency"], rows["from"], node)
    return rows.with_columns(money.alias("amount"), lost.alias("@lost"))


def _prorated(scene: Scene, rows: pl.DataFrame) -> pl.DataFrame:
    """`@p`, `part` and `mark` of each row (with payee, ws, we, on_plan) that counts: amount × d ÷ n.

    A row in which no month ends, under `prorate: months`, counts where it lies whole in the window and the presence.
    """
    rows = rows.with_columns(
        pl.max_horizontal("from", "ws").alias("start"),
        pl.min_horizontal("to", "we").alias("end"),
        length(scene.plan, rows.select(pl.col("from").alias("start"), pl.col("to").alias("end"))).alias("n"),
    )
    rows = rows.with_columns(present(scene, rows).alias("d"))
    counts = pl.col("d") > 0
    if scene.plan.prorate == "months":
        uncut = (pl.col("start") == pl.col("from")) & (pl.col("end") == pl.col("to"))
        rows = rows.with_columns(is_present(scene, rows).alias("@present"))
        counts |= (pl.col("n") == 0) & uncut & pl.col("@present")
    part = quotient(pl.col("amount") * pl.col("d").cast(EXACT), pl.col("n").cast(EXACT))
    rows = rows.filter(counts)
    return rows.select(
        "@p",
        pl.when(pl.col("d") == pl.col("n")).then(pl.col("amount")).otherwise(part).alias("part"),
        pl.lit(None, dtype=pl.UInt32).alias("mark"),
    )


def days_in(scene: Scene, points: pl.DataFrame, node: DaysIn, evaluate: Evaluate) -> pl.Series:
    days = stretch(scene, points, node.window, evaluate)
    if node.on_plan:
        asked = days.with_columns(points["payee"])
        return days_within(asked.select("payee", "start", "end"), scene.work.people.by_name[scene.plan.name]).cast(
            EXACT
        )
    n = (pl.col("end") - pl.col("start")).dt.total_days() + 1
    return days.select(pl.max_horizontal(n.cast(EXACT), ZERO_).alias("n"))["n"]
