"""Putting earning rows into their final form: periods, rounding, columns."""

import polars as pl

from compengine.engine.columns import ZERO_, floor, lit, rounded
from compengine.engine.windows import by_day
from compengine.engine.work import Scene
from compengine.plan.typed import Component, Plan
from compengine.values.frames import EXACT, schema
from compengine.values.money import minor_unit
from compengine.values.rows import Earning

COLUMNS = list(schema(Earning))


def labelled(scene: Scene, rows: pl.DataFrame, component: Component) -> pl.DataFrame:
    """The columns of `Earning` and `@i`, from rows with payee, source, date, part, kind, basis, rate, units and the
    product `@exact`, which is rounded here."""
    plan = scene.plan
    for name in ("position_from", "position_to"):
        if name not in rows.columns:
            rows = rows.with_columns(pl.lit(None, dtype=EXACT).alias(name))
    rows = rows.with_columns(
        pl.lit(plan.name).alias("plan"),
        pl.lit(component.name).alias("component"),
        pl.lit(plan.currency).alias("currency"),
        pl.lit(component.paid).alias("paid"),
    )
    return settled_per_component(plan, rows, fresh=True).select(*COLUMNS, "@i")


def settled_per_component(plan: Plan, rows: pl.DataFrame, fresh: bool) -> pl.DataFrame:
    """`for_period` from `date`, and where `fresh` the amount, rounded as the plan says."""
    calendar = plan.calendar
    period = by_day(rows["date"], lambda d: calendar.window("period", d))["label"]
    rows = rows.with_columns(period.alias("for_period"))
    if not fresh:
        return rows
    unit = minor_unit(plan.currency)
    if not plan.per_component:
        return rows.with_columns(rounded(pl.col("@exact"), unit, plan.rounding).alias("amount"))
    group = ["payee", "for_period"]
    step = lit(unit)
    work = rows.with_row_index("@at").with_columns(floor(pl.col("@exact"), step).alias("@low"))
    work = work.with_columns((pl.col("@exact") - pl.col("@low")).alias("@rest")).sort(
        [*group, "@rest", "date", "source", "@at"], descending=[False, False, True, False, False, False]
    )
    total = rounded(pl.col("@exact").sum().over(group), unit, plan.rounding)
    units = ((total - pl.col("@low").sum().over(group)) / step).cast(pl.Int64)
    extra = pl.when(pl.int_range(pl.len()).over(group) < units).then(step).otherwise(ZERO_)
    return work.with_columns((pl.col("@low") + extra).alias("amount")).sort("@at").drop("@at", "@low", "@rest")
