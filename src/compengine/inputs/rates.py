"""Exchange rates, as given: a conversion multiplies by the rate of its pair or divides by the rate of the other way.

From A to B: the latest rate of the pair (A, B) on or before the day, and the amount × rate; only where that pair has
none by then, the latest of (B, A), and the amount ÷ rate. Nothing is converted by way of a third currency.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from compengine.inputs.schema import Workspace
from compengine.inputs.snapshot import Snapshot
from compengine.values.exact import ONE
from compengine.values.frames import EXACT

PAIRS = pl.Schema({"from": pl.String(), "to": pl.String(), "date": pl.Date(), "rate": EXACT, "inverse": pl.Boolean()})


def pairs(workspace: Workspace, snapshot: Snapshot) -> pl.DataFrame:
    """Rates for backward as-of joins by (from, to): columns from, to, date, rate, inverse; in order of all three.

    A given rate stands twice, once for each way (`inverse`: divide); the second only as long as the other way has
    no rate of its own, so that the latest row on or before a day is the one to use.
    """
    if not workspace.rates:
        return pl.DataFrame(schema=PAIRS)
    given = snapshot.frame(workspace.rates).select("from", "to", "date", "rate").filter(pl.col("from") != pl.col("to"))
    given = given.drop_nulls()
    first = given.group_by("from", "to").agg(pl.col("date").min().alias("first"))
    turned = given.select(pl.col("to").alias("from"), pl.col("from").alias("to"), "date", "rate")
    turned = turned.join(first, on=["from", "to"], how="left")
    turned = turned.filter((pl.col("date") < pl.col("first")).fill_null(True)).drop("first")
    both = pl.concat(
        [given.with_columns(pl.lit(False).alias("inverse")), turned.with_columns(pl.lit(True).alias("inverse"))]
    )
    return both.select(*PAIRS).sort("from", "to", "date")


def rate_at(
    rows: Iterable[Mapping[str, Any]], source: str, target: str, day: date
) -> tuple[Decimal, bool, date] | None:
    """The rate, whether to divide by it, and its day; from rows of the table of rates. None where there is none."""
    if source == target:
        return ONE, False, day
    straight: tuple[date, Decimal] | None = None
    turned: tuple[date, Decimal] | None = None
    for row in rows:
        if row["date"] is None or row["rate"] is None or row["date"] > day:
            continue
        found = (row["date"], row["rate"])
        if (row["from"], row["to"]) == (source, target) and (straight is None or found[0] > straight[0]):
            straight = found
        if (row["from"], row["to"]) == (target, source) and (turned is None or found[0] > turned[0]):
            turned = found
    if straight is not None:
        return straight[1], False, straight[0]
    return (turned[1], True, turned[0]) if turned is not None else None
