"""What people decided by hand: adjustments as rows of earnings, and payables that a hold keeps back."""

from functools import reduce

import polars as pl

from compengine.plan.typed import Program
from compengine.values.decided import ADJUSTMENT, Decided, Hold, Released
from compengine.values.exact import ONE
from compengine.values.frames import schema, to_frame
from compengine.values.periods import Window
from compengine.values.rows import Earning, Payable


def adjusted(program: Program, decided: Decided, horizon: Window) -> list[pl.DataFrame]:
    """The earnings of adjustments for periods that end by the end of `horizon`; a frame for each plan."""
    rows: dict[str, list[Earning]] = {}
    for one in decided.adjustments:
        calendar = next(plan.calendar for plan in program.plans if plan.name == one.plan)
        last = calendar.period(one.for_period).end
        if last <= horizon.end:
            row = Earning(
                one.plan, ADJUSTMENT, one.payee, one.for_period, last, one.id, one.code, ADJUSTMENT,
                one.amount, one.currency, ONE, "", one.amount, one.currency, True,
            )  # fmt: skip
            rows.setdefault(one.plan, []).append(row)
    return [to_frame(Earning, mine) for mine in rows.values()]


def kept_back(payables: pl.DataFrame, decided: Decided) -> pl.DataFrame:
    """`payables` in their order, without a day where a hold is in force and the release was not posted before."""
    if not decided.holds:
        return payables
    key = list(schema(Released))
    gone = to_frame(Released, decided.released).with_columns(pl.lit(True).alias("@gone"))
    told = payables.join(gone, on=key, how="left", maintain_order="left")
    free = pl.col("@gone").fill_null(False) | ~reduce(pl.Expr.or_, map(_scope, decided.holds))
    return told.with_columns(pl.when(free).then(pl.col("on")).alias("on")).select(list(schema(Payable)))


def _scope(hold: Hold) -> pl.Expr:
    found = pl.col("payee") == hold.payee
    for name in ("plan", "component"):
        if getattr(hold, name):
            found &= pl.col(name) == getattr(hold, name)
    if hold.source:
        source = pl.col("source")
        below = source.str.starts_with(f"{hold.source}/") | source.str.starts_with(f"{hold.source}@")
        found &= (source == hold.source) | below
    return found
