"""Several legal entities: who pays whom, what the files say of it, and what becomes of somebody who moves."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from cli_world import call, close, edit, starter

ENTITIES = """entity: payees.entity
entities:
  acme-us: {name: "Acme Robotics, Inc.", address: [1 Assembly Row, Somerville], legal: Delaware no. 1}
  acme-eu: {name: Acme Robotics GmbH, address: [Werkstraße 7, 10115 Musterstadt], legal: HRB 00001}
"""
PAYEES = """id,name,title,manager,entity,from,to
ann,Ann Testwell,Account Executive,lou,acme-us,2026-01-01,
ben,Ben Mockford,Account Executive,lou,acme-us,2026-01-01,2026-02-15
ben,Ben Mockford,Account Executive,lou,acme-eu,2026-02-16,
cho,Cho Placehold,Account Executive,lou,acme-eu,2026-01-01,
lou,Lou Sampleton,Team Lead,,acme-us,2026-01-01,
"""


@pytest.fixture
def two(tmp_path: Path) -> Path:
    root = starter(tmp_path, loaded=False)
    text = (root / "compengine.yaml").read_text("utf-8")
    column = text.replace("manager: optional payee}", "manager: optional payee, entity: text}")
    (root / "compengine.yaml").write_text(column + ENTITIES, "utf-8")
    (root / "data" / "payees.csv").write_text(PAYEES, "utf-8")
    return root


def moved(two: Path) -> Path:
    """Ben has moved in February, and brings along what is held of January."""
    assert call(two, "load", "data").code == 0
    assert call(two, "hold", "ben", "--source", "D02", "--because", "unsigned", who="olive").code == 0
    close(two, "2026-01")
    close(two, "2026-02")
    return two


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_payee_of_no_entity_is_refused_at_load_and_before_a_run(two: Path) -> None:
    edit(two / "data" / "payees.csv", "cho,Cho Placehold,Account Executive,lou,acme-eu", "cho,Cho,AE,lou,acme-uk")
    done = call(two, "load", "data")
    assert done.code != 0 and "acme-uk is no entity of the workspace" in done.err and "row cho" in done.err
    edit(two / "data" / "payees.csv", "acme-uk", "acme-eu")
    assert call(two, "load", "data").code == 0
    edit(two / "compengine.yaml", "  acme-eu:", "  acme-de:")
    done = call(two, "calculate", "--period", "2026-01", who="olive")
    assert done.code != 0 and "E406" in done.err and "acme-eu is no entity" in done.err and "row cho" in done.err
    assert call(two, "runs", "--format", "json").json == {"runs": []}


def test_each_entity_has_a_pay_file_of_its_own_lines(two: Path) -> None:
    root = moved(two)
    (whole,) = (root / "pay").glob("2026-02-????????????.csv")
    parts = {p.stem.removeprefix(f"{whole.stem}-"): p for p in (root / "pay").glob(f"{whole.stem}-*.csv")}
    lines = rows_of(whole.read_text("utf-8"))
    paid = [line for line in lines if line["statement"] != "TOTAL"]
    assert {(p["payee"], p["entity"]) for p in paid} == {
        ("ann", "acme-us"), ("ben", "acme-eu"), ("cho", "acme-eu"), ("lou", "acme-us"),
    }  # fmt: skip
    assert sorted(parts) == ["acme-eu", "acme-us"]
    for entity, path in parts.items():
        theirs = rows_of(path.read_text("utf-8"))
        assert theirs == [line for line in lines if line["entity"] == entity]
        total = sum(Decimal(line["amount"]) for line in theirs[:-1])
        assert theirs[-1]["statement"] == "TOTAL" and Decimal(theirs[-1]["amount"]) == total > 0
    assert lines[-1]["entity"] == "" and Decimal(lines[-1]["amount"]) == sum(Decimal(p["amount"]) for p in paid)


def test_the_journal_balances_in_each_entity_and_hands_on_what_was_held(two: Path) -> None:
    root = moved(two)
    first = call(root, "journal", "2026-01", "--format", "json").json["lines"]
    assert not [line for line in first if line["ledger_account"] == "intercompany"]
    made = call(root, "journal", "2026-02", "--format", "json").json
    for entity in ("acme-us", "acme-eu"):
        mine = [line for line in made["lines"] if line["entity"] == entity]
        sides = [sum(Decimal(line[side]) for line in mine) for side in ("debit", "credit")]
        assert mine and sides[0] == sides[1] > 0
    handed = {
        (line["entity"], line["ledger_account"]): (Decimal(line["debit"]), Decimal(line["credit"]))
        for line in made["lines"]
        if line["ledger_account"] in ("held", "intercompany")
    }
    assert handed == {
        ("acme-us", "held"): (925, 0),
        ("acme-us", "intercompany"): (0, 925),
        ("acme-eu", "held"): (0, 925),
        ("acme-eu", "intercompany"): (925, 0),
    }
    held: dict[str, Decimal] = {}
    for line in [*first, *made["lines"]]:
        if line["ledger_account"] == "held":
            amount = Decimal(line["credit"]) - Decimal(line["debit"])
            held[line["entity"]] = held.get(line["entity"], Decimal(0)) + amount
    assert held == {"acme-us": 0, "acme-eu": 925}
    rows = rows_of(call(root, "journal", "2026-02", "--format", "csv").out)
    assert [(r["entity"], r["debit"] == r["credit"]) for r in rows if r["posting"] == "TOTAL"] == [
        ("acme-eu", True),
        ("acme-us", True),
    ]
    edit(root / "compengine.yaml", "hierarchy:", "journal: {intercompany: 1999}\nhierarchy:")
    assert "1999" in call(root, "journal", "2026-02").out


def test_a_statement_shows_the_entity_that_pays_and_both_to_who_moved(two: Path) -> None:
    root = moved(two)
    assert call(root, "statements", "2026-02", "--format", "pdf,html,json").code == 0
    pages = {
        name: next((root / "statements" / "2026-02").glob(f"*{number}.html")).read_text("utf-8")
        for name, number in (("ann", "000001"), ("ben", "000002"))
    }
    assert "1 Assembly Row · Somerville" in pages["ann"] and "Delaware no. 1" in pages["ann"]
    assert "HRB 00001" not in pages["ann"] and "Legal entities" not in pages["ann"]
    assert "HRB 00001" in pages["ben"] and "Delaware" not in pages["ben"] and "Legal entities" in pages["ben"]
    assert "acme-eu" not in pages["ben"]  # the name is printed, not our word for it
    for part in ("Acme Robotics, Inc.", "1 Feb 2026 to 15 Feb 2026", "USD 1,137.50", "16 Feb 2026", "USD 499.98"):
        assert part in pages["ben"]
    with pikepdf.open(root / "statements" / "2026-02" / "statement-2026-02-000002.pdf") as pdf:
        assert "Acme Robotics GmbH" in str(pdf.docinfo.get("/Author", "")) or "Acme" in str(pdf.open_metadata())


def test_a_workspace_without_entities_has_no_word_of_them(tmp_path: Path) -> None:
    root = starter(tmp_path)
    close(root, "2026-01")
    (place,) = (root / "pay").glob("2026-01-*.csv")
    assert place.read_text("utf-8").startswith("statement,payee,")
    assert call(root, "journal", "2026-01", "--format", "csv").out.startswith("posting,date,")
    assert "entity" not in call(root, "journal", "2026-01").out
