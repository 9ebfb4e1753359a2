"""A year of a CRM as it was exported: what was won, and what of it a strict workspace refuses by name."""

import csv
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from compengine.actions.load import Loaded, load, the_snapshot
from compengine.actions.opened import Opened, open_workspace
from compengine.actions.plans import the_program
from compengine.engine.run import calculate
from compengine.inputs.current import read_current
from compengine.inputs.load import LoadReport, Source
from compengine.values.frames import to_rows
from compengine.values.rows import Credit, Measure
from properties.agreement import differences

DATA = Path(__file__).parents[3] / "shared" / "data" / "maven_crm"
CONFIGURATION = Path(__file__).parent / "maven"
NOW = datetime(2018, 1, 2, 9, 30, tzinfo=UTC)
FILES = {
    "payees": "sales_teams.csv",
    "accounts": "accounts.csv",
    "products": "products.csv",
    "deals": "sales_pipeline.csv",
}
QUARTERS = {"Q1": 1_134_672, "Q2": 3_086_111, "Q3": 2_982_255, "Q4": 2_802_496}
STRICT = {
    "product: text": "product: ref products",
    "account: optional ref accounts": "account: ref accounts",
    "engaged_on: optional date": "engaged_on: date",
    "closed_on: optional date": "closed_on: date",
    "value: optional money": "value: money",
}
"""What the workspace would say of deals if the export were clean."""

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the tables of the CRM are not at {DATA}")


@dataclass(frozen=True, slots=True)
class Pipeline:
    opened: Opened
    loaded: Loaded

    @property
    def deals(self) -> LoadReport:
        return next(report for report in self.loaded.reports if report.table == "deals")


def pipeline(root: Path, *, strict: bool = False, allow_rejects: bool = False) -> Pipeline:
    text = (CONFIGURATION / "compengine.yaml").read_text(encoding="utf-8")
    for said, meant in STRICT.items() if strict else ():
        assert text.count(said) == 1
        text = text.replace(said, meant)
    (root / "compengine.yaml").write_text(text, encoding="utf-8")
    shutil.copytree(CONFIGURATION / "plans", root / "plans")
    opened = open_workspace(root)
    sources = [Source(table, DATA / name, ignore=True) for table, name in FILES.items()]
    return Pipeline(opened, load(opened, sources, NOW, allow_rejects=allow_rejects))


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return pipeline(tmp_path_factory.mktemp("taken"))


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return pipeline(tmp_path_factory.mktemp("refused"), strict=True)


@pytest.fixture(scope="module")
def won(taken: Pipeline) -> list[Credit]:
    program, _ = the_program(taken.opened)
    december = taken.opened.workspace.calendars["monthly"].period("2017-12")
    return to_rows(Credit, calculate(program, the_snapshot(taken.opened), december).credits)


@pytest.fixture(scope="module")
def exported() -> list[dict[str, str]]:
    with (DATA / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_workspace_that_expects_the_gaps_takes_every_row(taken: Pipeline) -> None:
    assert taken.loaded.loaded
    assert taken.loaded.rejects is None
    assert {report.table: (report.read, report.new) for report in taken.loaded.reports} == {
        "payees": (35, 35),
        "accounts": (85, 85),
        "products": (7, 7),
        "deals": (8_800, 8_800),
    }


def test_every_won_deal_is_credited_once_and_in_full(won: list[Credit], exported: list[dict[str, str]]) -> None:
    assert len(won) == 4_238
    assert sum(credit.amount for credit in won) == 10_005_534
    deals = {row["opportunity_id"]: row for row in exported if row["deal_stage"] == "Won"}
    assert {(c.source, c.payee, str(c.date), c.amount) for c in won} == {
        (key, row["sales_agent"], row["close_date"], Decimal(row["close_value"])) for key, row in deals.items()
    }


def test_credits_by_quarter_and_the_top_agent_are_those_published(won: list[Credit]) -> None:
    quarters: Counter[str] = Counter()
    agents: defaultdict[str, Decimal] = defaultdict(Decimal)
    for credit in won:
        quarters[f"Q{(credit.date.month + 2) // 3}"] += int(credit.amount)
        agents[credit.payee] += credit.amount
    assert quarters == QUARTERS
    assert max(agents.items(), key=lambda item: item[1]) == ("Darcel Schlecht", 1_153_214)


def test_the_measure_of_each_agent_and_quarter_is_the_sum_of_the_exported_rows(
    taken: Pipeline, exported: list[dict[str, str]]
) -> None:
    program, _ = the_program(taken.opened)
    snapshot = the_snapshot(taken.opened)
    for month, (quarter, total) in zip(("03", "06", "09", "12"), QUARTERS.items(), strict=True):
        expected: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in exported:
            if row["deal_stage"] == "Won" and (int(row["close_date"][5:7]) + 2) // 3 == int(quarter[1]):
                expected[row["sales_agent"]] += Decimal(row["close_value"])
        period = taken.opened.workspace.calendars["monthly"].period(f"2017-{month}")
        measures = to_rows(Measure, calculate(program, snapshot, period).measures)
        mine = {m.payee: m.value for m in measures if m.measure == "won_in_quarter"}
        assert len(mine) == 35
        assert {payee: value for payee, value in mine.items() if value} == expected
        assert sum(mine.values()) == total


def test_both_engines_agree_on_the_whole_year(taken: Pipeline) -> None:
    program, _ = the_program(taken.opened)
    december = taken.opened.workspace.calendars["monthly"].period("2017-12")
    assert differences(program, the_snapshot(taken.opened), december) == []


def test_a_strict_workspace_loads_nothing_of_the_export(refused: Pipeline) -> None:
    assert not refused.loaded.loaded
    assert read_current(refused.opened.root) is None


def test_every_row_in_is_accepted_rejected_or_a_duplicate_and_so_is_every_dollar(
    taken: Pipeline, refused: Pipeline
) -> None:
    for report in (*taken.loaded.reports, *refused.loaded.reports):
        assert report.read == report.accepted + report.rejected + report.duplicates
        for total in report.totals:
            assert total.read == total.accepted + total.rejected + total.duplicates
    assert refused.deals.read == 8_800
    assert refused.deals.totals[0].read == 10_005_534


def test_each_fault_is_named_by_line_key_and_column_in_the_rejects_report(
    refused: Pipeline, exported: list[dict[str, str]]
) -> None:
    faults = {
        (line, row["opportunity_id"], column, code)
        for line, row in enumerate(exported, 2)
        for column, code, faulty in (
            ("product", "E406", row["product"] == "GTXPro"),
            ("account", "E404", not row["account"]),
            ("engaged_on", "E404", not row["engage_date"]),
            ("closed_on", "E404", not row["close_date"]),
            ("value", "E404", not row["close_value"]),
        )
        if faulty
    }
    assert Counter(column for _, _, column, _ in faults) == {
        "product": 1_480,
        "account": 1_425,
        "engaged_on": 500,
        "closed_on": 2_089,
        "value": 2_089,
    }
    place = refused.loaded.rejects
    assert place is not None
    with place.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert {(int(row["line"]), row["key"], row["column"], row["code"]) for row in written} == faults
    assert len(written) == len(faults)
    assert refused.deals.rejected == len({line for line, *_ in faults}) == 3_236
    names = {row["message"] for row in written if row["column"] == "product"}
    assert names == {"there is no row GTXPro in products"}


def test_the_rows_without_a_fault_are_loaded_where_that_is_asked_for(tmp_path: Path) -> None:
    some = pipeline(tmp_path, strict=True, allow_rejects=True)
    assert some.loaded.loaded
    assert (some.deals.accepted, some.deals.rejected) == (5_564, 3_236)
    assert the_snapshot(some.opened).frame("deals").height == 5_564
