"""A deal whose pay was held by an earlier statement: made-up facts that add up."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from statement_samples import COMMISSION, HERE, balance, constant, facts, measure, plan, row, settlement

from compengine.plan.typed import Release
from compengine.statement.facts import Facts, PartBefore, Posted
from compengine.values.exact import exact
from compengine.values.rows import Payable

FIRST = "2026-01-000001"
PAID_ON = date(2026, 3, 17)
ON_PAYMENT = Release(constant("100%", Decimal(1)), measure("deal.paid_on"), None, HERE)
PLAN = plan(replace(COMMISSION, release=(ON_PAYMENT,)))


def part(amount: str, on: date | None = None) -> Payable:
    return Payable("enterprise-ae", "commission", "ana", "2026-01", "D14", "0%", 0, on, exact(amount), "USD")


def deal(was: str, now: str, held: str, still: str, due: str) -> Facts:
    """20,000 of January, of which `held` was not paid: re-rated, `still` held now, `due` settled."""
    old, new = (row("D14", "20000", rate, part="0%", period="2026-01", on=date(2026, 1, 9)) for rate in (was, now))
    posted = [Posted(-1, old, "2026-03", FIRST), Posted(1, new, "2026-03")] if was != now else []
    paid = [part(due, PAID_ON)] if exact(due) > 0 else []
    return facts(
        posted,
        settlement(due if exact(due) > 0 else "0"),
        PLAN,
        parts=(PartBefore(part(held), True, FIRST),),
        payables=(*([part(still)] if exact(still) else []), *paid),
        opening=(balance("held", held),),
        closing=(balance("held", still), balance("payable", due)),
        sources={"D14": (("Customer", "Bluebird Health"),)},
    )
