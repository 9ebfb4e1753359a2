"""Components: credits and windows → earnings, one row per multiplication.

While a component is worked out its rows have the columns of `values.rows.Earning` and `@i`, the index of the credit or
window they are for, in `frame`. Rows are in the order of `frame`, then as they were added.
"""

import polars as pl

from compengine.engine.aggregate import roots_of
from compengine.engine.columns import ONE_, rounded
from compengine.engine.credit import failed_part
from compengine.engine.evaluate import evaluate
from compengine.engine.limit import all_limited, firsts
from compengine.engine.people import on_day
from compengine.engine.points import at_days
from compengine.engine.rank import ranked
from compengine.engine.reversal import STEPS
from compengine.engine.rows import labelled, settled_per_component
from compengine.engine.scale import placed, sliced
from compengine.engine.work import Scene, Work
from compengine.plan.typed import Component, Expr, PerCredit, PerWindow, Plan, Rank, Scale, ShareOf, Unit
from compengine.values.frames import EXACT
from compengine.values.money import minor_unit


def earn(work: Work, plan: Plan, component: Component) -> pl.DataFrame:
    """The earnings of a component for all periods up to the horizon, reversals included."""
    scene, frame = subjects(work, plan, component)
    frame = _gated(scene, frame, component)
    if isinstance(component.per, PerCredit):
        frame = firsts(scene, frame, component)
    frame = frame.with_row_index("@i")
    rows = _rows(scene, frame, component)
    work.faults.stop()
    rows = _multiplied(scene, frame, rows, component)
    rows = all_limited(scene, frame, rows, component)
    of = frame.select("@i", pl.col("@n").alias("@row"), "@id")
    rows = rows.join(of, on="@i", how="left", maintain_order="left")
    if isinstance(component.per, PerCredit):
        rows = pl.concat([rows, _clawed(work, plan, component, rows)], how="diagonal")
    work.faults.stop()
    return rows.drop("@i")


def subjects(work: Work, plan: Plan, component: Component) -> tuple[Scene, pl.DataFrame]:
    """The credits or windows that the component is for, with everything that expressions read."""
    match component.per:
        case PerCredit(stream=stream):
            plain = Scene(work, plan, "credit", {}, stream=stream)
            scene = Scene(work, plan, "credit", roots_of(plain, stream), stream=stream)
            frame = work.streams[(plan.id, stream)].filter(
                pl.col("ruled") & pl.col("date").is_between(pl.lit(plan.start), pl.lit(plan.end))
            )
            return scene, on_day(work.wanted(plan.name, frame), work.people.members[plan.id], "payee", "date")
        case PerWindow(unit=unit):
            return Scene(work, plan, "point", {}), windows(work, plan, unit)


def windows(work: Work, plan: Plan, unit: str) -> pl.DataFrame:
    """Points at the end of each window that closes in the plan's time and up to the horizon, for everybody on it."""
    last = min(plan.end, work.horizon.end)
    closing = [w for w in plan.calendar.between(unit, plan.start, last) if w.end <= last] if last >= plan.start else []
    frame = pl.DataFrame(
        {"wstart": [w.start for w in closing], "wend": [w.end for w in closing], "source": [w.label for w in closing]},
        schema={"wstart": pl.Date, "wend": pl.Date, "source": pl.String},
    )
    people = work.wanted(plan.name, work.people.members[plan.id])
    found = (
        frame.join(people, how="cross")
        .filter((pl.col("first") <= pl.col("wend")) & (pl.col("last") >= pl.col("wstart")))
        .select("payee", pl.col("wend").alias("t"), "wstart", "wend", "source")
        .unique(["payee", "source"], maintain_order=True)
        .sort("t", "payee")
    )
    return at_days(work, plan, found).with_columns(
        pl.col("wend").alias("date"),
        pl.lit(None, dtype=pl.UInt32).alias("@n"),
        pl.lit(None, dtype=pl.UInt32).alias("@id"),
        pl.lit("").alias("reverses"),
    )


def _gated(scene: Scene, frame: pl.DataFrame, component: Component) -> pl.DataFrame:
    if component.when is None:
        return frame
    found = evaluate(scene, frame, {"@when": component.when})
    scene.work.faults.tell(found, "@when!", "source", "payee")
    passed = pl.col("@when").fill_null(False)
    left = found.filter(~passed & pl.col("@when!").is_null()).drop("@when", "@when!")
    if not left.is_empty():
        scene.work.exclude(scene.plan.name, component.name, failed_part(scene, left, component.when))
    return found.filter(passed).drop("@when", "@when!")


def _rows(scene: Scene, frame: pl.DataFrame, component: Component) -> pl.DataFrame:
    """The rows of the rate or of the sum."""
    if component.pay is not None:
        if isinstance(component.pay, Rank):
            return labelled(scene, ranked(scene, frame, component, component.pay), component)
        return labelled(scene, _flat(scene, frame, component.pay), component)
    assert component.of is not None
    frame = _evaluated(scene, frame, {"basis": component.of})
    of_money = component.of.type.unit is Unit.MONEY
    if isinstance(component.rate, Scale):
        rows = _scaled(scene, frame, component.rate)
    else:
        assert component.rate is not None
        rows = _rated(scene, frame, component.rate).with_columns(_rate_unit(scene, component.rate).alias("rate_unit"))
    rows = rows.with_columns(
        pl.lit("rate").alias("kind"),
        pl.lit(scene.plan.currency if of_money else "").alias("basis_unit"),
        (pl.col("basis") * pl.col("rate")).alias("@exact"),
    )
    return labelled(scene, rows, component)


def _evaluated(scene: Scene, frame: pl.DataFrame, nodes: dict[str, Expr]) -> pl.DataFrame:
    """`frame` with the wanted columns, without the rows where one is at fault; faults are told."""
    found = evaluate(scene, frame, nodes)
    for name, node in nodes.items():
        scene.work.faults.tell(found, f"{name}!", "source", "payee")
        for source in found.filter(pl.col(name).is_null() & pl.col(f"{name}!").is_null())["source"].head(20):
            scene.work.faults.add("E517", f"{node.text} is empty: row {source}", node, source)
    return found.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in nodes)).drop(f"{n}!" for n in nodes)


def _flat(scene: Scene, frame: pl.DataFrame, pay: Expr) -> pl.DataFrame:
    share = isinstance(pay, ShareOf)
    return _evaluated(scene, frame, {"@exact": pay}).with_columns(
        pl.col("@exact").alias("basis"),
        pl.lit(1).cast(EXACT).alias("rate"),
        pl.lit("share" if share else "flat").alias("kind"),
        pl.lit("share" if share else "pay").alias("part"),
        pl.lit(scene.plan.currency).alias("basis_unit"),
        pl.lit("").alias("rate_unit"),
    )


def _rated(scene: Scene, frame: pl.DataFrame, rate: Expr) -> pl.DataFrame:
    found = _evaluated(scene, frame, {"rate": rate})
    if "rate?" in found.columns:
        return found.rename({"rate?": "part"})
    return found.with_columns(pl.lit("rate").alias("part"))


def _rate_unit(scene: Scene, rate: Expr) -> pl.Expr:
    """`%` for what is written as a percent, the currency for money, nothing for a number."""
    return pl.lit({Unit.MONEY: scene.plan.currency, Unit.PERCENT: "%"}.get(rate.type.unit, ""))


def _scaled(scene: Scene, frame: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    found = placed(scene, frame, scale)
    scene.work.faults.tell(found, "@mark", "source", "payee")
    found = found.filter(pl.col("@mark").is_null()).drop("@mark").rename({"basis": "@whole_basis"})
    rates = {f"@rate{k}": band.rate for k, band in enumerate(scale.bands)}
    rows = evaluate(scene, sliced(found, scale), rates)
    part = pl.coalesce([pl.when(pl.col("@band") == k).then(pl.lit(b.bound)) for k, b in enumerate(scale.bands)])
    value = pl.coalesce([pl.when(pl.col("@band") == k).then(pl.col(f"@rate{k}")) for k in range(len(scale.bands))])
    mark = pl.coalesce([pl.when(pl.col("@band") == k).then(pl.col(f"@rate{k}!")) for k in range(len(scale.bands))])
    unit = pl.coalesce(
        [pl.when(pl.col("@band") == k).then(_rate_unit(scene, b.rate)) for k, b in enumerate(scale.bands)]
    )
    rows = rows.with_columns(part.alias("part"), value.alias("rate"), unit.alias("rate_unit"), mark.alias("@mark"))
    scene.work.faults.tell(rows, "@mark", "source", "payee")
    return rows.filter(pl.col("@mark").is_null()).rename(
        {"@basis": "basis", "@slice_from": "position_from", "@slice_to": "position_to"}
    )


def _multiplied(scene: Scene, frame: pl.DataFrame, rows: pl.DataFrame, component: Component) -> pl.DataFrame:
    for name, factor in component.multiply:
        found = _evaluated(scene, frame, {"@factor": factor})
        sums = rows.group_by("@i").agg(pl.col("amount").sum().alias("basis"))
        added = (
            found.join(sums, on="@i", how="inner", maintain_order="left")
            .with_columns((pl.col("@factor") - ONE_).alias("rate"))
            .with_columns(
                (pl.col("basis") * pl.col("rate")).alias("@exact"),
                pl.lit("multiplier").alias("kind"),
                pl.lit(name).alias("part"),
                pl.lit(scene.plan.currency).alias("basis_unit"),
                pl.lit("%").alias("rate_unit"),
            )
        )
        rows = pl.concat([rows, labelled(scene, added, component)])
    return rows


def _clawed(work: Work, plan: Plan, component: Component, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that take back their part of each original row (`original_lines`)."""
    assert isinstance(component.per, PerCredit)
    steps = work.steps.get((plan.id, component.per.stream), pl.DataFrame(schema=STEPS))
    steps = steps.filter(pl.col("policy") == "original_lines")
    if steps.is_empty():
        return rows.clear()
    unit = minor_unit(plan.currency)
    original = rows.filter(pl.col("kind").is_in(["rate", "flat", "multiplier", "cap", "share"]))
    pairs = original.join(steps.drop("@n", "policy", "reduced"), on=["payee", "source"], how="inner")
    after = rounded(pl.col("amount") * pl.col("after"), unit, plan.rounding)
    before = rounded(pl.col("amount") * pl.col("before"), unit, plan.rounding)
    made = pairs.with_columns(
        (before - after).alias("@taken"),
        (pl.col("before") - pl.col("after")).alias("rate"),
        pl.format("claw:{}:{}", "reversal", "part").alias("part"),
        pl.col("on").alias("date"),
        pl.col("amount").alias("basis"),
        pl.lit("claw").alias("kind"),
        pl.lit(plan.currency).alias("basis_unit"),
        pl.lit("%").alias("rate_unit"),
        pl.lit(None, dtype=EXACT).alias("position_from"),
        pl.lit(None, dtype=EXACT).alias("position_to"),
    ).with_columns(pl.col("@taken").alias("amount"))
    return settled_per_component(plan, made, fresh=False).select(rows.columns)
