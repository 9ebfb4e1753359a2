"""Where the payee stands: on each scale, and in the plan's other measures."""

from collections.abc import Sequence
from decimal import Decimal

from compengine.plan.typed import Arithmetic, Expr, Literal, Plan, Ratio, Scale, Unit
from compengine.statement import figures
from compengine.statement.facts import Facts, Posted, ScalePosition
from compengine.statement.language import Language, language, say
from compengine.statement.pages import Plans, component_title, plan_name, tier_label, title
from compengine.statement.view import Figure, Performance, Tier, total
from compengine.statement.wording import spanned
from compengine.values.exact import divide, multiply, subtract
from compengine.values.rows import Measure


def performance(facts: Facts, plans: Plans, rows: Sequence[Posted]) -> tuple[Performance, ...]:
    """Scales in the plan's order, then the measures that no scale has shown."""
    words = language(facts.locale)
    made: list[Performance] = []
    for name in plans.names():
        plan = plans.current(name).plan
        measures = [m for m in facts.measures if plan_name(m.plan) == name]
        used: set[str] = set()
        for component, rule in plan.components.items():
            if isinstance(rule.rate, Scale) and not rule.rate.by_row:
                place = _position(facts, plan, component, rule.rate, measures)
                if place is not None:
                    mine = [p for p in rows if plan_name(p.row.plan) == name and p.row.component == component]
                    made.append(_on_scale(words, plan, component, rule.rate, place, mine))
                    used |= {m.measure for m in measures if _is_part(plan, m.measure, rule.rate)}
        made += [
            Performance(name, title(m.measure), _measure_figure(plan, m), window=say(words, "measured"))
            for m in measures
            if m.measure not in used
        ]
    return tuple(made)


def _is_part(plan: Plan, measure: str, scale: Scale) -> bool:
    """Whether the measure is the scale's position, or one of its two parts, and so already shown with it."""
    rule = plan.measures.get(measure)
    return rule is not None and any(_same(rule.value, part) for part in (scale.position, scale.moving, scale.per))


def _same(left: Expr, right: Expr | None) -> bool:
    return right is not None and (left == right or left.text == right.text)


def _measure_figure(plan: Plan, measure: Measure) -> Figure:
    """A share, or a quotient of two amounts, is a percentage."""
    rule = plan.measures.get(measure.measure)
    value = rule.value if rule is not None else None
    share = value is not None and value.type.unit is Unit.PERCENT
    return Figure(measure.value, figures.PERCENT if share or _is_quotient(value) else measure.unit)


def _is_quotient(value: Expr | None) -> bool:
    if isinstance(value, Ratio):
        return True
    return isinstance(value, Arithmetic) and value.operator == "/" and value.left.type.unit is value.right.type.unit


def _value_of(plan: Plan, wanted: Expr | None, measures: Sequence[Measure]) -> Measure | None:
    for measure in measures:
        rule = plan.measures.get(measure.measure)
        if rule is not None and (_same(rule.value, wanted) or (wanted is not None and wanted.text == measure.measure)):
            return measure
    return None


def _position(
    facts: Facts, plan: Plan, component: str, scale: Scale, measures: Sequence[Measure]
) -> ScalePosition | None:
    """As the caller says, else as far as the plan's measures tell, else where the last row ended."""
    for given in facts.positions:
        if plan_name(given.plan) == plan.name and given.component == component:
            return given
    value, moving, per = (_value_of(plan, e, measures) for e in (scale.position, scale.moving, scale.per))
    if moving is not None and per is not None and per.value:
        reached = value.value if value is not None else divide(moving.value, per.value)
        return ScalePosition(plan.name, component, reached, moving.value, per.value, moving.unit)
    if value is not None:
        return ScalePosition(plan.name, component, value.value)
    rows = [p.row for p in facts.rows if plan_name(p.row.plan) == plan.name and p.row.component == component]
    ends = [(r.date, r.source, r.position_to) for r in rows if r.position_to is not None]
    return ScalePosition(plan.name, component, max(ends)[2] or Decimal(0)) if ends else None


def _on_scale(
    words: Language, plan: Plan, component: str, scale: Scale, place: ScalePosition, rows: Sequence[Posted]
) -> Performance:
    ratio = place.per is not None
    unit = figures.PERCENT if ratio or scale.unit is Unit.PERCENT else _unit(scale, plan)
    at = _band(scale, place.value)
    last = at + 1 >= len(scale.bands)
    following = None if last else scale.bands[at + 1]
    distance = None
    if following is not None:
        if place.per is not None and place.moving is not None:
            distance = Figure(subtract(multiply(following.at, place.per), place.moving), place.unit)
        else:
            distance = Figure(subtract(following.at, place.value), unit)
    products = [p.row for p in rows if p.row.kind == "rate"]
    basis = total([r.basis for r in products])
    return Performance(
        plan=plan.name,
        label=component_title(words, component),
        value=Figure(place.value, unit),
        credited=Figure(place.moving, place.unit) if place.moving is not None else None,
        quota=Figure(place.per, place.unit) if place.per is not None else None,
        tiers=tuple(_tier(words, scale, number, place, number == at) for number in range(len(scale.bands))),
        next_label=tier_label(words, scale, following.bound) if following is not None else "",
        next_rate=_rate(words, following.rate) if following is not None else "",
        to_next=distance,
        effective=divide(total([r.amount for r in products]), basis) if basis else None,
        window=spanned(words, scale.window.text) if scale.window is not None else "",
    )


def _unit(scale: Scale, plan: Plan) -> str:
    return plan.currency if scale.unit is Unit.MONEY else ""


def _band(scale: Scale, value: Decimal) -> int:
    """The band that holds `value`; below the first bound the first."""
    reached = [b.at <= value if scale.boundary_upper else b.at < value for b in scale.bands]
    return max(0, sum(reached) - 1)


def _tier(words: Language, scale: Scale, number: int, place: ScalePosition, current: bool) -> Tier:
    band = scale.bands[number]
    upper = scale.bands[number + 1].at if number + 1 < len(scale.bands) else None

    def amount(bound: Decimal | None) -> Figure | None:
        return None if bound is None or place.per is None else Figure(multiply(bound, place.per), place.unit)

    return Tier(
        label=tier_label(words, scale, band.bound),
        rate=_rate(words, band.rate),
        lower=band.at,
        upper=upper,
        from_amount=amount(band.at),
        to_amount=amount(upper),
        whole=band.whole or scale.whole,
        current=current,
    )


def _rate(words: Language, rate: Expr) -> str:
    """A constant as the plan writes it; an expression in the plan's words."""
    return figures.as_written(words, rate.text) if isinstance(rate, Literal) else rate.text
