"""Credits: splits, overlays, hierarchy, conversion, what is left out, and faults."""

from decimal import Decimal

import pytest
from oracle_company import BOOKINGS, amounts, day, deal, earned, person, plan, run

from compengine.source.diagnostic import Failed

SPLIT = """\
credits:
  bookings:
    from: deals
    each: deal.splits
    when: deal.stage == "Won"
    date: deal.close_date
    amount: deal.acv
    to: split.payee
    share: {share}
earn:
  commission: {{per: credit of bookings, of: credit.amount, rate: 10%}}
"""


def split(deal_key: str, payee: str, percent: str = "0%") -> dict[str, str]:
    return {"deal": deal_key, "payee": payee, "percent": percent}


def test_head_count_split_adds_up_to_the_cent() -> None:
    text = plan(SPLIT.format(share="1 / count(deal.splits)"))
    rows = {
        "payees": [person(p) for p in "abc"],
        "deals": [deal("D1", "a", "2026-02-01", "10000")],
        "splits": [split("D1", p) for p in "cab"],
    }
    outcome = run(text, rows, "2026-02")
    assert [(c.source, f"{c.amount:.2f}") for c in outcome.credits] == [
        ("D1/a", "3333.34"),
        ("D1/b", "3333.33"),
        ("D1/c", "3333.33"),
    ]


def test_the_other_share_gets_the_rest() -> None:
    text = plan(SPLIT.format(share="split.percent"))
    rows = {
        "payees": [person("a"), person("b")],
        "deals": [deal("D1", "a", "2026-02-01", "6.45")],
        "splits": [split("D1", "a", "30%"), split("D1", "b", "70%")],
    }
    assert [f"{c.amount:.2f}" for c in run(text, rows, "2026-02").credits] == ["1.94", "4.51"]


def test_shares_that_do_not_add_up_and_rows_without_related_ones_do_not_hide_each_other() -> None:
    text = plan(SPLIT.format(share="split.percent"))
    rows = {
        "payees": [person("a"), person("b")],
        "deals": [
            deal("D1", "a", "2026-02-01", "100"),
            deal("D2", "a", "2026-02-01", "100"),
            deal("D3", "a", "2026-02-01", "9"),
        ],
        "splits": [split("D1", "a", "30%"), split("D1", "b", "60%"), split("D3", "a", "100%")],
    }
    with pytest.raises(Failed) as failed:
        run(text, rows, "2026-02")
    assert [(d.code, d.place.row) for d in failed.value.diagnostics] == [("E506", "D1"), ("E507", "D2")]


def test_when_says_which_part_failed() -> None:
    text = plan(
        BOOKINGS.replace('deal.stage == "Won"', 'deal.acv > 10 USD and deal.stage == "Won" and deal.term > 3')
        + "earn:\n  commission: {per: credit of bookings, of: credit.amount, rate: 10%}\n"
    )
    rows = {"payees": [person("ana")], "deals": [deal("D1", "ana", "2026-02-01", "100", stage="Open", term="1")]}
    outcome = run(text, rows, "2026-02")
    assert [(e.rule, e.source, e.payee, e.by) for e in outcome.exclusions] == [
        ("bookings", "D1", "ana", 'deal.stage == "Won"')
    ]


UPLINE = """\
credits:
  upline:
    from: policies
    date: policy.issued_on
    amount: policy.premium * 12
    to: managers(policy.agent, 1 to 9)
    shares_total: overlay
earn:
  spread:
    per: credit of upline
    of: credit.amount
    rate: max(payee.level - credit.via.level, 0%)
"""


def test_differential_override() -> None:
    """1,200 of premium; agent at 55%, manager at 75%: 240. The one above has the same level and gets nothing."""
    text = plan(UPLINE, payees='payee.title == "Agent"')
    people = [
        person("ann", title="Agent", level="55%", manager="bob"),
        person("bob", title="Agent", level="75%", manager="cat"),
        person("cat", title="Agent", level="75%"),
    ]
    policies = [
        {"id": "P1", "agent": "ann", "issued_on": "2026-01-15", "premium": "100", "months": 12},
        {"id": "P2", "agent": "cat", "issued_on": "2026-01-15", "premium": "100", "months": 12},
    ]
    outcome = run(text, {"payees": people, "policies": policies}, "2026-01")
    assert {e.payee: f"{e.amount:.2f}" for e in outcome.earnings} == {"bob": "240.00", "cat": "0.00"}
    assert [(c.payee, c.level, c.via) for c in outcome.credits] == [("bob", 1, "ann"), ("cat", 2, "bob")]
    assert [(e.source, e.by) for e in outcome.exclusions] == [("P2", "nobody above cat on 2026-01-15")]


def test_overlay_to_matching_people() -> None:
    text = plan(
        """\
credits:
  overlay:
    from: deals
    date: deal.close_date
    amount: deal.acv
    to: payees where payee.title == "SE" and payee.region == deal.product
    share: 50%
    shares_total: overlay
earn:
  engineering: {per: credit of overlay, of: credit.amount, rate: 2%}
""",
        payees='payee.title == "SE"',
    )
    people = [
        person("x", title="SE", region="N"),
        person("y", title="SE", region="S"),
        person("z", title="SE", region="N"),
    ]
    outcome = run(text, {"payees": people, "deals": [deal("D1", "x", "2026-02-01", "1000", product="N")]}, "2026-02")
    assert [(c.payee, c.amount, c.share) for c in outcome.credits] == [
        ("x", 500, Decimal("0.5")),
        ("z", 500, Decimal("0.5")),
    ]


def test_foreign_money() -> None:
    """100 USD at 0.2293 is 22.93 EUR; 15% of it 3.44 EUR. Rate and day stand on the credit."""
    text = plan(
        BOOKINGS + "earn:\n  commission: {per: credit of bookings, of: credit.amount, rate: 15%}\n", currency="EUR"
    )
    rates = [{"from": "USD", "to": "EUR", "date": "2026-01-31", "rate": "0.2293"}]
    rows = {"payees": [person("ana")], "deals": [deal("D1", "ana", "2026-02-01", "100")], "fx": rates}
    outcome = run(text, rows, "2026-02")
    credit = outcome.credits[0]
    assert (credit.amount, credit.original_amount, credit.original_currency) == (Decimal("22.93"), 100, "USD")
    assert (credit.fx_rate, credit.fx_date) == (Decimal("0.2293"), day("2026-01-31"))
    assert amounts(outcome, "commission") == ["3.44"]
    with pytest.raises(Failed, match="E503"):
        run(text, {**rows, "fx": []}, "2026-02")


def test_commission_on_commission_of_another_plan() -> None:
    below = plan(BOOKINGS + "earn:\n  commission: {per: credit of bookings, of: credit.amount, rate: 10%}\n")
    above = plan(
        """\
credits:
  downline:
    from: ae.commission
    date: earning.date
    amount: earning.basis - earning.amount
    to: managers(earning.payee, 1)
    shares_total: overlay
earn:
  override: {per: credit of downline, of: credit.amount, rate: 10%}
""",
        name="lead",
        payees='payee.title == "Lead"',
    )
    people = [person("ana", manager="leo"), person("leo", title="Lead")]
    outcome = run([below, above], {"payees": people, "deals": [deal("D1", "ana", "2026-02-01", "1000")]}, "2026-02")
    assert earned(outcome, "override", "leo") == "90.00"
    assert [c.source for c in outcome.credits] == ["D1", "D1:ana"]


def test_a_missing_quota_of_one_does_not_hide_that_of_another() -> None:
    text = plan(
        BOOKINGS
        + """\
measures:
  attainment: sum(bookings, year to date) / quota(bookings, year)
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate:
      position: attainment
      mode: marginal
      bands: {0%: 5%, 100%: 6%}
"""
    )
    deals = [deal("D1", "ana", "2026-02-01", "1"), deal("D2", "bob", "2026-02-01", "1")]
    with pytest.raises(Failed) as failed:
        run(text, {"payees": [person("ana"), person("bob")], "deals": deals}, "2026-02")
    assert [(d.code, d.place.row, d.place.note) for d in failed.value.diagnostics] == [
        ("E502", "D1", "ana"),
        ("E502", "D2", "bob"),
    ]


def test_people_on_no_plan_are_reported() -> None:
    text = plan(BOOKINGS + "earn:\n  commission: {per: credit of bookings, of: credit.amount, rate: 15%}\n")
    rows = {"payees": [person("ana", title="Other")], "deals": [deal("D1", "ana", "2026-02-01", "100")]}
    outcome = run(text, rows, "2026-02")
    assert outcome.earnings == []
    assert [(e.rule, e.payee, e.by) for e in outcome.exclusions] == [("bookings", "ana", "on no plan on 2026-02-01")]
