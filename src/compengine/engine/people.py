"""Who was what on which day: versions of payees, membership of plans, the hierarchy."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from compengine.engine.order import index_of
from compengine.plan.typed import Program
from compengine.source.diagnostic import Diagnostic, Failed, Place

FIRST, LAST = date(1, 1, 1), date(9999, 12, 31)
_DAYS = 4_000_000
"""More than there are from the first to the last."""


@dataclass(frozen=True, slots=True)
class People:
    """`versions`: payee, first, last, row (index into the payees frame), sorted by payee and first day.
    `ancestors`: payee, ancestor, level, via, first, last: everybody above somebody, with the days it holds.
    `members`: by plan id, `by_name`: by plan name: payee, first, last. `arrivals`: by plan name: payee and the day they
    came onto the plan from another."""

    versions: pl.DataFrame
    ancestors: pl.DataFrame
    members: dict[str, pl.DataFrame]
    by_name: dict[str, pl.DataFrame]
    arrivals: dict[str, pl.DataFrame]


def versions(program: Program, payees: pl.DataFrame) -> pl.DataFrame:
    table = program.workspace.tables["payees"]
    first, last = table.effective or ("", "")
    return (
        payees.with_row_index("row")
        .select(
            pl.col("@key").alias("payee"),
            (pl.col(first) if first else pl.lit(None, dtype=pl.Date)).fill_null(FIRST).alias("first"),
            (pl.col(last) if last else pl.lit(None, dtype=pl.Date)).fill_null(LAST).alias("last"),
            pl.col("row"),
        )
        .sort("payee", "first")
    )


def ancestors(program: Program, payees: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """The hierarchy flattened by intersecting the days of each step; raises E509 where it runs in a circle."""
    column = program.workspace.hierarchy
    empty = pl.DataFrame(
        schema={
            "payee": pl.String, "ancestor": pl.String, "level": pl.Int32, "via": pl.String,
            "first": pl.Date, "last": pl.Date,
        }
    )  # fmt: skip
    if not column:
        return empty
    edges = dated.select("payee", "first", "last", payees[column].gather(dated["row"]).alias("ancestor")).drop_nulls(
        "ancestor"
    )
    level = edges.select(
        "payee", "ancestor", pl.lit(1, dtype=pl.Int32).alias("level"), pl.col("payee").alias("via"), "first", "last"
    )
    found = [empty, level]
    for _ in range(edges["payee"].n_unique() + 1):
        if level.is_empty():
            return pl.concat(found)
        circle = level.filter(pl.col("payee") == pl.col("ancestor"))
        if not circle.is_empty():
            who = circle["payee"][0]
            raise Failed(
                [Diagnostic("E509", f"{who} is above themselves in the hierarchy", Place(table="payees", row=who))]
            )
        up = edges.rename({"payee": "ancestor", "ancestor": "next", "first": "f", "last": "l"})
        level = (
            level.join(up, on="ancestor")
            .with_columns(pl.max_horizontal("first", "f").alias("first"), pl.min_horizontal("last", "l").alias("last"))
            .filter(pl.col("first") <= pl.col("last"))
            .select(
                "payee",
                pl.col("next").alias("ancestor"),
                (pl.col("level") + 1).cast(pl.Int32).alias("level"),
                pl.col("ancestor").alias("via"),
                "first",
                "last",
            )
        )
        found.append(level)
    return pl.concat(found)


def on_day(frame: pl.DataFrame, days: pl.DataFrame, who: str, day: str) -> pl.DataFrame:
    """The rows of `frame` whose `who` has an interval in `days` that holds `day`; order is kept."""
    return frame.filter(has_day(frame[who], frame[day], days))


def has_day(who: pl.Series, day: pl.Series, days: pl.DataFrame) -> pl.Series:
    """Whether each person has an interval in `days` that holds their day."""
    runs = stretches(days)
    people = runs["payee"].unique(maintain_order=True)

    def numbered(who: pl.Series, day: pl.Series) -> pl.Series:
        return index_of(who, people).cast(pl.Int64) * _DAYS + day.to_physical()

    # stretches do not touch, so only the last one that begins by the day can hold it
    asked = numbered(who, day)
    begun = numbered(runs["payee"], runs["first"]).search_sorted(asked, side="right")
    ends = pl.concat([pl.Series([None], dtype=pl.Int64), numbered(runs["payee"], runs["last"])])
    return (ends.gather(begun) >= asked).fill_null(False)


def last_day(asked: pl.DataFrame, days: pl.DataFrame) -> pl.Series:
    """For each row (payee, since, day) the last day from `since` to `day` within an interval of `days`, or empty."""
    asked = asked.with_row_index("@at")
    hits = (
        asked.join(days.select("payee", "first", "last"), on="payee")
        .with_columns(pl.min_horizontal("last", "day").alias("seen"))
        .filter((pl.col("seen") >= pl.col("first")) & (pl.col("seen") >= pl.col("since")))
        .group_by("@at")
        .agg(pl.col("seen").max())
    )
    return asked.join(hits, on="@at", how="left", maintain_order="left")["seen"]


def days_within(asked: pl.DataFrame, days: pl.DataFrame) -> pl.Series:
    """For each row (payee, start, end) the number of days within intervals of `days`, as Int64."""
    asked = asked.with_row_index("@at")
    hits = (
        asked.join(days.select("payee", "first", "last"), on="payee")
        .with_columns(pl.max_horizontal("first", "start").alias("a"), pl.min_horizontal("last", "end").alias("b"))
        .filter(pl.col("a") <= pl.col("b"))
        .group_by("@at")
        .agg(((pl.col("b") - pl.col("a")).dt.total_days() + 1).sum().alias("n"))
    )
    return asked.join(hits, on="@at", how="left", maintain_order="left")["n"].fill_null(0)


def stretches(days: pl.DataFrame) -> pl.DataFrame:
    """The same days (payee, first, last) in as few intervals as possible."""
    ordered = days.select("payee", "first", "last").sort("payee", "first", "last")
    before = pl.col("last").cum_max().shift(1).over("payee")
    begins = (before.is_null() | ((pl.col("first") - before).dt.total_days() > 1)).cast(pl.Int32)
    return (
        ordered.with_columns(begins.cum_sum().over("payee").alias("@stretch"))
        .group_by("payee", "@stretch")
        .agg(pl.col("first").min(), pl.col("last").max())
        .select("payee", "first", "last")
        .sort("payee", "first")
    )


def arrived(by_name: dict[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """payee and day: where a stretch on the plan begins with somebody who was last on another plan and has left it."""
    here = stretches(by_name[name]).with_columns(pl.col("last").shift(1).over("payee").alias("here_before"))
    others = [
        stretches(days).with_columns(pl.lit(other).alias("other")) for other, days in by_name.items() if other != name
    ]
    if not others:
        return here.select("payee", pl.col("first").alias("day")).clear()
    pairs = here.join(pl.concat(others).rename({"first": "f", "last": "l"}), on="payee")
    stays = pairs.filter(pl.col("first").is_between(pl.col("f"), pl.col("l"))).select("payee", "first", "other")
    left = pairs.join(stays, on=["payee", "first", "other"], how="anti").filter(pl.col("l") < pl.col("first"))
    came = left.group_by("payee", "first", "here_before").agg(pl.col("l").max())
    return (
        came.filter(pl.col("here_before").is_null() | (pl.col("l") > pl.col("here_before")))
        .select("payee", pl.col("first").alias("day"))
        .sort("payee", "day")
    )
