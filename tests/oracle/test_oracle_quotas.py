"""Quotas by working days, spread over periods, and with a share for each (section 9)."""

from decimal import Decimal
from typing import Any

import pytest
from oracle_company import BOOKINGS, person, plan, quota, run

from compengine.source.diagnostic import Failed

TABLES = """\
tables:
  seasons: {by: [number], steps: {1: 1, 2: 2, 3: 3, 4: 0}}
  ramp: {by: [number], steps: {0: 25%, 1: 50%, 2: 100%}}
"""
EARN = "earn:\n  bonus: {per: month, pay: 1 USD}\n"
SEASONS = "quotas:\n  bookings: {spread: seasons(period.number)}\n"
BOTH = """\
quotas:
  bookings:
    spread: seasons(period.number)
    share: ramp(max(months_between(payee.hired_on, period.start), 0))
"""


def goal(head: str, rows: dict[str, Any], expression: str, period: str, calendar: str = "monthly") -> Decimal:
    text = plan(head + TABLES + BOOKINGS + f"measures:\n  goal: {expression}\n" + EARN, calendar=calendar)
    (found,) = run(text, rows, period, calendar).measures
    return found.value


def quarter(amount: str, **more: Any) -> dict[str, Any]:
    rows = [
        quota("ana", amount, "2026-01-01", "2026-03-31"),
        quota("ana", "10", "2026-01-01", "2026-03-31", "meetings"),
    ]
    return {"payees": [person("ana", **more)], "quotas": rows}


# --- working days


def test_months_weigh_by_the_days_worked() -> None:
    """22, 20 and 22 working days from January to March of 2026."""
    head = "prorate: working days\n"
    assert goal(head, quarter("6400"), "quota(bookings, month)", "2026-01") == 2200
    assert goal(head, quarter("6400"), "quota(bookings, quarter to date)", "2026-02") == 4200
    assert goal(head, quarter("6400"), "quota(bookings, quarter)", "2026-03") == 6400


def test_who_comes_on_a_monday_has_the_working_days_that_are_left() -> None:
    """16 to 28 February: two weeks of five days."""
    rows = quarter("6400", **{"from": "2026-02-16"})
    assert goal("prorate: working days\n", rows, "quota(bookings, month)", "2026-02") == 1000


def test_a_calendar_has_its_own_weekend_and_holidays() -> None:
    """January has 21 days that are no Friday or Saturday, one of them a holiday; February has 20."""
    rows = {"payees": [person("ana")], "quotas": [quota("ana", "4000", "2026-01-01", "2026-02-28")]}
    assert goal("prorate: working days\n", rows, "quota(bookings, month)", "2026-01", "worked") == 2000


def test_a_row_of_a_weekend_counts_nothing() -> None:
    rows = {"payees": [person("ana")], "quotas": [quota("ana", "100", "2026-01-03", "2026-01-04")]}
    assert goal("prorate: working days\n", rows, "quota(bookings, month) default 7 USD", "2026-01") == 7
    assert goal("prorate: days\n", rows, "quota(bookings, month) default 7 USD", "2026-01") == 100


# --- spread


def test_seasons_weigh_the_periods() -> None:
    """600 by 1, 2 and 3."""
    assert goal(SEASONS, quarter("600"), "quota(bookings, month)", "2026-02") == 200
    assert goal(SEASONS, quarter("600"), "quota(bookings, quarter to date)", "2026-02") == 300
    assert goal(SEASONS, quarter("600"), "quota(bookings, quarter)", "2026-02") == 600


def test_a_period_that_the_row_only_touches_weighs_less() -> None:
    """From 15 February: 2 × 14 ÷ 28, and 3; of those 400 the half of February is 100."""
    rows = {"payees": [person("ana")], "quotas": [quota("ana", "400", "2026-02-15", "2026-03-31")]}
    assert goal(SEASONS, rows, "quota(bookings, month)", "2026-02") == 100


def test_who_leaves_carries_the_days_of_the_period() -> None:
    """1, 2, and of March 3 × 10 ÷ 31 = 0.967741935484: 600 × 3.967741935484 ÷ 6, while `none` ignores it."""
    rows = quarter("600", to="2026-03-10")
    assert goal(SEASONS, rows, "quota(bookings, quarter)", "2026-03") == Decimal("396.7741935484")
    assert goal("prorate: none\n" + SEASONS, rows, "quota(bookings, month)", "2026-03") == 300


def test_a_part_is_not_rounded_to_cents_and_the_whole_is_exact() -> None:
    """100 by 31, 28 and 31 days: 34.444…, 31.111…, 34.444…."""
    head = "quotas:\n  bookings: {share: 100%}\n"
    months = [goal(head, quarter("100"), "quota(bookings, month)", f"2026-0{n}") for n in (1, 2, 3)]
    assert months == [Decimal("34.444444444444"), Decimal("31.111111111111"), Decimal("34.444444444444")]
    assert goal(head, quarter("100"), "quota(bookings, quarter)", "2026-03") == 100


def test_a_quota_that_is_no_money_ends_at_the_twelfth_place() -> None:
    head = "quotas:\n  meetings: {spread: 1}\n"
    months = [goal(head, quarter("1"), "quota(meetings, month)", f"2026-0{n}") for n in (1, 2, 3)]
    assert months == [Decimal("3.333333333333")] * 3


def test_nothing_weighs_nothing_and_is_not_missing() -> None:
    rows = {"payees": [person("ana")], "quotas": [quota("ana", "500", "2026-04-01", "2026-04-30")]}
    assert goal(SEASONS, rows, "quota(bookings, month) default 7 USD", "2026-04") == 0
    assert goal(SEASONS, rows, "quota(bookings, month) default 7 USD", "2026-03") == 7


def test_a_negative_weight_is_refused() -> None:
    text = plan(
        "quotas:\n  bookings: {spread: 2 - period.number}\n"
        + BOOKINGS
        + "measures:\n  goal: quota(bookings, month)\nearn:\n  bonus: {per: month, of: goal, rate: 1%}\n"
    )
    with pytest.raises(Failed, match="E514"):
        run(text, quarter("600"), "2026-01")


# --- share


def test_a_ramp_of_the_parts() -> None:
    """100 at 25%, 200 at 50%, 300 whole."""
    rows = quarter("600", hired_on="2026-01-01")
    assert goal(BOTH, rows, "quota(bookings, month)", "2026-01") == 25
    assert goal(BOTH, rows, "quota(bookings, quarter to date)", "2026-02") == 125
    assert goal(BOTH, rows, "quota(bookings, quarter)", "2026-03") == 425


def test_share_and_presence_together() -> None:
    """310 for March, half of it carried, from the 17th: × 1.5 × 15 ÷ 31 ÷ 3, cut at the twelfth place."""
    rows = {
        "payees": [person("ana", hired_on="2026-02-01", **{"from": "2026-03-17"})],
        "quotas": [quota("ana", "310", "2026-03-01", "2026-03-31")],
    }
    assert goal(BOTH, rows, "quota(bookings, month)", "2026-03") == Decimal("75.00000000001")
    assert goal("prorate: none\n" + BOTH, rows, "quota(bookings, month)", "2026-03") == 155


def test_share_reads_the_person_of_each_period() -> None:
    """Whole in January, half from 1 February on: 100 + 100 + 150."""
    head = "quotas:\n  bookings: {spread: seasons(period.number), share: payee.ramp}\n"
    rows = quarter("600")
    rows["payees"] = [
        person("ana", ramp="100%", to="2026-01-31"),
        person("ana", ramp="50%", **{"from": "2026-02-01"}),
    ]
    assert goal(head, rows, "quota(bookings, quarter)", "2026-03") == 350
