"""Settlement: draws, negatives, minimum, currency, plan limits."""

from decimal import Decimal

import pytest
from oracle_company import BOOKINGS, balance, day, deal, person, plan, rows_of, run, settled

EARN = "earn:\n  commission: {per: credit of bookings, of: credit.amount, rate: 10%}\n"
DRAW = """\
settle:
  negative: carry
  draw: {kind: top-up, amount: 2_000 USD, recover: 100%, at_end: owed}
"""


@pytest.mark.parametrize(
    ("sold", "owed", "payable", "draw", "recovered"),
    [("15000", "0", 2000, 500, 0), ("23750", "500", 2000, 0, 375), ("30000", "125", 2875, 0, 125)],
)
def test_top_up_draw(sold: str, owed: str, payable: int, draw: int, recovered: int) -> None:
    """1,500, 2,375 and 3,000 earned with a draw of 2,000: 2,000, 2,000, 2,875 paid and 500, 125, 0 owed."""
    rows = {"payees": [person("ana")], "deals": [deal("D1", "ana", "2026-01-10", sold)]}
    row = settled(plan(BOOKINGS + EARN + DRAW), rows, "2026-01", [balance("ana", "owed", f"-{owed}")])["ana"]
    assert (row.payable, row.draw, row.recovered, row.guarantee) == (payable, draw, recovered, 0)


def test_guarantee_and_minimum() -> None:
    settle = "settle:\n  negative: carry\n  minimum: 10 USD\n  draw: {kind: top-up, amount: 100 USD, recover: 0%}\n"
    row = settled(plan(BOOKINGS + EARN + settle), {"payees": [person("ana")]}, "2026-01")["ana"]
    assert (row.guarantee, row.draw, row.payable) == (100, 0, 100)
    settle = "settle:\n  negative: carry\n  minimum: 10 USD\n"
    rows = {"payees": [person("ana")], "deals": [deal("D1", "ana", "2026-01-10", "60")]}
    row = settled(plan(BOOKINGS + EARN + settle), rows, "2026-01")["ana"]
    assert (row.due, row.waiting, row.payable) == (6, 6, 0)
    row = settled(plan(BOOKINGS + EARN + settle), rows, "2026-01", [balance("ana", "waiting", "5")])["ana"]
    assert (row.due, row.brought, row.waiting, row.payable) == (6, 5, 0, 11)


@pytest.mark.parametrize("word", ["carry", "collect", "forgive"])
def test_negative(word: str) -> None:
    rows = {"payees": [person("ana")], "deals": [deal("D1", "ana", "2026-01-10", "-60")]}
    row = settled(plan(BOOKINGS + EARN + f"settle: {{negative: {word}}}\n"), rows, "2026-01")["ana"]
    assert row.payable == 0
    assert (row.carried, row.collected, row.forgiven) == tuple(6 * (word == w) for w in ("carry", "collect", "forgive"))


def test_a_carried_negative_is_taken_from_later_pay() -> None:
    rows = {"payees": [person("ana")], "deals": [deal("D1", "ana", "2026-02-10", "100")]}
    text = plan(BOOKINGS + EARN + "settle: {negative: carry}\n")
    row = settled(text, rows, "2026-02", [balance("ana", "carried", "-6")])["ana"]
    assert (row.due, row.carried_recovered, row.payable) == (10, 6, 4)


def test_what_was_released_before_is_not_due_again() -> None:
    rows = {
        "payees": [person("ana")],
        "deals": [deal("D1", "ana", "2026-01-10", "100"), deal("D2", "ana", "2026-02-10", "50")],
    }
    row = settled(plan(BOOKINGS + EARN), rows, "2026-02", [balance("ana", "released", "10")])["ana"]
    assert (row.due, row.payable) == (5, 5)


def test_additive_draw_and_its_end() -> None:
    text = plan(
        BOOKINGS
        + EARN
        + """\
settle:
  negative: carry
  draw:
    kind: additive
    amount: 100 USD
    when: period.end <= 2026-01-31
    recover: 50%
    at_end: WORD
"""
    )
    deals = [deal("D1", "ana", "2026-01-10", "200"), deal("D2", "ana", "2026-02-10", "200")]
    rows = {"payees": [person("ana")], "deals": deals}
    row = settled(text.replace("WORD", "owed"), rows, "2026-01", [balance("ana", "owed", "-70")])["ana"]
    assert (row.draw, row.recovered, row.payable) == (100, 10, 110)
    later = [balance("ana", "owed", "-160"), balance("ana", "released", "20")]
    row = settled(text.replace("WORD", "owed"), rows, "2026-02", later)["ana"]
    assert (row.draw, row.recovered, row.payable) == (0, 10, 10)
    row = settled(text.replace("WORD", "forgiven"), rows, "2026-02", later)["ana"]
    assert (row.draw_forgiven, row.recovered, row.payable) == (160, 0, 20)


def test_paid_in_another_currency() -> None:
    text = plan(BOOKINGS + EARN + "settle: {negative: carry, pay_in: payee.pay_currency}\n")
    rates = [{"from": "EUR", "to": "USD", "date": f"2026-0{m}-01", "rate": r} for m, r in ((1, "1.2"), (2, "1.25"))]
    rows = {
        "payees": [person("ana", pay_currency="EUR")],
        "deals": [deal("D1", "ana", "2026-01-10", "100")],
        "fx": rates,
    }
    row = settled(text, rows, "2026-01")["ana"]
    assert (row.payable, row.pay_currency, row.fx_rate, row.paid) == (10, "EUR", Decimal("0.8"), 8)
    assert row.fx_date == day("2026-02-01")


def test_a_limit_of_the_whole_plan() -> None:
    text = plan(BOOKINGS + EARN + "  more: {per: month, pay: 5 USD}\nsettle:\n  limit: [at most 22 USD per year]\n")
    deals = [deal("D1", "ana", "2026-01-10", "100"), deal("D2", "ana", "2026-02-10", "50")]
    outcome = run(text, {"payees": [person("ana")], "deals": deals}, "2026-02")
    assert rows_of(outcome, "settle") == [("2026-02", "cap:year", -3)]
    row = next(e for e in outcome.earnings if e.component == "settle")
    assert (row.basis, row.for_period, row.date) == (10, "2026-02", day("2026-02-28"))
    assert next(p for p in outcome.payables if p.component == "settle").amount == -3
