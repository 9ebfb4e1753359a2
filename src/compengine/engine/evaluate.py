"""Evaluating expressions on a frame: fetch the leaves, then compose."""

import polars as pl

from compengine.engine.aggregate import aggregate
from compengine.engine.expression import Builder, Leaf, build, leaves
from compengine.engine.faults import MARK
from compengine.engine.group import group_aggregate, share_of
from compengine.engine.lookup import lookup, match
from compengine.engine.points import CUTS, PLACE, at_credits, at_start, distinct, period_ends
from compengine.engine.quota import days_in, quota
from compengine.engine.ratio import ratio
from compengine.engine.read import Column, filled, read
from compengine.engine.related import related_aggregate
from compengine.engine.sums import between, end_of, start_of
from compengine.engine.work import Scene
from compengine.plan.typed import (
    After,
    Aggregate,
    Before,
    ComponentValue,
    DaysIn,
    Expr,
    GroupAggregate,
    Lookup,
    Match,
    MeasureValue,
    Quota,
    Ratio,
    Read,
    RelatedAggregate,
    ShareOf,
    Unit,
)
from compengine.values.frames import EXACT

_NUMERIC = (Unit.NUMBER, Unit.PERCENT, Unit.MONEY)


def evaluate(scene: Scene, frame: pl.DataFrame, wanted: dict[str, Expr]) -> pl.DataFrame:
    """`frame` with a column NAME and its fault marks `NAME!` for each wanted expression; `NAME?` is the entry of a
    table, where the expression as a whole is a call of a `steps` table."""
    found: dict[Leaf, str] = {}
    for node in wanted.values():
        for leaf in leaves(node):
            found.setdefault(leaf, f"~{len(found)}")
    fetched: list[pl.Series] = []
    for leaf, name in found.items():
        values, marks = _leaf(scene, frame, leaf)
        fetched.append(values.alias(name))
        fetched.append(
            (pl.Series([None], dtype=MARK).new_from_index(0, len(frame)) if marks is None else marks).alias(f"{name}!")
        )
    builder = Builder(scene.plan, scene.work.faults, found)
    columns: list[pl.Expr] = []
    for name, node in wanted.items():
        built = build(builder, node)
        value = built.value.cast(EXACT) if node.type.unit in _NUMERIC else built.value
        columns += [value.alias(name), built.mark.cast(MARK).alias(f"{name}!")]
        if built.key is not None:
            columns.append(built.key.alias(f"{name}?"))
    work = frame.with_columns(fetched) if fetched else frame
    return work.with_columns(columns).drop([s.name for s in fetched])


def _leaf(scene: Scene, frame: pl.DataFrame, node: Leaf) -> Column:
    match node:
        case Read():
            return filled(scene, node, *read(scene, frame, node))
        case RelatedAggregate():
            return related_aggregate(scene, frame, node, evaluate)
        case Ratio():
            return ratio(scene, frame, node, evaluate)
        case Lookup():
            return lookup(scene, frame, node, evaluate)
        case Match():
            return match(scene, frame, node, evaluate)
        case ComponentValue(same_stream=True):
            return _of_this_credit(scene, frame, node), None
        case Before() | After() if scene.level == "credit":
            points = at_credits(scene.work, scene.plan, frame, scene.stream, isinstance(node, After))
            return _measure(scene, points, node.name)
    if scene.level == "credit":
        points = period_ends(scene.work, scene.plan, frame["payee"], frame["asof"])
        once, index = distinct(points, list(PLACE))
        values, marks = _at_point(scene, once, node)
        return values.gather(index), None if marks is None else marks.gather(index)
    return _at_point(scene, frame, node)


def _at_point(scene: Scene, points: pl.DataFrame, node: Leaf) -> Column:
    at = Scene(scene.work, scene.plan, "point", {})
    match node:
        case MeasureValue(name=name) | After(name=name):
            return _measure(at, points, name)
        case Before(name=name):
            return _measure(at, at_start(points), name)
        case Aggregate():
            return aggregate(at, points, node, evaluate)
        case GroupAggregate():
            return group_aggregate(at, points, node, evaluate)
        case Quota():
            return quota(at, points, node, evaluate)
        case ShareOf():
            return share_of(at, points, node, evaluate)
        case DaysIn():
            return days_in(at, points, node, evaluate), None
        case ComponentValue(name=name):
            return _total(at, points, name), None
    raise AssertionError(f"not a value of a payee: {node.text}")


def _measure(scene: Scene, points: pl.DataFrame, name: str) -> Column:
    at = Scene(scene.work, scene.plan, "point", {})
    by = [*PLACE, "anchor", "upto", *CUTS]
    once, index = distinct(points, by)
    found = evaluate(at, once, {"v": scene.plan.measures[name].value})
    return found["v"].gather(index), found["v!"].gather(index)


def _of_this_credit(scene: Scene, frame: pl.DataFrame, node: ComponentValue) -> pl.Series:
    rows = scene.work.components[(scene.plan.id, node.name)]
    sums = rows.filter(~pl.col("kind").is_in(["claw", "carried"])).group_by("@row").agg(pl.col("amount").sum())
    found = frame.select(pl.col("@n").alias("@row")).join(sums, on="@row", how="left", maintain_order="left")
    return found["amount"].fill_null(0).cast(EXACT)


def _total(scene: Scene, points: pl.DataFrame, name: str) -> pl.Series:
    """The component's rows dated in the window of each point."""
    rows = scene.work.components[(scene.plan.id, name)].select(
        pl.col("payee").alias("key"),
        "date",
        pl.lit(0, dtype=pl.UInt32).alias("place"),
        pl.lit(0, dtype=pl.Int8).alias("carried"),
        "amount",
    )
    keys = points["payee"]
    return between(rows, start_of(points["wstart"], keys), end_of(points["wend"], keys), ["amount"])["amount"]
