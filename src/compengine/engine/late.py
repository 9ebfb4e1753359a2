"""Late rows: a stream compared with the credits of the last posted run, for plans with `late: current_period`.

What stands keeps its amounts and days; what is another now comes as a further credit on the first day that is open.
"""

from datetime import date

import polars as pl

from compengine.engine.aggregate import roots_of
from compengine.engine.columns import ZERO_
from compengine.engine.credit import identified
from compengine.engine.order import as_stream
from compengine.engine.windows import by_day
from compengine.engine.work import Scene, Work
from compengine.plan.typed import Plan, Stream
from compengine.values.frames import EXACT
from compengine.values.periods import DAY

CURRENT = "current_period"
_NOW = ("share", "level", "via")
"""What a further credit has from its credit as it is now, where it is."""


def compared(work: Work, plan: Plan, stream: Stream, credits: pl.DataFrame) -> pl.DataFrame:
    """The stream as it is paid: `credits` itself where rows restate their period or nothing is posted yet."""
    end = work.posted.ends.get(plan.calendar.name)
    if plan.late != CURRENT or end is None:
        return credits
    first = end + DAY
    credits = credits.drop("@id")
    stood = _stood(work, plan, stream)
    fresh = _fresh(work, plan, stream, credits, stood, first)
    differing = _differing(credits, stood)
    label = plan.calendar.window("period", first).label if not differing.is_empty() else ""
    further = differing.with_columns(
        pl.lit(first).alias("date"), pl.col("of").alias("corrects"), (pl.col("of") + f"@{label}").alias("source")
    )
    kept = stood.with_columns(
        pl.when(pl.col("source") != pl.col("of")).then("of").otherwise(pl.lit("")).alias("corrects")
    )
    told = _told(work, plan, stream, credits, pl.concat([kept, further.select(kept.columns)]))
    both = pl.concat([fresh, told.select(fresh.columns)]).filter(pl.col("date") <= pl.lit(work.horizon.end))
    twice = both.filter(pl.struct("payee", "source").is_duplicated())
    for payee, source in twice.select("payee", "source").unique(maintain_order=True).head(20).iter_rows():
        message = f"stream {stream.name} has a credit of {payee} whose own id is {source}, as that of a further credit"
        work.faults.add("E506", message, stream.amount, source)
    return as_stream(both.drop("@n"))


def _stood(work: Work, plan: Plan, stream: Stream) -> pl.DataFrame:
    """What stands under the stream: the columns of a credit, and `of`, the id of the credit that a row is part of.

    A further credit is one that is named after another of its payee and after the period that begins on its day.
    """
    rows = work.posted.credits.filter((pl.col("plan") == plan.name) & (pl.col("stream") == stream.name))
    marked = rows.filter(pl.col("source").str.contains("@", literal=True))
    days = by_day(marked["date"], lambda day: plan.calendar.window("period", day))
    suffix = pl.lit("@") + pl.col("@label")
    named = marked.with_columns(days["label"].alias("@label"), days["start"].alias("@start")).filter(
        (pl.col("date") == pl.col("@start")) & pl.col("source").str.ends_with(suffix)
    )
    parts = named.select("payee", "source", pl.col("source").str.strip_suffix(suffix).alias("of")).join(
        rows.select("payee", pl.col("source").alias("of")), on=["payee", "of"], how="semi"
    )
    return rows.join(parts, on=["payee", "source"], how="left").with_columns(pl.col("of").fill_null(pl.col("source")))


def _fresh(
    work: Work, plan: Plan, stream: Stream, credits: pl.DataFrame, stood: pl.DataFrame, first: date
) -> pl.DataFrame:
    """Credits that do not stand. Those dated before the open period come on its first day."""
    named = [p for p in work.program.plans if p.name == plan.name and stream.name in p.streams]
    ours = pl.any_horizontal(pl.col("date").is_between(pl.lit(p.start), pl.lit(p.end)) for p in named)
    day = pl.when(ours & (pl.col("date") < pl.lit(first))).then(pl.lit(first)).otherwise("date")
    new = credits.join(stood.select("payee", pl.col("of").alias("source")), on=["payee", "source"], how="anti")
    return new.with_columns(day.alias("date")).with_columns(pl.col("date").alias("asof"))


def _differing(credits: pl.DataFrame, stood: pl.DataFrame) -> pl.DataFrame:
    """One row per payee and `of` whose amount is another now: a further credit but for its day and id."""
    sums = stood.group_by("payee", "of").agg(pl.col("amount").sum().alias("@stood"))
    own = stood.filter(pl.col("source") == pl.col("of")).drop("amount", "source")
    now = credits.select("payee", pl.col("source").alias("of"), "amount", *[pl.col(c).alias(f"@{c}") for c in _NOW])
    found = (
        own.join(sums, on=["payee", "of"])
        .join(now, on=["payee", "of"], how="left")
        .with_columns((pl.col("amount").fill_null(ZERO_) - pl.col("@stood")).alias("amount"))
        .filter(pl.col("amount") != ZERO_)
    )
    return found.with_columns(
        *[pl.coalesce(f"@{c}", c).alias(c) for c in _NOW],
        pl.lit(0).cast(EXACT).alias("original_amount"),
        pl.lit("").alias("original_currency"),
        pl.lit(0).cast(EXACT).alias("fx_rate"),
        pl.lit(None, dtype=pl.Date).alias("fx_date"),
    ).drop("@stood", *[f"@{c}" for c in _NOW])


def _told(work: Work, plan: Plan, stream: Stream, credits: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with everything else that a stream's frame has: the source rows as they are now, what is a reversal."""
    reversals = _reversals(plan, stream, credits, rows)
    rows = rows.join(reversals, on=["payee", "of"], how="left").with_columns(pl.col("reverses").fill_null(""))
    alone = (pl.col("reverses") == "") & (pl.col("corrects") == "")
    rows = rows.with_columns(
        pl.col("date").alias("asof"),
        pl.when(alone).then(1).otherwise(0).cast(pl.Int32).alias("counts"),
        pl.lit(True).alias("ruled"),
        pl.lit(0, dtype=pl.UInt32).alias("@n"),
        pl.when(pl.col("reverses") == "").then("of").otherwise("reverses").alias("@origin"),
    )
    scene = Scene(work, plan, "credit", {}, stream=stream.name)
    roots = [f"@{root}" for root in roots_of(scene, stream.name)]
    return rows.join(_places(work, plan, stream, credits, rows, roots), on="@origin", how="left") if roots else rows


def _reversals(plan: Plan, stream: Stream, credits: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """payee, `of` and the id it reverses: credits named after another of their payee and a clawback of the stream."""
    names = "|".join(rule.name for rule in plan.clawbacks.values() if rule.stream == stream.name)
    if not names:
        return pl.DataFrame(schema={"payee": pl.String, "of": pl.String, "reverses": pl.String})
    known = pl.concat([rows.select("payee", "of"), credits.select("payee", pl.col("source").alias("of"))]).unique()
    return (
        rows.select("payee", "of")
        .unique()
        .with_columns(pl.col("of").str.extract(f"(?s)^(.*)~(?:{names})(?:/.*)?$", 1).alias("reverses"))
        .drop_nulls("reverses")
        .join(known.rename({"of": "reverses"}), on=["payee", "reverses"], how="semi")
    )


def _places(
    work: Work, plan: Plan, stream: Stream, credits: pl.DataFrame, rows: pl.DataFrame, roots: list[str]
) -> pl.DataFrame:
    """`@origin` and the index of each source row it comes from: from the credits there are, else looked for."""
    known = credits.filter(pl.col("reverses") == "").select(pl.col("source").alias("@origin"), *roots)
    known = known.unique("@origin", keep="first", maintain_order=True)
    sought = rows.select(pl.col("@origin").unique()).join(known, on="@origin", how="anti")
    if sought.is_empty():
        return known
    found = identified(work, plan, stream, sought["@origin"]).rename({"source": "@origin"})
    return pl.concat([known, found.select(known.columns)])
