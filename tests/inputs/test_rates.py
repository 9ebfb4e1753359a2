"""The rate of a pair on or before a day; the other way only where the pair has none."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs_world import world

from compengine.inputs.given import Cell, from_rows
from compengine.inputs.rates import pairs, rate_at

WORLD = world()
CODES = ["USD", "EUR", "JPY"]


def rows(*rates: tuple[str, str, str, str]) -> list[dict[str, Cell]]:
    return [{"from": a, "to": b, "date": day, "rate": rate} for a, b, day, rate in rates]


GIVEN = rows(
    ("EUR", "USD", "2026-01-10", "1.1"),
    ("EUR", "USD", "2026-01-20", "1.2"),
    ("USD", "EUR", "2026-01-15", "0.9"),
    ("JPY", "USD", "2026-01-01", "0.007"),
)
CASES = [
    ("EUR", "USD", "2026-01-09", None),
    ("EUR", "USD", "2026-01-10", ("1.1", False, "2026-01-10")),
    ("EUR", "USD", "2026-01-31", ("1.2", False, "2026-01-20")),
    ("USD", "EUR", "2026-01-14", ("1.1", True, "2026-01-10")),
    ("USD", "EUR", "2026-01-31", ("0.9", False, "2026-01-15")),
    ("USD", "JPY", "2026-01-31", ("0.007", True, "2026-01-01")),
    ("EUR", "JPY", "2026-01-31", None),
    ("EUR", "EUR", "2026-01-31", ("1", False, "2026-01-31")),
]


@pytest.mark.parametrize(("source", "target", "day", "expected"), CASES)
def test_the_rate_of_a_day(source: str, target: str, day: str, expected: tuple[str, bool, str] | None) -> None:
    found = rate_at(from_rows(WORLD, {"fx": GIVEN}).rows("fx"), source, target, date.fromisoformat(day))
    assert found == (expected and (Decimal(expected[0]), expected[1], date.fromisoformat(expected[2])))


DAYS = st.integers(0, 20).map(lambda n: date(2026, 1, 1) + n * timedelta(days=1))
RATES = st.tuples(st.sampled_from(CODES), st.sampled_from(CODES), DAYS)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(RATES, st.decimals("0.001", "200", places=4), max_size=12))
def test_the_columns_say_the_same(given_rates: dict[tuple[str, str, date], Decimal]) -> None:
    table: list[dict[str, Cell]] = [
        {"from": a, "to": b, "date": day, "rate": rate} for (a, b, day), rate in given_rates.items()
    ]
    snapshot = from_rows(WORLD, {"fx": table})
    asked = pl.DataFrame(
        [(a, b, date(2026, 1, 1) + n * timedelta(days=1)) for n in range(21) for a in CODES for b in CODES if a != b],
        schema=["from", "to", "day"],
        orient="row",
    ).sort("day")
    usable = pairs(WORLD, snapshot).sort("date")
    joined = asked.join_asof(
        usable, left_on="day", right_on="date", by=["from", "to"], strategy="backward", coalesce=False
    )
    for row in joined.to_dicts():
        expected = rate_at(snapshot.rows("fx"), row["from"], row["to"], row["day"])
        assert (row["rate"] is None) == (expected is None)
        assert expected is None or (row["rate"], row["inverse"], row["date"]) == expected
