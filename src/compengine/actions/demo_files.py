"""CSV files of the demo company: what is known at the end of each month."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

START = 0
"""The load before the first month: people and quotas. Months count from 1, January 2026."""
MONTHS = 6

COLUMNS: dict[str, tuple[int, tuple[str, ...]]] = {
    "payees": (
        1,
        ("id", "name", "title", "manager", "team", "hired_on", "target_incentive", "pay_currency", "from", "to"),
    ),
    "quotas": (3, ("payee", "quota", "from", "to", "amount")),
    "deals": (
        1,
        (
            "id",
            "customer",
            "owner",
            "stage",
            "type",
            "product",
            "acv",
            "currency",
            "term_months",
            "close_date",
            "cancelled_on",
        ),
    ),
    "splits": (2, ("deal", "payee", "percent")),
    "payments": (1, ("id", "deal", "date", "amount")),
    "meetings": (1, ("id", "sdr", "booked_on", "held_on", "deal")),
    "book": (1, ("id", "csm", "renews_on", "opening_arr", "renewed_arr", "expansion_arr")),
    "fx": (3, ("from", "to", "date", "rate")),
}
"""Per table: how many columns, from the left, are the key (besides `from` in payees), and the columns."""


@dataclass(slots=True)
class Files:
    """Rows by load and table. A row that comes again in a later load replaces the one before."""

    loads: dict[tuple[int, str], dict[tuple[str, ...], dict[str, str]]] = field(default_factory=dict)

    def put(self, load: int, table: str, row: dict[str, str]) -> None:
        """Adds a row to one load; what would be known only after the last month is left out."""
        width, columns = COLUMNS[table]
        assert set(row) == set(columns), f"{table}: {sorted(set(row) ^ set(columns))}"
        if load <= MONTHS:
            key = tuple(row[name] for name in columns[:width]) + ((row["from"],) if table == "payees" else ())
            self.loads.setdefault((load, table), {})[key] = row

    def write(self, folder: Path) -> None:
        for (load, table), rows in sorted(self.loads.items()):
            path = folder / ("start" if load == START else f"2026-{load:02}") / f"{table}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_csv(COLUMNS[table][1], [rows[key] for key in sorted(rows)]))


def as_csv(columns: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def cents(amount: int) -> str:
    """`1234.50`, of a number of cents."""
    return f"{amount // 100}.{amount % 100:02}"
