"""Late rows (section 8): what was posted stands, and the difference is credited on the first open day."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from oracle_company import BOOKINGS, day, deal, person, plan, program, rows_of, snapshot, workspace

from compengine.oracle.run import Outcome, calculate
from compengine.values.rows import Credit, Posted

EARN = """\
measures:
  sold: sum(bookings, year to date)
  deals_sold: count(bookings, year to date)
earn:
  commission: {per: credit of bookings, of: credit.amount, rate: 10%}
"""
TEXT = plan("late: current_period\n" + BOOKINGS + EARN)
JANUARY = [deal("D1", "ana", "2026-01-10", "1000"), deal("D2", "ana", "2026-01-20", "500")]
PEOPLE = [person("ana"), person("bob")]
Deals = Sequence[dict[str, Any]]


def close(text: str | Sequence[str], deals: Deals, period: str, posted: Posted | None = None, **more: Any) -> Outcome:
    texts = [text] if isinstance(text, str) else text
    frozen = snapshot({"payees": PEOPLE, "deals": deals, **more})
    return calculate(program(*texts), frozen, workspace().calendars["monthly"].period(period), posted)


def posted(outcome: Outcome, period: str) -> Posted:
    return Posted({"monthly": workspace().calendars["monthly"].period(period).end}, outcome.credits)


def credits(outcome: Outcome, stream: str = "bookings") -> list[tuple[str, str, str, str]]:
    found: list[Credit] = [credit for credit in outcome.credits if credit.stream == stream]
    return [(c.source, c.payee, c.date.isoformat(), f"{c.amount:.2f}") for c in found]


def measures(outcome: Outcome) -> dict[str, Decimal]:
    return {m.measure: m.value for m in outcome.measures if m.payee == "ana"}


def test_until_something_is_posted_all_dates_are_open() -> None:
    outcome = close(TEXT, JANUARY, "2026-02")
    assert credits(outcome) == [("D1", "ana", "2026-01-10", "1000.00"), ("D2", "ana", "2026-01-20", "500.00")]
    weekly = Posted({"weekly": day("2026-02-06")}, outcome.credits)
    assert close(TEXT, JANUARY[:1], "2026-02", weekly) == close(TEXT, JANUARY[:1], "2026-02")


def test_a_late_deal_is_dated_the_first_open_day() -> None:
    before = posted(close(TEXT, JANUARY[:1], "2026-01"), "2026-01")
    outcome = close(TEXT, JANUARY, "2026-02", before)
    assert credits(outcome) == [("D1", "ana", "2026-01-10", "1000.00"), ("D2", "ana", "2026-02-01", "500.00")]
    assert [(e.source, e.for_period, e.amount) for e in outcome.earnings] == [
        ("D1", "2026-01", 100),
        ("D2", "2026-02", 50),
    ]
    # and stays there in the next run, in which it stands
    again = close(TEXT, JANUARY, "2026-03", posted(outcome, "2026-02"))
    assert credits(again) == credits(outcome)


def test_a_changed_amount_is_a_further_credit_that_is_not_counted() -> None:
    before = posted(close(TEXT, JANUARY, "2026-01"), "2026-01")
    changed = [deal("D1", "ana", "2026-01-10", "1200"), JANUARY[1]]
    outcome = close(TEXT, changed, "2026-02", before)
    assert credits(outcome) == [
        ("D1", "ana", "2026-01-10", "1000.00"),
        ("D2", "ana", "2026-01-20", "500.00"),
        ("D1@2026-02", "ana", "2026-02-01", "200.00"),
    ]
    assert measures(outcome) == {"sold": 1700, "deals_sold": 2}
    # what stands under D1 in March is 1,200: another change is another difference
    changed = [deal("D1", "ana", "2026-01-10", "900"), JANUARY[1]]
    again = close(TEXT, changed, "2026-03", posted(outcome, "2026-02"))
    assert credits(again)[2:] == [
        ("D1@2026-02", "ana", "2026-02-01", "200.00"),
        ("D1@2026-03", "ana", "2026-03-01", "-300.00"),
    ]


def test_a_changed_date_alone_changes_nothing() -> None:
    first = close(TEXT, JANUARY, "2026-01")
    moved = [deal("D1", "ana", "2026-01-31", "1000"), deal("D2", "ana", "2026-02-05", "500")]
    assert credits(close(TEXT, moved, "2026-02", posted(first, "2026-01"))) == credits(first)


def test_a_date_after_the_open_period_is_no_credit_of_it() -> None:
    """D2 now closes in March: February gives back its 500, March has them."""
    first = close(TEXT, JANUARY, "2026-01")
    moved = [JANUARY[0], deal("D2", "ana", "2026-03-05", "500")]
    february = close(TEXT, moved, "2026-02", posted(first, "2026-01"))
    assert credits(february)[-1] == ("D2@2026-02", "ana", "2026-02-01", "-500.00")
    march = close(TEXT, moved, "2026-03", posted(february, "2026-02"))
    assert credits(march)[-1] == ("D2@2026-03", "ana", "2026-03-01", "500.00")


def test_another_owner_gives_back_and_gets() -> None:
    """The one who had it still reads the row, as it is now."""
    text = TEXT.replace("rate: 10%", 'rate: if deal.product == "new" then 10% else 20%')
    old = [deal("D1", "ana", "2026-01-10", "1000", product="new")]
    before = posted(close(text, old, "2026-01"), "2026-01")
    outcome = close(text, [deal("D1", "bob", "2026-01-10", "1000", product="new")], "2026-02", before)
    assert credits(outcome) == [
        ("D1", "ana", "2026-01-10", "1000.00"),
        ("D1", "bob", "2026-02-01", "1000.00"),
        ("D1@2026-02", "ana", "2026-02-01", "-1000.00"),
    ]
    assert rows_of(outcome, "commission", "ana") == [("D1", "rate", 100), ("D1@2026-02", "rate", -100)]


def test_who_no_longer_shares_a_deal_gives_back_by_the_rules_of_the_deal() -> None:
    text = plan(
        "late: current_period\n"
        + BOOKINGS.replace("to: deal.owner", "to: split.payee\n    each: deal.splits\n    share: split.percent")
        + "earn:\n  commission: {per: credit of bookings, of: credit.amount, rate: deal.term / 100}\n"
    )
    deals = [deal("D1", "ana", "2026-01-10", "1000", term="10")]
    both = [{"deal": "D1", "payee": payee, "percent": "50%"} for payee in ("ana", "bob")]
    before = posted(close(text, deals, "2026-01", splits=both), "2026-01")
    alone = [{"deal": "D1", "payee": "ana", "percent": "100%"}]
    outcome = close(text, deals, "2026-02", before, splits=alone)
    assert credits(outcome)[2:] == [
        ("D1/ana@2026-02", "ana", "2026-02-01", "500.00"),
        ("D1/bob@2026-02", "bob", "2026-02-01", "-500.00"),
    ]
    assert rows_of(outcome, "commission", "bob") == [("D1/bob", "rate", 50), ("D1/bob@2026-02", "rate", -50)]


def test_a_deal_that_is_no_longer_won_is_taken_back_now() -> None:
    before = posted(close(TEXT, JANUARY, "2026-01"), "2026-01")
    lost = [JANUARY[0], deal("D2", "ana", "2026-01-20", "500", stage="Lost")]
    outcome = close(TEXT, lost, "2026-02", before)
    assert credits(outcome)[-1] == ("D2@2026-02", "ana", "2026-02-01", "-500.00")
    assert [(e.rule, e.source, e.by) for e in outcome.exclusions] == [("bookings", "D2", 'deal.stage == "Won"')]


def test_what_is_drawn_from_a_stream_sees_it_so() -> None:
    text = plan(
        "late: current_period\n"
        + BOOKINGS
        + """\
  team:
    from: bookings
    date: credit.date
    amount: credit.amount
    to: managers(credit.payee, 1)
    shares_total: overlay
"""
        + EARN
    )
    people = [person("ana", manager="max"), person("max")]
    before = posted(close(text, JANUARY, "2026-01", payees=people), "2026-01")
    changed = [deal("D1", "ana", "2026-01-10", "1200"), JANUARY[1]]
    outcome = close(text, changed, "2026-02", before, payees=people)
    assert credits(outcome, "team") == [
        ("D1:ana", "max", "2026-01-10", "1000.00"),
        ("D2:ana", "max", "2026-01-20", "500.00"),
        ("D1@2026-02:ana", "max", "2026-02-01", "200.00"),
    ]


CLAWBACK = """\
clawback:
  cancelled:
    of: bookings
    when: deal.cancelled_on is not empty
    date: deal.cancelled_on
    policy: {policy}
"""


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("scale", [("D1", "2026-01-10", "1000.00"), ("D1~cancelled", "2026-02-01", "-1000.00")]),
        ("recompute", [("D1", "2026-01-10", "1000.00"), ("D1@2026-02", "2026-02-01", "-1000.00")]),
    ],
)
def test_a_cancellation_of_a_posted_period_comes_late(policy: str, expected: list[tuple[str, str, str]]) -> None:
    text = plan("late: current_period\n" + BOOKINGS + EARN + CLAWBACK.format(policy=policy))
    before = posted(close(text, JANUARY[:1], "2026-01"), "2026-01")
    cancelled = [deal("D1", "ana", "2026-01-10", "1000", cancelled_on="2026-01-25")]
    outcome = close(text, cancelled, "2026-02", before)
    assert [(source, on, amount) for source, _, on, amount in credits(outcome)] == expected
    assert measures(outcome)["sold"] == 0
    # a cancellation that is withdrawn gives back what it took
    again = close(text, JANUARY[:1], "2026-03", posted(outcome, "2026-02"))
    assert credits(again)[-1] == (f"{expected[-1][0].partition('@')[0]}@2026-03", "ana", "2026-03-01", "1000.00")


def test_first_and_limits_per_credit_take_a_further_credit_with_its_own() -> None:
    """200 more of D1 keeps its place among the first; D1 comes to 1,200 × 10%, of which 110."""
    rule = """
    per: credit of bookings
    of: credit.amount
    rate: 10%
    limit: [first 1 per year, at most 110 USD per credit]
"""
    text = TEXT.replace(" {per: credit of bookings, of: credit.amount, rate: 10%}\n", rule)
    before = posted(close(text, JANUARY, "2026-01"), "2026-01")
    changed = [deal("D1", "ana", "2026-01-10", "1200"), deal("D2", "ana", "2026-01-20", "600")]
    outcome = close(text, changed, "2026-02", before)
    assert rows_of(outcome, "commission") == [
        ("D1", "rate", 100),
        ("D1@2026-02", "rate", 20),
        ("D1@2026-02", "cap:credit", -10),
    ]


def test_credits_from_before_the_plan_keep_their_dates() -> None:
    """They count in measures, and were never to be posted."""
    text = plan("late: current_period\n" + BOOKINGS + EARN.replace("year to date", "life to date"))
    before = posted(close(text, JANUARY, "2026-01"), "2026-01")
    outcome = close(text, [*JANUARY, deal("D0", "ana", "2025-12-20", "70")], "2026-02", before)
    assert [source for source, *_ in credits(outcome)] == ["D1", "D2"]
    assert measures(outcome) == {"sold": 1570, "deals_sold": 3}


def test_versions_of_a_plan_are_compared_as_one() -> None:
    """A deal of March that comes in April is credited in April, by the version of April."""
    first = TEXT.replace("to 2026-12-31", "to 2026-03-31")
    second = TEXT.replace("2026-01-01 to", "2026-04-01 to").replace("rate: 10%", "rate: 20%")
    versions = [first, second]
    before = posted(close(versions, JANUARY, "2026-03"), "2026-03")
    late = [*JANUARY, deal("D3", "ana", "2026-03-31", "100"), deal("D1", "ana", "2026-01-10", "1200")]
    outcome = close(versions, late[1:], "2026-04", before)
    assert rows_of(outcome, "commission") == [
        ("D1", "rate", 100),
        ("D2", "rate", 50),
        ("D1@2026-04", "rate", 40),
        ("D3", "rate", 20),
    ]


def test_share_and_level_stay_and_no_conversion_is_told() -> None:
    rates = [{"from": "EUR", "to": "USD", "date": "2026-01-01", "rate": "1.2"}]
    old = [deal("D1", "ana", "2026-01-10", "1000 EUR")]
    before = posted(close(TEXT, old, "2026-01", fx=rates), "2026-01")
    outcome = close(TEXT, [deal("D1", "ana", "2026-01-10", "1100 EUR")], "2026-02", before, fx=rates)
    standing, further = outcome.credits
    assert (standing.amount, standing.original_amount, standing.original_currency) == (1200, 1000, "EUR")
    assert (further.amount, further.share, further.original_currency, further.fx_date) == (120, 1, "", None)
    assert standing in before.credits
