"""Rows that belong together: those that refer to a row."""

import polars as pl

from compengine.engine.aggregate import Evaluate
from compengine.engine.columns import quotient
from compengine.engine.faults import MARK
from compengine.engine.read import Column, follow
from compengine.engine.work import Scene
from compengine.plan.typed import Expr, Hop, RelatedAggregate, RelatedRows
from compengine.values.frames import EXACT


def joined(
    scene: Scene, frame: pl.DataFrame, root: str, hops: tuple[Hop, ...], table: str, reference: str, name: str
) -> pl.DataFrame:
    """One row per row of `frame` (its index in `@of`) and related row (its index in `@NAME`), in their order."""
    target, rows = follow(scene, frame, root, hops)
    keys = scene.work.snapshot.frame(target)["@key"].gather(rows)
    related = (
        scene.work.snapshot.frame(table)
        .with_row_index(f"@{name}")
        .select(f"@{name}", pl.col(reference).cast(pl.String).alias("@ref"))
    )
    return (
        frame.with_row_index("@of")
        .with_columns(keys.alias("@ref"))
        .join(related, on="@ref")
        .drop("@ref")
        .sort("@of", f"@{name}")
    )


def matching(scene: Scene, frame: pl.DataFrame, name: str, table: str) -> Scene:
    """The scene of `frame` after `joined`: the related row is in scope by its name."""
    return Scene(scene.work, scene.plan, scene.level, {**scene.roots, name: table}, scene.stream)


def expanded(scene: Scene, frame: pl.DataFrame, each: RelatedRows, evaluate: Evaluate) -> tuple[pl.DataFrame, Scene]:
    """`frame` with one row per related row that passes its `where`."""
    found = joined(scene, frame, each.root, each.hops, each.table, each.reference, each.row)
    inner = matching(scene, found, each.row, each.table)
    if each.where is not None:
        found = evaluate(inner, found, {"@keep": each.where})
        scene.work.faults.tell(found, "@keep!")
        found = found.filter(pl.col("@keep").fill_null(False)).drop("@keep", "@keep!")
    return found, inner


def related_aggregate(scene: Scene, frame: pl.DataFrame, node: RelatedAggregate, evaluate: Evaluate) -> Column:
    inner, found = others(scene, frame, node)
    wanted: dict[str, Expr] = {}
    if node.where is not None:
        wanted["@keep"] = node.where
    if node.column is not None:
        wanted["@value"] = node.column
    found = evaluate(inner, found, wanted)
    marks = [pl.col(f"{name}!") for name in wanted]
    kept = pl.col("@keep").fill_null(False) if node.where is not None else pl.lit(True)
    found = found.with_columns(
        (pl.coalesce(marks) if marks else pl.lit(None)).cast(MARK).alias("@mark"), kept.alias("@keep")
    )
    if node.column is None:
        of = pl.col("@keep").sum().cast(EXACT)
    else:
        of = folded(node.function, pl.when(pl.col("@keep")).then(pl.col("@value")))
    sums = found.group_by("@of").agg(of.alias("v"), pl.col("@mark").max().alias("m"))
    back = frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("@of")).join(
        sums, on="@of", how="left", maintain_order="left"
    )
    values = back["v"].fill_null(0).cast(EXACT) if node.function in ("sum", "count") else back["v"]
    return values, back["m"]


def others(scene: Scene, frame: pl.DataFrame, node: RelatedAggregate) -> tuple[Scene, pl.DataFrame]:
    """The related rows as `joined` gives them, and the scene in which each of them is `other`."""
    found = joined(scene, frame, node.root, node.hops, node.table, node.reference, "other")
    return matching(scene, found, "other", node.table), found


def folded(function: str, value: pl.Expr) -> pl.Expr:
    match function:
        case "sum":
            return value.sum()
        case "min":
            return value.min()
        case "max":
            return value.max()
    return quotient(value.sum(), value.count().cast(EXACT))
