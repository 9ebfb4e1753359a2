"""Who is covered by no rule, and which rules get in each other's way: the report before a period is calculated."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from compengine.actions.calculate import the_period
from compengine.actions.load import the_snapshot
from compengine.actions.opened import Opened
from compengine.actions.plans import the_program, with_sources
from compengine.engine.coverage import answers, latest, nobody, overlaps
from compengine.engine.run import begin, calculate
from compengine.engine.work import Work, standing
from compengine.inputs.snapshot import Snapshot
from compengine.plan.typed import Plan, Program
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.values.periods import Calendar, Window


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules of a table with the same cells filled alike (`same`), both in force from `first` to `last`."""

    plan: str
    table: str
    rules: tuple[str, str]
    same: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Asked:
    """A row that a rule of a plan sought an entry of `table` for. `best` are the entries that fit best, `next` those
    that come after them; `defaulted`: where none fits, the plan says what then."""

    plan: str
    rule: str
    table: str
    row: str
    date: date
    sought: str
    best: tuple[str, ...]
    next: tuple[str, ...]
    defaulted: bool


@dataclass(frozen=True, slots=True)
class Idle:
    """An entry of `table` in force in the period by which no row went; `fits` counts those that a better one took."""

    plan: str
    table: str
    rule: str
    first: date | None
    last: date | None
    fits: int


@dataclass(frozen=True, slots=True)
class Uncredited:
    """A row of a table that no stream credits to anybody, and why each left it out."""

    table: str
    row: str
    date: date
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """How the rows of one rule of a plan fared in one table."""

    plan: str
    rule: str
    table: str
    rows: int
    matched: int
    orphans: int
    defaulted: int
    tied: int
    contested: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """`stopped`: why the period could not be calculated; then credits, people and idle rules are not looked at."""

    period: str
    matches: tuple[Matched, ...]
    overlaps: tuple[Overlap, ...]
    ties: tuple[Asked, ...]
    orphans: tuple[Asked, ...]
    contested: tuple[Asked, ...]
    idle: tuple[Idle, ...]
    uncredited: tuple[Uncredited, ...]
    stopped: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        return not (self.overlaps or self.ties or self.orphans or self.stopped)


def coverage(opened: Opened, plan: str = "", label: str = "", calendar: str = "") -> Coverage:
    """Of one plan or all, in one period: the one named, else the latest in which a row is dated.

    Raises `Failed`: whatever is wrong with plans; E705 for an unknown plan; E704 for a period that the calendar does
    not have; E706 without data.
    """
    program, _ = the_program(opened)
    snapshot = the_snapshot(opened)
    if plan:
        program = with_sources(program, [plan])
    names = {plan} if plan else {p.name for p in program.plans}
    wanted = replace(program, plans=tuple(p for p in program.plans if p.name in names))
    chosen, period = the_period(wanted, label, calendar) if label else _latest(wanted, snapshot, calendar)
    plans = [p for p in wanted.plans if p.calendar.name == chosen.name]
    return _covered(program, snapshot, plans, period)


def _latest(program: Program, snapshot: Snapshot, calendar: str) -> tuple[Calendar, Window]:
    """The last period with a row in it, of the one calendar that is used or asked for."""
    used = sorted({p.calendar.name for p in program.plans if calendar in ("", p.calendar.name)})
    if len(used) != 1:
        return the_period(program, "", calendar)
    plans = [p for p in program.plans if p.calendar.name == used[0]]
    everything = Window(min(p.start for p in plans), max(p.end for p in plans), "")
    day = latest(begin(program, snapshot, everything, standing(None)), plans)
    if day is None:
        raise Failed([Diagnostic("E706", "no row is dated in the time of the plans", help="compengine load FOLDER")])
    return plans[0].calendar, plans[0].calendar.window("period", day)


def _covered(program: Program, snapshot: Snapshot, plans: list[Plan], period: Window) -> Coverage:
    work, stopped = _work(program, snapshot, period)
    asked = answers(work, plans, period, computed=not stopped)
    told = [Asked(**_tuples(row)) for row in asked.rows.iter_rows(named=True)]
    lost = nobody(work, [] if stopped else plans, period)
    return Coverage(
        period=period.label,
        matches=_matches(told),
        overlaps=tuple(
            Overlap(plan, table, (one, other), same, first, last)
            for plan, table, one, other, same, first, last in overlaps(work, plans).iter_rows()
        ),
        ties=tuple(a for a in told if len(a.best) > 1),
        orphans=tuple(a for a in told if not a.best and not a.defaulted),
        contested=tuple(a for a in told if len(a.best) == 1 and a.next),
        idle=tuple(Idle(**row) for row in asked.idle.iter_rows(named=True)) if not stopped else (),
        uncredited=tuple(Uncredited(**_tuples(row)) for row in lost.iter_rows(named=True)),
        stopped=stopped,
    )


def _work(program: Program, snapshot: Snapshot, period: Window) -> tuple[Work, tuple[Diagnostic, ...]]:
    """The period computed; where it cannot be, what is known before anything is credited, and why."""
    try:
        return calculate(program, snapshot, period).work, ()
    except Failed as failed:
        return begin(program, snapshot, period, standing(None)), failed.diagnostics


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _matches(told: list[Asked]) -> tuple[Matched, ...]:
    groups: dict[tuple[str, str, str], list[Asked]] = {}
    for asked in told:
        groups.setdefault((asked.plan, asked.rule, asked.table), []).append(asked)
    return tuple(
        Matched(
            *about,
            rows=len(rows),
            matched=sum(len(a.best) == 1 for a in rows),
            orphans=sum(not a.best and not a.defaulted for a in rows),
            defaulted=sum(not a.best and a.defaulted for a in rows),
            tied=sum(len(a.best) > 1 for a in rows),
            contested=sum(len(a.best) == 1 and bool(a.next) for a in rows),
        )
        for about, rows in groups.items()
    )
