"""Sums over credits between two places in the total order.

Credits and marks have a key and a place: date, phase, place among the credits of the day, and which side of it. Phase
0 is before all credits of a day, 1 among them, 2 what is carried into the day's window, 3 after them. Running sums are
kept once, over everybody; the sum between two marks of a key is the difference of what stands before them. Amounts are
bounded where they are read, so that the sum over everybody fits as well.
"""

from collections.abc import Sequence

import polars as pl

from compengine.engine.order import number
from compengine.values.frames import EXACT

ORDER = ["key", "date", "phase", "place", "side"]


def start_of(days: pl.Series, keys: pl.Series) -> pl.DataFrame:
    return _marks(days, keys, 0)


def end_of(days: pl.Series, keys: pl.Series) -> pl.DataFrame:
    return _marks(days, keys, 3)


def _marks(days: pl.Series, keys: pl.Series, phase: int) -> pl.DataFrame:
    return pl.DataFrame({"key": keys, "date": days}).with_columns(
        pl.lit(phase, dtype=pl.Int8).alias("phase"),
        pl.lit(0, dtype=pl.UInt32).alias("place"),
        pl.lit(0, dtype=pl.Int8).alias("side"),
    )


def between(credits: pl.DataFrame, starts: pl.DataFrame, ends: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    """For each pair of marks, which have the same key, the sums of `values` over the credits of the key between them.

    `credits` has key, date, place, `carried` (1 of a carried row, else 0) and the value columns; marks have the columns
    of `ORDER`. Where a mark has no key nothing stands before it; a start after its end gives a negative sum.
    """
    entries = credits.select(
        "key",
        "date",
        (pl.col("carried") + 1).cast(pl.Int8).alias("phase"),
        "place",
        pl.lit(0, dtype=pl.Int8).alias("side"),
    )
    places = number(pl.concat([entries, starts.select(ORDER), ends.select(ORDER)]), ORDER).fill_null(0)
    standing = places.head(len(entries))
    order = standing.arg_sort()
    standing = standing.gather(order)
    before = pl.select(
        pl.lit(standing).search_sorted(places.slice(len(entries), len(starts)), side="left").alias("start"),
        pl.lit(standing).search_sorted(places.tail(len(ends)), side="left").alias("end"),
    )
    found = []
    for name in values:
        running = pl.concat([pl.Series([0], dtype=EXACT), credits[name].gather(order).cum_sum()], rechunk=True)
        found.append((running.gather(before["end"]) - running.gather(before["start"])).alias(name))
    return pl.DataFrame(found)
