"""Reversals: what a clawback makes of the credits and rows of a stream."""

import polars as pl

from compengine.engine.aggregate import roots_of
from compengine.engine.columns import ONE_, ZERO_, rounded
from compengine.engine.credit import BASE
from compengine.engine.evaluate import evaluate
from compengine.engine.order import as_stream
from compengine.engine.related import expanded
from compengine.engine.work import Scene, Work
from compengine.plan.typed import Clawback, ClawbackPolicy, Plan, Stream, Unit
from compengine.values.frames import EXACT
from compengine.values.money import minor_unit
from compengine.values.rounding import FINEST

STEPS: dict[str, pl.DataType] = {
    "@n": pl.UInt32(), "payee": pl.String(), "source": pl.String(), "reversal": pl.String(), "on": pl.Date(),
    "before": EXACT, "after": EXACT, "policy": pl.String(), "reduced": pl.Boolean(),
}  # fmt: skip
"""A step of taking a credit back: which one (`@n`, payee, source), by what, on which day, from which total share on."""


def reversals(work: Work, plan: Plan, stream: Stream, credits: pl.DataFrame) -> pl.DataFrame:
    """All steps on the credits of a stream up to the horizon, in order; columns of `STEPS`."""
    found = [
        pl.DataFrame(schema={**STEPS, "share": EXACT, "place": pl.Int32, "key": pl.String}).drop("before", "after")
    ]
    for place, rule in enumerate(c for c in plan.clawbacks.values() if c.stream == stream.name):
        found.append(_of_rule(work, plan, stream, rule, credits, place))
    steps = pl.concat(found, how="diagonal").sort("@n", "on", "place", "key")
    if steps.is_empty():
        return pl.DataFrame(schema=STEPS)
    steps = steps.with_columns(pl.min_horizontal(pl.col("share").cum_sum().over("@n"), ONE_).alias("after"))
    steps = steps.with_columns(pl.col("after").shift(1).over("@n").fill_null(ZERO_).alias("before"))
    return steps.filter(pl.col("after") != pl.col("before")).select(STEPS.keys())


def _of_rule(work: Work, plan: Plan, stream: Stream, rule: Clawback, credits: pl.DataFrame, place: int) -> pl.DataFrame:
    scene = Scene(work, plan, "credit", {}, stream=stream.name)
    scene = Scene(work, plan, "credit", roots_of(scene, stream.name), stream=stream.name)
    rows = credits
    if rule.reversals is not None:
        rows, scene = expanded(scene, credits, rule.reversals, evaluate)
        rows = rows.drop("@of")
        keys = work.snapshot.frame(rule.reversals.table)["@key"].gather(rows[f"@{rule.reversals.row}"])
    else:
        keys = pl.Series([""], dtype=pl.String).new_from_index(0, len(rows))
    rows = rows.with_columns(keys.alias("key"))
    if rule.when is not None:
        rows = evaluate(scene, rows, {"@when": rule.when})
        work.faults.tell(rows, "@when!", "source", "payee")
        rows = rows.filter(pl.col("@when").fill_null(False))
    rows = evaluate(scene, rows, {"on": rule.date})
    work.faults.tell(rows, "on!", "source", "payee")
    for source in rows.filter(pl.col("on").is_null() & pl.col("on!").is_null())["source"].head(20):
        work.faults.add("E517", f"the date of the reversal is empty: row {source}", rule.date, source)
    rows = evaluate(scene, rows.filter(pl.col("on") <= pl.lit(work.horizon.end)), {"share": rule.share})
    # `share` of a credit stands in the frame too; the rule's own replaced it
    work.faults.tell(rows, "share!", "source", "payee")
    for source in rows.filter(pl.col("share") < ZERO_)["source"].head(20):
        work.faults.add("E514", f"the share taken back is negative: row {source}", rule.share, source)
    name = pl.lit(rule.name)
    return rows.filter(pl.col("share") > ZERO_).select(
        "@n",
        "payee",
        "source",
        "on",
        "share",
        "key",
        pl.when(pl.col("key") == "").then(name).otherwise(name + "/" + pl.col("key")).alias("reversal"),
        pl.lit(place, dtype=pl.Int32).alias("place"),
        pl.lit(rule.policy.value).alias("policy"),
        pl.lit(rule.attainment_reduced).alias("reduced"),
    )


def applied(plan: Plan, stream: Stream, credits: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """The stream with `recompute` taken off its credits, and negative credits for the other two where they count."""
    if steps.is_empty():
        return credits
    money = stream.amount.type.unit is Unit.MONEY
    unit = minor_unit(plan.currency) if money else FINEST
    part = rounded(pl.col("amount") * pl.col("after"), unit, plan.rounding)
    less = rounded(pl.col("amount") * pl.col("before"), unit, plan.rounding)
    whole = pl.when(pl.col("after") == ONE_).then(pl.col("amount")).otherwise(part)
    joined = steps.drop("payee", "source").join(credits, on="@n").with_columns((whole - less).alias("step"))
    recomputed = joined.filter(pl.col("policy") == ClawbackPolicy.RECOMPUTE.value)
    lost = recomputed.group_by("@n").agg(pl.col("step").sum(), pl.col("after").max().alias("gone"))
    kept = credits.join(lost, on="@n", how="left", maintain_order="left").filter(pl.col("gone").fill_null(0) != ONE_)
    kept = kept.with_columns((pl.col("amount") - pl.col("step").fill_null(ZERO_)).alias("amount")).drop("step", "gone")
    back = joined.filter(
        (pl.col("policy") == ClawbackPolicy.SCALE.value)
        | ((pl.col("policy") == ClawbackPolicy.ORIGINAL_LINES.value) & pl.col("reduced"))
    ).with_columns(
        pl.col("source").alias("reverses"),
        pl.concat_str(["source", "reversal"], separator="~").alias("source"),
        pl.col("on").alias("date"),
        pl.col("on").alias("asof"),
        (ZERO_ - pl.col("step")).alias("amount"),
        pl.lit(0).cast(EXACT).alias("original_amount"),
        pl.lit("").alias("original_currency"),
        pl.lit(0).cast(EXACT).alias("fx_rate"),
        pl.lit(None, dtype=pl.Date).alias("fx_date"),
        pl.lit(0, dtype=pl.Int32).alias("counts"),
        (pl.col("policy") == ClawbackPolicy.SCALE.value).alias("ruled"),
    )
    extra = [c for c in credits.columns if c not in BASE]
    both = pl.concat([kept.select(*BASE, *extra), back.select(*BASE, *extra)])
    return as_stream(both.drop("@n", "@id"))
