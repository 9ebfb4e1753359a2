"""Posting is the difference between what is earned and what is posted."""

from pathlib import Path

import polars as pl
import pytest
from ledger_world import World, earning, new_world

from compengine.ledger import queries


@pytest.fixture
def world(tmp_path: Path) -> World:
    return new_world(tmp_path)


JANUARY = [earning("ana", "A", "0%", "60000", "0.05", "2026-01")]
FEBRUARY = [
    *JANUARY,
    earning("ana", "B", "0%", "40000", "0.05", "2026-02", at="60000"),
    earning("ana", "B", "100%", "20000", "0.10", "2026-02", at="100000"),
]
MARCH = [
    *JANUARY,
    earning("ana", "L", "0%", "20000", "0.05", "2026-01", at="60000"),
    earning("ana", "B", "0%", "20000", "0.05", "2026-02", at="80000"),
    earning("ana", "B", "100%", "40000", "0.10", "2026-02", at="100000"),
]


def shown(rows: pl.DataFrame) -> list[tuple[str, ...]]:
    signed = rows.with_columns(pl.col("basis", "amount") * pl.col("sign"))
    return [
        (r["for_period"], r["source"], r["part"], f"{r['basis']:,.0f}", f"{r['amount']:,.0f}")
        for r in signed.iter_rows(named=True)
    ]


def test_a_late_deal_is_restated_as_in_the_worked_example(world: World) -> None:
    world.post("2026-01", JANUARY)
    world.post("2026-02", FEBRUARY)
    march = world.post("2026-03", MARCH)
    rows = queries.posted_rows(world.store, world.objects, march.number)
    assert shown(rows) == [
        ("2026-01", "L", "0%", "20,000", "1,000"),
        ("2026-02", "B", "0%", "-40,000", "-2,000"),
        ("2026-02", "B", "0%", "20,000", "1,000"),
        ("2026-02", "B", "100%", "-20,000", "-2,000"),
        ("2026-02", "B", "100%", "40,000", "4,000"),
    ]
    which = queries.Which(in_period="2026-03")
    payable = queries.balances(world.store, ("account", "currency"), which)
    assert dict(payable.select("account", "amount").iter_rows()) == {"expense": -2000_00, "payable": 2000_00}
    by_period = queries.balances(world.store, ("for_period", "currency"), queries.Which(account="payable"))
    assert dict(by_period.select("for_period", "amount").iter_rows()) == {"2026-01": 4000_00, "2026-02": 5000_00}
