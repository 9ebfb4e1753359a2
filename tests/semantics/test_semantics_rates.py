"""Which rate was taken stands on the row: on a credit the rate and its day, on a settlement those of the payment."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from compengine.engine.run import Outcome, calculate, settled
from compengine.inputs.given import from_rows
from compengine.inputs.workspace import read_workspace
from compengine.plan.check import check
from compengine.source.text import Text
from compengine.values.periods import Window

HERE = Path(__file__).parent
WORKSPACE = read_workspace(Text("compengine.yaml", (HERE / "compengine.yaml").read_text(encoding="utf-8")))
JANUARY = Window(date(2026, 1, 1), date(2026, 1, 31), "2026-01")
RATES = [
    {"from": "EUR", "to": "USD", "date": "2025-12-15", "rate": "1.25"},
    {"from": "EUR", "to": "USD", "date": "2026-01-10", "rate": "1.60"},
    {"from": "USD", "to": "EUR", "date": "2025-12-20", "rate": "0.70"},
    {"from": "USD", "to": "EUR", "date": "2026-01-05", "rate": "0.75"},
    {"from": "USD", "to": "EUR", "date": "2026-01-25", "rate": "0.76"},
]


def outcome(folder: str) -> Outcome:
    """One deal of 1,000 EUR, closed on 12 January, and one event of 1,000 USD."""
    program, _ = check([Text("plan.yaml", (HERE / folder / "plan.yaml").read_text(encoding="utf-8"))], WORKSPACE)
    assert program is not None
    person = {"id": "ann", "title": folder, "pay_currency": "EUR"}
    deal = {"id": "D1", "owner": "ann", "value": "1000 EUR", "margin": "500 EUR", "close_date": "2026-01-12"}
    event = {"id": "E1", "payee": "ann", "amount": "1000 USD", "date": "2026-01-12"}
    rows = {"payees": [person], "deals": [deal], "events": [event], "fx": RATES}
    return calculate(program, from_rows(WORKSPACE, rows, partial=True), JANUARY)


def payment(folder: str) -> tuple[object, ...]:
    found = outcome(folder)
    (row,) = settled(found.work, found.payables, JANUARY, ()).select("paid", "fx_rate", "fx_date").rows()
    return row


def test_a_credit_says_the_rate_it_was_converted_at_and_its_day() -> None:
    columns = ["stream", "amount", "original_amount", "original_currency", "fx_rate", "fx_date"]
    assert outcome("currency-plan-rate").credits.select(columns).rows() == [
        ("sold", Decimal(1250), Decimal(1000), "EUR", Decimal("1.25"), date(2025, 12, 15)),
        ("sold_at_its_day", Decimal(1600), Decimal(1000), "EUR", Decimal("1.60"), date(2026, 1, 10)),
    ]


def test_a_payment_says_the_rate_and_its_day_or_the_average_and_the_end_of_its_period() -> None:
    assert payment("currency-plan-rate-of-pay") == (Decimal(700), Decimal("0.70"), date(2025, 12, 20))
    assert payment("currency-period-average") == (Decimal(755), Decimal("0.755"), date(2026, 1, 31))
    assert payment("currency-pay-date") == (Decimal(760), Decimal("0.76"), date(2026, 1, 25))
