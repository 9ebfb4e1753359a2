"""The run: a picture of the way from a typed plan and a snapshot to what everybody is entitled to."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from compengine.engine.columns import ZERO_
from compengine.engine.credit import credit
from compengine.engine.decided import adjusted, kept_back
from compengine.engine.earn import earn
from compengine.engine.faults import Faults
from compengine.engine.late import compared
from compengine.engine.measure import measure
from compengine.engine.membership import members
from compengine.engine.order import assembled
from compengine.engine.people import People, ancestors, arrived, versions
from compengine.engine.release import on_own_date, release
from compengine.engine.report import credits_told, strays
from compengine.engine.reversal import applied, reversals
from compengine.engine.settle import plan_limits, settle
from compengine.engine.work import WHOLE, Part, Standing, Work, standing
from compengine.inputs.rates import pairs
from compengine.inputs.snapshot import Snapshot
from compengine.plan.typed import Plan, Program
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.values.decided import NOTHING, Decided
from compengine.values.frames import require, schema
from compengine.values.periods import NoWindow, Window
from compengine.values.rows import Balance, Credit, Earning, Exclusion, Measure, Payable, Posted, Settlement

_COMPONENT = ["plan", "component", "currency"]
_EARNED = ["payee", "@rule", "for_period", "@id", "part"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Frames of the row classes of the same names, each in the order of its key."""

    credits: pl.DataFrame
    measures: pl.DataFrame
    earnings: pl.DataFrame
    payables: pl.DataFrame
    exclusions: pl.DataFrame
    work: Work


def calculate(
    program: Program,
    snapshot: Snapshot,
    horizon: Window,
    posted: Posted | Standing | None = None,
    decided: Decided = NOTHING,
    part: Part = WHOLE,
) -> Outcome:
    """Everything that all plans give for what is known now, up to the end of `horizon`.

    `posted` is what plans with `late: current_period` compare their credits with; None before the first posting.
    `decided` is what stands decided by hand; its plans are those of the program, its periods those of their calendars.
    With a `part` only the rows of its payees are of use; there may be others, which are not whole.
    Raises `Failed` with the faults of all rows of the first rule that has any.
    """
    try:
        return _calculate(begin(program, snapshot, horizon, standing(posted), part), decided)
    except NoWindow as error:
        raise Failed([Diagnostic("E704", str(error))]) from error
    except pl.exceptions.ComputeError as error:
        if "overflow" not in str(error):
            raise
        raise Failed([Diagnostic("E513", f"a result has too many digits: {str(error).splitlines()[0]}")]) from error


def _calculate(work: Work, decided: Decided) -> Outcome:
    program, horizon = work.program, work.horizon
    for task in program.order:
        plan = program.plan(task.plan)
        if task.kind == "stream":
            _stream(work, plan, task.name)
        else:
            _component(work, plan, task.name)
        work.faults.stop()
    credits, earnings, payables = [], [], []
    releases = any(rule.release for plan in program.plans for rule in plan.components.values() if rule.paid)
    for plan in program.plans:
        limits = plan_limits(work, plan)
        earnings += [*(work.components[(plan.id, name)] for name in plan.components), limits]
        if releases:
            payables += _due(work, plan, limits)
        credits += credits_told(work, plan)
        strays(work, plan)
    measures = pl.concat([measure(work, plan) for plan in program.plans])
    work.faults.stop()
    by_hand = adjusted(program, decided, horizon)
    earnings, payables = earnings + by_hand, payables + [on_own_date(rows) for rows in by_hand]
    earned = assembled(Earning, earnings, [*_COMPONENT, "paid"], _EARNED)
    if releases:
        due = assembled(Payable, payables, _COMPONENT, [*_EARNED, "step"])
    else:  # in the order of earnings
        due = on_own_date(earned.filter(pl.col("paid") & (pl.col("amount") != ZERO_)))
    return Outcome(
        require(Credit, assembled(Credit, credits, ["plan", "stream", "unit"], ["@rule", "payee", "@id"])),
        require(Measure, measures.sort("plan", "measure", "payee")),
        require(Earning, earned),
        require(Payable, kept_back(due, decided)),
        require(
            Exclusion, _once(assembled(Exclusion, work.excluded, ["plan", "rule"], ["@rule", "@id", "payee", "by"]))
        ),
        work,
    )


def _once(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame`, in which equal rows stand together, with each of them once."""
    return frame.filter(pl.any_horizontal(pl.all() != pl.all().shift(1)).fill_null(True))


def _none(row: type) -> pl.DataFrame:
    return pl.DataFrame(schema=schema(row))


def begin(program: Program, snapshot: Snapshot, horizon: Window, posted: Standing, part: Part = WHOLE) -> Work:
    """People and rates, before anything is credited."""
    payees = snapshot.frame("payees")
    dated = versions(program, payees)
    people = People(dated, ancestors(program, payees, dated), {}, {}, {})
    work = Work(program, snapshot, horizon, people, pairs(program.workspace, snapshot), Faults(), posted, part)
    for plan in program.plans:
        people.members[plan.id] = members(work, plan)
    for name in {plan.name for plan in program.plans}:
        people.by_name[name] = pl.concat([people.members[p.id] for p in program.plans if p.name == name])
    for name in people.by_name:
        people.arrivals[name] = arrived(people.by_name, name)
    work.faults.stop()
    return work


def _stream(work: Work, plan: Plan, name: str) -> None:
    stream, key = plan.streams[name], (plan.id, name)
    work.streams[key] = credit(work, plan, stream)
    work.faults.stop()
    steps = reversals(work, plan, stream, work.streams[key])
    work.steps[key] = steps
    work.streams[key] = compared(work, plan, stream, applied(plan, stream, work.streams[key], steps))


def _component(work: Work, plan: Plan, name: str) -> None:
    work.components[(plan.id, name)] = earn(work, plan, plan.components[name])


def _due(work: Work, plan: Plan, limits: pl.DataFrame) -> list[pl.DataFrame]:
    """Payables of one plan version, its own limits included."""
    rules = [rule for rule in plan.components.values() if rule.paid]
    return [*(release(work, plan, rule, work.components[(plan.id, rule.name)]) for rule in rules), on_own_date(limits)]


def settled(work: Work, payables: pl.DataFrame, period: Window, opening: Sequence[Balance]) -> pl.DataFrame:
    """Settlements of all plans whose calendar has this period, each by the latest version begun by its end."""
    made = [_none(Settlement)]
    for name in sorted({plan.name for plan in work.program.plans}):
        begun = [p for p in work.program.plans if p.name == name and p.start <= period.end]
        if begun and begun[-1].calendar.window("period", period.end) == period:
            latest = max(begun, key=lambda p: p.start)
            made.append(settle(work, latest, payables, period, opening))
    return require(Settlement, pl.concat(made).sort("plan", "payee"))
