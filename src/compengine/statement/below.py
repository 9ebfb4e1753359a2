"""Credits and components → the table of the people below a manager."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from compengine.plan.typed import PerCredit
from compengine.statement.downline import Below, Downline
from compengine.statement.facts import Facts
from compengine.statement.pages import Plans, plan_name, title
from compengine.statement.view import Component, total
from compengine.values.exact import add
from compengine.values.rows import Credit


def downlines(facts: Facts, plans: Plans, components: Sequence[Component]) -> tuple[Downline, ...]:
    """For each stream of which anything was credited in the period through somebody below; in the order of plans."""
    made: list[Downline] = []
    for name in plans.names():
        current = plans.current(name)
        for stream in dict.fromkeys(c.stream for c in facts.credits if plan_name(c.plan) == name):
            mine = [c for c in components if c.plan == name and c.paid and _stream(plans, name, c.name) == stream]
            sources = {deal.source for c in mine for deal in c.deals}
            credits = [
                c
                for c in facts.credits
                if (plan_name(c.plan), c.stream) == (name, stream) and (c.date in current.period or c.source in sources)
            ]
            if any(c.via for c in credits):
                made.append(_downline(facts, mine, credits, current.plan.currency))
    return tuple(made)


def _stream(plans: Plans, plan: str, component: str) -> str:
    rule = plans.current(plan).plan.components.get(component)
    return rule.per.stream if rule is not None and isinstance(rule.per, PerCredit) else ""


def _downline(facts: Facts, components: Sequence[Component], credits: Sequence[Credit], currency: str) -> Downline:
    through = {c.source: c.via for c in credits}
    credited: dict[str, list[Decimal]] = defaultdict(list)
    earned: dict[str, list[Decimal]] = defaultdict(list)
    other: list[Decimal] = []
    for credit in credits:
        credited[credit.via].append(credit.amount)
    for component in components:
        for deal in component.deals:
            (earned[through[deal.source]] if deal.source in through else other).append(deal.amount)
    people = tuple(
        Below(via, facts.below.get(via) or via, len(amounts), total(amounts), total(earned[via]))
        for via, amounts in sorted(credited.items())
        if via
    )
    own, own_earned, rest = total(credited[""]), total(earned[""]), total(other)
    return Downline(
        plan=plan_name(credits[0].plan),
        title=title(credits[0].stream),
        components=tuple(c.name for c in components),
        titles=tuple(c.title for c in components),
        unit=credits[0].unit,
        currency=currency,
        people=people,
        own_credited=own,
        own_earned=own_earned,
        other=rest,
        credited=add(own, total(p.credited for p in people)),
        earned=total([own_earned, rest, *(p.earned for p in people)]),
    )
