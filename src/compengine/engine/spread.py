"""Quotas with a rule of their own: each row divided among pay periods by weight, and carried in part by a person."""

from datetime import date

import polars as pl

from compengine.engine.aggregate import Evaluate
from compengine.engine.columns import ONE_, ZERO_, divided, quotient
from compengine.engine.faults import MARK
from compengine.engine.lengths import length, present
from compengine.engine.points import at_days, distinct
from compengine.engine.work import Scene
from compengine.plan.typed import Expr, Quota, Unit
from compengine.values.frames import EXACT
from compengine.values.money import minor_unit
from compengine.values.rounding import FINEST


def counted(scene: Scene, rows: pl.DataFrame, node: Quota, evaluate: Evaluate) -> pl.DataFrame:
    """`@p`, `part` and `mark` of each pay period's part that counts: A × share × d ÷ l.

    `rows` are pairs of a payee's window (`@p`, payee, ws, we, on_plan) and one of the quota's rows (`@q`, from, to,
    amount) that lies in it at least in part.
    """
    given = rows.select("@q", "from", "to", "amount").unique("@q", maintain_order=True)
    parts = _divided(scene, given, node, evaluate)
    asked = rows.select("@p", "@q", "payee", "ws", "we", "on_plan").join(parts, on="@q")
    asked = asked.with_columns(
        pl.max_horizontal("first", "ws").alias("start"), pl.min_horizontal("last", "we").alias("end")
    ).filter(pl.col("start") <= pl.col("end"))
    asked = asked.with_columns(present(scene, asked).alias("d")).filter(pl.col("d") > 0)
    asked = _with_share(scene, asked, node, evaluate)
    whole = (pl.col("d") == pl.col("l")) & (pl.col("share") == ONE_)
    part = pl.col("amount") * pl.col("share") * pl.col("d").cast(EXACT) / pl.col("l").cast(EXACT)
    return asked.select(
        "@p",
        pl.when(whole).then(pl.col("amount")).otherwise(part).alias("part"),
        pl.coalesce("weight!", "share!").alias("mark"),
    )


def _divided(scene: Scene, given: pl.DataFrame, node: Quota, evaluate: Evaluate) -> pl.DataFrame:
    """The parts of each row: `@q`, wstart, wend (the period), first, last, `l`, amount, and the row's `weight!`."""
    periods = _periods(scene, given)
    parts = _touched(given, periods).with_columns(
        pl.max_horizontal("from", "wstart").alias("first"), pl.min_horizontal("to", "wend").alias("last")
    )
    spans = parts.select(pl.col("first").alias("start"), pl.col("last").alias("end"))
    parts = parts.with_columns(length(scene.plan, spans).alias("l"))
    rule = scene.plan.quotas[node.name]
    if rule.spread is None:
        weight, fault = pl.col("l").cast(EXACT), pl.lit(None, dtype=MARK)
    else:
        parts = parts.join(_spread(scene, periods, rule.spread, evaluate), on="wstart", maintain_order="left")
        weight = quotient(pl.col("@spread") * pl.col("l").cast(EXACT), pl.col("@whole").cast(EXACT))
        negative = scene.work.faults.when(
            pl.col("@w") < ZERO_, "E514", f"the spread of the quota {node.name} is negative", rule.spread
        )
        fault = pl.coalesce("@spread!", negative)
    parts = parts.with_columns(pl.when(pl.col("l") > 0).then(weight).otherwise(ZERO_).alias("@w"))
    parts = parts.with_columns(fault.max().over("@q").alias("weight!"))
    good = pl.col("weight!").is_null() & (pl.col("@w").sum().over("@q") > ZERO_)
    shared = parts.filter(good).with_columns(pl.col("wstart").cast(pl.String).alias("@tie"))
    unit = minor_unit(scene.plan.currency) if node.type.unit is Unit.MONEY else FINEST
    amounts = divided(shared, ["@q"], "amount", "@w", "@tie", unit)
    weightless = parts.filter(~good).with_columns(ZERO_.alias("amount"))
    columns = ["@q", "wstart", "wend", "first", "last", "l", "amount", "weight!"]
    return pl.concat([shared.with_columns(amounts.alias("amount")).select(columns), weightless.select(columns)])


def _periods(scene: Scene, given: pl.DataFrame) -> pl.DataFrame:
    """`@k`, wstart and wend of every pay period from the first day of the rows to the last, in order."""
    low, high = given["from"].min(), given["to"].max()
    found = []
    if low is not None:
        assert isinstance(low, date) and isinstance(high, date)
        found = scene.plan.calendar.between("period", low, high)
    frame = pl.DataFrame(
        {"wstart": [w.start for w in found], "wend": [w.end for w in found]},
        schema={"wstart": pl.Date, "wend": pl.Date},
    )
    return frame.with_row_index("@k").with_columns(pl.col("@k").cast(pl.Int64))


def _touched(given: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """One row per row of the quota and pay period that it touches."""
    after = periods.select(pl.col("@k").alias("@since"), pl.col("wend").alias("from"))
    before = periods.select(pl.col("@k").alias("@until"), pl.col("wstart").alias("to"))
    rows = given.sort("from").join_asof(after, on="from", strategy="forward")
    rows = rows.sort("to").join_asof(before, on="to", strategy="backward")
    numbered = rows.with_columns(pl.int_ranges("@since", pl.col("@until") + 1).alias("@k")).explode("@k")
    return numbered.join(periods, on="@k")


def _spread(scene: Scene, periods: pl.DataFrame, spread: Expr, evaluate: Evaluate) -> pl.DataFrame:
    """The weight of each period (wstart), with its fault, and the length `@whole` of the period."""
    points = periods.with_columns(pl.col("wend").alias("t"), pl.col("wend").alias("asof"))
    found = evaluate(Scene(scene.work, scene.plan, "point", {}), points, {"@spread": spread})
    spans = found.select(pl.col("wstart").alias("start"), pl.col("wend").alias("end"))
    return found.select("wstart", "@spread", "@spread!").with_columns(length(scene.plan, spans).alias("@whole"))


def _with_share(scene: Scene, asked: pl.DataFrame, node: Quota, evaluate: Evaluate) -> pl.DataFrame:
    """`share` and `share!` of each payee and period, at the period's end."""
    share = scene.plan.quotas[node.name].share
    if share is None:
        return asked.with_columns(ONE_.alias("share"), pl.lit(None, dtype=MARK).alias("share!"))
    once, index = distinct(asked.select("payee", "wstart", "wend"), ["payee", "wstart", "wend"])
    points = at_days(scene.work, scene.plan, once.with_columns(pl.col("wend").alias("t")))
    found = evaluate(Scene(scene.work, scene.plan, "point", {}), points, {"share": share})
    negative = scene.work.faults.when(
        pl.col("share") < ZERO_, "E514", f"the share of the quota {node.name} is negative", share
    )
    found = found.select("share", pl.coalesce("share!", negative).alias("share!"))
    return asked.with_columns(found["share"].gather(index), found["share!"].gather(index))
