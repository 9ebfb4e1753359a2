"""Money divided by money: as it stands where all of it is in one currency, else in the plan's."""

import polars as pl

from compengine.engine.aggregate import Evaluate
from compengine.engine.columns import ZERO_, quotient
from compengine.engine.faults import MARK
from compengine.engine.read import Column, as_it_stands, filled
from compengine.engine.related import folded, others
from compengine.engine.work import Scene
from compengine.plan.typed import Ratio, Read, RelatedAggregate
from compengine.values.frames import EXACT


def ratio(scene: Scene, frame: pl.DataFrame, node: Ratio, evaluate: Evaluate) -> Column:
    """The quotient for each row of `frame`. A missing exchange rate is a fault only where one is needed."""
    converted = evaluate(scene, frame, {"a": node.left, "b": node.right}).select("a", "a!", "b", "b!")
    left, right = (_amount(scene, frame, side, evaluate) for side in (node.left, node.right))
    both = pl.concat(
        [converted, left.rename(lambda name: f"left {name}"), right.rename(lambda name: f"right {name}")],
        how="horizontal",
    )
    first = pl.min_horizontal("left first", "right first")
    last = pl.max_horizontal("left last", "right last")
    alike = first.is_null() | (first == last)
    a = pl.when(alike).then(pl.col("left value")).otherwise(pl.col("a"))
    b = pl.when(alike).then(pl.col("right value")).otherwise(pl.col("b"))
    own, other = pl.coalesce("left mark", "right mark"), pl.coalesce("a!", "b!")
    zero = scene.work.faults.when(b == ZERO_, "E501", f"division by zero in {node.text}", node)
    found = both.select(
        quotient(a, b).alias("v"), pl.coalesce(pl.when(alike).then(own).otherwise(other), zero).cast(MARK).alias("m")
    )
    return found["v"], found["m"]


def _amount(scene: Scene, frame: pl.DataFrame, side: Read | RelatedAggregate, evaluate: Evaluate) -> pl.DataFrame:
    """For each row of `frame`: `value` as it stands, `first` and `last` of its currencies by name, and `mark`."""
    if isinstance(side, Read):
        return _column(scene, frame, side).with_columns(pl.col("currency").alias("last")).rename({"currency": "first"})
    assert side.column is not None
    inner, found = others(scene, frame, side)
    column = _column(inner, found, side.column)
    kept = evaluate(inner, found, {"keep": side.where}).select("keep", "keep!") if side.where is not None else None
    keep = pl.lit(True) if kept is None else pl.col("keep").fill_null(False)
    marks = pl.when(keep).then(pl.col("mark")) if kept is None else pl.coalesce("keep!", pl.when(keep).then("mark"))
    rows = pl.concat([found.select("@of"), column, *([] if kept is None else [kept])], how="horizontal")
    sums = rows.group_by("@of").agg(
        folded(side.function, pl.col("value").filter(keep)).alias("value"),
        pl.col("currency").filter(keep).min().alias("first"),
        pl.col("currency").filter(keep).max().alias("last"),
        marks.max().alias("mark"),
    )
    back = frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("@of")).join(
        sums, on="@of", how="left", maintain_order="left"
    )
    value = pl.col("value").fill_null(ZERO_) if side.function == "sum" else pl.col("value")
    return back.select(value.cast(EXACT).alias("value"), "first", "last", "mark")


def _column(scene: Scene, frame: pl.DataFrame, node: Read) -> pl.DataFrame:
    """`value`, `currency` (the plan's where the cell names none) and `mark` of a money column."""
    values, currencies = as_it_stands(scene, frame, node)
    assert currencies is not None
    values, marks = filled(scene, node, values, None)
    mark = pl.lit(None, dtype=MARK) if marks is None else marks
    columns = pl.DataFrame({"value": values, "currency": currencies.replace({"": scene.plan.currency})})
    return columns.with_columns(pl.when(pl.col("value").is_not_null()).then("currency"), mark.alias("mark"))
