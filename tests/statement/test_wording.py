"""Conditions are said in words where they are simple, and stand as written where they are not."""

from decimal import Decimal

import pytest
from statement_samples import HERE, constant, measure

from compengine.plan.typed import Release
from compengine.statement.language import language
from compengine.statement.wording import released, why_not

ENGLISH = language("en-GB")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ('deal.stage == "Closed Won"', "stage is not Closed Won"),
        ('deal.stage != "Lost"', "stage is Lost"),
        ("deal.term_months >= 24", "term months is below 24"),
        ("deal.margin > 12.5%", "margin is not above 12.5%"),
        ("deal.acv < 1_000 USD", "acv is not below 1,000 USD"),
        ("gross_retention <= 90%", "gross retention is above 90%"),
        ('deal.type in ("new", "expansion")', "type is not new or expansion"),
        ('deal.type not in ("renewal", "other, small")', "type is renewal or other, small"),
        ("meeting.held_on is not empty", "held on is empty"),
        ("deal.cancelled_on is empty", "cancelled on is not empty"),
        ("credit.date in 2026-Q1", "credit date is not in 2026-Q1"),
        ("deal.close_date >= 2026-03-01", "close date is below 2026-03-01"),
    ],
)
def test_a_simple_condition_is_said_as_what_is_the_case(condition: str, said: str) -> None:
    assert why_not(ENGLISH, condition) == said


@pytest.mark.parametrize(
    "condition",
    [
        "sum(team_bookings, quarter) >= quota(team, quarter)",
        'deal.stage == "Won" and deal.acv > 0 USD',
        "not deal.internal",
        "first 5 per life",
        "",
    ],
)
def test_anything_else_stands_as_written(condition: str) -> None:
    assert why_not(ENGLISH, condition) == condition


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("deal.close_date + 90 days", "90 days after close date"),
        ("deal.paid_on", "paid on"),
        ("payment.date", "payment date"),
        (
            "if deal.big then deal.paid_on else deal.close_date",
            "from if deal.big then deal.paid_on else deal.close_date",
        ),
    ],
)
def test_a_release_says_its_day(on: str, said: str) -> None:
    assert released(ENGLISH, Release(constant("100%", Decimal(1)), measure(on), None, HERE)) == said
