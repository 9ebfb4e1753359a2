"""Rows of a case file become a snapshot by the rules of files."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from inputs_world import WORKSPACE, world

from compengine.inputs.given import Cell, from_rows
from compengine.inputs.load import load
from compengine.source.diagnostic import Failed

WORLD = world()
Rows = dict[str, list[dict[str, Cell]]]


def codes(rows: Rows, *, partial: bool = False) -> list[tuple[str, str, str, str]]:
    with pytest.raises(Failed) as failed:
        from_rows(WORLD, rows, partial=partial)
    return [(d.code, d.place.table, d.place.row, d.place.column) for d in failed.value.diagnostics]


def test_texts_and_values_give_the_same_snapshot() -> None:
    payees: list[dict[str, Cell]] = [{"id": "ana", "ramp": "100%"}]
    texts = {"id": "D1", "owner": "ana", "acv": "80_000 USD", "close_date": "2026-01-15", "won": "yes"}
    values: dict[str, Cell] = {
        **texts,
        "acv": Decimal(80_000),
        "close_date": date(2026, 1, 15),
        "won": True,
    }
    one = from_rows(WORLD, {"payees": payees, "deals": [dict(texts)]})
    assert one.digest == from_rows(WORLD, {"payees": payees, "deals": [values]}).digest
    (row,) = one.rows("deals")
    assert (row["@key"], row["acv"], row["acv@currency"], row["price"]) == ("D1", 80_000, "USD", None)
    (payee,) = one.rows("payees")
    assert (payee["from"], payee["to"], payee["ramp"]) == (date(1, 1, 1), None, 1)
    assert one.rows("splits") == [] and set(one.digests) == {"payees", "deals"}


def test_files_and_given_rows_give_the_same_digest(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,manager,ramp,from,to\nbob,ana,50%,2026-01-01,\nana,,1,0001-01-01,\n")
    _, loaded = load(WORLD, None, "payees", tmp_path / "p.csv")
    rows: list[dict[str, Cell]] = [
        {"id": "ana", "ramp": 1},
        {"id": "bob", "manager": "ana", "ramp": "0.5", "from": "2026-01-01"},
    ]
    assert from_rows(WORLD, {"payees": rows}).digest == loaded.digest


def test_partial_rows_may_leave_out_what_is_not_read() -> None:
    rows: Rows = {"deals": [{"id": "D1", "owner": "nobody", "acv": "5"}]}
    assert [c for c, *_ in codes(rows)] == ["E402", "E402"]
    assert from_rows(WORLD, rows, partial=True).rows("deals")[0]["close_date"] is None
    assert codes({"deals": [{"owner": "ana"}]}, partial=True) == [("E404", "deals", "", "id")]


def test_the_highest_revision_counts() -> None:
    rows: Rows = {"deals": [{"id": "D1", "acv": "2", "revision": "1"}, {"id": "D1", "acv": "1"}]}
    assert from_rows(WORLD, rows, partial=True).rows("deals")[0]["acv"] == 2
    rows["deals"].append({"id": "D1", "acv": "3", "revision": 1})
    assert codes(rows, partial=True) == [("E405", "deals", "D1", "")]


def test_equal_rows_are_one() -> None:
    rows: Rows = {"deals": [{"id": "D1", "acv": "2"}, {"id": "D1", "acv": "2.00 USD"}]}
    assert len(from_rows(WORLD, rows, partial=True).rows("deals")) == 1


def test_every_mistake_names_table_row_and_column() -> None:
    assert codes({"deal": []}) == [("E412", "deal", "", "")]
    assert codes({"deals": [{"id": "D1", "avc": "1"}]}, partial=True) == [("E401", "deals", "", "avc")]
    assert codes({"deals": [{"id": "D1", "acv": "1,5"}]}, partial=True) == [("E403", "deals", "D1", "acv")]
    splits: list[dict[str, Cell]] = [{"deal": "D1", "payee": "ana", "percent": "1"}]
    assert codes({"splits": splits}) == [("E406", "splits", "D1/ana", "deal"), ("E406", "splits", "D1/ana", "payee")]
    twice: list[dict[str, Cell]] = [{"id": "ana", "to": "2026-06-30"}, {"id": "ana", "from": "2026-06-30"}]
    assert codes({"payees": twice}, partial=True) == [("E407", "payees", "ana", "")]
    circle: list[dict[str, Cell]] = [{"id": "b", "manager": "a"}, {"id": "a", "manager": "b"}]
    assert codes({"payees": circle}, partial=True) == [("E509", "payees", "a", "manager")]


def test_quota_stands_for_measure_where_the_workspace_says_measure() -> None:
    declared = "  quotas: {row: quota, key: [payee, measure, from], columns: {payee: payee, measure: text, "
    w = world(WORKSPACE + declared + "from: date, to: date, amount: number}}\n")
    row: dict[str, Cell] = {
        "payee": "ana",
        "quota": "bookings",
        "from": "2026-01-01",
        "to": "2026-01-31",
        "amount": "5",
    }
    (found,) = from_rows(w, {"quotas": [row]}, partial=True).rows("quotas")
    assert (found["quota"], found["measure"], found["amount@currency"]) == ("bookings", "bookings", "USD")
