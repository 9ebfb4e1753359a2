"""AdventureWorks: credited sales, attainment and commission of twelve quarters, equal to figures made without us.

The reference figures are sums over the published rows in plain SQL; `SalesPerson.SalesYTD` is the publisher's own.
"""

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from adventureworks_world import DATA, NOW, World, published, world

from compengine.actions.calculate import calculate as calculate_run
from compengine.engine.run import calculate
from compengine.values.frames import to_rows
from compengine.values.rounding import Rounding, round_to
from compengine.values.rows import Credit, Earning, Measure
from properties.agreement import differences

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the AdventureWorks tables are not at {DATA}")

ONCE, PER_ORDER = "rounded-once", "rounded-per-order"
Quarter = tuple[str, str]
"""A sales person and the first day of a quarter."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all twelve quarters: each measure at its quarter's end by name, and the earnings of the last run."""

    measures: dict[str, dict[Quarter, Decimal]]
    credits: list[Credit]
    earnings: list[Earning]
    excluded: dict[str, Counter[str]]

    def commission(self, plan: str) -> dict[Quarter, Decimal]:
        sums: defaultdict[Quarter, Decimal] = defaultdict(Decimal)
        for row in self.earnings:
            if row.plan == plan:
                sums[row.payee, row.for_period] += row.amount
        return dict(sums)


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("flat"), ONCE, PER_ORDER)


@pytest.fixture(scope="module")
def figures(flat: World) -> Figures:
    measures: defaultdict[str, dict[Quarter, Decimal]] = defaultdict(dict)
    starts = {period.label: str(period.start) for period in flat.periods}
    for period in flat.periods:
        outcome = calculate(flat.program, flat.snapshot, period)
        for row in to_rows(Measure, outcome.measures):
            if row.plan == ONCE:
                measures[row.measure][row.payee, str(period.start)] = row.value
    excluded: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for plan, by, count in outcome.exclusions.group_by("plan", "by").len().iter_rows():
        excluded[plan][by] = count
    earnings = [
        Earning(**{**{f: getattr(e, f) for f in Earning.__slots__}, "for_period": starts[e.for_period]})
        for e in to_rows(Earning, outcome.earnings)
    ]
    return Figures(dict(measures), to_rows(Credit, outcome.credits), earnings, dict(excluded))


@pytest.fixture(scope="module")
def reference() -> dict[Quarter, dict[str, str]]:
    rows = published("reference/ref_by_quota_period.csv")
    return {(row["SalesPersonID"], row["PeriodStart"]): row for row in rows}


def test_every_published_row_is_taken_and_every_amount_counted(flat: World) -> None:
    reports = {report.table: report for report in flat.loaded.reports}
    assert {name: (r.read, r.new, r.rejected) for name, r in reports.items()} == {
        "payees": (290, 290, 0),
        "sales_people": (17, 17, 0),
        "orders": (31_465, 31_465, 0),
        "quotas": (163, 163, 0),
    }
    sums = {name: total.read for name, r in reports.items() for total in r.totals}
    assert sums["orders"] == Decimal("109846381.4039")
    assert sums["quotas"] == Decimal("95714000.00")


def test_the_calendar_cuts_quarters_where_the_quotas_do(flat: World, reference: dict[Quarter, dict[str, str]]) -> None:
    assert {(str(p.start), str(p.end)) for p in flat.periods} == {
        (row["PeriodStart"], row["PeriodEnd"]) for row in reference.values()
    }
    assert [p.label for p in flat.periods] == [f"{year}-P0{n}" for year in (2011, 2012, 2013) for n in (1, 2, 3, 4)]


def test_sales_and_quota_of_all_163_quarters_are_those_of_the_reference(
    figures: Figures, reference: dict[Quarter, dict[str, str]]
) -> None:
    assert len(reference) == 163
    credited = {at: value for at, value in figures.measures["credited"].items() if value}
    assert credited == {at: Decimal(row["CreditedSales"]) for at, row in reference.items()}
    assert figures.measures["goal"] == {at: Decimal(row["Quota"]) for at, row in reference.items()}
    orders = {at: value for at, value in figures.measures["orders_credited"].items() if value}
    assert orders == {at: Decimal(row["Orders"]) for at, row in reference.items()}
    assert sum(credited.values()) == Decimal("80487704.1832")


def test_attainment_of_all_163_quarters_is_that_of_the_reference_to_its_fourth_place(
    figures: Figures, reference: dict[Quarter, dict[str, str]]
) -> None:
    place = Decimal("0.0001")
    shown = {at: round_to(value * 100, place, Rounding.HALF_UP) for at, value in figures.measures["attainment"].items()}
    assert shown == {at: Decimal(row["AttainmentPct"]) for at, row in reference.items()}


def test_commission_rounded_once_a_quarter_is_that_of_the_reference_to_the_cent(
    figures: Figures, reference: dict[Quarter, dict[str, str]]
) -> None:
    commission = figures.commission(ONCE)
    assert commission == {at: Decimal(row["CommissionRoundedOnce"]) for at, row in reference.items()}
    assert sum(commission.values()) == Decimal("1101643.43")


def test_commission_rounded_order_by_order_is_that_of_the_reference_to_the_cent(
    figures: Figures, reference: dict[Quarter, dict[str, str]]
) -> None:
    commission = figures.commission(PER_ORDER)
    assert commission == {at: Decimal(row["CommissionSumOfOrderRounded"]) for at, row in reference.items()}
    assert sum(commission.values()) == Decimal("1101643.36")


@pytest.mark.parametrize("plan", [ONCE, PER_ORDER])
def test_basis_times_rate_before_rounding_is_exactly_the_references_commission(
    plan: str, figures: Figures, reference: dict[Quarter, dict[str, str]]
) -> None:
    exact: defaultdict[Quarter, Decimal] = defaultdict(Decimal)
    for row in figures.earnings:
        if row.plan == plan:
            exact[row.payee, row.for_period] += row.basis * row.rate
    assert exact == {at: Decimal(row["CommissionExact"]) for at, row in reference.items()}


def test_the_year_that_starts_on_2013_05_30_is_microsofts_own_sales_ytd(figures: Figures) -> None:
    """Both as the calendar's year to date and as a span of days; all 17, to the fourth decimal."""
    own = {(row["BusinessEntityID"], "2014-03-01"): Decimal(row["SalesYTD"]) for row in published("SalesPerson.csv")}
    assert len(own) == 17
    for measure in ("sales_ytd", "since_2013_05_30"):
        last = {at: v for at, v in figures.measures[measure].items() if at[1] == "2014-03-01"}
        assert last == own


def test_sales_of_calendar_years_cut_through_the_quarters_as_the_reference_does(figures: Figures) -> None:
    found = {
        (payee, year): value
        for year in ("2011", "2012", "2013", "2014")
        for (payee, start), value in figures.measures[f"in_{year}"].items()
        if start == "2014-03-01" and value
    }
    rows = published("reference/ref_by_calendar_year.csv")
    assert len(rows) == 58
    assert found == {(row["SalesPersonID"], row["Year"]): Decimal(row["Sales"]) for row in rows}


def test_a_managers_team_sells_what_those_below_sell_in_every_quarter(
    figures: Figures, reference: dict[Quarter, dict[str, str]]
) -> None:
    teams: defaultdict[Quarter, Decimal] = defaultdict(Decimal)
    for (_, start), row in reference.items():
        teams[row["ManagerID"], start] += Decimal(row["CreditedSales"])
    expected = {at: value for at, value in teams.items() if at[0] != "273"}
    assert {at: value for at, value in figures.measures["team"].items() if value} == expected
    assert {manager for manager, _ in expected} == {"274", "285", "287"}


def test_orders_without_a_sales_person_are_told_and_all_others_credited_once(figures: Figures) -> None:
    """939 of the 27,659 orders without one are dated after the last quarter: for a run they do not exist."""
    for plan in (ONCE, PER_ORDER):
        assert sum(credit.plan == plan for credit in figures.credits) == 3_806
        assert figures.excluded[plan] == {"order.sales_person is not empty": 31_465 - 3_806 - 939}


def test_both_engines_agree_on_every_row_of_both_roundings(flat: World) -> None:
    for period in (flat.periods[0], flat.periods[5], flat.periods[-1]):
        assert differences(flat.program, flat.snapshot, period) == []


def test_the_order_of_the_published_rows_changes_no_digest_and_no_run(flat: World, tmp_path: Path) -> None:
    with (DATA / "SalesOrderHeader.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    Random(7).shuffle(rows)
    with (tmp_path / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    (tmp_path / "again").mkdir()
    again = world(tmp_path / "again", ONCE, PER_ORDER, orders=tmp_path / "orders.csv")
    assert again.loaded.snapshot == flat.loaded.snapshot
    last = flat.periods[-1].label
    ours, theirs = (calculate_run(w.opened, last, "", "olive", NOW).view for w in (flat, again))
    assert ours.content == theirs.content
