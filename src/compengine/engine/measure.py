"""Measures as a run reports them: one value per payee at the end of the open period."""

import polars as pl

from compengine.engine.evaluate import evaluate
from compengine.engine.points import at_days
from compengine.engine.work import Scene, Work
from compengine.plan.typed import Known, Plan, Unit
from compengine.values.frames import schema
from compengine.values.periods import Window
from compengine.values.rows import Measure

_NUMERIC = {Unit.NUMBER: "", Unit.PERCENT: "%"}


def measure(work: Work, plan: Plan) -> pl.DataFrame:
    """For everybody on the plan in its period that ends with the horizon; what cannot be computed is left out."""
    period = plan.calendar.window("period", work.horizon.end)
    found = [pl.DataFrame(schema=schema(Measure))]
    if period.end != work.horizon.end or not plan.start <= period.end <= plan.end:
        return found[0]
    days = work.wanted(plan.name, work.people.members[plan.id])
    people = days.filter((pl.col("first") <= pl.lit(period.end)) & (pl.col("last") >= pl.lit(period.start)))
    frame = (
        people.select("payee")
        .unique()
        .sort("payee")
        .with_columns(
            pl.lit(period.end).alias("t"), pl.lit(period.start).alias("wstart"), pl.lit(period.end).alias("wend")
        )
    )
    points = at_days(work, plan, frame)
    for rule in plan.measures.values():
        unit = plan.currency if rule.value.type.unit is Unit.MONEY else _NUMERIC.get(rule.value.type.unit)
        if unit is None or not closes(plan, rule.value.type.known, period):
            continue
        values = evaluate(Scene(work, plan, "point", {}), points, {"value": rule.value})
        found.append(
            values.filter(pl.col("value!").is_null() & pl.col("value").is_not_null()).select(
                pl.lit(plan.name).alias("plan"),
                pl.lit(rule.name).alias("measure"),
                "payee",
                pl.lit(period.label).alias("period"),
                "value",
                pl.lit(unit).alias("unit"),
            )
        )
    return pl.concat(found)


def closes(plan: Plan, known: Known, period: Window) -> bool:
    """Whether a value that is known when a window of that length closes is known at the period's end."""
    unit = {Known.MONTH: "month", Known.QUARTER: "quarter", Known.YEAR: "year"}.get(known)
    return unit is None or plan.calendar.window(unit, period.end).end == period.end
