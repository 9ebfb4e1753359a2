"""One value per person of a group: sums, counts and extremes of them, and shares of a pool."""

import polars as pl

from compengine.engine.aggregate import Evaluate, key_of
from compengine.engine.columns import ZERO_, divided, quotient, rounded
from compengine.engine.points import CUTS, asof, distinct, uncut
from compengine.engine.read import Column
from compengine.engine.work import Scene
from compengine.plan.inline import inlined, looks_at_streams
from compengine.plan.typed import Group, GroupAggregate, GroupKind, ShareOf, Unit
from compengine.values.frames import EXACT
from compengine.values.money import minor_unit
from compengine.values.rounding import FINEST

_WHERE = ["t", "wstart", "wend", "anchor", "upto", *CUTS]


def members(scene: Scene, points: pl.DataFrame, group: Group) -> pl.DataFrame:
    """Points of everybody in the group of each point as of `t`; `@g` is the point's row. `points` has `key`."""
    base = points.select("key", *_WHERE).with_row_index("@g")
    people = scene.work.people
    match group.kind:
        case GroupKind.PLAN:
            found = base.join(people.by_name[scene.plan.name], how="cross").filter(
                pl.col("t").is_between(pl.col("first"), pl.col("last"))
            )
        case GroupKind.SAME:
            column = scene.work.snapshot.frame("payees")[group.column]
            dated = people.versions.with_columns(column.gather(people.versions["row"]).cast(pl.String).alias("key"))
            found = base.join(dated.drop("row"), on="key").filter(
                pl.col("t").is_between(pl.col("first"), pl.col("last"))
            )
        case _:
            below = people.ancestors
            if group.kind is GroupKind.REPORTS:
                below = below.filter(pl.col("level") == 1)
            found = base.join(below.select("payee", pl.col("ancestor").alias("key"), "first", "last"), on="key").filter(
                pl.col("t").is_between(pl.col("first"), pl.col("last"))
            )
    found = found.select("@g", "payee", *_WHERE).sort("@g", "payee")
    return found.with_columns(asof(scene.work, scene.plan, found).alias("asof"))


def per_group(scene: Scene, points: pl.DataFrame, group: Group) -> tuple[pl.DataFrame, pl.Series]:
    """Each different group among the points once, and for each point its index."""
    return distinct(points.with_columns(key_of(scene, points, group).alias("key")), ["key", *_WHERE])


def unmoved(points: pl.DataFrame) -> pl.DataFrame:
    """The same points without a cut: what looks at no stream is the same before and after a credit."""
    return points.with_columns(pl.col("anchor").alias("upto"), *uncut())


def group_aggregate(scene: Scene, points: pl.DataFrame, node: GroupAggregate, evaluate: Evaluate) -> Column:
    if not looks_at_streams(inlined(node.value, scene.plan.measures)):
        points = unmoved(points)
    once, index = per_group(scene, points, node.group)
    found = evaluate(scene, members(scene, once, node.group), {"v": node.value})
    value = pl.col("v")
    match node.function:
        case "count":
            of = value.sum().cast(EXACT)
        case "sum":
            of = value.sum()
        case "min":
            of = value.min()
        case "max":
            of = value.max()
        case _:
            of = quotient(value.sum(), pl.len().cast(EXACT))
    sums = found.group_by("@g").agg(of.alias("v"), pl.col("v!").max().alias("v!"))
    joined = once.select("key").with_row_index("@g").join(sums, on="@g", how="left", maintain_order="left")
    values = joined["v"].fill_null(0).cast(EXACT) if node.function in ("sum", "count") else joined["v"]
    return values.gather(index), joined["v!"].gather(index)


def share_of(scene: Scene, points: pl.DataFrame, node: ShareOf, evaluate: Evaluate) -> Column:
    """Each point's part of the pool, which is rounded first; nothing for those who are not in the group on `t`."""
    plan, faults = scene.plan, scene.work.faults
    money = node.pool.type.unit is Unit.MONEY
    unit = minor_unit(plan.currency) if money else FINEST
    whole = rounded(pl.col("pool"), unit, plan.rounding) if money else pl.col("pool")
    own = evaluate(scene, points, {"pool": node.pool}).with_columns(
        whole.alias("pool"), key_of(scene, points, node.group).alias("key")
    )
    once, index = distinct(own, ["key", *_WHERE, "pool"])
    people = members(scene, once, node.group)
    weighed = evaluate(scene, people, {"w": node.weight}).with_columns(
        once["pool"].gather(people["@g"]).alias("pool"), pl.col("w").fill_null(ZERO_)
    )
    totals = weighed.group_by("@g").agg(
        pl.col("w").sum().alias("all"), pl.col("w").min().alias("least"), pl.col("w!").max().alias("w!")
    )
    state = once.select("pool").with_row_index("@g").join(totals, on="@g", how="left", maintain_order="left")
    negative = faults.when(pl.col("least") < ZERO_, "E514", f"a weight is negative in {node.text}", node)
    nobody = faults.when(
        (pl.col("all").fill_null(ZERO_) == ZERO_) & (pl.col("pool") != ZERO_),
        "E515",
        f"nobody in the group has a weight in {node.text}",
        node,
    )
    state = state.with_columns(pl.coalesce(pl.col("w!"), negative, nobody).alias("mark"))
    usable = weighed.join(
        state.filter(pl.col("mark").is_null() & (pl.col("all") > ZERO_)).select("@g"), on="@g", how="semi"
    )
    parts = usable.select("@g", "payee", divided(usable, ["@g"], "pool", "w", "payee", unit).alias("part"))
    asked = own.select("payee", "pool!").with_columns(index.alias("@g"), state["mark"].gather(index).alias("mark"))
    member = people.select("@g", "payee", pl.lit(True).alias("member"))
    found = asked.join(parts, on=["@g", "payee"], how="left", maintain_order="left")
    found = found.join(member, on=["@g", "payee"], how="left", maintain_order="left")
    mark = pl.coalesce("pool!", pl.when("member").then("mark"))
    return found["part"].fill_null(0).cast(EXACT), found.select(mark.alias("m"))["m"]
