"""Where everybody stands on every scale at the end of a period: what is credited, of which quota."""

from dataclasses import replace
from decimal import Decimal

from compengine.engine.measure import measure
from compengine.engine.run import calculate
from compengine.inputs.snapshot import Snapshot
from compengine.plan.typed import Expr, MeasureRule, Plan, Program, Scale
from compengine.statement.facts import ScalePosition
from compengine.values.frames import to_rows
from compengine.values.periods import Window
from compengine.values.rows import Measure

PARTS = ("value", "moving", "per")


def positions(program: Program, snapshot: Snapshot, period: Window) -> dict[str, list[ScalePosition]]:
    """By payee. A position that cannot be computed, or is not known yet at the period's end, is left out."""
    work = calculate(program, snapshot, period).work
    found: dict[str, list[ScalePosition]] = {}
    for plan in program.plans:
        rules = {
            f"{component}/{part}": MeasureRule(f"{component}/{part}", value, scale.span)
            for component, scale in _scales(plan).items()
            for part, value in zip(PARTS, _parts(scale), strict=True)
            if value is not None
        }
        told: dict[tuple[str, str], dict[str, Measure]] = {}
        for row in to_rows(Measure, measure(work, replace(plan, measures=rules))):
            component, _, part = row.measure.partition("/")
            told.setdefault((row.payee, component), {})[part] = row
        for (payee, component), parts in told.items():
            place = _place(plan, component, parts)
            if place is not None:
                found.setdefault(payee, []).append(place)
    return found


def _scales(plan: Plan) -> dict[str, Scale]:
    rates = {name: rule.rate for name, rule in plan.components.items()}
    return {name: rate for name, rate in rates.items() if isinstance(rate, Scale) and not rate.by_row}


def _parts(scale: Scale) -> tuple[Expr | None, ...]:
    """A quota is shown where the position is a share of one."""
    return scale.position, scale.moving if scale.per is not None else None, scale.per


def _place(plan: Plan, component: str, parts: dict[str, Measure]) -> ScalePosition | None:
    value, moving, per = (parts.get(part) for part in PARTS)
    if value is None:
        return None
    if moving is None or per is None or per.value <= Decimal(0):
        return ScalePosition(plan.name, component, value.value)
    return ScalePosition(plan.name, component, value.value, moving.value, per.value, moving.unit)
