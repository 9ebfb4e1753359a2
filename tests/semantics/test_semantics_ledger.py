"""Order, loads, days and conservation: rows go in by files and in any order, and every cent comes out once."""

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from compengine.actions.case_figures import actual, compare
from compengine.actions.case_files import Given, read_case
from compengine.actions.case_runs import Books, close, program_of, snapshot_of
from compengine.actions.load import the_snapshot
from compengine.actions.opened import open_workspace
from compengine.actions.plans import sound_plans
from compengine.actions.runs import the_ledger
from compengine.cli.main import cli
from compengine.ledger import queries
from compengine.ledger.queries import Which

HERE = Path(__file__).parent
PLAN = "conservation-all-at-once"
MONTHS = ("2026-01", "2026-02", "2026-03")
SMALL = """\
workspace: small
timezone: America/New_York
currencies: {base: USD, rates: fx}
calendars:
  monthly: {periods: months, year_starts: 2026-01-01, pay_date: period.end + 15 days}
tables:
  payees: {row: payee, key: id, columns: {id: payee, title: text}}
  deals:
    row: deal
    key: id
    columns: {id: text, owner: payee, value: money, close_date: date, cancelled_on: optional date}
  splits: {row: split, key: [deal, payee], columns: {deal: ref deals, payee: payee, percent: percent}}
  returns: {row: return, key: id, columns: {id: text, deal: ref deals, date: date}}
  fx: {row: exchange, key: [from, to, date], columns: {from: currency, to: currency, date: date, rate: number}}
"""
PEOPLE = ["id,title", f"ann,{PLAN}", f"ben,{PLAN}"]
DEALS = ["id,owner,value,close_date,cancelled_on", "D1,ann,10000.01,2026-01-10,2026-03-20", "D2,ann,8000,2026-02-10,"]
SPLITS = ["deal,payee,percent", "D1,ann,50%", "D1,ben,50%", "D2,ann,100%"]


def call(root: Path, *words: str, who: str = "") -> tuple[int, str]:
    result = CliRunner(env={"COMPENGINE_AS": who, "NO_COLOR": "1"}).invoke(
        cli, ["-C", str(root), *words], catch_exceptions=False
    )
    return result.exit_code, result.output


def put(root: Path, table: str, lines: list[str]) -> tuple[int, str]:
    path = root / f"{table}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return call(root, "load", table, str(path))


def small(root: Path) -> Path:
    (root / "plans").mkdir(parents=True)
    (root / "compengine.yaml").write_text(SMALL, encoding="utf-8")
    (root / "plans" / "plan.yaml").write_bytes((HERE / PLAN / "plan.yaml").read_bytes())
    assert put(root, "payees", PEOPLE)[0] == 0
    return root


def close_month(root: Path, month: str) -> None:
    for words, who in (
        (("calculate", "--period"), "olive"),
        (("submit",), "olive"),
        (("approve",), "fred"),
        (("post",), "fred"),
        (("finalize",), "fred"),
        (("pay",), "petra"),
    ):
        code, said = call(root, *words, month, who=who)
        assert code == 0, said


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three months of the plan with everything in it, closed and paid. Tests only read it."""
    root = small(tmp_path_factory.mktemp("conservation"))
    for table, lines in (("deals", DEALS), ("splits", SPLITS)):
        assert put(root, table, lines)[0] == 0
    for month in MONTHS:
        close_month(root, month)
    return root


# --- order


@pytest.mark.parametrize(
    "folder",
    [
        "order-same-day", "late-deal-restate", "tier-mode-whole", "rounding-half-up-per-component", "split-three-ways",
        "cap-across-plan", "cap-per-component", "contest-tie-share", "pool-by-weight", "rollup-once", PLAN,
    ],
)  # fmt: skip
def test_the_order_of_rows_changes_nothing(folder: str) -> None:
    opened, case = open_workspace(HERE), read_case(HERE / folder / "case.yaml")
    program, _ = sound_plans(opened)
    assert program is not None
    mine = program_of(program, case)
    rows: list[Given] = list(case.given)
    books = Books()
    for step in case.steps:
        rows += step.given
        assert step.close is not None and step.then is not None
        backwards = snapshot_of(opened.workspace, reversed(rows))
        done = close(mine, mine.plans[0], backwards, step.close.value, books)
        assert done.differing == ""
        assert [f.diagnostic.message for f in compare(step.then, actual(done))] == []


def test_the_same_rows_in_other_files_are_the_same_run(tmp_path: Path) -> None:
    runs = []
    for name, batches in (
        ("once", [("deals", DEALS), ("splits", SPLITS)]),
        ("backwards", [("deals", [DEALS[0], *DEALS[:0:-1]]), ("splits", [SPLITS[0], *SPLITS[:0:-1]])]),
        ("one by one", [(t, [rows[0], row]) for t, rows in (("deals", DEALS), ("splits", SPLITS)) for row in rows[1:]]),
    ):
        root = small(tmp_path / name)
        for table, lines in batches:
            assert put(root, table, lines)[0] == 0
        for month in MONTHS:
            close_month(root, month)
        records = [run.record for run in queries.runs(the_ledger(open_workspace(root)))]
        assert len(records) == len(MONTHS)
        runs.append([replace(record, opening="") for record in records])  # the ledger before tells when it was closed
    assert runs[0] == runs[1] == runs[2]


# --- days


def test_a_moment_becomes_the_day_it_has_in_the_workspaces_time_zone(tmp_path: Path) -> None:
    """New York is five hours behind in winter, four in summer; the clocks change on 8 March 2026 at 2:00."""
    moments = {
        "D1": ("2026-01-31", date(2026, 1, 31)),
        "D2": ("2026-02-01T04:59:59Z", date(2026, 1, 31)),
        "D3": ("2026-02-01T05:00:00Z", date(2026, 2, 1)),
        "D4": ("2026-02-01T00:00:00-05:00", date(2026, 2, 1)),
        "D5": ("2026-02-01T00:00:00+09:00", date(2026, 1, 31)),
        "D6": ("2026-07-01T03:59:59Z", date(2026, 6, 30)),
        "D7": ("2026-07-01T04:00:00Z", date(2026, 7, 1)),
        "D8": ("2026-03-08T04:59:59Z", date(2026, 3, 7)),
        "D9": ("2026-03-09T04:00:00Z", date(2026, 3, 9)),
        "DA": ("2028-03-01T04:59:59Z", date(2028, 2, 29)),
        "DB": ("2027-01-01T04:30:00Z", date(2026, 12, 31)),
    }
    root = small(tmp_path / "w")
    lines = [DEALS[0], *(f"{key},ann,1,{text}," for key, (text, _) in moments.items())]
    assert put(root, "deals", lines)[0] == 0
    frame = the_snapshot(open_workspace(root)).frame("deals").sort("id")
    assert dict(frame.select("id", "close_date").iter_rows()) == {key: day for key, (_, day) in moments.items()}


# --- what is missing, at load


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("deals", "D3,nobody,1,2026-01-10,"),
        ("splits", "D9,ann,100%"),
        ("splits", "D1,nobody,100%"),
        ("returns", "R1,D9,2026-01-20"),
    ],
)
def test_a_row_that_refers_to_nothing_is_not_loaded(tmp_path: Path, table: str, line: str) -> None:
    """A payee nobody knows, a split of a deal that is not there, a credit note that reverses nothing."""
    root = small(tmp_path / "w")
    assert put(root, "deals", DEALS)[0] == 0
    head = {"deals": DEALS[0], "splits": SPLITS[0], "returns": "id,deal,date"}[table]
    code, said = put(root, table, [head, line])
    assert (code, "E406" in said) == (2, True), said


# --- conservation


def test_what_is_credited_is_what_was_sold() -> None:
    opened = open_workspace(HERE)
    program, _ = sound_plans(opened)
    assert program is not None
    case = read_case(HERE / PLAN / "case.yaml")
    done = close(
        program_of(program, case),
        program_of(program, case).plans[0],
        snapshot_of(opened.workspace, case.given),
        "2026-02",
        Books(),
    )
    credited = done.computed.credits
    deals = {key: Decimal(value) for key, _, value, *_ in csv.reader(DEALS[1:])}
    for key, value in deals.items():
        parts = [
            amount for source, amount in credited.select("source", "amount").iter_rows() if source.startswith(f"{key}/")
        ]
        assert sum(parts) == value


def test_what_was_earned_is_paid_held_carried_or_owed(closed: Path) -> None:
    """In cents. ann: 500 + 500 − 500 = 1,400 + 200 − 300 − 800. ben: 500 − 500 = 1,400 − 300 − 1,100."""
    store = the_ledger(open_workspace(closed))
    found = {
        (payee, account): amount
        for payee, account, _, amount in queries.balances(store, ("payee", "account", "currency"))
        .select("payee", "account", "currency", "amount")
        .iter_rows()
    }
    assert found == {
        ("ann", "expense"): -500_00, ("ann", "paid"): 1_400_00, ("ann", "held"): 200_00, ("ann", "carried"): -300_00,
        ("ann", "owed"): -800_00, ("ben", "paid"): 1_400_00, ("ben", "carried"): -300_00, ("ben", "owed"): -1_100_00,
    }  # fmt: skip
    assert sum(found.values()) == 0


def test_a_cap_and_a_clawback_account_for_the_rest(closed: Path) -> None:
    """ann's rates come to 1,300.00: 300.00 are forfeited, 500.00 taken back, 500.00 remain."""
    opened = open_workspace(closed)
    rows = queries.live_rows(the_ledger(opened), opened.objects).filter(payee="ann")
    sums: dict[str, Decimal] = {}
    for kind, amount in rows.select("kind", "amount").iter_rows():
        sums[kind] = sums.get(kind, Decimal(0)) + amount
    assert sums == {"rate": Decimal(1300), "cap": Decimal(-300), "claw": Decimal(-500)}


def test_opening_and_movements_are_the_closing_and_the_next_opening(closed: Path) -> None:
    store = the_ledger(open_workspace(closed))
    by = ("payee", "account", "currency")

    def totals(which: Which) -> dict[tuple[str, ...], int]:
        return {
            tuple(key): amount for *key, amount in queries.balances(store, by, which).select(*by, "amount").iter_rows()
        }

    numbers = [posting.number for posting in queries.postings(store)]
    assert len(numbers) == 2 * len(MONTHS)  # posted and paid
    for earlier, later in pairwise(numbers):
        opening, closing = totals(Which(through=earlier)), totals(Which(through=later))
        moved = totals(Which(posting=later))
        keys = opening.keys() | moved.keys() | closing.keys()
        assert {k: opening.get(k, 0) + moved.get(k, 0) for k in keys} == {k: closing.get(k, 0) for k in keys}
    carried = {(b.payee, b.account): b.amount for b in queries.opening(store)}
    last = totals(Which())
    for (payee, account), amount in carried.items():
        if account != "released":
            assert amount * 100 == last[(payee, account, "USD")]


def test_rows_ledger_and_pay_file_come_to_the_same(closed: Path) -> None:
    opened = open_workspace(closed)
    store = the_ledger(opened)
    paid_by_file: list[tuple[str, str, Decimal]] = []
    posted_months = [p for p in queries.postings(store) if p.kind == "post"]
    for month, posting in zip(MONTHS, posted_months, strict=True):
        rows: dict[str, Decimal] = {"ann": Decimal(0), "ben": Decimal(0)}
        posted = queries.posted_rows(store, opened.objects, posting.number)
        for payee, amount, sign in posted.select("payee", "amount", "sign").iter_rows():
            rows[payee] += amount if sign > 0 else -amount
        entries = queries.entries(store, Which(posting=posting.number, account="held", reason="earned"))
        for payee, amount in rows.items():
            assert sum(e.amount for e in entries if e.payee == payee) == amount * 100
        (place,) = (closed / "pay").glob(f"{month}-*.csv")
        listed = [
            line for line in csv.DictReader(place.read_text("utf-8").splitlines()) if line["statement"] != "TOTAL"
        ]
        paid_by_file += [(month, line["payee"], Decimal(line["amount"])) for line in listed]
    entries = queries.entries(store, Which(account="paid"))
    paid = [(e.in_period, e.payee, Decimal(e.amount) / 100) for e in entries]
    assert sorted(paid) == sorted(line for line in paid_by_file if line[2])
    assert sum(amount for *_, amount in paid) == Decimal(2800)


def test_everything_on_record_verifies_and_replays(closed: Path) -> None:
    code, said = call(closed, "verify")
    assert code == 0, said
    for month in MONTHS:
        code, said = call(closed, "replay", month, "--independent")
        assert code == 0, said
