"""Carry: what a limit takes away in one window of its scope is kept for the windows after it.

With T the total of a window before the limit, M the limit and K what was carried into it, max(0, T + K − M) goes on to
the next window. So K is how far the sum of T − M up to the window before lies above its lowest point so far, or above
zero where that is lower.
"""

from datetime import date

import polars as pl

from compengine.engine.columns import ZERO_, rounded
from compengine.engine.evaluate import evaluate
from compengine.engine.points import at_days
from compengine.engine.windows import by_day
from compengine.engine.work import Scene
from compengine.plan.typed import Expr, Limit
from compengine.values.money import minor_unit
from compengine.values.periods import DAY, Window, anniversary_year

_GROUP = ["payee", "@by"]


def scoped(scene: Scene, items: pl.DataFrame, limit: Limit) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`items` (payee, source, date, `@u`, `@by`) with `@scope`, the label of their window, and `@m`; and what the
    windows pay of earlier ones: payee, source, date, wstart, wend, `@by`, `@k` (carried into the window), amount."""
    items, windows = _windows(scene, items, limit)
    windows = _bounded(scene, windows, limit)
    totals = items.group_by("payee", "@scope", "@by").agg(pl.col("@u").sum().alias("@t"))
    groups = totals.select(_GROUP).unique(maintain_order=True)
    found = (
        windows.join(groups, on="payee")
        .join(totals, left_on=["payee", "source", "@by"], right_on=["payee", "@scope", "@by"], how="left")
        .with_columns((pl.col("@t").is_not_null()).alias("@earned"), pl.col("@t").fill_null(ZERO_))
        .sort(*_GROUP, "wend")
    )
    found = _carried(found)
    needed = found.filter(pl.col("@earned") | (pl.col("@pays") & (pl.col("@k") > ZERO_)))
    _tell(scene, needed.unique(["payee", "source"], maintain_order=True), limit)
    bounds = windows.select("payee", pl.col("source").alias("@scope"), "@m")
    items = items.join(bounds, on=["payee", "@scope"], how="left", maintain_order="left")
    with_k = pl.min_horizontal(pl.col("@t") + pl.col("@k"), pl.col("@m"))
    paid = (
        found.filter("@pays")
        .with_columns((with_k - pl.min_horizontal("@t", "@m")).alias("amount"))
        .filter(pl.col("amount") != ZERO_)
    )
    return items, paid.select("payee", "source", pl.col("wend").alias("date"), "wstart", "wend", "@by", "@k", "amount")


def _carried(found: pl.DataFrame) -> pl.DataFrame:
    """`found`, in the order of its windows, with `@k`; windows that do not pay are passed over."""
    beyond = pl.when("@pays").then(pl.col("@t") - pl.col("@m")).fill_null(ZERO_)
    found = found.with_columns(beyond.cum_sum().over(_GROUP).alias("@sum"))
    lowest = pl.min_horizontal(pl.col("@sum").cum_min().over(_GROUP), ZERO_)
    return found.with_columns((pl.col("@sum") - lowest).shift(1).over(_GROUP).fill_null(ZERO_).alias("@k"))


def _tell(scene: Scene, needed: pl.DataFrame, limit: Limit) -> None:
    scene.work.faults.tell(needed, "@m!", "source", "payee")
    for source in needed.filter(pl.col("@m").is_null() & pl.col("@m!").is_null())["source"].head(20):
        scene.work.faults.add("E517", f"{limit.value.text} is empty: row {source}", limit.value, source)


def _bounded(scene: Scene, windows: pl.DataFrame, limit: Limit) -> pl.DataFrame:
    """`windows` with `@m` and its marks: as in a rule for the window, on its last day or at the end of the run."""
    last = pl.min_horizontal("wend", pl.lit(scene.work.horizon.end))
    points = at_days(scene.work, scene.plan, windows.with_columns(last.alias("t")))
    found = evaluate(Scene(scene.work, scene.plan, "point", {}), points, {"@m": limit.value})
    unit = minor_unit(scene.plan.currency)
    bound = rounded(pl.col("@m"), unit, scene.plan.rounding)
    return found.with_columns(bound.alias("@m")).select(*windows.columns, "@m", "@m!")


def _windows(scene: Scene, items: pl.DataFrame, limit: Limit) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`items` with `@scope`, and all windows of their payees: payee, source (the label), wstart, wend, and whether they
    pay (`@pays`): closed, with their last day in the plan's time, and the payee on the plan on one of their days."""
    plan, work = scene.plan, scene.work
    people = items.select("payee").unique().sort("payee")
    anchors = _anchors(scene, people, limit.scope.anchor)
    people = people.with_columns(anchors.alias("@anchor"))
    items = items.join(people, on="payee", how="left", maintain_order="left")
    dated = _labelled(scene, items.select("@anchor", "date"), limit)
    items = items.with_columns(dated["source"].alias("@scope")).drop("@anchor")
    last = min(plan.end, work.horizon.end)
    all_days = _every(scene, people["@anchor"].unique(), limit, last)
    members = work.people.members[plan.id]
    listed = (
        people.join(all_days, on="@anchor", nulls_equal=True)
        .join(members, on="payee")
        .filter((pl.col("first") <= pl.col("wend")) & (pl.col("last") >= pl.col("wstart")))
        .select("payee", "source", "wstart", "wend", (pl.col("wend") <= pl.lit(last)).alias("@pays"))
    )
    own = dated.with_columns(items["payee"].alias("payee"), pl.lit(False).alias("@pays")).select(listed.columns)
    return items, pl.concat([listed, own]).unique(["payee", "source"], keep="first", maintain_order=True)


def _anchors(scene: Scene, people: pl.DataFrame, anchor: Expr | None) -> pl.Series:
    """The date that each payee's years count from; empty for other scopes."""
    if anchor is None:
        return pl.Series([None], dtype=pl.Date).new_from_index(0, len(people))
    end = scene.work.horizon.end
    asked = people.with_columns(
        pl.lit(end).alias("t"), pl.lit(scene.plan.start).alias("wstart"), pl.lit(end).alias("wend")
    )
    found = evaluate(Scene(scene.work, scene.plan, "point", {}), at_days(scene.work, scene.plan, asked), {"@a": anchor})
    scene.work.faults.tell(found, "@a!", "", "payee")
    return found["@a"].fill_null(scene.plan.start)


def _labelled(scene: Scene, asked: pl.DataFrame, limit: Limit) -> pl.DataFrame:
    """source, wstart and wend of the window of each row (`@anchor`, date), in their order."""
    if limit.scope.kind == "anniversary":
        distinct = asked.unique()
        found = [anniversary_year(a, d) for a, d in distinct.iter_rows()]
        table = distinct.with_columns(_table(found).get_columns())
        return asked.join(table, on=["@anchor", "date"], how="left", maintain_order="left").drop("@anchor", "date")
    calendar = scene.plan.calendar
    found_by_day = by_day(asked["date"], lambda d: calendar.window(limit.scope.kind, d))
    return found_by_day.select(
        pl.col("label").alias("source"), pl.col("start").alias("wstart"), pl.col("end").alias("wend")
    )


def _every(scene: Scene, anchors: pl.Series, limit: Limit, last: date) -> pl.DataFrame:
    """`@anchor`, source, wstart, wend of every window with a day of the plan up to `last`."""
    plan = scene.plan
    if limit.scope.kind != "anniversary":
        table = _table(plan.calendar.between(limit.scope.kind, plan.start, last))
        return table.with_columns(pl.lit(None, dtype=pl.Date).alias("@anchor"))
    made = [_table([]).with_columns(pl.lit(None, dtype=pl.Date).alias("@anchor"))]
    for anchor in anchors.drop_nulls().to_list():
        years: list[Window] = []
        day = plan.start
        while day <= last:
            years.append(anniversary_year(anchor, day))
            day = years[-1].end + DAY
        made.append(_table(years).with_columns(pl.lit(anchor).alias("@anchor")))
    return pl.concat(made)


def _table(windows: list[Window]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source": [w.label for w in windows],
            "wstart": [w.start for w in windows],
            "wend": [w.end for w in windows],
        },
        schema={"source": pl.String, "wstart": pl.Date, "wend": pl.Date},
    )
