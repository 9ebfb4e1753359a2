"""Conditions are said in words where they are simple, and stand as written where they are not."""

from decimal import Decimal

import pytest
from statement_samples import HERE, constant, measure

from compengine.plan.typed import Release
from compengine.statement.language import language
from compengine.statement.wording import limited, released, spanned, why_not

ENGLISH, GERMAN, FRENCH = language("en-GB"), language("de-DE"), language("fr-FR")


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
    ],
)
def test_anything_else_stands_as_written_and_is_called_a_condition(condition: str) -> None:
    assert why_not(ENGLISH, condition) == f"condition of the plan: {condition}"
    assert why_not(GERMAN, condition) == f"Bedingung des Plans: {condition}"
    assert why_not(ENGLISH, "") == ""


@pytest.mark.parametrize(
    ("reason", "english", "german"),
    [
        ("first 2 per month", "the first 2 per month", "die ersten 2 je Monat"),
        ("first 1 per life by deal.customer", "the first 1 per time on the plan, by customer", ""),
        ("first 3 per quarter across plan", "the first 3 per quarter, for everybody together", ""),
        ("at most 10_000.5 USD per year from payee.hired_on", "at most 10,000.5 USD per year from hired on", ""),
        ("at most 400_000 USD per year carry", "at most 400,000 USD per year", "höchstens 400.000 USD je Jahr"),
        ("at least payee.floor per period", "at least payee.floor per period", "mindestens payee.floor je Zeitraum"),
    ],
)
def test_a_limit_is_said_in_the_language_also_where_it_left_something_out(
    reason: str, english: str, german: str
) -> None:
    assert limited(ENGLISH, reason) == english
    assert why_not(ENGLISH, reason) == f"beyond the limit: {english}"
    if german:
        assert limited(GERMAN, reason) == german and why_not(GERMAN, reason) == f"über der Grenze: {german}"


def test_what_the_engines_say_in_sentences_is_said_in_the_language() -> None:
    assert why_not(GERMAN, "no prize left") == "kein Preis mehr übrig"
    assert why_not(GERMAN, "on no plan on 2026-03-04") == "am 04.03.2026 in keinem Plan"


@pytest.mark.parametrize(
    ("window", "german"),
    [
        ("quarter to date", "Quartal bis heute"),
        ("previous month", "voriger Monat"),
        ("rolling 90 days", "die letzten 90 Tage"),
        ("rolling 12 months", "die letzten 12 Monate"),
        ("year from payee.hired_on to date", "Jahr ab hired on bis heute"),
        ("year", "Jahr"),
        ("2026-Q1", "2026-Q1"),
    ],
)
def test_a_window_is_said_in_the_language(window: str, german: str) -> None:
    assert spanned(GERMAN, window) == german


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("deal.close_date + 90 days", "90 days after “close date”"),
        ("deal.paid_on", "“paid on”"),
        ("payment.date", "“payment date”"),
        ("credit.date", "credit date"),
        ("credit.date + 1 month", "1 month after credit date"),
        (
            "if deal.big then deal.paid_on else deal.close_date",
            "from if deal.big then deal.paid_on else deal.close_date",
        ),
    ],
)
def test_a_release_says_its_day(on: str, said: str) -> None:
    assert released(ENGLISH, Release(constant("100%", Decimal(1)), measure(on), None, HERE)) == said


@pytest.mark.parametrize(
    ("on", "french"),
    [
        ("credit.date", "date du crédit"),
        ("period.end + 30 days", "30 jours après dernier jour de la période"),
        ("deal.paid_on", "«\u00a0paid on\u00a0»"),
    ],
)
def test_a_column_of_the_language_is_translated_and_one_of_the_company_quoted(on: str, french: str) -> None:
    assert released(FRENCH, Release(constant("100%", Decimal(1)), measure(on), None, HERE)) == french
