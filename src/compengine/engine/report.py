"""What a run tells besides pay: the credits it gave, and those that nobody could earn on."""

import polars as pl

from compengine.engine.people import has_day
from compengine.engine.work import Work
from compengine.plan.typed import Plan, Unit
from compengine.values.frames import schema
from compengine.values.rows import Credit


def credits_told(work: Work, plan: Plan) -> list[pl.DataFrame]:
    """The plan's credits that rules can see, dated in its time, by stream: columns of `Credit`, and `@id`."""
    found = []
    for stream in plan.streams.values():
        unit = plan.currency if stream.amount.type.unit is Unit.MONEY else ""
        frame = work.streams[(plan.id, stream.name)].filter(
            pl.col("ruled") & pl.col("date").is_between(pl.lit(plan.start), pl.lit(plan.end))
        )
        found.append(
            frame.with_columns(
                pl.lit(plan.name).alias("plan"), pl.lit(stream.name).alias("stream"), pl.lit(unit).alias("unit")
            ).select(*schema(Credit), "@id")
        )
    return found


def strays(work: Work, plan: Plan) -> None:
    """Reports credits of people who are on no plan at all on the day."""
    members = pl.concat([m.select("payee", "first", "last") for m in work.people.members.values()])
    for name in plan.streams:
        frame = work.streams[(plan.id, name)].filter(
            pl.col("ruled") & pl.col("date").is_between(pl.lit(plan.start), pl.lit(plan.end))
        )
        lost = frame.filter(~has_day(frame["payee"], frame["date"], members))
        told = lost.with_columns(pl.format("on no plan on {}", pl.col("date").cast(pl.String)).alias("by"))
        work.exclude(plan.name, name, told)
