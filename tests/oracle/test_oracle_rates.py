"""Which exchange rate converts what is credited and what is paid (sections 6 and 12)."""

from decimal import Decimal
from typing import Any

import pytest
from oracle_company import BOOKINGS, amounts, day, deal, person, plan, run, settled

from compengine.source.diagnostic import Failed

EARN = "earn:\n  commission: {per: credit of bookings, of: credit.amount, rate: 10%}\n"
DAYS = (("2026-01-01", "1.2"), ("2026-01-31", "1.6"), ("2026-02-10", "1.1"))
RATES = [{"from": "EUR", "to": "USD", "date": on, "rate": rate} for on, rate in DAYS]


def test_the_rate_of_the_plan_converts_whatever_the_rules_of_a_stream_read() -> None:
    """1,000 EUR at 1.2, although the deal is of 10 February; a target of 100 EUR at 1.2 in the rule, at 1.1 in a
    measure."""
    text = plan(
        BOOKINGS
        + """\
    convert: plan_rate
measures:
  target_now: payee.target
earn:
  commission: {per: credit of bookings, of: credit.amount, rate: 10%}
  deal_itself: {per: credit of bookings, of: deal.acv, rate: 10%}
  target: {per: credit of bookings, pay: payee.target}
  measured: {per: credit of bookings, pay: target_now}
"""
    )
    deals = [deal("D1", "ana", "2026-02-10", "1000 EUR")]
    outcome = run(text, {"payees": [person("ana", target="100 EUR")], "deals": deals, "fx": RATES}, "2026-02")
    (credit,) = outcome.credits
    assert (credit.amount, credit.original_amount, credit.fx_rate) == (1200, 1000, Decimal("1.2"))
    assert credit.fx_date == day("2026-01-01")
    assert {e.component: e.amount for e in outcome.earnings} == {
        "commission": 120,
        "deal_itself": 120,
        "target": 120,
        "measured": 110,
    }


def test_the_rate_of_the_row_is_the_default() -> None:
    deals = [deal("D1", "ana", "2026-02-10", "1000 EUR")]
    outcome = run(plan(BOOKINGS + EARN), {"payees": [person("ana")], "deals": deals, "fx": RATES}, "2026-02")
    assert amounts(outcome, "commission") == ["110.00"]


def paid(convert: str, rates: list[dict[str, Any]], period: str = "2026-01") -> tuple[Decimal, Decimal, Any]:
    text = plan(BOOKINGS + EARN + f"settle: {{negative: carry, pay_in: payee.pay_currency, convert: {convert}}}\n")
    deals = [deal("D1", "ana", f"{period}-10", "840")]
    rows = {"payees": [person("ana", pay_currency="EUR")], "deals": deals, "fx": rates}
    row = settled(text, rows, period)["ana"]
    assert row.payable == 84
    return row.paid, row.fx_rate, row.fx_date


def test_payment_at_the_average_of_the_period() -> None:
    """Rates of January from EUR to USD are 1.2 and 1.6: 84 ÷ 1.4. One from USD to EUR goes before them: 84 × 0.5."""
    assert paid("period_average", RATES) == (60, Decimal("0.714285714286"), day("2026-01-31"))
    direct = {"from": "USD", "to": "EUR", "date": "2026-01-15", "rate": "0.5"}
    assert paid("period_average", [*RATES, direct]) == (42, Decimal("0.5"), day("2026-01-31"))
    with pytest.raises(Failed, match="E503"):
        paid("period_average", RATES, "2026-03")


def test_payment_at_the_rate_of_the_plan_or_of_the_pay_date() -> None:
    """1.2 holds on 1 January; on 15 February, when January is paid, 1.1."""
    assert paid("plan_rate", RATES) == (70, Decimal("0.833333333333"), day("2026-01-01"))
    assert paid("pay_date", RATES) == (Decimal("76.36"), Decimal("0.909090909091"), day("2026-02-10"))
