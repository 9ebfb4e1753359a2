"""One row of an input table: that with these values, or the rule that fits best."""

from collections.abc import Iterator

import polars as pl

from compengine.engine.aggregate import Evaluate
from compengine.engine.faults import MARK, Faults
from compengine.engine.read import Column, in_home_currency
from compengine.engine.work import Scene, Work
from compengine.inputs.schema import ColumnType, Table
from compengine.plan.typed import Lookup, Match

_SHOWN = 20
_ANSWER = ("@value", "@in", "@rule")


def lookup(scene: Scene, frame: pl.DataFrame, node: Lookup, evaluate: Evaluate) -> Column:
    """The value of the one row with these keys, in force on the day; empty without one, marked with several."""
    asked, rows = sought(scene, frame, node, evaluate), candidates(scene.work, node)
    hits = in_force(asked.join(rows, on=[column for column, _ in node.keys]))
    return _told(scene, frame, node, asked, hits)


def match(scene: Scene, frame: pl.DataFrame, node: Match, evaluate: Evaluate) -> Column:
    """The value of the rule that fits best, in force on the day; empty where none fits, marked where several remain.

    Rules with the same keys filled are one pattern. Patterns are asked in the order in which they win, each by those
    whom no earlier one answered: what a pattern finds is then what fits best.
    """
    asked, rows = sought(scene, frame, node, evaluate), candidates(scene.work, node)
    hits, left = rows.clear().select(pl.lit(None, dtype=pl.UInt32).alias("@of"), *_ANSWER), asked
    for filled, pattern in patterns(rows, [column for column, _ in node.keys]):
        if left.is_empty():
            break
        fitting = left.drop([c for c, _ in node.keys if c not in filled]).join(
            pattern, on=filled or None, how="inner" if filled else "cross"
        )
        won = in_force(fitting).select("@of", *_ANSWER)
        hits = pl.concat([hits, won])
        left = left.join(won, on="@of", how="anti", maintain_order="left")
    return _told(scene, frame, node, asked, hits)


def patterns(rules: pl.DataFrame, keys: list[str]) -> Iterator[tuple[list[str], pl.DataFrame]]:
    """The rules by which of `keys` are filled, those that win first: a key filled goes before all keys after it."""
    filled = rules.select(pl.struct(pl.col(key).is_not_null() for key in keys).alias("filled"))["filled"]
    for pattern in sorted({tuple(row.values()) for row in filled.unique()}, reverse=True):
        here = pl.all_horizontal(
            pl.col(key).is_not_null() == is_filled for key, is_filled in zip(keys, pattern, strict=True)
        )
        yield [key for key, is_filled in zip(keys, pattern, strict=True) if is_filled], rules.filter(here)


def sought(scene: Scene, frame: pl.DataFrame, node: Lookup | Match, evaluate: Evaluate) -> pl.DataFrame:
    """The values sought, by the keys' columns, with the day; `@of` is the row of `frame`."""
    names = [column for column, _ in node.keys]
    found = evaluate(scene, frame, {f"@key:{column}": value for column, value in node.keys})
    return found.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("@of"),
        _day(scene, frame).alias("@day"),
        *[pl.col(f"@key:{c}").alias(c) for c in names],
        pl.coalesce([pl.col(f"@key:{c}!") for c in names]).cast(MARK).alias("@mark"),
    )


def _day(scene: Scene, frame: pl.DataFrame) -> pl.Series:
    """The day as of which tables are read: the evaluation day, even of somebody who left before it, or the row's."""
    return frame["t"] if scene.level == "point" and "t" in frame.columns else frame["asof"]


def candidates(work: Work, node: Lookup | Match) -> pl.DataFrame:
    """The table's rows: the keys' columns, `@value`, its currency `@in`, their name `@rule`, their days `@f`, `@l`."""
    table = work.snapshot.frame(node.table)
    first, last = _declared(work, node).effective or ("", "")
    currency = f"{node.column}@currency"
    return table.select(
        *[column for column, _ in node.keys],
        pl.col(node.column).alias("@value"),
        (pl.col(currency) if currency in table.columns else pl.lit("")).alias("@in"),
        pl.col("@key").alias("@rule"),
        (pl.col(first) if first else pl.lit(None, dtype=pl.Date)).alias("@f"),
        (pl.col(last) if last else pl.lit(None, dtype=pl.Date)).alias("@l"),
    )


def _declared(work: Work, node: Lookup | Match) -> Table:
    return work.program.workspace.tables[node.table]


def in_force(hits: pl.DataFrame) -> pl.DataFrame:
    started = pl.col("@f").is_null() | (pl.col("@f") <= pl.col("@day"))
    return hits.filter(started & (pl.col("@l").is_null() | (pl.col("@day") <= pl.col("@l"))))


def _told(scene: Scene, frame: pl.DataFrame, node: Lookup | Match, asked: pl.DataFrame, hits: pl.DataFrame) -> Column:
    """The values in the order of `frame`, money in the plan's currency; several hits and lost rates are marked."""
    per_row = hits.group_by("@of").agg(pl.col("@value").first(), pl.col("@in").first())
    back = asked.join(per_row, on="@of", how="left", maintain_order="left").join(
        _several(scene.work.faults, node, hits), on="@of", how="left", maintain_order="left"
    )
    values, column = back["@value"], _declared(scene.work, node).columns.get(node.column)
    if column is None or column.type is not ColumnType.MONEY:
        return values, back.select(pl.coalesce("@mark", "@several").alias("m"))["m"]
    money, lost = in_home_currency(scene, values, back["@in"], back["@day"], node)
    marks = back.with_columns(lost.alias("@lost")).select(pl.coalesce("@mark", "@several", "@lost").alias("m"))["m"]
    return money, marks


def _several(faults: Faults, node: Lookup | Match, hits: pl.DataFrame) -> pl.DataFrame:
    """A mark for each row with several hits (E508), which names them."""
    tied = hits.group_by("@of").agg(pl.col("@rule").sort(), pl.len().alias("@n")).filter(pl.col("@n") > 1)
    tied = tied.with_columns(
        pl.format(
            "{}{}",
            pl.col("@rule").list.head(_SHOWN).list.join(", "),
            pl.when(pl.col("@n") > _SHOWN).then(pl.lit(", …")).otherwise(pl.lit("")),
        ).alias("@names")
    )
    said = "fit equally well" if isinstance(node, Match) else "all answer"
    names = tied["@names"].unique().sort()
    marks = [faults.mark("E508", f"{these} {said} in {node.text}", node) for these in names]
    known = pl.DataFrame({"@names": names, "@several": pl.Series(marks, dtype=MARK)})
    return tied.join(known, on="@names").select("@of", "@several")
