"""What is paid in the open period: releases, balances, draws, the fate of a negative result."""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from compengine.engine.columns import ZERO_, floor, lit, rounded
from compengine.engine.earn import windows
from compengine.engine.evaluate import evaluate
from compengine.engine.faults import Faults
from compengine.engine.limit import all_limited
from compengine.engine.payment import in_pay_currency
from compengine.engine.points import at_days
from compengine.engine.rows import COLUMNS
from compengine.engine.work import Scene, Work
from compengine.plan.typed import Component, Draw, Expr, PerWindow, Plan
from compengine.values.frames import EXACT, schema, to_frame
from compengine.values.money import minor_unit
from compengine.values.periods import Window
from compengine.values.rows import Balance, Earning, Settlement


def plan_limits(work: Work, plan: Plan) -> pl.DataFrame:
    """Rows of the component `settle`: what the plan's own limits do to the period totals of its paid components, of
    all versions, in the periods that end within this one."""
    empty = pl.DataFrame(schema=schema(Earning))
    if not plan.settle.limits:
        return empty
    rows = pl.concat([f.select(COLUMNS) for f in work.of_all_versions(plan.name)])
    sums = rows.filter("paid").group_by("payee", "for_period").agg(pl.col("amount").sum())
    on_plan = windows(work, plan, "period").select("payee", pl.col("source").alias("for_period"))
    frame = pl.concat([sums, on_plan.join(sums, on=["payee", "for_period"], how="anti")], how="diagonal")
    if frame.is_empty():
        return empty
    labels = frame["for_period"].unique().sort().to_list()
    found = [plan.calendar.period(label) for label in labels]
    table = pl.DataFrame(
        {"for_period": labels, "wstart": [w.start for w in found], "wend": [w.end for w in found]},
        schema={"for_period": pl.String, "wstart": pl.Date, "wend": pl.Date},
    )
    frame = (
        frame.join(table, on="for_period")
        .filter(pl.col("wend").is_between(pl.lit(plan.start), pl.lit(plan.end)))
        .sort("wend", "payee")
        .with_columns(pl.col("amount").fill_null(ZERO_), pl.col("wend").alias("t"))
    )
    frame = at_days(work, plan, frame).with_columns(
        pl.col("wend").alias("date"), pl.col("for_period").alias("source"), pl.lit("").alias("reverses")
    )
    frame = frame.with_row_index("@i")
    limits, span = plan.settle.limits, plan.settle.limits[0].span
    total = Component("settle", "", PerWindow("period"), None, None, None, None, (), limits, (), True, span)
    scene = Scene(work, plan, "point", {})
    blank = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema(Earning).items() if name != "amount"]
    rows = frame.select("@i", "amount").with_columns(blank)
    rows = rows.select(*COLUMNS, "@i")
    rows = all_limited(scene, frame.drop("amount", "for_period"), rows, total)
    work.faults.stop()
    return rows.filter(pl.col("component") == "settle").select(COLUMNS)


def settle(work: Work, plan: Plan, payables: pl.DataFrame, period: Window, opening: Sequence[Balance]) -> pl.DataFrame:
    """One row per payee; columns of `values.rows.Settlement`. `payables` are those of the whole run."""
    frame = _points(work, plan, payables, period, opening)
    scene = Scene(work, plan, "point", {})
    frame = _with_draw(scene, frame, plan.settle.draw)
    frame = _netted(scene, frame, period)
    frame = _minimum(scene, frame)
    frame = in_pay_currency(scene, frame, period)
    work.faults.stop()
    return frame.select(list(schema(Settlement))).sort("payee")


def _points(work: Work, plan: Plan, payables: pl.DataFrame, period: Window, opening: Sequence[Balance]) -> pl.DataFrame:
    """Everybody concerned, with `due`, `brought`, `owed` and `carried` (both positive) before the period."""
    mine = payables.filter((pl.col("plan") == plan.name) & (pl.col("on") <= pl.lit(period.end)))
    released = mine.group_by("payee").agg(pl.col("amount").sum().alias("released"))
    balances = to_frame(Balance, [b for b in opening if b.plan == plan.name and b.currency == plan.currency])
    stood = {
        name: balances.filter(pl.col("account") == name)
        .group_by("payee")
        .agg(pl.col("amount").sum().alias(f"was_{name}"))
        for name in ("released", "owed", "carried", "waiting")
    }
    days = work.people.by_name[plan.name]
    on_plan = days.filter((pl.col("first") <= pl.lit(period.end)) & (pl.col("last") >= pl.lit(period.start)))
    on_plan = on_plan.select("payee").unique().with_columns(pl.lit(True).alias("on_plan"))
    everybody = pl.concat(
        [on_plan.select("payee"), released.select("payee"), *[f.select("payee") for f in stood.values()]]
    )
    frame = everybody.unique().sort("payee").join(on_plan, on="payee", how="left", maintain_order="left")
    frame = frame.join(released, on="payee", how="left", maintain_order="left")
    for held in stood.values():
        frame = frame.join(held, on="payee", how="left", maintain_order="left")
    frame = frame.select(
        "payee",
        pl.col("on_plan").fill_null(False),
        (pl.col("released").fill_null(ZERO_) - pl.col("was_released").fill_null(ZERO_)).alias("due"),
        pl.col("was_waiting").fill_null(ZERO_).alias("brought"),
        (ZERO_ - pl.col("was_owed").fill_null(ZERO_)).alias("owed"),
        (ZERO_ - pl.col("was_carried").fill_null(ZERO_)).alias("owes"),
        pl.lit(period.end).alias("t"),
        pl.lit(period.start).alias("wstart"),
        pl.lit(period.end).alias("wend"),
    )
    something = pl.any_horizontal(pl.col(c) != ZERO_ for c in ("due", "brought", "owed", "owes"))
    return at_days(work, plan, work.wanted(plan.name, frame.filter(pl.col("on_plan") | something)))


def _told(scene: Scene, frame: pl.DataFrame, nodes: dict[str, Expr]) -> pl.DataFrame:
    found = evaluate(scene, frame, nodes)
    for name in nodes:
        scene.work.faults.tell(found, f"{name}!", "", "payee")
    return found.drop(f"{name}!" for name in nodes)


def _with_draw(scene: Scene, frame: pl.DataFrame, draw: Draw | None) -> pl.DataFrame:
    """`active`, `amount`, `recover`, `may_recover` and `limit` (of what may be owed) of the draw."""
    if draw is None:
        return frame.with_columns(
            pl.lit(False).alias("active"),
            pl.lit(False).alias("may_recover"),
            *[pl.lit(0).cast(EXACT).alias(c) for c in ("amount", "recover", "limit")],
        )
    nodes: dict[str, Expr] = {"recover": draw.recover}
    for name, node in (("active", draw.when), ("may_recover", draw.recover_when), ("limit", draw.owed_limit)):
        if node is not None:
            nodes[name] = node
    frame = _told(scene, frame, nodes)
    for name, default in (("active", pl.lit(True)), ("may_recover", pl.lit(True)), ("limit", lit(Decimal(10) ** 13))):
        if name not in frame.columns:
            frame = frame.with_columns(default.alias(name))
    frame = frame.with_columns((pl.col("active").fill_null(False) & pl.col("on_plan")).alias("active"))
    drawing = _told(scene, frame.filter("active"), {"amount": draw.amount}).select("payee", "amount")
    frame = frame.join(drawing, on="payee", how="left", maintain_order="left")
    unit, mode = minor_unit(scene.plan.currency), scene.plan.rounding
    return frame.with_columns(
        rounded(pl.col("amount").fill_null(ZERO_), unit, mode).alias("amount"),
        rounded(pl.col("limit"), unit, mode).alias("limit"),
    )


def _netted(scene: Scene, frame: pl.DataFrame, period: Window) -> pl.DataFrame:
    """Everything of a `Settlement` up to `payable`, before the minimum."""
    rule, draw, unit = scene.plan.settle, scene.plan.settle.draw, lit(minor_unit(scene.plan.currency))
    top_up = draw is not None and draw.kind == "top-up"
    frame = frame.with_columns((pl.col("due") + pl.col("brought")).alias("sum")).with_columns(
        pl.max_horizontal(pl.col("sum"), ZERO_).alias("base"),
        pl.max_horizontal(ZERO_ - pl.col("sum"), ZERO_).alias("below"),
    )
    if rule.negative == "":
        _refuse(scene.work.faults, frame, scene.plan)
    floor_ = pl.when(pl.lit(top_up) & pl.col("active")).then(pl.col("amount")).otherwise(ZERO_)
    frame = frame.with_columns(floor_.alias("floor")).with_columns(
        pl.max_horizontal(pl.col("base") - pl.col("floor"), ZERO_).alias("excess")
    )
    ended = ~pl.col("active") & (pl.col("owed") > ZERO_)
    forgiven = (
        pl.when(pl.lit(draw is not None and draw.at_end == "forgiven") & ended).then(pl.col("owed")).otherwise(ZERO_)
    )
    frame = frame.with_columns(forgiven.alias("draw_forgiven"))
    open_owed = pl.col("owed") - pl.col("draw_forgiven")
    frame = frame.with_columns(
        pl.lit(0).cast(EXACT).alias("recovered"), pl.lit(0).cast(EXACT).alias("carried_recovered")
    )
    for balance in rule.order:
        left = pl.max_horizontal(pl.col("excess") - pl.col("recovered") - pl.col("carried_recovered"), ZERO_)
        if balance == "draw":
            taken = pl.min_horizontal(open_owed, floor(pl.col("recover") * pl.col("excess"), unit), left)
            taken = pl.max_horizontal(taken, ZERO_)
            frame = frame.with_columns(pl.when("may_recover").then(taken).otherwise(ZERO_).alias("recovered"))
        elif balance == "negative":
            frame = frame.with_columns(pl.min_horizontal(pl.col("owes"), left).alias("carried_recovered"))
    added = pl.max_horizontal(pl.col("floor") - pl.col("base"), ZERO_) if top_up else pl.col("amount")
    added = pl.when("active").then(added).otherwise(ZERO_)
    room = pl.max_horizontal(pl.col("limit") - open_owed + pl.col("recovered"), ZERO_)
    owed = pl.when(pl.col("recover") != ZERO_).then(pl.min_horizontal(added, room)).otherwise(ZERO_)
    frame = frame.with_columns(
        owed.alias("draw"),
        (added - owed).alias("guarantee"),
        *[
            (pl.col("below") if rule.negative == word else pl.lit(0).cast(EXACT)).alias(name)
            for word, name in (("carry", "carried"), ("collect", "collected"), ("forgive", "forgiven"))
        ],
        pl.lit(scene.plan.name).alias("plan"),
        pl.lit(period.label).alias("period"),
        pl.lit(scene.plan.currency).alias("currency"),
    )
    return frame.with_columns(
        (
            pl.col("base") + pl.col("draw") + pl.col("guarantee") - pl.col("recovered") - pl.col("carried_recovered")
        ).alias("payable")
    )


def _refuse(faults: Faults, frame: pl.DataFrame, plan: Plan) -> None:
    """A plan that says nothing of negative results must not get one."""
    for payee, below in frame.filter(pl.col("below") > ZERO_).select("payee", "below").head(20).iter_rows():
        message = (
            f"the result of {payee} is {below.normalize():f} {plan.currency} below zero and the plan has no `negative`"
        )
        faults.add("E518", message, plan.payees, payee)


def _minimum(scene: Scene, frame: pl.DataFrame) -> pl.DataFrame:
    node = scene.plan.settle.minimum
    if node is None:
        return frame.with_columns(pl.lit(0).cast(EXACT).alias("waiting"))
    frame = _told(scene, frame, {"least": node})
    waits = (pl.col("payable") > ZERO_) & (pl.col("payable") < pl.col("least"))
    return frame.with_columns(pl.when(waits).then(pl.col("payable")).otherwise(ZERO_).alias("waiting")).with_columns(
        (pl.col("payable") - pl.col("waiting")).alias("payable")
    )
