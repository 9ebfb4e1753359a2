"""A run by the second engine, in the same frames and the same order as by the first."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import polars as pl

from compengine.actions.computed import Computed
from compengine.actions.pinned import posted_rows
from compengine.engine.work import Standing
from compengine.inputs.snapshot import Snapshot
from compengine.oracle.run import calculate
from compengine.oracle.settle import settle
from compengine.plan.typed import Program
from compengine.values.decided import NOTHING, Decided
from compengine.values.frames import to_frame
from compengine.values.periods import Calendar, Window
from compengine.values.rows import Balance, Credit, Earning, Exclusion, Measure, Payable, Settlement

ORDER: dict[type, list[str]] = {
    Credit: ["plan", "stream", "payee", "source"],
    Measure: ["plan", "measure", "payee"],
    Earning: ["payee", "plan", "component", "for_period", "source", "part"],
    Payable: ["payee", "plan", "component", "for_period", "source", "part", "step"],
    Exclusion: ["plan", "rule", "source", "payee", "by"],
    Settlement: ["plan", "payee"],
}
"""What rows of each kind are sorted by in a run."""

Row = TypeVar("Row")


def by_oracle(
    program: Program,
    snapshot: Snapshot,
    calendar: Calendar,
    period: Window,
    opening: Sequence[Balance],
    posted: Standing | None = None,
    decided: Decided = NOTHING,
) -> Computed:
    """What `actions.calculate.compute_all` gives, computed row by row."""
    names = [plan.name for plan in program.plans if plan.calendar.name == calendar.name]
    rows_posted = posted_rows(posted)
    outcome = calculate(program, snapshot, period, rows_posted, decided)

    def frame(row: type[Row], rows: Iterable[Row]) -> pl.DataFrame:
        return to_frame(row, rows).filter(pl.col("plan").is_in(names)).sort(ORDER[row])

    return Computed(
        credits=frame(Credit, outcome.credits),
        measures=frame(Measure, outcome.measures),
        earnings=frame(Earning, outcome.earnings),
        payables=frame(Payable, outcome.payables),
        settlements=frame(Settlement, settle(program, outcome.payables, period, opening, snapshot, rows_posted)),
        exclusions=frame(Exclusion, outcome.exclusions),
    )
