"""What a calculation has to go on, and what it has found so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from compengine.engine.faults import Faults
from compengine.engine.people import People
from compengine.inputs.snapshot import Snapshot
from compengine.plan.typed import Plan, Program
from compengine.values.frames import schema, to_frame
from compengine.values.periods import Window
from compengine.values.rows import Credit, Posted


@dataclass(frozen=True, slots=True)
class Part:
    """What of a calculation is wanted: by plan name the payees, by plan name and table the keys of the source rows that
    are credited. What is not named is wanted whole.

    Everything else is read in full, so the results of these payees are those of the whole calculation, if every row
    that concerns them, or somebody whom their pay is coupled with, is among `rows`, and these people among `payees`.
    """

    payees: Mapping[str, pl.Series] = field(default_factory=dict)
    rows: Mapping[tuple[str, str], pl.Series] = field(default_factory=dict)


WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Standing:
    """`values.rows.Posted` in columns: `credits` has those of `values.rows.Credit`, in any order."""

    ends: Mapping[str, date]
    credits: pl.DataFrame


def standing(posted: Posted | Standing | None) -> Standing:
    """The columnar form; nothing posted is a standing without ends."""
    if posted is None:
        return Standing({}, pl.DataFrame(schema=schema(Credit)))
    if isinstance(posted, Posted):
        return Standing(posted.ends, to_frame(Credit, posted.credits))
    return posted


@dataclass(frozen=True, slots=True)
class Work:
    """`streams` and `components`, both by (plan id, name), fill up in the program's order.

    A stream's frame has the columns of `STREAM` and one `@ROW` column (index into the table's frame, or empty) for
    each row its rules may read. A component's frame has the columns of `values.rows.Earning`, `@row`, the index of the
    credit in the stream's frame it was made for, and the credit's `@id` (both empty for windows).
    `steps` are a stream's reversals. `posted` is what streams of plans with `late: current_period` are compared with.
    """

    program: Program
    snapshot: Snapshot
    horizon: Window
    people: People
    rates: pl.DataFrame
    faults: Faults
    posted: Standing
    part: Part = WHOLE
    streams: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict)
    components: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict)
    steps: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict)
    excluded: list[pl.DataFrame] = field(default_factory=list)

    def of_all_versions(self, plan: str) -> list[pl.DataFrame]:
        """What the components of a plan have earned so far, in each of its versions."""
        versions = [p.id for p in self.program.plans if p.name == plan]
        return [frame for (version, _), frame in self.components.items() if version in versions]

    def wanted(self, plan: str, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of `frame` whose `payee` is one of those wanted of the plan."""
        payees = self.part.payees.get(plan)
        return frame if payees is None else frame.filter(pl.col("payee").is_in(payees.implode()))

    def exclude(self, plan: str, rule: str, found: pl.DataFrame) -> None:
        """`found` has source, payee and by, and may have `@id`."""
        kept = [name for name in ("source", "payee", "by", "@id") if name in found.columns]
        self.excluded.append(found.select(pl.lit(plan).alias("plan"), pl.lit(rule).alias("rule"), *kept))


@dataclass(frozen=True, slots=True)
class Scene:
    """Where expressions are evaluated: what the rows of the frame are.

    `level` is `source` (rows of the source of `stream`), `credit` (credits of `stream`) or `point` (a payee at a day).
    `roots` maps each row name in scope to its table; the frame has a column `@NAME` with the row's index in it.
    Frames of every level have `asof`, the day as of which dated tables and rates are read. Frames of credits have the
    columns of the stream; frames of points those that `engine.points` describes.
    """

    work: Work
    plan: Plan
    level: str
    roots: Mapping[str, str]
    stream: str = ""
