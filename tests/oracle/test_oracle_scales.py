"""Scales: the worked numbers of the reference and of published plans."""

import pytest
from oracle_company import BOOKINGS, amounts, deal, earned, person, plan, quota, rows_of, run

ATTAINMENT = "measures:\n  attainment: sum(bookings, {window}) / quota(bookings, {quota})\n"
COMMISSION = """\
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate:
      position: attainment
      mode: {mode}
      bands: {bands}
"""


def scaled(mode: str, bands: str, window: str = "year to date", quota: str = "year") -> str:
    return plan(BOOKINGS + ATTAINMENT.format(window=window, quota=quota) + COMMISSION.format(mode=mode, bands=bands))


def test_marginal_three_bands() -> None:
    text = scaled("marginal", "{0%: 5%, 100%: 6%, 125%: 7%}")
    rows = {
        "payees": [person("ana")],
        "quotas": [quota("ana", "100000")],
        "deals": [deal("D1", "ana", "2026-02-01", "150000")],
    }
    outcome = run(text, rows, "2026-03")
    assert amounts(outcome, "commission") == ["5000.00", "1500.00", "1750.00"]
    assert earned(outcome) == "8250.00"
    first, second, third = outcome.earnings
    assert [e.part for e in (first, second, third)] == ["0%", "100%", "125%"]
    assert (second.basis, second.position_from, second.position_to) == (25_000, 1, 1.25)
    assert (second.rate_unit, second.basis_unit, second.kind) == ("%", "USD", "rate")


def test_mixed_enterprise() -> None:
    text = scaled("marginal", "{0%: 5%, 50%: 10% whole, 100%: 20%}")
    rows = {
        "payees": [person("ana")],
        "quotas": [quota("ana", "33000")],
        "deals": [deal("D1", "ana", "2026-03-02", "40000")],
    }
    assert rows_of(run(text, rows, "2026-03"), "commission") == [("D1", "50%", 3300), ("D1", "100%", 1400)]


@pytest.mark.parametrize(("period", "amount"), [("2026-01", "1600.00"), ("2026-02", "6300.00")])
def test_true_up(period: str, amount: str) -> None:
    """Year to date, 80k then 130k against 100k a month: 1,600, then 6,300 in all: 4,700 more, 800 of it for January."""
    text = scaled("whole", "{0%: 2%, 100%: 3%}", quota="year to date")
    quotas = [quota("ana", "100000", f"2026-{m:02}-01", f"2026-{m:02}-{d}") for m, d in ((1, 31), (2, 28), (3, 31))]
    deals = [deal("D1", "ana", "2026-01-20", "80000"), deal("D2", "ana", "2026-02-20", "130000")]
    outcome = run(text, {"payees": [person("ana")], "quotas": quotas, "deals": deals}, period)
    assert earned(outcome) == amount
    assert {e.for_period for e in outcome.earnings if e.source == "D1"} == {"2026-01"}


def test_by_period_leaves_january_alone() -> None:
    text = scaled("whole", "{0%: 2%, 100%: 3%}", "month to date", "month")
    quotas = [quota("ana", "100000", f"2026-{m:02}-01", f"2026-{m:02}-{d}") for m, d in ((1, 31), (2, 28))]
    deals = [deal("D1", "ana", "2026-01-20", "80000"), deal("D2", "ana", "2026-02-20", "130000")]
    outcome = run(text, {"payees": [person("ana")], "quotas": quotas, "deals": deals}, "2026-02")
    assert amounts(outcome, "commission") == ["1600.00", "3900.00"]


def test_a_position_of_the_row_itself() -> None:
    text = plan(
        BOOKINGS
        + """\
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate:
      position: credit.amount
      mode: marginal
      bands: {0 USD: 5%, 20_000 USD: 8%, 100_000 USD: 1%}
"""
    )
    outcome = run(text, {"payees": [person("ana")], "deals": [deal("D1", "ana", "2026-02-01", "120000")]}, "2026-02")
    assert amounts(outcome, "commission") == ["1000.00", "6400.00", "200.00"]


def test_boundaries_of_a_position_that_does_not_move() -> None:
    """A credit of zero exactly on a bound: the band it opens, or with `lower` the band it closes."""
    for boundary, part in (("upper", "100 USD"), ("lower", "0 USD")):
        text = plan(
            BOOKINGS
            + f"""\
measures:
  running: sum(bookings, year to date)
earn:
  commission:
    per: credit of bookings
    of: 10 USD
    rate:
      position: running
      mode: marginal
      boundary: {boundary}
      bands: {{0 USD: 5%, 100 USD: 8%}}
"""
        )
        deals = [deal("D1", "ana", "2026-02-01", "100"), deal("D2", "ana", "2026-02-02", "0")]
        outcome = run(text, {"payees": [person("ana")], "deals": deals}, "2026-02")
        assert rows_of(outcome, "commission")[-1][:2] == ("D2", part)


def test_a_window_rule_runs_from_its_start_to_its_end() -> None:
    """Whole over cars of the month: 12 cars at 50."""
    text = plan(
        """\
credits:
  cars: {from: deals, date: deal.close_date, amount: deal.term, to: deal.owner}
earn:
  volume:
    per: month
    of: sum(cars, month)
    rate:
      position: sum(cars, month)
      mode: whole
      bands: {0: 0 USD, 10: 50 USD, 15: 100 USD}
"""
    )
    deals = [deal(f"D{n}", "ana", "2026-02-01", "1", term="3") for n in range(4)]
    outcome = run(text, {"payees": [person("ana")], "deals": deals}, "2026-02")
    assert rows_of(outcome, "volume") == [("2026-01", "0", 0), ("2026-02", "10", 600)]
    assert outcome.earnings[-1].rate_unit == "USD" and outcome.earnings[-1].basis_unit == ""


def test_team_quota_with_ramp_and_whole_override() -> None:
    """Three at 250,000 and one ramping at half: 875,000; at 910,000 4% of all is 36,400."""
    text = plan(
        """\
credits:
  team:
    from: deals
    date: deal.close_date
    amount: deal.acv
    to: managers(deal.owner, 1)
    shares_total: overlay
measures:
  team_quota: sum(quota(bookings, year) * payee.ramp, reports)
  attainment: sum(team, year to date) / team_quota
earn:
  override:
    per: credit of team
    of: credit.amount
    rate:
      position: attainment
      mode: whole
      bands: {0%: 2%, 80%: 3%, 100%: 4%, 120%: 5%}
""",
        payees='payee.title == "Manager"',
    )
    reps = [
        person(p, manager="max", title="Rep", ramp=r)
        for p, r in zip("abcd", ("100%", "100%", "100%", "50%"), strict=True)
    ]
    rows = {
        "payees": [person("max", title="Manager"), *reps],
        "quotas": [quota(p, "250000") for p in "abcd"],
        "deals": [deal("D1", "a", "2026-05-03", "800000"), deal("D2", "b", "2026-06-03", "110000")],
    }
    assert earned(run(text, rows, "2026-05")) == "24000.00"
    outcome = run(text, rows, "2026-06")
    assert earned(outcome) == "36400.00"
    assert [(m.measure, m.value) for m in outcome.measures][1] == ("team_quota", 875_000)
    assert [c.via for c in outcome.credits] == ["a", "b"]


def test_a_tie_in_shared_rounding_goes_to_the_lower_band_on_the_way_back_too() -> None:
    """−110 from 200 down to 90: −100 × 0.035% and −10 × 0.35% are −0.035 each, together −0.07."""
    text = plan(
        "rounding: half-up per component\n"
        + BOOKINGS
        + """\
measures:
  running: sum(bookings, year to date)
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate:
      position: running
      mode: marginal
      bands: {0 USD: 0.35%, 100 USD: 0.035%}
"""
    )
    deals = [deal("D1", "ana", "2026-01-01", "200"), deal("D2", "ana", "2026-02-01", "-110")]
    outcome = run(text, {"payees": [person("ana")], "deals": deals}, "2026-02")
    assert [(part, f"{amount:.2f}") for source, part, amount in rows_of(outcome, "commission") if source == "D2"] == [
        ("0 USD", "-0.03"),
        ("100 USD", "-0.04"),
    ]
