"""Whom the streams of a plan may credit for each source row: what is known before anything is credited."""

import polars as pl

from compengine.engine.credit import source_rows
from compengine.engine.evaluate import evaluate
from compengine.engine.work import Work
from compengine.plan.coupling import follows_from_rows
from compengine.plan.typed import Plan, SourceKind, Stream, ToManagers, ToPayee

TOUCHED = pl.Schema({"table": pl.String(), "key": pl.String(), "payee": pl.String()})


def touched(work: Work, plan: Plan) -> pl.DataFrame:
    """One row per source row (`table`, `key`) and payee, columns of `TOUCHED`, of the streams that follow from rows.

    Conditions are not asked, and the hierarchy is that of all days, so nobody whom the row credits is missing. Those
    whose managers a stream credits are named as well.
    """
    found: dict[str, pl.DataFrame] = {}
    for task in work.program.order:
        if task.plan == plan.id and task.kind == "stream" and follows_from_rows(plan.streams[task.name]):
            stream = plan.streams[task.name]
            if stream.source.kind is SourceKind.TABLE:
                own = _of_rows(work, plan, stream)
            elif stream.source.name in found:
                own = found[stream.source.name]
            else:  # its source is drawn from a component or credits whoever matches
                continue
            above = [_above(work, own, stream.to)] if isinstance(stream.to, ToManagers) else []
            found[task.name] = pl.concat([own, *above]).unique()
    return pl.concat([TOUCHED.to_frame(), *found.values()]).unique()


def _of_rows(work: Work, plan: Plan, stream: Stream) -> pl.DataFrame:
    """Whom the expression under `to` names for each row of a table."""
    assert isinstance(stream.to, ToPayee | ToManagers)
    scene, rows = source_rows(work, plan, stream)
    table = stream.source.name
    keys = work.snapshot.frame(table)["@key"].gather(rows[f"@{stream.source.row}"])
    named = evaluate(scene, rows, {"@who": stream.to.payee})["@who"]
    made = pl.DataFrame({"key": keys, "payee": named.cast(pl.String)}).drop_nulls()
    return made.select(pl.lit(table).alias("table"), "key", "payee")


def _above(work: Work, below: pl.DataFrame, to: ToManagers) -> pl.DataFrame:
    levels = work.people.ancestors.filter(pl.col("level").is_between(to.low, to.high))
    pairs = levels.select("payee", "ancestor").unique()
    return below.join(pairs, on="payee").select("table", "key", pl.col("ancestor").alias("payee"))
