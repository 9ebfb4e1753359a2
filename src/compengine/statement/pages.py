"""Which plan version a row belongs to, and what its parts are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compengine.plan.limits import limit_of
from compengine.plan.typed import Component, Limit, Plan, Scale, Table, TableCall, TableKind, Unit
from compengine.statement import figures
from compengine.statement.facts import Facts, PlanFacts
from compengine.statement.language import Language, say
from compengine.statement.view import Figure, Labelled
from compengine.statement.wording import limited
from compengine.values.decided import ADJUSTMENT
from compengine.values.money import is_currency
from compengine.values.rows import Earning

Key = tuple[str, str, str, str, str]
TITLES = {"settle": "plan.limit", ADJUSTMENT: "adjustments"}
"""Of components that no plan writes, the key in the catalogue."""


def key(plan: str, component: str, for_period: str, source: str, part: str) -> Key:
    return (plan_name(plan), component, for_period, source, part)


def row_key(row: Earning) -> Key:
    return key(row.plan, row.component, row.for_period, row.source, row.part)


def plan_name(plan: str) -> str:
    """The name in `name@2026-01-01`: versions of one plan are one plan on a statement."""
    return plan.split("@", 1)[0]


@dataclass(frozen=True, slots=True)
class Plans:
    """The plan versions of a statement, in the order the caller gave."""

    facts: tuple[PlanFacts, ...]

    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f.plan.name for f in self.facts))

    def current(self, plan: str) -> PlanFacts:
        """The version of a plan (by id or name) that this statement pays: the last one given."""
        name = plan_name(plan)
        found = [f for f in self.facts if f.plan.id == plan] or [f for f in self.facts if f.plan.name == name]
        assert found, f"no plan {plan} among the facts of the statement"
        return found[-1]

    def of(self, row: Earning) -> Plan:
        """The version a row was earned under: the one named, else the one in force on its date."""
        named = [f.plan for f in self.facts if f.plan.id == row.plan]
        dated = [f.plan for f in self.facts if f.plan.name == plan_name(row.plan) and _holds(f.plan, row)]
        return (named or dated or [self.current(row.plan).plan])[-1]


def _holds(plan: Plan, row: Earning) -> bool:
    return plan.start <= row.date <= plan.end


def plans_of(facts: Facts) -> Plans:
    return Plans(facts.plans)


def title(name: str) -> str:
    """`multi_year` reads `Multi year`."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def component_title(words: Language, name: str) -> str:
    return say(words, TITLES[name]) if name in TITLES else title(name)


def beside(facts: Facts, source: str) -> Labelled:
    """What the caller knows about a source; for one of several related rows, what is known of the row they share."""
    return facts.sources.get(source) or facts.sources.get(source.split("/", 1)[0], ())


def rate_figure(row: Earning) -> Figure:
    """Money times a number is a percentage, whatever the plan called it; anything else keeps its unit."""
    unit = figures.PERCENT if is_currency(row.basis_unit) and not is_currency(row.rate_unit) else row.rate_unit
    return Figure(row.rate, unit)


def basis_figure(row: Earning) -> Figure:
    return Figure(row.basis, row.basis_unit)


def tier_label(words: Language, scale: Scale, part: str) -> str:
    """`50% to 100%`, `100% and above`: the band that opens at `part`, in the plan's own words."""
    return _from_bound(words, [band.bound for band in scale.bands], part)


def _from_bound(words: Language, bounds: Sequence[str], part: str) -> str:
    if part not in bounds:
        return part
    above = bounds[bounds.index(part) + 1 :]
    lower = figures.as_written(words, part)
    if not above:
        return say(words, "tier.above", lower=lower)
    return say(words, "tier.between", lower=lower, upper=figures.as_written(words, above[0]))


def part_label(words: Language, row: Earning, component: Component | None, tables: Mapping[str, Table]) -> str:
    """What a row's `part` says to a reader; empty where there is nothing to say."""
    match row.kind:
        case "rate":
            return _rated(words, row, component, tables)
        case "prize":
            return say(words, "part.prize", place=row.part)
        case "multiplier":
            return say(words, "part.multiplier", name=title(row.part).lower())
        case "flat" | "share" | "minimum" | "cap" | "claw":
            return say(words, f"part.{row.kind}")
        case "carried":
            return say(words, "part.carried", windows=_windows(words, row))
        case _:
            return title(row.kind)


def _rated(words: Language, row: Earning, component: Component | None, tables: Mapping[str, Table]) -> str:
    if component is not None and isinstance(component.rate, Scale):
        return tier_label(words, component.rate, row.part)
    if component is not None and isinstance(component.rate, TableCall):
        table = tables[component.rate.name]
        if table.kind is TableKind.STEPS and len(table.by) == 1 and table.by[0] is not Unit.TEXT:
            return _from_bound(words, [step.key for step in table.steps], row.part)
    return "" if row.part == "rate" else row.part


def row_note(words: Language, row: Earning, plan: Plan) -> str:
    """Why a row is no plain product, or why it is zero; empty where basis × rate says it all."""
    match row.kind:
        case "minimum" | "cap":
            limit = _limit(row, plan)
            said = say(words, "limit.before", limit=_said(words, row, limit), basis=_with_unit(words, row))
            if limit is None or not limit.carry:
                return said
            return say(words, "limit.waits", said=said, windows=_windows(words, row))
        case "carried":
            limit = _limit(row, plan)
            return say(words, "limit.waited", limit=_said(words, row, limit), basis=_with_unit(words, row))
        case "multiplier":
            return say(words, "multiplier.on", factor=figures.number(words, row.rate + 1), basis=_with_unit(words, row))
    if row.amount == 0:
        if row.rate == 0:
            return say(words, "zero.rate")
        return say(words, "zero.basis") if row.basis == 0 else say(words, "zero.rounded")
    return ""


def _with_unit(words: Language, row: Earning) -> str:
    return figures.named(words, basis_figure(row))


def _limit(row: Earning, plan: Plan) -> Limit | None:
    component = plan.components.get(row.component)
    return limit_of(row.part, component.limits if component is not None else plan.settle.limits)


def _said(words: Language, row: Earning, limit: Limit | None) -> str:
    """The limit in the plan's words; which of several values of `by` a carried row is of."""
    if limit is None:
        scope = say(words, f"unit.{_scope(row)}")
        if row.kind == "carried":
            return say(words, "limit.carried", scope=scope)
        return say(words, "limit.per", kind=say(words, f"part.{row.kind}"), scope=scope)
    said = limited(words, limit.text)
    by = row.part.split(":", 2)[2:] if row.kind == "carried" else []
    return f"{said} ({by[0]})" if by else said


def _scope(row: Earning) -> str:
    """The scope in the part of a limit's row: `month` of `cap:month#2`, `year` of `year from payee.hired_on`."""
    return row.part.split(":", 2)[1].partition("#")[0].partition(" ")[0]


def _windows(words: Language, row: Earning) -> str:
    return say(words, f"units.{_scope(row)}")
