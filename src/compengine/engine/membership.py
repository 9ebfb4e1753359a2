"""Who is on a plan: its `payees` asked for each dated version of each payee."""

import polars as pl

from compengine.engine.evaluate import evaluate
from compengine.engine.work import Scene, Work
from compengine.plan.typed import Plan


def members(work: Work, plan: Plan) -> pl.DataFrame:
    """payee, first, last: the days on the plan, within its effective dates."""
    frame = work.people.versions.with_columns(pl.col("first").alias("asof"))
    found = evaluate(Scene(work, plan, "point", {}), frame, {"on": plan.payees})
    work.faults.tell(found, "on!", "", "payee")
    return (
        found.filter(pl.col("on").fill_null(False))
        .select(
            "payee",
            pl.max_horizontal("first", pl.lit(plan.start)).alias("first"),
            pl.min_horizontal("last", pl.lit(plan.end)).alias("last"),
        )
        .filter(pl.col("first") <= pl.col("last"))
        .sort("payee", "first")
    )
