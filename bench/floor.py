"""The plan of `company.py` written by hand in Polars: what a programmer who needs this plan alone would write.

It reads the same Parquet files as the product, knows that the hierarchy is a tree of three levels that nobody moves
in, that every deal has one owner, and that no rate, quota or amount is missing; it checks none of this, reports
nobody who earned nothing, and keeps no record of positions. What it gives is every earning row, rounded half-up by
itself, in the order of payee, component, period, source and part.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl

EXACT = pl.Decimal(38, 12)
BANDS = (("0%", "0", "0.05"), ("50%", "0.5", "0.08"), ("100%", "1", "0.12"), ("150%", "1.5", "0.15"))
CAP = Decimal(10_000)


def exact(number: str | Decimal) -> pl.Expr:
    return pl.lit(Decimal(number), dtype=EXACT)


def cents(value: pl.Expr) -> pl.Expr:
    return value.round(2, mode="half_away_from_zero")


def calculate(files: dict[str, Path]) -> pl.DataFrame:
    """payee, component, for_period, source, part, amount; `files` by table."""
    payees = pl.read_parquet(files["payees"], columns=["id", "manager"])
    quotas = pl.read_parquet(files["quotas"], columns=["payee", "amount"])
    deals = pl.read_parquet(files["deals"], columns=["id", "owner", "amount", "close_date", "kind"])
    deals = (
        deals.rename({"owner": "payee", "id": "source", "close_date": "date"})
        .join(quotas.rename({"amount": "quota"}), on="payee", how="left")
        .sort("payee", "date", "source")
        .with_columns(
            pl.col("amount").cum_sum().over("payee").alias("to"),
            pl.col("date").dt.strftime("%Y-%m").alias("for_period"),
        )
        .with_columns((pl.col("to") - pl.col("amount")).alias("from"))
    )
    commission = commissions(deals)
    parts = [commission, kickers(deals, commission), *overrides(deals, payees), *spiffs(deals), bonuses(deals)]
    rows = pl.concat([part.select("payee", "component", "for_period", "source", "part", "amount") for part in parts])
    return rows.sort("payee", "component", "for_period", "source", "part")


def commissions(deals: pl.DataFrame) -> pl.DataFrame:
    """Marginal over the year to date: a deal that crosses a bound has a row for each band."""
    bounds = [pl.col("quota") * exact(at) for _, at, _ in BANDS[1:]]
    found = deals.with_columns(
        pl.sum_horizontal((pl.col("from") >= b).cast(pl.Int8) for b in bounds).alias("begins"),
        pl.sum_horizontal((pl.col("to") >= b).cast(pl.Int8) for b in bounds).alias("ends"),
    )
    inside = found.filter(pl.col("begins") == pl.col("ends")).with_columns(
        pl.col("begins").alias("band"), pl.col("amount").alias("basis")
    )
    across = found.filter(pl.col("begins") != pl.col("ends"))
    parts = [inside]
    for n in range(len(BANDS)):
        low = bounds[n - 1] if n else None
        high = bounds[n] if n < len(bounds) else None
        basis = within(pl.col("to"), low, high) - within(pl.col("from"), low, high)
        parts.append(
            across.with_columns(pl.lit(n, dtype=pl.Int8).alias("band"), basis.alias("basis")).filter(
                pl.col("basis") != exact("0")
            )
        )
    rates = pl.DataFrame(
        {"band": range(len(BANDS)), "part": [b for b, _, _ in BANDS], "rate": [Decimal(r) for _, _, r in BANDS]},
        schema={"band": pl.Int8, "part": pl.String, "rate": EXACT},
    )
    return (
        pl.concat(parts)
        .join(rates, on="band", how="left")
        .with_columns(pl.lit("commission").alias("component"), cents(pl.col("basis") * pl.col("rate")).alias("amount"))
    )


def within(value: pl.Expr, low: pl.Expr | None, high: pl.Expr | None) -> pl.Expr:
    if low is not None:
        value = pl.max_horizontal(value, low)
    return value if high is None else pl.min_horizontal(value, high)


def kickers(deals: pl.DataFrame, commission: pl.DataFrame) -> pl.DataFrame:
    """A tenth of what a new deal earned in commission."""
    earned = commission.filter(pl.col("kind") == "new").group_by("source").agg(pl.col("amount").sum().alias("earned"))
    return (
        deals.filter(pl.col("kind") == "new")
        .join(earned, on="source")
        .with_columns(
            pl.lit("kicker").alias("component"),
            pl.lit("rate").alias("part"),
            cents(pl.col("earned") * exact("0.1")).alias("amount"),
        )
    )


def overrides(deals: pl.DataFrame, payees: pl.DataFrame) -> Sequence[pl.DataFrame]:
    """Half a percent to each of the three people above the owner; each row is named by deal and owner."""
    up = payees.rename({"id": "payee", "manager": "first"})
    up = up.join(payees.rename({"id": "first", "manager": "second"}), on="first", how="left")
    up = up.join(payees.rename({"id": "second", "manager": "third"}), on="second", how="left")
    credited = deals.join(up, on="payee", how="left").with_columns(
        pl.concat_str("source", "payee", separator=":").alias("source"),
        pl.lit("override").alias("component"),
        pl.lit("rate").alias("part"),
        cents(pl.col("amount") * exact("0.005")).alias("amount"),
    )
    return [credited.with_columns(pl.col(level).alias("payee")) for level in ("first", "second", "third")]


def spiffs(deals: pl.DataFrame) -> Sequence[pl.DataFrame]:
    """3% of deals over several years, at most the cap a year: what goes beyond it is taken off in a row of its own."""
    rows = (
        deals.filter(pl.col("kind") == "multi-year")
        .with_columns(
            pl.lit("spiff").alias("component"),
            pl.lit("rate").alias("part"),
            cents(pl.col("amount") * exact("0.03")).alias("amount"),
        )
        .with_columns(pl.min_horizontal(pl.col("amount").cum_sum().over("payee"), exact(CAP)).alias("kept"))
    )
    moved = pl.col("kept") - pl.col("kept").shift(1).over("payee").fill_null(exact("0"))
    capped = rows.with_columns(pl.lit("cap:year").alias("part"), (moved - pl.col("amount")).alias("amount"))
    return [rows, capped.filter(pl.col("amount") != exact("0"))]


def bonuses(deals: pl.DataFrame) -> pl.DataFrame:
    """0.75% of a quarter's bookings for those who reached the quarter's part of their quota."""
    quarter = pl.col("date").dt.quarter()
    sums = deals.group_by("payee", quarter.alias("quarter")).agg(
        pl.col("amount").sum().alias("booked"), pl.col("quota").first()
    )
    days = pl.DataFrame({"quarter": [1, 2, 3, 4], "days": [90, 91, 92, 92]}, schema={"quarter": pl.Int8, "days": EXACT})
    return (
        sums.join(days, on="quarter")
        .filter(pl.col("booked") / (pl.col("quota") * pl.col("days") / exact("365")) >= exact("1"))
        .with_columns(
            pl.lit("bonus").alias("component"),
            pl.lit("rate").alias("part"),
            pl.format("2026-Q{}", "quarter").alias("source"),
            pl.format("2026-{}", (pl.col("quarter").cast(pl.Int32) * 3).cast(pl.String).str.zfill(2)).alias(
                "for_period"
            ),
            cents(pl.col("booked") * exact("0.0075")).alias("amount"),
        )
    )
