"""What is said of each payee adds up, whatever happened on the way from earned to payable."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from cli_world import call, close, edit

from compengine.actions.payee_lines import MOVES
from compengine.statement.bridge import STEPS
from compengine.values.frames import schema
from compengine.values.rows import Settlement

PLAN = "plans/account-executive/plan.yaml"
DRAW = "  negative: carry\n  draw: {kind: top-up, amount: 2_000 USD, recover: 50%, at_end: owed}"


def lines(root: Path, period: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(root, "show", period, "--format", "json").json["payees"]
    return found


def off(line: dict[str, Any]) -> Decimal:
    """By how much a line does not add up."""
    parts = [line["earned"], line["corrections"], *(step["amount"] for step in line["steps"])]
    return sum((Decimal(part["amount"]) for part in parts), Decimal(0)) - Decimal(line["payable"]["amount"])


def test_every_line_adds_up_through_holds_draws_and_negative_results(root: Path) -> None:
    edit(root / PLAN, "  negative: carry", DRAW)
    assert call(root, "hold", "cho", "--because", "looked at", who="olive").code == 0
    close(root, "2026-01")
    assert call(root, "release", "H0001", "--because", "seen", who="frank").code == 0
    lost = ["id,owner,stage,amount,close_date", *(f"{d},ann,Lost,1.00 USD,2026-01-20" for d in ("D01", "D05"))]
    (root / "more.csv").write_text("\n".join([*lost, "D10,ann,Won,100.00 USD,2026-02-04"]) + "\n")
    assert call(root, "load", "deals", "more.csv").code == 0
    close(root, "2026-02")
    close(root, "2026-03")
    months = {month: lines(root, month) for month in ("2026-01", "2026-02", "2026-03")}
    assert {line["payee"]: off(line) for mine in months.values() for line in mine} == dict.fromkeys(
        ("ann", "ben", "cho", "lou"), Decimal(0)
    )
    taken = {step["name"] for mine in months.values() for line in mine for step in line["steps"]}
    assert taken >= {"held", "released", "draw", "recovered", "carried"}
    broken = next(line for line in months["2026-01"] if line["payee"] == "cho")
    assert off({**broken, "steps": [s for s in broken["steps"] if s["name"] != "held"]}) != 0


def test_a_column_stands_only_where_somebody_has_it(root: Path) -> None:
    assert call(root, "calculate", "--period", "2026-01", who="olive").code == 0
    plain = call(root, "show", "2026-01").out
    assert not any(word in plain for word in ("held", "released", "draw", "carried"))
    assert call(root, "hold", "cho", "--because", "looked at", who="olive").code == 0
    out = call(root, "calculate", "--period", "2026-01", who="olive").out
    head = next(line for line in out.splitlines() if line.split()[:2] == ["payee", "name"])
    assert head.split() == ["payee", "name", "plan", "earned", "held", "payable"]
    assert "-2,432.50 USD" in next(line for line in out.splitlines() if line.split()[:1] == ["cho"])


def test_the_steps_are_those_of_a_statement() -> None:
    zero = {name: Decimal(0) for name in schema(Settlement)}
    for (_, column, sign), (key, take) in zip(MOVES, STEPS, strict=True):
        assert (column, take(Settlement(**{**zero, column: Decimal(7)}))) == (key, sign * Decimal(7))  # type: ignore[arg-type]
