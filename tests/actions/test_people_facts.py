"""What a statement says of a person: days, amounts and names as people read them."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import polars as pl

from compengine.actions.people_facts import people
from compengine.inputs.schema import PLAIN, Column, ColumnType, Delivery, Table
from compengine.values.exact import exact

COLUMNS = {
    "id": ColumnType.PAYEE,
    "hired_on": ColumnType.DATE,
    "target_incentive": ColumnType.MONEY,
    "pay_currency": ColumnType.CURRENCY,
    "team": ColumnType.TEXT,
    "manager": ColumnType.PAYEE,
    "name": ColumnType.TEXT,
}
PAYEES = Table("payees", "payee", ("id",), {n: Column(n, t) for n, t in COLUMNS.items()}, ("from", "to"))


def row(key: str, name: str, team: str, begins: date, manager: str | None = None) -> dict[str, object]:
    return {
        "@key": key,
        "id": key,
        "from": begins,
        "to": None,
        "hired_on": date(2022, 4, 4),
        "target_incentive": exact(50000),
        "target_incentive@currency": "USD",
        "pay_currency": "USD",
        "team": team,
        "manager": manager,
        "name": name,
    }


def told(*rows: dict[str, object], delivery: Delivery | None = None) -> dict[str, dict[str, str]]:
    workspace = SimpleNamespace(tables={"payees": PAYEES}, statements=PLAIN, delivery=delivery, entity="")
    program: Any = SimpleNamespace(workspace=workspace)
    snapshot: Any = SimpleNamespace(frame=lambda _: pl.DataFrame(list(rows)))
    return people(program, snapshot, date(2026, 6, 30), {})


def test_a_manager_by_name_first_then_days_and_amounts_as_people_write_them() -> None:
    begins = date(2026, 1, 1)
    found = told(row("ana", "Ana Oliveira", "West", begins, "max"), row("max", "Max Brandt", "West", begins))
    assert list(found["ana"].items()) == [
        ("name", "Ana Oliveira"),
        ("manager", "Max Brandt"),
        ("team", "West"),
        ("hired_on", "4 Apr 2022"),
        ("target_incentive", "USD 50,000.00"),
    ]
    assert "manager" not in found["max"]


def test_the_row_in_force_at_the_end_of_the_period_holds() -> None:
    rows = [row("ana", "Ana", team, date(2026, month, 1)) for month, team in ((1, "West"), (5, "East"), (9, "North"))]
    assert told(*rows)["ana"]["team"] == "East"


def test_the_column_that_holds_the_address_of_mail_is_not_printed() -> None:
    ana = row("ana", "Ana", "West", date(2026, 1, 1))
    sent = Delivery("smtp.acme.example", 587, "starttls", "pay@acme.example", "team")
    assert "team" in told(ana)["ana"]
    assert "team" not in told(ana, delivery=sent)["ana"]
