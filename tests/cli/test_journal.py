"""The journal: what is posted, booked the way a company books it."""

import csv
from decimal import Decimal
from pathlib import Path

from cli_world import call, close, edit

from compengine.inputs.journal import ACCOUNTS
from compengine.ledger.accounts import Account


def test_a_paid_month_balances_and_ties_to_the_pay_file(closed: Path) -> None:
    done = call(closed, "journal", "2026-01", "--format", "csv")
    rows = list(csv.DictReader(done.out.splitlines()))
    lines, totals = rows[:-1], rows[-1]
    assert sum(Decimal(r["debit"]) for r in lines) == sum(Decimal(r["credit"]) for r in lines) == Decimal("21078.00")
    assert (totals["posting"], totals["debit"], totals["credit"]) == ("TOTAL", "21078.00", "21078.00")
    earned = sum(Decimal(r["debit"]) for r in lines if r["account"] == "expense")
    paid = sum(Decimal(r["credit"]) for r in lines if r["account"] == "paid")
    (place,) = (closed / "pay").glob("2026-01-*.csv")
    assert earned == paid == Decimal(list(csv.DictReader(place.read_text("utf-8").splitlines()))[-1]["amount"])
    assert {r["date"] for r in lines if r["account"] == "expense"} == {"2026-01-31"}
    assert {r["date"] for r in lines if r["account"] == "paid"} == {"2026-02-15"}


def test_accounts_go_by_the_numbers_of_the_general_ledger(root: Path) -> None:
    close(root, "2026-01")
    edit(root / "compengine.yaml", "calendars:", "journal: {expense: 6100, paid: 1010}\ncalendars:")
    lines = call(root, "journal", "2026-01", "--format", "json").json["lines"]
    assert {line["account"] for line in lines} == {"6100", "payable", "1010"}
    edit(root / "compengine.yaml", "expense: 6100", "expnse: 6100")
    done = call(root, "journal", "2026-01")
    assert (done.code, "E104" in done.err, "expense" in done.err) == (2, True, True)


def test_a_run_that_is_not_posted_has_no_journal(root: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    done = call(root, "journal", "2026-01")
    assert (done.code, "E607" in done.err) == (3, True)


def test_every_account_of_the_ledger_can_be_named() -> None:
    assert tuple(account.value for account in Account) == ACCOUNTS
