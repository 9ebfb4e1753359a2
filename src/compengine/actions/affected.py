"""Rows that are another than before, and the rows that are read together with one of them."""

from collections.abc import Iterable, Mapping

import polars as pl

from compengine.inputs.snapshot import Snapshot
from compengine.plan.coupling import Ways

AFFECTED = pl.Schema({"key": pl.String(), "name": pl.String()})
Rows = Mapping[str, pl.DataFrame]
"""By table, columns of `AFFECTED`: the row's key, and the changed row that it is affected by (`deals D1`)."""


def changed_rows(before: Snapshot, after: Snapshot) -> dict[str, pl.DataFrame]:
    """Rows that only one of the two has, by their key; all versions of one row are one."""
    found = {}
    for table, now in after.frames.items():
        if before.digests.get(table) != after.digests.get(table):
            keys = differing(before.frames[table], now)["@key"].unique().sort()
            if not keys.is_empty():
                found[table] = pl.select(keys.alias("key"), pl.format(f"{table} {{}}", keys).alias("name"))
    return found


def differing(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The rows that only one of two frames with the same columns has."""
    every = before.columns
    return pl.concat(
        [
            before.join(after, on=every, how="anti", nulls_equal=True),
            after.join(before, on=every, how="anti", nulls_equal=True),
        ]
    )


def affected_rows(changed: Rows, ways: Iterable[Ways], sides: tuple[Snapshot, Snapshot]) -> dict[str, pl.DataFrame]:
    """The changed rows, those that refer to one of them along a reference that a rule follows, and those that one of
    them refers to where a rule looks for related rows; and so on, by the references of before and of now."""
    up = {way for each in ways for way in each.up}
    down = {way for each in ways for way in each.down}
    found, fresh = dict(changed), dict(changed)
    while fresh:
        reached = [_up(side, way, fresh[way[2]]) for side in sides for way in up if way[2] in fresh]
        reached += [_down(side, way, fresh[way[0]]) for side in sides for way in down if way[0] in fresh]
        fresh = {}
        for table, rows in reached:
            known = pl.concat([f for f in (found.get(table), fresh.get(table)) if f is not None] or [rows.clear()])
            new = rows.unique("key", keep="first", maintain_order=True).join(known, on="key", how="anti")
            if not new.is_empty():
                fresh[table] = pl.concat([fresh[table], new]) if table in fresh else new
        for table, new in fresh.items():
            found[table] = pl.concat([found[table], new]) if table in found else new
    return found


def _up(side: Snapshot, way: tuple[str, str, str], rows: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Rows of the table whose column points at one of `rows`."""
    table, column, _ = way
    pairs = side.frame(table).select(pl.col("@key"), pl.col(column).cast(pl.String).alias("key"))
    return table, pairs.join(rows, on="key").select(pl.col("@key").alias("key"), "name")


def _down(side: Snapshot, way: tuple[str, str, str], rows: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """The rows that one of `rows`, of the table, points at."""
    table, column, led = way
    pairs = side.frame(table).select(pl.col("@key").alias("key"), pl.col(column).cast(pl.String).alias("led"))
    return led, pairs.join(rows, on="key").select(pl.col("led").alias("key"), "name").drop_nulls()
