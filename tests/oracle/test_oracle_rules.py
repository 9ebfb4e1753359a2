"""Limits, ranks, pools, windows, rounding."""

from decimal import Decimal

import pytest
from oracle_company import BOOKINGS, amounts, deal, earned, person, plan, quota, rows_of, run

from compengine.source.diagnostic import Failed


def test_a_cap_adds_a_row_and_a_return_reduces_the_uncapped_figure_first() -> None:
    text = plan(
        BOOKINGS
        + """\
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate: 10%
    limit: [at most 100 USD per year]
"""
    )
    deals = [
        deal("D1", "ana", "2026-01-01", "800"),
        deal("D2", "ana", "2026-01-02", "700"),
        deal("D3", "ana", "2026-01-03", "-300"),
    ]
    outcome = run(text, {"payees": [person("ana")], "deals": deals}, "2026-01")
    assert rows_of(outcome, "commission") == [
        ("D1", "rate", 80),
        ("D2", "rate", 70),
        ("D2", "cap:year", -50),
        ("D3", "rate", -30),
        ("D3", "cap:year", 30),
    ]
    assert outcome.earnings[2].basis == 70


def test_bounds_per_credit() -> None:
    text = plan(
        BOOKINGS
        + """\
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate: 1%
    limit: [at least 15 USD per credit, at most 80 USD per credit]
"""
    )
    deals = [
        deal("D1", "ana", "2026-01-01", "100"),
        deal("D2", "ana", "2026-01-02", "2000"),
        deal("D3", "ana", "2026-01-03", "9000"),
    ]
    outcome = run(text, {"payees": [person("ana")], "deals": deals}, "2026-01")
    assert rows_of(outcome, "commission") == [
        ("D1", "rate", 1),
        ("D1", "minimum:credit", 14),
        ("D2", "rate", 20),
        ("D3", "rate", 90),
        ("D3", "cap:credit", -10),
    ]


def test_first_n_and_a_cap_across_the_plan() -> None:
    text = plan(
        BOOKINGS
        + """\
earn:
  spif:
    per: credit of bookings
    when: deal.product == "A" and credit.date in 2026-Q1
    pay: 500 USD
    limit: [first 2 per quarter, at most 1_200 USD per life across plan]
"""
    )
    deals = [
        deal(f"D{n}", "ana" if n < 4 else "bob", f"2026-01-0{n}", "1", product="B" if n == 2 else "A")
        for n in range(1, 7)
    ]
    outcome = run(text, {"payees": [person("ana"), person("bob")], "deals": deals}, "2026-01")
    assert rows_of(outcome, "spif") == [
        ("D1", "pay", 500),
        ("D3", "pay", 500),
        ("D4", "pay", 500),
        ("D4", "cap:life", -300),
        ("D5", "pay", 500),
        ("D5", "cap:life", -500),
    ]
    assert [(e.source, e.by) for e in outcome.exclusions] == [
        ("D2", 'deal.product == "A"'),
        ("D6", "first 2 per quarter"),
    ]


def test_real_estate() -> None:
    """A closing of 10,000: 600 of fee, 30% of the rest to the company, 195 a closing: 6,385 stay."""
    text = plan(
        BOOKINGS
        + """\
earn:
  franchise: {paid: no, per: credit of bookings, of: credit.amount, rate: 6%}
  company:
    paid: no
    per: credit of bookings
    of: credit.amount - franchise
    rate: 30%
    limit: [at most 26_400 USD per year from payee.hired_on]
  fee: {paid: no, per: credit of bookings, pay: 195 USD}
  commission: {per: credit of bookings, of: credit.amount - franchise - company - fee, rate: 100%}
"""
    )
    rows = {"payees": [person("ana", hired_on="2024-05-01")], "deals": [deal("D1", "ana", "2026-01-01", "10000")]}
    outcome = run(text, rows, "2026-01")
    assert amounts(outcome, "commission") == ["6385.00"]
    assert [p.component for p in outcome.payables] == ["commission"]


CONTEST = """\
measures:
  sold: sum(bookings, quarter)
earn:
  contest:
    per: quarter
    pay:
      rank: sold
      among: plan
      ties: {ties}
      prizes:
        - {{prize: 50 USD, when: sold > 0 USD}}
        - {{prize: 25 USD, when: sold > 0 USD}}
        - {{prize: 15 USD, when: sold > 0 USD}}
        - {{prize: 10 USD, when: sold > 0 USD}}
"""


@pytest.mark.parametrize(
    ("ties", "prizes"),
    [
        ("share", {"a": "50.00", "b": "20.00", "c": "20.00", "d": "10.00"}),
        ("all", {"a": "50.00", "b": "25.00", "c": "25.00", "d": "10.00"}),
        ("next", {"a": "50.00", "b": "25.00", "c": "25.00", "d": "15.00", "e": "10.00"}),
    ],
)
def test_a_tie_on_second(ties: str, prizes: dict[str, str]) -> None:
    deals = [deal(p, p, "2026-01-05", v) for p, v in zip("abcdef", ("9", "8", "8", "7", "6", "0"), strict=True)]
    rows = {"payees": [person(p) for p in "abcdef"], "deals": deals}
    outcome = run(plan(BOOKINGS + CONTEST.format(ties=ties)), rows, "2026-03")
    assert {e.payee: f"{e.amount:.2f}" for e in outcome.earnings} == prizes
    assert {e.payee for e in outcome.exclusions} == set("abcdef") - set(prizes)
    assert {e.by for e in outcome.exclusions} == {"no prize left"}


def test_ties_between_different_prizes() -> None:
    text = plan(BOOKINGS + CONTEST.format(ties="share").replace("sold > 0 USD}", "payee.weight > 1}", 1))
    rows = {
        "payees": [person("a", weight="1"), person("b", weight="2")],
        "deals": [deal(p, p, "2026-01-05", "8") for p in "ab"],
    }
    with pytest.raises(Failed, match="E510"):
        run(text, rows, "2026-03")


def test_a_pool_divided_by_weight() -> None:
    text = plan(
        """\
credits:
  sales:
    from: deals
    date: deal.close_date
    amount: deal.acv
    to: payees where payee.team == deal.product
    shares_total: overlay
measures:
  pool: sum(sales, quarter) * 1%
earn:
  pool_share:
    per: quarter
    pay: share_of(pool, payee.weight, same payee.team)
"""
    )
    rows = {
        "payees": [person(p, team="N", weight="1") for p in "abc"],
        "deals": [deal("D1", "a", "2026-02-01", "1000000", product="N")],
    }
    outcome = run(text, rows, "2026-03")
    assert amounts(outcome, "pool_share") == ["3333.34", "3333.33", "3333.33"]
    assert {e.kind for e in outcome.earnings} == {"share"}


def test_gates_and_tables_of_a_csm() -> None:
    """GRR 92%, NRR 110%: 5,000 + 5,000 × 50%; a gate halves the growth part at 84%."""
    text = plan(
        """\
credits:
  opening: {from: deals, date: deal.close_date, amount: deal.acv, to: deal.owner}
  renewed: {from: deals, date: deal.close_date, amount: deal.acv * deal.term, to: deal.owner}
tables:
  upside:
    by: [percent]
    curve: {below: 0%, 100%: 0%, 120%: 100%, above: continue}
measures:
  grr: sum(renewed, quarter) / sum(opening, quarter)
earn:
  retention:
    per: quarter
    when: grr >= 90%
    pay: payee.target / 8
  growth:
    per: quarter
    of: payee.target / 8
    rate: upside(grr + 18%)
    multiply:
      gate: if grr >= 95% then 100% else 50%
"""
    )
    rows = {"payees": [person("ana", target="40000")], "deals": [deal("D1", "ana", "2026-02-01", "100", term="0.92")]}
    outcome = run(text, rows, "2026-03")
    assert rows_of(outcome, "retention") == [("2026-Q1", "pay", 5000)]
    assert rows_of(outcome, "growth") == [("2026-Q1", "rate", 2500), ("2026-Q1", "gate", -1250)]


def test_bands_worth_an_amount_each() -> None:
    text = plan(
        BOOKINGS
        + """\
tables:
  worth:
    by: [money]
    cumulative: {0 USD: 10 USD, 1_000 USD: 40 USD, 3_000 USD: 100 USD, end: 8_000 USD}
earn:
  commission: {per: credit of bookings, pay: worth(credit.amount)}
"""
    )
    outcome = run(text, {"payees": [person("ana")], "deals": [deal("D1", "ana", "2026-02-01", "1500")]}, "2026-02")
    assert amounts(outcome, "commission") == ["20.00"]


def test_rounding_per_component() -> None:
    """Three times 0.335: rounded one by one 0.34 each; together 1.01, the odd cents to the first two."""
    body = BOOKINGS + "earn:\n  commission: {per: credit of bookings, of: credit.amount, rate: 10%}\n"
    rows = {"payees": [person("ana")], "deals": [deal(f"D{n}", "ana", "2026-02-01", "3.35") for n in range(3)]}
    assert amounts(run(plan(body), rows, "2026-02"), "commission") == ["0.34", "0.34", "0.34"]
    text = plan("rounding: half-up per component\n" + body)
    assert amounts(run(text, rows, "2026-02"), "commission") == ["0.34", "0.34", "0.33"]


def test_quota_of_a_part_of_the_year() -> None:
    """On the plan from 1 July: 184 of 365 days of 365,000."""
    text = plan(
        BOOKINGS
        + """\
measures:
  goal: quota(bookings, year)
earn:
  bonus: {per: year, of: goal, rate: 10%}
"""
    )
    rows = {"payees": [person("ana", **{"from": "2026-07-01"})], "quotas": [quota("ana", "365000")]}
    assert earned(run(text, rows, "2026-12")) == "18400.00"


@pytest.mark.parametrize(("word", "amount"), [("carry", 300), ("reset", 200)])
def test_transfer(word: str, amount: int) -> None:
    body = (
        BOOKINGS
        + "measures:\n  volume: sum(bookings, year to date)\nearn:\n  all: {per: month, of: volume, rate: 1%}\n"
    )
    other = plan(
        BOOKINGS + "earn:\n  c: {per: credit of bookings, of: credit.amount, rate: 1%}\n",
        "old",
        payees='payee.title == "BDR"',
    )
    people = [person("ana", title="BDR", to="2026-02-28"), person("ana", **{"from": "2026-03-01"})]
    rows = {"payees": people, "deals": [deal("D1", "ana", "2026-02-01", "100"), deal("D2", "ana", "2026-03-01", "200")]}
    outcome = run([plan(f"on_transfer: {word}\n" + body), other], rows, "2026-03")
    assert [m.value for m in outcome.measures] == [amount]
    with pytest.raises(Failed, match=r"E511.*ana came from old"):
        run([plan(body), other], rows, "2026-03")


def test_division_by_zero_names_the_payee() -> None:
    text = plan(BOOKINGS + "earn:\n  c: {per: month, of: payee.target, rate: 1 / payee.weight}\n")
    with pytest.raises(Failed) as failed:
        run(text, {"payees": [person("ana", target="5", weight="0")]}, "2026-01")
    found = failed.value.diagnostics[0]
    assert (found.code, found.place.row, found.place.note) == ("E501", "2026-01", "ana")
    assert found.place.span is not None and found.place.span.line > 1


def test_lookup_in_force_on_the_date() -> None:
    text = plan(
        BOOKINGS
        + """\
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate: lookup(grids.rate, product = deal.product, region = payee.region) default 5%
"""
    )
    grids = [
        {"product": "A", "region": "N", "rate": "7%", "from": "2026-01-01", "to": "2026-01-31"},
        {"product": "A", "region": "N", "rate": "9%", "from": "2026-02-01"},
    ]
    deals = [
        deal("D1", "ana", "2026-01-31", "100", product="A"),
        deal("D2", "ana", "2026-02-01", "100", product="A"),
        deal("D3", "ana", "2026-02-02", "100", product="B"),
    ]
    outcome = run(text, {"payees": [person("ana", region="N")], "deals": deals, "grids": grids}, "2026-02")
    assert [e.rate for e in outcome.earnings] == [Decimal("0.07"), Decimal("0.09"), Decimal("0.05")]


def test_the_order_of_rows_means_nothing() -> None:
    text = plan(
        BOOKINGS
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
      bands: {0 USD: 4%, 100 USD: 6%}
    limit: [at most 9 USD per month]
"""
    )
    deals = [deal(f"D{n}", "ana", f"2026-01-{1 + n % 3:02}", f"{17 + n}.31") for n in range(9)]
    first = run(text, {"payees": [person("ana")], "deals": deals}, "2026-01")
    second = run(text, {"payees": [person("ana")], "deals": deals[::-1]}, "2026-01")
    assert first == second


RULES = [
    {"id": "R1", "rate": "1%"},
    {"id": "R2", "product": "A", "rate": "2%"},
    {"id": "R3", "region": "N", "rate": "3%"},
    {"id": "R4", "product": "A", "region": "S", "rate": "4%"},
    {"id": "R5", "product": "B", "rate": "5%", "to": "2026-01-31"},
]


@pytest.mark.parametrize(
    ("order", "rates"),
    [
        # A in the north: the product goes before the region, or the region before the product
        ("product = deal.product, region = payee.region", [2, 5, 3, 3]),
        ("region = payee.region, product = deal.product", [3, 3, 3, 3]),
    ],
)
def test_the_rule_that_fits_best(order: str, rates: list[int]) -> None:
    text = plan(
        BOOKINGS
        + f"""\
earn:
  commission:
    per: credit of bookings
    of: credit.amount
    rate: match(rules.rate, {order}) default 9%
"""
    )
    deals = [
        deal("D1", "ana", "2026-01-30", "100", product="A"),
        deal("D2", "ana", "2026-01-31", "100", product="B"),
        deal("D3", "ana", "2026-02-01", "100", product="B"),
        deal("D4", "ana", "2026-02-02", "100", product="C"),
    ]
    rows = {"payees": [person("ana", region="N")], "deals": deals, "rules": RULES}
    assert [e.amount for e in run(text, rows, "2026-02").earnings] == rates
    nowhere = {**rows, "rules": RULES[3:4]}
    assert [e.amount for e in run(text, nowhere, "2026-02").earnings] == [9, 9, 9, 9]
    twice = [{**rule, "id": f"{rule['id']}{n}"} for rule in RULES for n in (1, 2)]
    with pytest.raises(Failed, match=r"E508.*2 rows of rules"):
        run(text, {**rows, "rules": twice}, "2026-02")
