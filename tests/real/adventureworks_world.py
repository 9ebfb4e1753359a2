"""AdventureWorks as a workspace: the published tables as they are, and quotas with the last day they do not write."""

import csv
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from compengine.actions.load import Loaded, load, the_snapshot
from compengine.actions.opened import Opened, open_workspace
from compengine.actions.plans import the_program
from compengine.inputs.load import Source
from compengine.inputs.snapshot import Snapshot
from compengine.plan.typed import Program
from compengine.values.periods import DAY, Window

DATA = Path(__file__).parents[3] / "shared" / "data" / "adventureworks"
CONFIGURATION = Path(__file__).parent / "adventureworks"
NOW = datetime(2014, 6, 2, 9, 30, tzinfo=UTC)
AS_PUBLISHED = {"payees": "Employee.csv", "sales_people": "SalesPerson.csv", "orders": "SalesOrderHeader.csv"}


@dataclass(frozen=True, slots=True)
class World:
    """A loaded workspace. `loaded` has a report per file, in the order payees, sales people, orders, quotas."""

    opened: Opened
    program: Program
    snapshot: Snapshot
    loaded: Loaded

    @property
    def periods(self) -> list[Window]:
        calendar = self.opened.workspace.calendars["quota_quarters"]
        return calendar.between("period", calendar.starts[0], date(2014, 5, 31))


def published(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def world(root: Path, *plans: str, orders: Path | None = None) -> World:
    """The workspace with these of its plans in the empty folder `root`, loaded; `orders` instead of the orders
    published."""
    shutil.copy(CONFIGURATION / "compengine.yaml", root)
    for plan in plans:
        shutil.copytree(CONFIGURATION / "plans" / plan, root / "plans" / plan)
    opened = open_workspace(root)
    quotas = root / "quotas.csv"
    write_quotas(quotas, opened.workspace.calendars["quota_quarters"].ends)
    files = {table: DATA / name for table, name in AS_PUBLISHED.items()} | {"quotas": quotas}
    if orders is not None:
        files["orders"] = orders
    loaded = load(opened, [Source(table, file, ignore=True) for table, file in files.items()], NOW)
    program, _ = the_program(opened)
    return World(opened, program, the_snapshot(opened), loaded)


def write_quotas(place: Path, ends: date | None) -> None:
    """SalesPersonQuotaHistory.csv writes only the first day of a quota. It holds until the day before the next of
    all quota dates, the last one until `ends`; it has one kind of quota, named `sales` here. Nothing else is added."""
    assert ends is not None
    rows = published("SalesPersonQuotaHistory.csv")
    starts = sorted({date.fromisoformat(row["QuotaDate"]) for row in rows})
    lasts = {start: after - DAY for start, after in zip(starts, [*starts[1:], ends + DAY], strict=True)}
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["payee", "quota", "from", "to", "amount"])
        for row in rows:
            start = date.fromisoformat(row["QuotaDate"])
            writer.writerow([row["BusinessEntityID"], "sales", start, lasts[start], row["SalesQuota"]])
