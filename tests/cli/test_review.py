"""A run beside what was posted before: exact sums, reasons that add up, and what an approver must not miss."""

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cli_world import call, close

from compengine.actions.figures import share_of


def amounts(lines: list[dict[str, Any]], key: str) -> dict[str, tuple[str, str]]:
    return {line[key]: (line["now"]["amount"], line["last"]["amount"]) for line in lines}


def test_a_run_stands_beside_the_last_posted_period(closed: Path) -> None:
    made = call(closed, "review", "2026-02", "--format", "json").json
    shown = call(closed, "show", "2026-02", "--format", "json").json
    assert (made["content"], made["last"], made["year"]) == (shown["content"], "2026-01", "")
    january = call(closed, "show", "2026-01", "--format", "json").json
    payable = next(line for line in made["totals"] if line["component"] == "payable")
    assert payable["now"] == shown["payable"][0]
    assert payable["last"] == january["payable"][0]
    paid = amounts(made["payees"], "payee")
    assert paid["ann"][1] == "3875.00"
    change = Decimal(payable["now"]["amount"]) - Decimal(payable["last"]["amount"])
    assert Decimal(payable["change"]["amount"]) == change


def test_the_parts_of_every_change_add_up_to_it(root: Path) -> None:
    close(root, "2026-01")
    (root / "late.csv").write_text("id,owner,stage,amount,close_date\nD21,ann,Won,10000.00 USD,2026-01-30\n")
    call(root, "load", "deals", "late.csv")
    call(root, "calculate", "--period", "2026-02", who="olive")
    made = call(root, "review", "2026-02", "--format", "json").json
    assert len(made["movers"]) == 4
    for mover in made["movers"]:
        parts = sum(Decimal(part["amount"]["amount"]) for part in mover["parts"])
        assert parts == Decimal(mover["change"]["amount"]) != 0
    ann = next(m for m in made["movers"] if m["payee"] == "ann")
    assert {p["amount"]["amount"] for p in ann["parts"] if p["kind"] == "corrections"} == {"500.00"}


def test_who_is_new_and_who_is_missing_is_named(root: Path) -> None:
    close(root, "2026-01")
    text = (root / "data" / "deals.csv").read_text()
    assert ",cho,Won," in text
    (root / "deals.csv").write_text("\n".join(x for x in text.splitlines() if ",cho," not in x or "2026-02" not in x))
    assert call(root, "load", "deals", "deals.csv", "--replace").code == 0
    call(root, "calculate", "--period", "2026-02", who="olive")
    made = call(root, "review", "2026-02", "--format", "json").json
    assert [p["payee"] for p in made["missing"]] == ["cho"]
    assert made["missing"][0]["amount"]["amount"] == "2432.50"
    assert "cho" in {f["payee"] for f in made["findings"] if f["kind"] == "zero pay"}


def test_somebody_whose_pay_was_held_is_not_new(root: Path) -> None:
    """cho was held all January; zoe came in February."""
    head, *rows = (root / "data" / "payees.csv").read_text().splitlines()
    ann = next(row for row in rows if row.startswith("ann,"))
    (root / "payees.csv").write_text(f"{head}\n{ann.replace('ann,', 'zoe,', 1)}\n")
    (root / "quotas.csv").write_text("payee,quota,from,to,amount\nzoe,bookings,2026-01-01,2026-12-31,120000 USD\n")
    assert call(root, "hold", "cho", "--because", "looked at", who="olive").code == 0
    close(root, "2026-01")
    assert call(root, "release", "H0001", "--because", "seen", who="frank").code == 0
    (root / "deals.csv").write_text("id,owner,stage,amount,close_date\nZ1,zoe,Won,100.00 USD,2026-02-10\n")
    for table in ("payees", "quotas", "deals"):
        assert call(root, "load", table, f"{table}.csv").code == 0
    assert call(root, "calculate", "--period", "2026-02", who="olive").code == 0
    made = call(root, "review", "2026-02", "--format", "json").json
    assert amounts(made["payees"], "payee")["cho"][1] == "0.00"
    assert [p["payee"] for p in made["new"]] == ["zoe"]


def test_a_deal_far_above_the_others_is_pointed_at(root: Path) -> None:
    (root / "big.csv").write_text("id,owner,stage,amount,close_date\nBIG,ann,Won,900000.00 USD,2026-02-20\n")
    close(root, "2026-01")
    call(root, "load", "deals", "big.csv")
    call(root, "calculate", "--period", "2026-02", who="olive")
    found = call(root, "review", "2026-02", "--format", "json").json["findings"]
    assert [f["about"] for f in found if f["kind"] == "large deal"] == ["BIG"]
    said = next(f["said"] for f in found if f["kind"] == "large deal")
    assert re.search(r" times \d{2,3},\d{3}\.\d{2} USD a credit of bookings", said), said
    assert "ann" in {f["payee"] for f in found if f["kind"] == "above average"}
    calm = call(root, "review", "2026-02", "--times", "1000", "--format", "json").json["findings"]
    assert not [f for f in calm if f["kind"] in ("large deal", "above average")]


def test_a_run_that_the_ledger_has_overtaken_says_so(root: Path) -> None:
    call(root, "calculate", "--period", "2026-02", who="olive")
    assert "Warning" not in call(root, "review", "2026-02").out
    close(root, "2026-01")
    assert "the ledger has moved since the run was calculated" in call(root, "review", "2026-02").out


def test_what_is_approved_is_what_was_shown(root: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    call(root, "submit", "2026-01", who="olive")
    shown = call(root, "review", "2026-01").out
    command = next(line for line in shown.splitlines() if "approve exactly this" in line).split(": ")[1]
    words = command.split()[1:]
    wrong = [*words[:-1], "0" * 64]
    assert "E602" in call(root, *wrong, who="frank").err
    assert call(root, *words, who="frank").code == 0


def test_the_file_holds_every_total_without_a_unit(closed: Path) -> None:
    rows = list(csv.DictReader(call(closed, "review", "2026-02", "--format", "csv").out.splitlines()))
    made = call(closed, "review", "2026-02", "--format", "json").json
    payable = next(r for r in rows if (r["section"], r["component"]) == ("total", "payable"))
    assert payable["now"] == next(c for c in made["totals"] if c["component"] == "payable")["now"]["amount"]
    assert rows[0]["said"] == made["content"]
    assert {r["section"] for r in rows} >= {"run", "total", "plan", "component", "payee", "mover", "exclusion"}


@pytest.mark.parametrize("times", ["0", "x", "NaN", "1e9"])
def test_a_number_of_times_that_is_none_is_refused(closed: Path, times: str) -> None:
    assert call(closed, "review", "2026-02", "--times", times).code == 2


@pytest.mark.parametrize(
    ("change", "before", "share"),
    [("1", "8", "0.125"), ("-1", "3", "-0.333"), ("1", "-2", "0.5"), ("0.0005", "1", "0.001"), ("5", "0", None)],
)
def test_percentages_follow_one_rule(change: str, before: str, share: str | None) -> None:
    assert share_of(Decimal(change), Decimal(before)) == (None if share is None else Decimal(share))
