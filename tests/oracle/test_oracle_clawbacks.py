"""What is taken back: policies, schedules, releases."""

import pytest
from oracle_company import BOOKINGS, amounts, day, deal, earned, person, plan, run

TIERED = """\
measures:
  running: sum(bookings, year to date)
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate:
      position: running
      mode: {mode}
      bands: {{0 USD: 4%, 100_000 USD: 6%}}
clawback:
  cancelled:
    of: bookings
    when: deal.cancelled_on is not empty
    date: deal.cancelled_on
    policy: {policy}
settle:
  negative: carry
"""


@pytest.mark.parametrize(
    ("policy", "mode", "before", "after"),
    [
        ("original_lines\n    attainment: kept", "marginal", "5200.00", "1600.00"),
        ("scale", "marginal", "5200.00", "1200.00"),
        ("recompute", "marginal", "5200.00", "1200.00"),
        ("recompute", "whole", "7200.00", "1200.00"),
    ],
)
def test_policies(policy: str, mode: str, before: str, after: str) -> None:
    """Deals of 90k and 30k at 4% to 100k, then 6%; the first is cancelled: −3,600, −4,000, −4,000; whole −6,000."""
    text = plan(BOOKINGS + TIERED.format(mode=mode, policy=policy))
    deals = [
        deal("D1", "ana", "2026-01-10", "90000", cancelled_on="2026-03-05"),
        deal("D2", "ana", "2026-02-10", "30000"),
    ]
    rows = {"payees": [person("ana")], "deals": deals}
    assert earned(run(text, rows, "2026-02")) == before
    assert earned(run(text, rows, "2026-03")) == after


def test_scale_adds_a_credit_and_counts_it_apart() -> None:
    text = plan(
        BOOKINGS
        + """\
measures:
  number: count(bookings, year to date)
  volume: sum(bookings, year to date)
earn:
  commission: {per: credit of bookings, of: credit.amount, rate: 10%}
clawback:
  cancelled:
    of: bookings
    when: deal.cancelled_on is not empty
    date: deal.cancelled_on
    policy: scale
settle: {negative: carry}
"""
    )
    rows = {"payees": [person("ana")], "deals": [deal("D1", "ana", "2026-01-10", "900", cancelled_on="2026-03-05")]}
    outcome = run(text, rows, "2026-03")
    assert [(c.source, c.amount) for c in outcome.credits] == [("D1", 900), ("D1~cancelled", -900)]
    assert [(e.source, e.for_period, e.amount) for e in outcome.earnings] == [
        ("D1", "2026-01", 90),
        ("D1~cancelled", "2026-03", -90),
    ]
    assert {m.measure: m.value for m in outcome.measures} == {"number": 1, "volume": 0}


@pytest.mark.parametrize(("attainment", "value"), [("kept", 900), ("reduced", 0)])
def test_attainment_of_original_lines(attainment: str, value: int) -> None:
    text = plan(
        BOOKINGS
        + f"""\
measures:
  volume: sum(bookings, year to date)
earn:
  commission: {{per: credit of bookings, of: credit.amount, rate: 10%}}
clawback:
  cancelled:
    of: bookings
    when: deal.cancelled_on is not empty
    date: deal.cancelled_on
    policy: original_lines
    attainment: {attainment}
settle: {{negative: carry}}
"""
    )
    rows = {"payees": [person("ana")], "deals": [deal("D1", "ana", "2026-01-10", "900", cancelled_on="2026-03-05")]}
    outcome = run(text, rows, "2026-03")
    assert [m.value for m in outcome.measures] == [value]
    claw = outcome.earnings[-1]
    assert (claw.part, claw.kind, claw.basis, claw.rate, claw.amount) == ("claw:cancelled:rate", "claw", 90, -1, -90)


INSURANCE = """\
credits:
  written: {from: policies, date: policy.issued_on, amount: policy.premium * 12, to: policy.agent}
earn:
  first_year:
    per: credit of written
    of: credit.amount
    rate: payee.level
    release:
      - share: 75%
        on: policy.issued_on
      - each: policy.premiums where premium.month between 10 and 12
        share: 1 / 12
        on: premium.paid_on
clawback:
  lapse:
    of: written
    when: policy.lapsed_on is not empty and policy.months < 9
    date: policy.lapsed_on
    policy: original_lines
    share: (9 - policy.months) / 9
    attainment: kept
settle:
  negative: carry
"""


def test_advance_and_tail() -> None:
    """1,320 at 100%: 990 at issue, then 110 with each of the premiums ten to twelve."""
    premiums = [{"id": f"N{m}", "policy": "P1", "paid_on": f"2026-{m:02}-20", "month": m} for m in range(9, 13)]
    policy = {"id": "P1", "agent": "ana", "issued_on": "2026-01-15", "premium": "110", "months": 12}
    rows = {"payees": [person("ana", level="100%")], "policies": [policy], "premiums": premiums}
    outcome = run(plan(INSURANCE), rows, "2026-12")
    assert [(p.on, p.amount, p.step) for p in outcome.payables] == [
        (day("2026-01-15"), 990, 0),
        (day("2026-10-20"), 110, 1),
        (day("2026-11-20"), 110, 2),
        (day("2026-12-20"), 110, 3),
    ]


def test_lapse_takes_back_of_what_was_paid_and_cancels_what_is_held() -> None:
    """816.00, advance 612.00; a lapse with four months in force takes back 612 × 5/9 = 340.00."""
    policy = {
        "id": "P1", "agent": "ana", "issued_on": "2026-01-15", "premium": "68", "lapsed_on": "2026-06-01", "months": 4,
    }  # fmt: skip
    outcome = run(plan(INSURANCE), {"payees": [person("ana", level="100%")], "policies": [policy]}, "2026-06")
    assert amounts(outcome, "first_year") == ["816.00", "-453.33"]
    released = [(p.part, p.on, f"{p.amount:.2f}") for p in outcome.payables]
    assert released == [
        ("rate", day("2026-01-15"), "612.00"),
        ("rate", None, "204.00"),
        ("claw:lapse:rate", day("2026-06-01"), "-340.00"),
        ("claw:lapse:rate", None, "-113.33"),
    ]


@pytest.mark.parametrize(("cancelled", "answer"), [("2026-01-20", "-90.00"), ("2026-03-05", "0.00")])
def test_a_reversal_before_its_original_follows_it_under_first_n(cancelled: str, answer: str) -> None:
    """D1 of 10 February is the first; what is taken back of it counts in the period of its own day."""
    text = plan(
        BOOKINGS
        + """\
earn:
  commission: {per: credit of bookings, of: credit.amount, rate: 10%, limit: [first 1 per year]}
clawback:
  cancelled:
    of: bookings
    when: deal.cancelled_on is not empty
    date: deal.cancelled_on
    policy: scale
settle: {negative: carry}
"""
    )
    deals = [
        deal("D1", "ana", "2026-02-10", "900", cancelled_on=cancelled),
        deal("D2", "ana", "2026-02-11", "500"),
    ]
    outcome = run(text, {"payees": [person("ana")], "deals": deals}, "2026-03")
    assert sum(e.amount for e in outcome.earnings) == 0
    assert {e.source for e in outcome.earnings} == {"D1", "D1~cancelled"}
    january = sum(e.amount for e in outcome.earnings if e.for_period == "2026-01")
    assert f"{january:.2f}" == answer
