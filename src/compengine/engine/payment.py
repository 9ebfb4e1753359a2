"""The payable amount in the currency of payment, at the rate that `settle.convert` says."""

from datetime import date

import polars as pl

from compengine.engine.columns import quotient
from compengine.engine.evaluate import evaluate
from compengine.engine.read import applied, exchanged
from compengine.engine.work import Scene
from compengine.plan.typed import Plan
from compengine.values.frames import EXACT
from compengine.values.periods import Window


def in_pay_currency(scene: Scene, frame: pl.DataFrame, period: Window) -> pl.DataFrame:
    """`pay_currency`, `fx_rate`, `fx_date` and `paid` of `payable`; E503 where there is no rate."""
    home, node = scene.plan.currency, scene.plan.settle.pay_in
    frame = frame.with_columns(pl.lit(home).alias("pay_currency"))
    if node is not None:
        frame = evaluate(scene, frame, {"pay_currency": node})
        scene.work.faults.tell(frame, "pay_currency!", "", "payee")
        frame = frame.drop("pay_currency!")
    parts = [
        frame.filter(pl.col("pay_currency") == home).with_columns(
            pl.lit(1).cast(EXACT).alias("fx_rate"),
            pl.lit(None, dtype=pl.Date).alias("fx_date"),
            pl.col("payable").alias("paid"),
        )
    ]
    foreign = frame.filter(pl.col("pay_currency") != home)
    for (currency,), rows in foreign.group_by("pay_currency", maintain_order=True):
        told, when = _converted(scene, rows["payable"], str(currency), period), _when(scene, period)
        made = rows.with_columns(
            told["value"].alias("paid"), told["rate"].alias("fx_rate"), told["on"].alias("fx_date")
        )
        assert node is not None
        for payee in made.filter(pl.col("paid").is_null())["payee"].head(20):
            message = f"no exchange rate from {home} to {currency} {when} for what is paid: payee {payee}"
            scene.work.faults.add("E503", message, node, payee)
        parts.append(made)
    return pl.concat(parts, how="diagonal")


def _converted(scene: Scene, payable: pl.Series, currency: str, period: Window) -> pl.DataFrame:
    """`value`, `rate` and `on`, empty where there is no rate."""
    plan = scene.plan
    asked = pl.DataFrame({"value": payable}).with_columns(pl.lit(plan.currency).alias("from"))
    if plan.settle.convert == "period_average":
        return applied(asked.join(_average(scene, currency, period), how="cross"), currency, scene)
    return exchanged(scene.work.rates, asked.with_columns(pl.lit(_day(plan, period)).alias("day")), currency, scene)


def _day(plan: Plan, period: Window) -> date:
    return plan.start if plan.settle.convert == "plan_rate" else plan.calendar.pay_date(period)


def _when(scene: Scene, period: Window) -> str:
    """Where a rate is looked for, in words."""
    average = scene.plan.settle.convert == "period_average"
    return f"in {period.label}" if average else f"on or before {_day(scene.plan, period)}"


def _average(scene: Scene, currency: str, period: Window) -> pl.DataFrame:
    """One row: the average `rate` of the period, `inverse` where it is that of the other way, and its day `on`."""
    home = scene.plan.currency
    rates = scene.work.rates.filter(
        ~pl.col("inverse") & pl.col("date").is_between(pl.lit(period.start), pl.lit(period.end))
    )
    straight = rates.filter((pl.col("from") == home) & (pl.col("to") == currency))
    turned = rates.filter((pl.col("from") == currency) & (pl.col("to") == home))
    inverse = straight.is_empty()
    mean = quotient(pl.col("rate").sum(), pl.len().cast(EXACT))
    return (turned if inverse else straight).select(
        mean.alias("rate"),
        pl.lit(inverse).alias("inverse"),
        pl.when(pl.len() > 0).then(pl.lit(period.end)).alias("on"),
    )
