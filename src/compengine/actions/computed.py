"""What a run gives: computed from its inputs, or read from its objects."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from compengine.actions.pinned import CREDITS, EXCLUSIONS, MEASURES
from compengine.engine.run import Outcome, calculate, settled
from compengine.engine.work import WHOLE, Part, Standing
from compengine.inputs.objects import Store as Objects
from compengine.inputs.objects import get_table
from compengine.inputs.snapshot import Snapshot
from compengine.ledger.leaves import EARNINGS
from compengine.ledger.rowfiles import PAYABLES, SETTLEMENTS, fetch
from compengine.ledger.runs import RunRecord
from compengine.plan.typed import Program
from compengine.values.decided import NOTHING, Decided
from compengine.values.periods import Calendar, Window
from compengine.values.rows import Balance


@dataclass(frozen=True, slots=True)
class Computed:
    """The frames of a run, of the plans of one calendar."""

    credits: pl.DataFrame
    measures: pl.DataFrame
    earnings: pl.DataFrame
    payables: pl.DataFrame
    settlements: pl.DataFrame
    exclusions: pl.DataFrame


def compute_all(
    program: Program,
    snapshot: Snapshot,
    calendar: Calendar,
    period: Window,
    opening: Sequence[Balance],
    posted: Standing | None = None,
    decided: Decided = NOTHING,
    part: Part = WHOLE,
) -> Computed:
    """A pure function of its arguments: what `calculate` keeps and `replay` compares."""
    outcome = calculate(program, snapshot, period, posted, decided, part)
    settlements = settled(outcome.work, outcome.payables, period, opening)
    outcome.work.faults.stop()
    return of_calendar(program, calendar, outcome, settlements)


def of_calendar(program: Program, calendar: Calendar, outcome: Outcome, settlements: pl.DataFrame) -> Computed:
    """Only what belongs to plans paid by this calendar: others have periods, and runs, of their own."""
    names = [plan.name for plan in program.plans if plan.calendar.name == calendar.name]

    def mine(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("plan").is_in(names))

    return Computed(
        mine(outcome.credits),
        mine(outcome.measures),
        mine(outcome.earnings),
        mine(outcome.payables),
        mine(settlements),
        mine(outcome.exclusions),
    )


def stored_results(objects: Objects, record: RunRecord) -> Computed:
    """What a run gave, from its objects. Raises `Failed` (E609)."""
    return Computed(
        credits=get_table(objects, CREDITS, record.credits),
        measures=get_table(objects, MEASURES, record.measures),
        earnings=fetch(objects, EARNINGS, record.earnings),
        payables=fetch(objects, PAYABLES, record.payables),
        settlements=fetch(objects, SETTLEMENTS, record.settlements),
        exclusions=get_table(objects, EXCLUSIONS, record.exclusions),
    )
