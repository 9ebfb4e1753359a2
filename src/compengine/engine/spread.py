"""Quotas with a rule of their own: how heavy each pay period of a row weighs, and how much of it a person carries."""

from datetime import date

import polars as pl

from compengine.engine.aggregate import Evaluate
from compengine.engine.columns import ONE_, ZERO_, quotient
from compengine.engine.faults import MARK
from compengine.engine.lengths import length, present
from compengine.engine.points import at_days, distinct
from compengine.engine.work import Scene
from compengine.plan.typed import Expr, Quota
from compengine.values.frames import EXACT


def counted(scene: Scene, rows: pl.DataFrame, node: Quota, evaluate: Evaluate) -> pl.DataFrame:
    """`@p`, `part` and `mark` of each row that counts: amount × Q ÷ S, sums over the pay periods that it touches.

    `rows` are pairs of a payee's window (`@p`, payee, ws, we, on_plan) and one of the quota's rows (`@q`, from, to,
    amount) that lies in it at least in part.
    """
    given = rows.select("@q", "from", "to", "amount").unique("@q", maintain_order=True)
    parts = _weighed(scene, given, node, evaluate)
    asked = rows.select("@p", "@q", "payee", "ws", "we", "on_plan").join(parts, on="@q")
    asked = asked.with_columns(
        pl.max_horizontal("first", "ws").alias("start"), pl.min_horizontal("last", "we").alias("end")
    ).filter(pl.col("start") <= pl.col("end"))
    asked = asked.with_columns(present(scene, asked).alias("d")).filter(pl.col("d") > 0)
    asked = _with_share(scene, asked, node, evaluate)
    spread, d = pl.col("@spread"), pl.col("d").cast(EXACT)
    term = quotient(spread * pl.col("share") * d, pl.col("@whole").cast(EXACT))
    sums = (
        asked.with_columns(term.alias("@q_term"))
        .group_by("@p", "@q", maintain_order=True)
        .agg(
            pl.col("@q_term").sum().alias("@counted"),
            pl.col("@total").first(),
            pl.col("amount").first(),
            pl.coalesce("weight!", "share!").max().alias("mark"),
        )
    )
    part = quotient(pl.col("amount") * pl.col("@counted"), pl.col("@total"))
    whole, nothing = pl.col("@counted") == pl.col("@total"), pl.col("@total") == ZERO_
    chosen = pl.when(nothing).then(ZERO_).when(whole).then(pl.col("amount")).otherwise(part)
    return sums.select("@p", chosen.alias("part"), "mark")


def _weighed(scene: Scene, given: pl.DataFrame, node: Quota, evaluate: Evaluate) -> pl.DataFrame:
    """Per row and pay period: `@q`, amount, wstart, wend (the period), first, last, `@spread`, `@whole` (L), the row's
    sum `@total` (S) and its `weight!`. Without a rule for it the spread is 1, and so is L."""
    periods = _periods(scene, given)
    parts = _touched(given, periods).with_columns(
        pl.max_horizontal("from", "wstart").alias("first"), pl.min_horizontal("to", "wend").alias("last")
    )
    spans = parts.select(pl.col("first").alias("start"), pl.col("last").alias("end"))
    parts = parts.with_columns(length(scene.plan, spans).alias("l"))
    rule = scene.plan.quotas[node.name]
    if rule.spread is None:
        one, none = pl.lit(1, dtype=pl.Int64).alias("@whole"), pl.lit(None, dtype=MARK).alias("@fault")
        parts = parts.with_columns(ONE_.alias("@spread"), one, none)
    else:
        parts = parts.join(_spread(scene, periods, rule.spread, evaluate), on="wstart", maintain_order="left")
        message = f"the spread of the quota {node.name} is negative"
        negative = scene.work.faults.when(pl.col("@spread") < ZERO_, "E514", message, rule.spread)
        parts = parts.with_columns(pl.coalesce("@spread!", negative).alias("@fault"))
    parts = parts.filter(pl.col("l") > 0)
    weight = quotient(pl.col("@spread") * pl.col("l").cast(EXACT), pl.col("@whole").cast(EXACT))
    parts = parts.with_columns(weight.alias("@w"))
    return parts.select(
        *("@q", "amount", "wstart", "wend", "first", "last", "@spread", "@whole"),
        pl.col("@w").sum().over("@q").alias("@total"),
        pl.col("@fault").max().over("@q").alias("weight!"),
    )


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
