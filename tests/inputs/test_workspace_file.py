"""The workspace file is read whole, and every mistake in it is named at its place."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
from inputs_world import WORKSPACE, world

from compengine.inputs.schema import Column, ColumnType
from compengine.source.diagnostic import Failed
from compengine.source.render import render
from compengine.source.text import Text
from compengine.values.periods import Calendar, Kind


def test_everything_in_the_file_is_in_the_workspace() -> None:
    w = world()
    assert (w.name, w.timezone, w.base_currency, w.rates) == ("acme", "America/New_York", "USD", "fx")
    assert (w.hierarchy, w.ledger) == ("manager", "ledger.db")
    assert w.calendars["monthly"] == Calendar("monthly", Kind.MONTHS, date(2026, 1, 1), 15)
    assert w.quotas == {"bookings": ColumnType.MONEY, "meetings": ColumnType.NUMBER}
    assert w.digest == hashlib.sha256(WORKSPACE.encode()).hexdigest()
    payees = w.tables["payees"]
    assert payees.effective == ("from", "to")
    assert payees.columns["manager"] == Column("manager", ColumnType.PAYEE, True, "payees")
    assert payees.columns["from"] == Column("from", ColumnType.DATE)
    assert payees.columns["to"] == Column("to", ColumnType.DATE, True)
    assert w.tables["splits"].columns["deal"] == Column("deal", ColumnType.REF, False, "deals")
    assert w.tables["splits"].key == ("deal", "payee")
    assert w.tables["deals"].file == {"Deal ID": "id"}
    assert w.row("deal") is w.tables["deals"]


def test_quotas_get_a_table_of_their_own() -> None:
    quotas = world().tables["quotas"]
    assert quotas.row == "quota"
    assert quotas.key == ("payee", "quota", "from")
    assert [c.type for c in quotas.columns.values()] == ["payee", "text", "date", "date", "money"]


def test_declared_quotas_may_say_measure() -> None:
    declared = "  quotas: {row: quota, key: [payee, measure, from], columns: {payee: payee, measure: text, "
    w = world(WORKSPACE + declared + "from: date, to: date, amount: number}}\n")
    assert w.tables["quotas"].columns["amount"].type is ColumnType.MONEY


def test_the_ledger_may_stand_elsewhere() -> None:
    for where in ("books/2026.db", "postgresql+psycopg://app@db.local:5433/ledger", "postgresql:///l?service=pay"):
        assert world(WORKSPACE + f"ledger: {where}\n").ledger == where


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("mysql://app@db/ledger", "is not a ledger"),
        ("postgresql+psycopg://app:secret@db/ledger", "holds a password"),
        ("postgresql://db/ledger?password=secret", "holds a password"),
        ("postgresql://db/ledger?user=a&password=secret", "holds a password"),
    ],
)
def test_the_address_of_a_ledger_is_a_server_we_know_and_holds_no_password(where: str, message: str) -> None:
    with pytest.raises(Failed, match=f"E108.*{message}"):
        world(WORKSPACE + f"ledger: {where}\n")


CALENDARS = {
    "{periods: half months, year_starts: 2026-01-01}": Calendar("c", Kind.HALF_MONTHS, date(2026, 1, 1)),
    "{periods: weeks, year_starts: 2026-01-31, pay_date: period.end}": Calendar("c", Kind.WEEKS, date(2026, 1, 31)),
    "{periods: 4-4-5, year_starts: 2026-02-01, long_years: [2028], pay_date: period.end - 1 day}": Calendar(
        "c", Kind.FOUR_FOUR_FIVE, date(2026, 2, 1), -1, frozenset({2028})
    ),
    "{periods: years, year_starts: 2026-04-06}": Calendar("c", Kind.YEARS, date(2026, 4, 6)),
    "{periods: dates, starts: [2026-01-05, 2026-02-02], ends: 2026-03-01, per_year: 2}": Calendar(
        "c",
        Kind.DATES,
        date(2026, 1, 5),
        starts=(date(2026, 1, 5), date(2026, 2, 2)),
        ends=date(2026, 3, 1),
        per_year=2,
    ),
}


def test_a_calendar_says_which_days_are_worked() -> None:
    said = "period.end, weekend: [fri], holidays: [2026-12-24, 2026-12-25]"
    given = world(WORKSPACE.replace("period.end + 15 days", said, 1)).calendars["monthly"]
    assert (given.weekend, given.holidays) == (frozenset({4}), {date(2026, 12, 24), date(2026, 12, 25)})
    assert world().calendars["monthly"].weekend == {5, 6}


@pytest.mark.parametrize("written", CALENDARS)
def test_every_kind_of_calendar(written: str) -> None:
    assert (
        world(
            WORKSPACE.replace("tables:", f"  c: {written}\ntables:", 1).replace(
                "hierarchy: payees.manager\nquotas: {bookings: money, meetings: number}\n", ""
            )
        ).calendars["c"]
        == CALENDARS[written]
    )


MISTAKES = [
    ("workspace: acme", "workspaces: acme", "E104", 1),
    ("timezone: America/New_York\n", "", "E105", 1),
    ("America/New_York", "America/New_Yorck", "E107", 2),
    ("base: USD", "base: usd", "E410", 3),
    ("rates: fx", "rates: rates", "E412", 3),
    ("periods: months", "periods: month", "E107", 5),
    ("periods: months, ", "", "E105", 5),
    ("2026-01-01, pay", "2026-01-31, pay", "E108", 5),
    ("2026-01-01, pay", "2026-02-30, pay", "E108", 5),
    ("months, year_starts: 2026-01-01", "half months, year_starts: 2026-01-02", "E108", 5),
    (
        "months, year_starts: 2026-01-01",
        "dates, starts: [2026-02-01, 2026-01-01], ends: 2026-03-01, per_year: 12",
        "E303",
        5,
    ),
    ("months, year_starts: 2026-01-01", "dates, starts: [2026-02-01], ends: 2026-01-01, per_year: 12", "E108", 5),
    ("months, year_starts", "months, long_years: [2028], year_starts", "E104", 5),
    ("period.end + 15 days", "15 days", "E108", 5),
    ("period.end + 15 days", "period.end, weekend: [fri, saturday]", "E107", 5),
    ("period.end + 15 days", "period.end, weekend: [fri, fri]", "E302", 5),
    ("period.end + 15 days", "period.end, weekend: [mon, tue, wed, thu, fri, sat, sun]", "E108", 5),
    ("period.end + 15 days", "period.end, holidays: [2026-01-01, 2026-1-6]", "E108", 5),
    ("period.end + 15 days", "period.end, holidays: [2026-01-01, 2026-01-01]", "E302", 5),
    ("period.end + 15 days", "period.end, holidays: 2026-01-01", "E106", 5),
    ("hierarchy: payees.manager", "hierarchy: payees.boss", "E210", 6),
    ("hierarchy: payees.manager", "hierarchy: payees.ramp", "E108", 6),
    ("hierarchy: payees.manager", "hierarchy: manager", "E108", 6),
    ("bookings: money", "bookings: percent", "E107", 7),
    ("    row: payee\n", "    row: person\n", "E107", 10),
    ("effective: [from, to]", "effective: [from]", "E106", 12),
    ("effective: [from, to]", "effective: [from, ramp]", "E108", 12),
    ("ramp: percent", "ramp: procent", "E107", 13),
    ("id: payee, ", "ID: payee, id: payee, ", "E108", 13),
    ("key: id\n    columns:", "key: ident\n    columns:", "E210", 16),
    ("key: id\n    columns:", "key: units\n    columns:", "E302", 16),
    ("key: id\n    columns:", "key: acv\n    columns:", "E302", 16),
    ("key: id\n    columns:", "key: [id, id]\n    columns:", "E305", 16),
    ("key: id\n    effective", "key: [id, from]\n    effective", "E302", 11),
    ("optional currency", "text", "E108", 22),
    ("Deal ID: id", "Deal ID: idd", "E210", 26),
    ("row: split", "row: deal", "E305", 27),
    ("row: split", "row: credit", "E107", 27),
    ("ref deals", "ref deal", "E412", 27),
    ("rate: number", "rate: percent", "E210", 3),
    ("row: rate", "row: quota", "E305", 1),
    ("    columns: {id: payee, manager: optional payee, ramp: percent}\n", "", "E105", 10),
]


@pytest.mark.parametrize(("right", "wrong", "code", "line"), MISTAKES)
def test_each_mistake_is_found_at_its_place(right: str, wrong: str, code: str, line: int) -> None:
    assert right in WORKSPACE
    with pytest.raises(Failed) as failed:
        world(WORKSPACE.replace(right, wrong, 1))
    found = [(d.code, d.place.span.line if d.place.span else 0) for d in failed.value.diagnostics]
    assert (code, line) in found


def test_a_mistake_reads_like_this() -> None:
    text = Text("compengine.yaml", WORKSPACE.replace("ref deals", "ref deal"))
    with pytest.raises(Failed) as failed:
        world(text.content)
    assert render(failed.value.diagnostics[0], {"compengine.yaml": text}) == (
        "error[E412]: there is no table deal\n"
        "  --> compengine.yaml:27:60\n"
        " 27 |   splits: {row: split, key: [deal, payee], columns: {deal: ref deal, payee: payee, percent: percent}}\n"
        "    |                                                            ^^^^^^^^\n"
        "help: did you mean deals?"
    )


def test_all_mistakes_are_found_at_once() -> None:
    text = WORKSPACE.replace("base: USD", "base: usd").replace("ref deals", "ref deal").replace("months", "month")
    with pytest.raises(Failed) as failed:
        world(text)
    assert {d.code for d in failed.value.diagnostics} == {"E410", "E412", "E107"}


def test_payees_is_always_a_table() -> None:
    start = WORKSPACE.index("  payees:\n")
    text = WORKSPACE[:start] + WORKSPACE[WORKSPACE.index("  fx:") :]
    with pytest.raises(Failed, match="payees"):
        world(text)


def test_shipped_workspaces_load() -> None:
    paths = sorted((Path(__file__).parents[2] / "plans").rglob("compengine.yaml"))
    assert paths
    for path in paths:
        assert "payees" in world(path.read_text(encoding="utf-8")).tables
