"""What a posting adds: the multiset difference between what is earned and what is posted.

Let E be the rows a calculation gives and L the live rows, the fold of everything posted. A row in E and not in L is
posted with sign +1, a row in L and not in E with sign −1, compared on all columns but the evidence. Afterwards the
fold is E. So posting twice adds nothing, and a late deal, an amended deal and a corrected quota are all the same.
"""

import polars as pl

from compengine.ledger.leaves import in_order
from compengine.values.frames import require, schema
from compengine.values.rows import EVIDENCE, Earning

EARNING = schema(Earning)
POSTED_EARNING = pl.Schema({**EARNING, "sign": pl.Int8(), "in_period": pl.String()})
"""A posted row: the earning, whether it is given or taken back, and the period in which that happens."""
LIVE = pl.Schema({**EARNING, "count": pl.Int32()})
"""A row that stands, and how often: once, in a ledger without faults."""

KEY = ("plan", "component", "payee", "source", "part")
CONTENT = tuple(column for column in EARNING if column not in EVIDENCE)


def fold(posted: pl.DataFrame) -> pl.DataFrame:
    """The live rows of all posted rows, in order of posting: content with a sum of signs other than zero."""
    assert posted.schema == POSTED_EARNING, f"{posted.schema} are not posted rows"
    if posted.is_empty():
        return LIVE.to_frame()
    evidence = [pl.col(column).filter(pl.col("sign") > 0).last() for column in EVIDENCE]
    live = (
        posted.with_columns(pl.col("sign").cast(pl.Int32))
        .group_by(CONTENT)
        .agg(*evidence, pl.col("sign").sum().alias("count"))
        .filter(pl.col("count") != 0)
    )
    return in_order(live.select(LIVE.names()).cast(LIVE))


def difference(earnings: pl.DataFrame, live: pl.DataFrame, in_period: str) -> pl.DataFrame:
    """The rows to post. `earnings` are unique by their key; `live` may hold any content any number of times."""
    require(Earning, earnings)
    assert live.schema == LIVE, f"{live.schema} are not live rows"
    doubled = earnings.height - earnings.n_unique(KEY)
    assert doubled == 0, f"{doubled} earnings share their key with another"
    counts = live.select(*CONTENT, "count")
    given = earnings.join(counts, on=CONTENT, how="left").with_columns(
        change=1 - pl.col("count").fill_null(0)  # null: not posted at all
    )
    gone = live.join(earnings.select(CONTENT), on=CONTENT, how="anti").with_columns(change=-pl.col("count"))
    wanted = [*EARNING, "change"]
    changes = pl.concat([given.select(wanted), gone.select(wanted)]).filter(pl.col("change") != 0)
    times = changes.select(pl.int_range(pl.len()).repeat_by(pl.col("change").abs()).explode(empty_as_null=False))
    rows = changes[times.to_series()].with_columns(sign=pl.col("change").sign(), in_period=pl.lit(in_period))
    return in_order(rows.select(POSTED_EARNING.names()).cast(POSTED_EARNING))
