"""Posted rows → what of them falls on the days with each legal entity, for somebody who has moved."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from compengine.statement.employment import Employment, Stay
from compengine.statement.facts import Facts
from compengine.statement.pages import Plans
from compengine.statement.view import total
from compengine.values.periods import Window


def employments(facts: Facts, plans: Plans) -> tuple[Employment, ...]:
    """By currency and entity, oldest first. Empty where every row and every day of the period is with the one that
    pays."""
    if not facts.stays:
        return ()
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for posted in facts.rows:
        if posted.row.paid:
            sums[posted.row.currency, _stay_on(facts.stays, posted.row.date).entity].append(posted.amount)
    period = facts.plans[-1].period
    within = {s.entity for s in facts.stays if _days(s, period)}
    if {entity for _, entity in sums} | within <= {facts.entity}:
        return ()
    currencies = dict.fromkeys(plans.current(name).plan.currency for name in plans.names())
    order = dict.fromkeys(s.entity for s in facts.stays)
    return tuple(
        _employment(facts, entity, currency, period, sums.get((currency, entity), []))
        for currency in currencies
        for entity in order
        if entity in within or (currency, entity) in sums
    )


def _employment(facts: Facts, entity: str, currency: str, period: Window, amounts: list[Decimal]) -> Employment:
    mine = [s for s in facts.stays if s.entity == entity]
    days = [days for s in mine if (days := _days(s, period))]
    return Employment(
        entity=entity,
        name=mine[0].name,
        first=days[0][0] if days else None,
        last=days[-1][1] if days else None,
        amount=total(amounts),
        currency=currency,
        pays=entity == facts.entity,
    )


def _days(stay: Stay, period: Window) -> tuple[date, date] | None:
    first, last = max(stay.first, period.start), min(stay.last, period.end)
    return (first, last) if first <= last else None


def _stay_on(stays: tuple[Stay, ...], day: date) -> Stay:
    """The last one that has begun, else the first."""
    return next((s for s in reversed(stays) if s.first <= day), stays[0])
