"""AdventureWorks with an accelerator, closed quarter by quarter: calculated, approved, posted, paid, proved again."""

import csv
import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from adventureworks_world import DATA, NOW, World, published, world

from compengine.actions.calculate import calculate
from compengine.actions.closing import Posted, approve, finalize, post, submit
from compengine.actions.payment import Paid, pay
from compengine.actions.replay import replay
from compengine.actions.runs import RunView
from compengine.actions.statements import Statements, statements
from compengine.actions.verify import verify
from compengine.ledger import queries
from compengine.ledger.accounts import Account
from compengine.ledger.store.database import open_store
from compengine.source.diagnostic import Failed
from compengine.statement.figures import money
from compengine.statement.language import DEFAULT, language
from compengine.values.money import from_minor
from compengine.values.rounding import Rounding, round_to
from properties.agreement import differences

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the AdventureWorks tables are not at {DATA}")
pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils (pdftotext) is not installed")

CENT = Decimal("0.01")
OVER_QUOTA = 8
"""Quarters in which somebody sold more than the quota."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A quarter: its run, its posting and its payment."""

    run: RunView
    posted: Posted
    paid: Paid


@pytest.fixture(scope="module")
def accelerated(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("accelerated"), "accelerator")


@pytest.fixture(scope="module")
def closed(accelerated: World) -> dict[str, Closed]:
    """All twelve quarters by their first days; olive prepares, frank approves, petra pays."""
    opened, found = accelerated.opened, {}
    for period in accelerated.periods:
        run = calculate(opened, period.label, "", "olive", NOW).view
        submit(opened, run.run, "olive", NOW)
        approve(opened, run.run, "frank", NOW, run.content)
        posted = post(opened, run.run, "frank", NOW)
        finalize(opened, run.run, "frank", NOW)
        found[str(period.start)] = Closed(run, posted, pay(opened, run.run, "petra", NOW))
    return found


@pytest.fixture(scope="module")
def last_statements(accelerated: World, closed: dict[str, Closed]) -> Statements:
    return statements(accelerated.opened, closed["2014-03-01"].run.run, NOW)


@pytest.fixture(scope="module")
def expected() -> dict[tuple[str, str], Decimal]:
    """Commission by sales person and quarter from the published rows alone: orders by date and number, each cut where
    it takes the quarter's sales over the quota, each piece times its rate rounded half up."""
    orders: defaultdict[str, list[tuple[str, str, Decimal]]] = defaultdict(list)
    for row in published("SalesOrderHeader.csv"):
        orders[row["SalesPersonID"]].append((row["OrderDate"], row["SalesOrderID"], Decimal(row["SubTotal"])))
    found: dict[tuple[str, str], Decimal] = {}
    for row in published("reference/ref_by_quota_period.csv"):
        quota, rate = Decimal(row["Quota"]), Decimal(row["CommissionPct"])
        sold, earned = Decimal(0), Decimal(0)
        for day, _, amount in sorted(orders[row["SalesPersonID"]]):
            if row["PeriodStart"] <= day <= row["PeriodEnd"]:
                below = min(amount, max(Decimal(0), quota - sold))
                for piece, at in ((below, rate), (amount - below, rate * Decimal("1.5"))):
                    earned += round_to(piece * at, CENT, Rounding.HALF_UP)
                sold += amount
        found[row["SalesPersonID"], row["PeriodStart"]] = earned
    return found


def test_both_engines_agree_row_by_row_on_the_first_a_middle_and_the_last_quarter(accelerated: World) -> None:
    for period in (accelerated.periods[0], accelerated.periods[6], accelerated.periods[-1]):
        assert differences(accelerated.program, accelerated.snapshot, period) == [], period.label


def test_what_is_posted_is_the_commission_cut_at_quota(
    closed: dict[str, Closed], expected: dict[tuple[str, str], Decimal]
) -> None:
    posted: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    above: set[tuple[str, str]] = set()
    for start, quarter in closed.items():
        for row in quarter.run.rows:
            posted[row.payee, start] += row.amount.amount
            if row.part == "100%":
                above.add((row.payee, start))
    assert posted == expected
    assert len(expected) == 163
    assert len(above) == OVER_QUOTA


def test_only_who_sold_above_quota_is_paid_more_than_the_flat_rate_and_by_half_of_it_on_what_is_above(
    expected: dict[tuple[str, str], Decimal],
) -> None:
    over_quota = 0
    for row in published("reference/ref_by_quota_period.csv"):
        at = (row["SalesPersonID"], row["PeriodStart"])
        more = expected[at] - Decimal(row["CommissionSumOfOrderRounded"])
        above = Decimal(row["CreditedSales"]) - Decimal(row["Quota"])
        if above <= 0:
            assert more == 0, at
        else:
            roundings = 2 * int(row["Orders"]) + 1
            assert abs(more - above * Decimal(row["CommissionPct"]) / 2) <= roundings * CENT / 2, at
            over_quota += 1
    assert over_quota == OVER_QUOTA


def test_no_quarter_corrects_another_when_all_data_was_there_from_the_start(closed: dict[str, Closed]) -> None:
    for quarter in closed.values():
        assert quarter.run.corrections == ()
        assert quarter.run.rows_taken_back == 0


def test_the_ledger_owes_nobody_after_the_last_payment_and_holds_what_was_paid(
    accelerated: World, closed: dict[str, Closed], expected: dict[tuple[str, str], Decimal]
) -> None:
    store = open_store(accelerated.opened.ledger)
    balances = queries.balances(store, ("account", "currency"))
    by_account = {account: from_minor(amount, code) for account, code, amount in balances.iter_rows()}
    assert Account.PAYABLE not in by_account
    paid = sum(total.amount for quarter in closed.values() for total in quarter.paid.totals)
    assert paid == sum(expected.values()) == by_account[Account.PAID]
    assert [p.kind for p in queries.postings(store)] == ["post", "pay"] * 12


def test_each_pay_file_adds_up_to_what_its_quarter_posted(closed: dict[str, Closed]) -> None:
    for quarter in closed.values():
        assert quarter.paid.totals == quarter.posted.payable == quarter.run.payable
        with quarter.paid.file.open(encoding="utf-8", newline="") as file:
            *lines, total = csv.DictReader(file)
        assert sum(Decimal(line["amount"]) for line in lines) == Decimal(total["amount"])
        assert Decimal(total["amount"]) == quarter.paid.totals[0].amount
        assert len(lines) == quarter.paid.payments


def test_a_closed_quarter_is_not_calculated_again(accelerated: World, closed: dict[str, Closed]) -> None:
    for label in ("2011-P01", "2013-P04"):
        with pytest.raises(Failed) as refused:
            calculate(accelerated.opened, label, "", "olive", NOW)
        assert [d.code for d in refused.value.diagnostics] == ["E605"]


@pytest.mark.parametrize("independent", [False, True], ids=["same engine", "second engine"])
def test_all_twelve_runs_replay_to_the_digests_on_record(
    independent: bool, accelerated: World, closed: dict[str, Closed]
) -> None:
    """By the second engine this is agreement on every stage of every quarter, from the balances the ledger had then."""
    for quarter in closed.values():
        again = replay(accelerated.opened, quarter.run.run, independent=independent)
        assert again.differences == ()
        assert again.matches


def test_the_whole_ledger_verifies(accelerated: World, closed: dict[str, Closed]) -> None:
    found = verify(accelerated.opened)
    assert found.diagnostics == ()
    assert (found.runs, found.postings) == (12, 24)


def test_all_seventeen_have_a_statement_of_the_last_quarter(
    last_statements: Statements, expected: dict[tuple[str, str], Decimal]
) -> None:
    assert last_statements.diagnostics == ()
    assert last_statements.status == "Final"
    people = {payee for payee, start in expected if start == "2014-03-01"}
    assert {printed.payee for printed in last_statements.printed} == people
    assert len(people) == 17
    for printed in last_statements.printed:
        with pikepdf.open(printed.path) as pdf:
            assert len(pdf.pages) > 0


@pdftotext
def test_each_statement_shows_what_is_payable_and_each_order_it_comes_from(
    last_statements: Statements, closed: dict[str, Closed], expected: dict[tuple[str, str], Decimal]
) -> None:
    orders: defaultdict[str, set[str]] = defaultdict(set)
    for row in closed["2014-03-01"].run.rows:
        orders[row.payee].add(row.source)
    for printed in last_statements.printed:
        text = words(printed.path)
        payable = money(language(DEFAULT), expected[printed.payee, "2014-03-01"], "USD")
        assert f"Payable on 15 June 2014 USD {payable}" in text, printed.payee
        assert all(f" {order} " in text for order in orders[printed.payee])


def words(pdf: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())
