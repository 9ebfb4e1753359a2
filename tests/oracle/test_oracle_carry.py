"""What a cap carries into later windows (section 10, carry), and rates over rolling windows."""

from decimal import Decimal

import pytest
from oracle_company import BOOKINGS, day, deal, person, plan, program, rows_of, run, snapshot, workspace

from compengine.oracle.explain import explain

CARRY = """\
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate: 10%
    limit: [{limit}]
"""
SOLD = [
    deal("D1", "ana", "2026-01-10", "50000"),
    deal("D2", "ana", "2026-01-20", "30000"),
    deal("D3", "ana", "2026-02-10", "45000"),
]
ROWS = {"payees": [person("ana")], "deals": SOLD}


def test_what_exceeds_a_month_is_paid_in_the_next_ones() -> None:
    """The reference: 8,000, 4,500 and 0 earned come to 5,000, 5,000 and 2,500."""
    text = plan(BOOKINGS + CARRY.format(limit="at most 5_000 USD per month carry"))
    outcome = run(text, ROWS, "2026-03")
    assert rows_of(outcome, "commission") == [
        ("D1", "rate", 5000),
        ("D2", "rate", 3000),
        ("D2", "cap:month", -3000),
        ("D3", "rate", 4500),
        ("2026-02", "carried:month", 500),
        ("2026-03", "carried:month", 2500),
    ]
    february, march = outcome.earnings[-2:]
    assert (february.kind, february.basis, february.rate, february.date) == ("carried", 3000, 0, day("2026-02-28"))
    assert (march.basis, march.for_period) == (2500, "2026-03")
    assert [(p.source, p.on, p.amount) for p in outcome.payables][-1] == ("2026-03", day("2026-03-31"), 2500)


def test_an_open_window_pays_nothing_yet_and_a_return_makes_room() -> None:
    """January 8,000 against a quarter of 6,000: 2,000 are carried, paid in Q2, where −500 leave room for 6,500."""
    text = plan(BOOKINGS + CARRY.format(limit="at most 6_000 USD per quarter carry"))
    deals = [*SOLD[:2], deal("D4", "ana", "2026-04-10", "-5000")]
    rows = {"payees": [person("ana")], "deals": deals}
    assert rows_of(run(text, rows, "2026-05"), "commission")[-1] == ("D4", "rate", -500)
    outcome = run(text, rows, "2026-06")
    assert rows_of(outcome, "commission")[-1] == ("2026-Q2", "carried:quarter", 2000)


def test_a_leaver_forfeits_and_somebody_who_comes_back_finds_it_again() -> None:
    text = plan(BOOKINGS + CARRY.format(limit="at most 5_000 USD per month carry"))
    away = [person("ana", to="2026-01-31"), person("ana", title="Other", **{"from": "2026-02-01"})]
    outcome = run(text, {"payees": away, "deals": SOLD[:2]}, "2026-12")
    assert [part for _, part, _ in rows_of(outcome, "commission")] == ["rate", "rate", "cap:month"]
    back = [
        person("ana", to="2026-01-31"),
        person("ana", title="Other", **{"from": "2026-02-01", "to": "2026-03-15"}),
        person("ana", **{"from": "2026-03-16"}),
    ]
    outcome = run(text, {"payees": back, "deals": SOLD[:2]}, "2026-12")
    assert rows_of(outcome, "commission")[-1] == ("2026-03", "carried:month", 3000)


def test_each_value_of_by_carries_its_own() -> None:
    """4,000 and 7,000 against 3,000 each: 1,000 and 4,000 go on; February takes the 1,000 and 3,000 of the 4,000."""
    text = plan(BOOKINGS + CARRY.format(limit="at most 3_000 USD per month by deal.product carry"))
    deals = [
        deal("D1", "ana", "2026-01-10", "40000", product="A"),
        deal("D2", "ana", "2026-01-10", "70000", product="B"),
    ]
    outcome = run(text, {"payees": [person("ana")], "deals": deals}, "2026-03")
    assert rows_of(outcome, "commission")[4:] == [
        ("2026-02", "carried:month:A", 1000),
        ("2026-02", "carried:month:B", 3000),
        ("2026-03", "carried:month:B", 1000),
    ]


def test_the_limit_of_a_window_is_that_of_its_last_day() -> None:
    """A target of 1,000 until 15 February and of 2,000 then: January is cut at 1,000, February at 2,000 on all days."""
    text = plan(BOOKINGS + CARRY.format(limit="at most payee.target per month carry"))
    people = [
        person("ana", target="1000", to="2026-02-15"),
        person("ana", target="2000", **{"from": "2026-02-16"}),
    ]
    deals = [deal("D1", "ana", "2026-01-10", "14000"), deal("D2", "ana", "2026-02-10", "15000")]
    outcome = run(text, {"payees": people, "deals": deals}, "2026-02")
    assert rows_of(outcome, "commission") == [
        ("D1", "rate", 1400),
        ("D1", "cap:month", -400),
        ("D2", "rate", 1500),
        ("2026-02", "carried:month", 400),
    ]


def test_a_later_limit_sees_the_carried_row_after_those_of_its_day() -> None:
    """3,000 are carried into February: with D3, of the 28th, the year comes to 5,000 + 4,500 + 500, of which 9,800."""
    text = plan(BOOKINGS + CARRY.format(limit="at most 5_000 USD per month carry, at most 9_800 USD per year"))
    deals = [*SOLD[:2], deal("D3", "ana", "2026-02-28", "45000")]
    outcome = run(text, {"payees": [person("ana")], "deals": deals}, "2026-02")
    assert rows_of(outcome, "commission")[3:] == [
        ("D3", "rate", 4500),
        ("2026-02", "carried:month", 500),
        ("2026-02", "cap:year", -200),
    ]
    assert [(p.source, p.part, p.amount) for p in outcome.payables][-1] == ("2026-02", "cap:year", -200)


def test_a_rule_per_window_pays_it_with_its_own_window_and_counts_it_apart() -> None:
    text = plan(
        BOOKINGS
        + """\
measures:
  bonuses: count(bonus, year to date)
  largest: max(bonus, year to date) default 0 USD
  all: sum(bonus, year to date)
earn:
  bonus:
    per: month
    of: sum(bookings, month)
    rate: 10%
    limit: [at most 5_000 USD per month carry, at most 6_000 USD per quarter]
    release:
      - {share: 100%, on: period.end + 1 month}
"""
    )
    outcome = run(text, ROWS, "2026-02")
    assert rows_of(outcome, "bonus") == [
        ("2026-01", "rate", 8000),
        ("2026-01", "cap:month", -3000),
        ("2026-02", "rate", 4500),
        ("2026-02", "carried:month", 500),
        ("2026-02", "cap:quarter", -4000),
    ]
    due = {(p.source, p.part): p.on for p in outcome.payables}
    assert due["2026-02", "rate"] == due["2026-02", "cap:quarter"] == day("2026-03-28")
    assert due["2026-02", "carried:month"] == day("2026-02-28")
    # January 5,000; February 500 without what was carried, which is 500 more
    assert {m.measure: m.value for m in outcome.measures} == {"bonuses": 2, "largest": 5000, "all": 6000}


def test_a_year_from_a_date() -> None:
    """Years of ana begin on 1 February: the 2,000 that January has too much are paid when the next year has closed,
    as far as its 4,500 leave room; that year ends after this plan does."""
    text = plan(BOOKINGS + CARRY.format(limit="at most 6_000 USD per year from payee.hired_on carry"))
    people = [person("ana", hired_on="2024-02-01")]
    outcome = run(text, {"payees": people, "deals": SOLD}, "2026-12")
    assert [part for _, part, _ in rows_of(outcome, "commission")][-2:] == ["cap:year from payee.hired_on", "rate"]
    longer = text.replace("to 2026-12-31", "to 2027-12-31")
    outcome = run(longer, {"payees": people, "deals": SOLD}, "2027-01")
    assert rows_of(outcome, "commission")[-1] == ("2026-02-01/P1Y", "carried:year from payee.hired_on", 1500)


def test_a_plan_carries_the_totals_of_its_periods() -> None:
    text = plan(
        BOOKINGS
        + """\
earn:
  commission: {per: credit of bookings, of: credit.amount, rate: 10%}
settle:
  limit: [at most 5_000 USD per month carry]
"""
    )
    outcome = run(text, ROWS, "2026-03")
    assert rows_of(outcome, "settle") == [
        ("2026-01", "cap:month", -3000),
        ("2026-02", "carried:month", 500),
        ("2026-03", "carried:month", 2500),
    ]
    assert {p.on for p in outcome.payables if p.component == "settle"} == {
        day("2026-01-31"),
        day("2026-02-28"),
        day("2026-03-31"),
    }


def test_a_carried_row_is_explained_by_the_limit() -> None:
    text = plan(BOOKINGS + CARRY.format(limit="at most deal.acv per credit, at most 5_000 USD per month carry"))
    window = workspace().calendars["monthly"].period("2026-03")
    tree = explain(program(text), snapshot(ROWS), window, "ae", "commission", "ana", "2026-03")
    assert [(child.text, child.value) for child in tree.children] == [
        ("at most 5_000 USD per month carry", 5000),
        ("rows", 2500),
    ]


ROLLING = """\
measures:
  trailing: sum(bookings, rolling 2 months)
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate:
      position: trailing
      mode: {mode}
      bands: {bands}
"""


@pytest.mark.parametrize(
    ("mode", "bands", "expected"),
    [
        # at the ends of January, February and March the two months come to 600, 1,000 and 1,100
        ("whole", "{0 USD: 1%, 1_000 USD: 2%}", [("D1", "0 USD", 6), ("D2", "1_000 USD", 8), ("D3", "1_000 USD", 14)]),
        # D2 runs from 600 to 1,000, in the band that the end of February reaches; D3 from 400 to 1,100
        (
            "marginal",
            "{0 USD: 1%, 500 USD: 2% whole, 1_050 USD: 3%}",
            [("D1", "500 USD", 12), ("D2", "500 USD", 8), ("D3", "500 USD", 13), ("D3", "1_050 USD", Decimal("1.5"))],
        ),
    ],
)
def test_a_rolling_window_is_rated_once(mode: str, bands: str, expected: list[tuple[str, str, Decimal]]) -> None:
    deals = [
        deal("D1", "ana", "2026-01-10", "600"),
        deal("D2", "ana", "2026-02-10", "400"),
        deal("D3", "ana", "2026-03-20", "700"),
    ]
    text = plan(BOOKINGS + ROLLING.format(mode=mode, bands=bands))
    outcome = run(text, {"payees": [person("ana")], "deals": deals}, "2026-03")
    assert rows_of(outcome, "commission") == expected
