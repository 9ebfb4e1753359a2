"""The demo company and the starting workspace: reproducible, readable by the product, and worth looking at."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from compengine.actions.demo import demo_data, write_demo, write_starter
from compengine.actions.shipped import shipped
from compengine.engine.run import calculate
from compengine.inputs.load import Source, load_files
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.workspace import read_workspace
from compengine.plan.check import check
from compengine.plan.typed import Program
from compengine.source.diagnostic import Diagnostic, Failed
from compengine.source.text import Text

SEED = 2026


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    write_demo(folder, SEED)
    return folder


def rows(folder: Path, table: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every row of a table with the load it comes in."""
    for path in sorted(folder.glob(f"data/*/{table}.csv")):
        for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))):
            yield path.parent.name, row


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def load_all(root: Path, loads: list[Path]) -> Snapshot:
    """Every load in order, after asserting that not one row of it is rejected."""
    workspace = read_workspace(Text("compengine.yaml", (root / "compengine.yaml").read_text(encoding="utf-8")))
    snapshot: Snapshot | None = None
    for folder in loads:
        sources = [Source(path.stem, path) for path in sorted(folder.glob("*.csv"))]
        reports, snapshot = load_files(workspace, snapshot, sources)
        assert [reject for report in reports for reject in report.rejects] == []
    assert snapshot is not None
    return snapshot


def check_plans(root: Path) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    workspace = read_workspace(Text("compengine.yaml", (root / "compengine.yaml").read_text(encoding="utf-8")))
    paths = sorted((root / "plans").glob("*/plan.yaml"))
    return check([Text(str(path), path.read_text(encoding="utf-8")) for path in paths], workspace)


def test_the_same_seed_gives_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    write_demo(tmp_path / "again", SEED)
    assert contents(tmp_path / "again") == contents(demo)


def test_another_seed_gives_other_deals() -> None:
    assert demo_data(1).loads != demo_data(2).loads


def test_every_load_is_accepted_whole_in_order(demo: Path) -> None:
    loads = [demo / "data" / "start", *sorted((demo / "data").glob("2026-*"))]
    assert len(loads) == 7
    snapshot = load_all(demo, loads)
    assert 4_000 < snapshot.frame("deals").height < 6_000
    assert snapshot.frame("payees")["id"].n_unique() >= 40


def test_there_is_something_to_see_in_every_month(demo: Path) -> None:
    first: dict[str, str] = {}
    late, changed, cancelled = Counter[str](), Counter[str](), Counter[str]()
    for load, row in rows(demo, "deals"):
        if row["id"] not in first:
            first[row["id"]] = load
            late[load] += row["close_date"][:7] < load
        else:
            changed[load] += 1
        cancelled[load] += row["cancelled_on"] != ""
    assert all(late[f"2026-{month:02}"] for month in range(2, 7))
    assert all(changed[f"2026-{month:02}"] and cancelled[f"2026-{month:02}"] for month in range(2, 7))


def test_a_cancellation_is_known_in_its_month_and_within_180_days(demo: Path) -> None:
    for load, row in rows(demo, "deals"):
        if row["cancelled_on"]:
            assert row["close_date"] < row["cancelled_on"]
            assert row["cancelled_on"][:7] <= load


def test_splits_add_up_to_the_whole(demo: Path) -> None:
    total: defaultdict[str, int] = defaultdict(int)
    for _, row in rows(demo, "splits"):
        total[row["deal"]] += int(row["percent"].removesuffix("%"))
    assert set(total.values()) == {100}
    assert set(total) == {row["id"] for _, row in rows(demo, "deals")}


def test_payments_never_exceed_their_deal(demo: Path) -> None:
    paid: defaultdict[str, Decimal] = defaultdict(Decimal)
    for _, row in rows(demo, "payments"):
        paid[row["deal"]] += Decimal(row["amount"].removesuffix(" USD"))
    worth = {row["id"]: Decimal(row["acv"]) for _, row in rows(demo, "deals")}
    assert paid
    assert all(amount <= worth[deal] for deal, amount in paid.items())


def test_both_currencies_are_sold_in(demo: Path) -> None:
    sold = Counter(row["currency"] for _, row in rows(demo, "deals"))
    assert sold["USD"] > 1_000
    assert sold["EUR"] > 100


def test_people_stand_on_both_sides_of_their_quota(demo: Path) -> None:
    deals = {row["id"]: row for _, row in rows(demo, "deals") if row["stage"] == "Closed Won"}
    booked: defaultdict[str, Decimal] = defaultdict(Decimal)
    for _, row in rows(demo, "splits"):
        if row["deal"] in deals:
            booked[row["payee"]] += Decimal(deals[row["deal"]]["acv"]) * int(row["percent"].removesuffix("%")) / 100
    quota: defaultdict[str, Decimal] = defaultdict(Decimal)
    for _, row in rows(demo, "quotas"):
        if row["quota"] == "bookings" and row["to"] <= "2026-06-30":
            quota[row["payee"]] += Decimal(row["amount"].split()[0])
    paces = sorted(booked[who] / quota[who] for who in quota)
    assert paces[0] < Decimal("0.75")
    assert paces[-3] > Decimal("1.25")
    assert paces[-1] > 2


def test_the_starting_workspace_loads(tmp_path: Path) -> None:
    write_starter(tmp_path / "new")
    snapshot = load_all(tmp_path / "new", [tmp_path / "new" / "data"])
    assert snapshot.frame("deals").height == 20
    assert snapshot.frame("payees").height == 4


def test_nothing_is_written_over_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    for write in (write_starter, lambda folder: write_demo(folder, SEED)):
        with pytest.raises(Failed) as failed:
            write(tmp_path)
        assert [d.code for d in failed.value.diagnostics] == ["E707"]
    assert contents(tmp_path) == {"mine.txt": b"kept"}


def test_an_empty_repository_is_free(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write_starter(tmp_path)
    assert (tmp_path / "compengine.yaml").is_file()


@pytest.mark.parametrize("made", ["demo", "starter"])
def test_every_plan_checks_clean_and_has_two_cases(made: str, demo: Path, tmp_path: Path) -> None:
    root = demo
    if made == "starter":
        root = tmp_path / "new"
        write_starter(root)
    program, found = check_plans(root)
    assert found == ()
    assert program is not None
    paths = sorted((root / "plans").glob("*/plan.yaml"))
    assert [plan.name for plan in program.plans] == [path.parent.name for path in paths]
    assert all(len(list(path.parent.glob("cases/*.yaml"))) >= 2 for path in paths)


def test_the_demo_has_its_story(demo: Path) -> None:
    """Bands are crossed, a cancellation takes back more than its month earned, and each plan pays somebody."""
    program, _ = check_plans(demo)
    assert program is not None
    snapshot = load_all(demo, [demo / "data" / "start", *sorted((demo / "data").glob("2026-*"))])
    earnings = calculate(program, snapshot, program.plans[0].calendar.period("2026-06")).earnings
    assert set(earnings.filter(pl.col("amount") > 0)["plan"]) == {plan.name for plan in program.plans}
    april = earnings.filter((pl.col("payee") == "cyrus") & (pl.col("for_period") == "2026-04"))
    assert april["amount"].sum() < 0
    for plan, bands in {"enterprise-ae": 3, "account-executive-marginal": 3, "emea-ae": 2, "sales-manager": 2}.items():
        rates = earnings.filter(
            (pl.col("plan") == plan) & (pl.col("kind") == "rate") & pl.col("position_to").is_not_null()
        )
        assert rates["part"].n_unique() >= bands, plan


def test_shipped_finds_both_folders() -> None:
    assert (shipped("plans") / "compengine.yaml").is_file()
    assert shipped("statements").is_dir()
