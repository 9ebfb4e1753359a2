"""Safe idioms for exact columns: literals, division, rounding, and dividing an amount."""

from decimal import Decimal

import polars as pl

from compengine.values.exact import ONE, ZERO
from compengine.values.frames import EXACT
from compengine.values.rounding import Rounding

_MODE = {Rounding.HALF_UP: "half_away_from_zero", Rounding.HALF_EVEN: "half_to_even"}


def lit(value: Decimal | int) -> pl.Expr:
    """A literal of the one number type; any other scale would change the scale of the whole column."""
    return pl.lit(Decimal(value), dtype=EXACT)


ZERO_ = lit(ZERO)
ONE_ = lit(ONE)


def quotient(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """`a / b`, empty where `b` is zero: the divisor is emptied, because both sides of a `when` may be evaluated."""
    return a / pl.when(b != ZERO_).then(b)


def floor(x: pl.Expr, unit: pl.Expr) -> pl.Expr:
    """The largest multiple of `unit` not above `x`; `%` is floored, so this holds for negatives."""
    return x - x % unit


def rounded(x: pl.Expr, unit: Decimal, mode: Rounding) -> pl.Expr:
    """`x` as a multiple of `unit`, the column form of `values.rounding.round_to`."""
    places = -unit.normalize().adjusted()
    if unit.normalize() == Decimal(1).scaleb(-places) and places >= 0:
        return x.round(places, mode=_MODE[mode])  # type: ignore[arg-type]
    return rounded_by(x, lit(unit), mode)


def rounded_by(x: pl.Expr, unit: pl.Expr, mode: Rounding) -> pl.Expr:
    """The same for any unit, row by row."""
    rest = x.abs() % unit
    steps = (x.abs() - rest) / unit
    odd = steps % lit(2) != ZERO_
    tie = (rest + rest == unit) & (pl.lit(True) if mode is Rounding.HALF_UP else odd)
    up = (rest + rest > unit) | tie
    return pl.when(x < ZERO_).then(-ONE_).otherwise(ONE_) * (steps + pl.when(up).then(ONE_).otherwise(ZERO_)) * unit


def divided(frame: pl.DataFrame, group: list[str], total: str, weight: str, tie: str, unit: Decimal) -> pl.Series:
    """Parts of `total` (the same within a group) by `weight`: the column form of `values.rounding.split`.

    Weights are not negative and not all zero within a group. The result is in the order of `frame`.
    """
    step = lit(unit)
    work = frame.select(
        *[pl.col(g) for g in group],
        pl.col(tie).alias("tie"),
        pl.col(weight).alias("w"),
        pl.col(total).abs().alias("whole"),
        pl.when(pl.col(total) < ZERO_).then(-ONE_).otherwise(ONE_).alias("sign"),
    ).with_row_index("at")
    work = work.with_columns((pl.col("whole") * pl.col("w") / pl.col("w").sum().over(group)).alias("ideal"))
    work = work.with_columns(floor(pl.col("ideal"), step).alias("part"))
    work = work.with_columns(
        (pl.col("ideal") - pl.col("part")).alias("rest"), (pl.col("w") > ZERO_).alias("takes")
    ).sort([*group, "takes", "rest", "tie"], descending=[*[False] * len(group), True, True, False])
    work = work.with_columns(
        pl.int_range(pl.len()).over(group).alias("place"),
        pl.col("takes").sum().over(group).cast(pl.Int64).alias("takers"),
        (pl.col("whole") - pl.col("part").sum().over(group)).alias("left"),
    )
    units = (floor(pl.col("left"), step) / step).cast(pl.Int64)
    each = units // pl.col("takers")
    more = units - each * pl.col("takers")
    taken = each + pl.when(pl.col("place") < more).then(1).otherwise(0)
    extra = pl.when(pl.col("place") < pl.col("takers")).then(taken.cast(EXACT) * step).otherwise(ZERO_)
    residue = pl.when(pl.col("place") == more).then(pl.col("left") % step).otherwise(ZERO_)
    return work.sort("at").select(((pl.col("part") + extra + residue) * pl.col("sign")).alias("part"))["part"]
