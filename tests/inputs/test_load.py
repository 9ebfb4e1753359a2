"""A load accounts for every row and every amount, and changes all of it or nothing."""

import random
from decimal import Decimal
from pathlib import Path

import pytest
from inputs_world import WORKSPACE, world

from compengine.inputs.load import LoadReport, Source, load, load_files
from compengine.inputs.rejects import guarded, rejects_csv
from compengine.inputs.snapshot import Snapshot
from compengine.inputs.tables import Reject
from compengine.source.diagnostic import Failed
from compengine.values.digest import table_digest

WORLD = world()
PAYEES = "id,manager,ramp,from,to\nana,,100%,2026-01-01,\nbob,ana,50%,2026-01-01,2026-06-30\nbob,ana,1,2026-07-01,\n"
HEADER = "id,owner,acv,currency,units,close_date,won\n"
DEALS = HEADER + "D1,ana,100 EUR,,,2026-01-31,yes\nD2,bob,50.25,JPY,3,2026-02-01,no\nD3,bob,7,,,2026-02-01,no\n"


class Desk:
    """A folder and the snapshot so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.snapshot: Snapshot | None = None

    def load(self, table: str, text: str, *, replace: bool = False, allow_rejects: bool = False) -> LoadReport:
        file = self.folder / f"{table}.csv"
        file.write_text(text, encoding="utf-8")
        report, self.snapshot = load(WORLD, self.snapshot, table, file, replace=replace, allow_rejects=allow_rejects)
        assert report.read == report.accepted + report.rejected + report.duplicates
        for total in report.totals:
            assert total.read == total.accepted + total.rejected + total.duplicates
        assert report.snapshot == self.snapshot.digest
        assert self.snapshot.digests.get(table, "") == report.digest
        for name, digest in self.snapshot.digests.items():
            assert table_digest(name, self.snapshot.frames[name]) == digest
        return report

    def keys(self, table: str) -> list[str]:
        assert self.snapshot is not None
        return self.snapshot.frame(table)["@key"].to_list()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.load("payees", PAYEES)
    return made


def codes(report: LoadReport) -> list[tuple[int, str, str]]:
    return [(r.line, r.column, r.code) for r in report.rejects]


def test_rows_are_new_changed_or_there_already(desk: Desk) -> None:
    first = desk.load("deals", DEALS)
    assert (first.read, first.new, first.changed, first.duplicates) == (3, 3, 0, 0)
    again = desk.load("deals", DEALS)
    assert (again.new, again.changed, again.duplicates, again.digest) == (0, 0, 3, first.digest)
    part = desk.load(
        "deals", HEADER + "D2,bob,51,JPY,3,2026-02-01,no\nD4,ana,1,,,2026-03-01,1\nD4,ana,1.00,,,2026-03-01,yes\n"
    )
    assert (part.new, part.changed, part.duplicates, part.vanished) == (1, 1, 1, 0)
    assert desk.keys("deals") == ["D1", "D2", "D3", "D4"]
    assert desk.snapshot is not None and desk.snapshot.rows("deals")[1]["acv"] == 51


def test_the_currency_is_the_cells_then_the_rows_then_the_workspaces(desk: Desk) -> None:
    report = desk.load("deals", DEALS)
    assert desk.snapshot is not None
    assert desk.snapshot.frame("deals")["acv@currency"].to_list() == ["EUR", "JPY", "USD"]
    assert [(t.currency, t.accepted) for t in report.totals] == [
        ("EUR", Decimal(100)),
        ("JPY", Decimal("50.25")),
        ("USD", Decimal(7)),
    ]


def test_a_file_that_replaces_says_what_vanishes(desk: Desk) -> None:
    desk.load("deals", DEALS)
    report = desk.load("deals", HEADER + "D2,bob,50.25,JPY,3,2026-02-01,no\n", replace=True)
    assert (report.new, report.changed, report.duplicates, report.vanished) == (0, 0, 1, 2)
    assert report.vanished_keys == ("D1", "D3")
    assert desk.keys("deals") == ["D2"]


def test_one_bad_cell_keeps_everything_out(desk: Desk) -> None:
    before = desk.snapshot
    report = desk.load("deals", DEALS.replace("50.25", '"50,25"'))
    assert not report.loaded and desk.snapshot is before
    assert codes(report) == [(3, "acv", "E403")]
    assert (report.new, report.rejected, report.unreadable) == (2, 1, {"acv": 1, "price": 0})


def test_every_bad_cell_is_named(desk: Desk) -> None:
    report = desk.load("deals", HEADER + "D1,,1e5,XYZ,x,1/2/26,maybe\n")
    assert codes(report) == [
        (2, "owner", "E404"),
        (2, "acv", "E403"),
        (2, "currency", "E410"),
        (2, "units", "E403"),
        (2, "close_date", "E403"),
        (2, "won", "E403"),
    ]
    assert all(r.key == "D1" for r in report.rejects)


def test_good_rows_are_loaded_where_that_is_allowed(desk: Desk) -> None:
    report = desk.load("deals", DEALS.replace("50.25", "x"), allow_rejects=True)
    assert report.loaded and desk.keys("deals") == ["D1", "D3"]


def test_rows_of_one_key_that_differ_are_all_refused(desk: Desk) -> None:
    more = "D1,ana,101 EUR,,,2026-01-31,yes\nD1,ana,100 EUR,,,2026-01-31,yes\n"
    report = desk.load("deals", DEALS + more, allow_rejects=True)
    assert codes(report) == [(2, "", "E405"), (5, "", "E405"), (6, "", "E405")]
    assert (report.new, report.rejected, report.duplicates) == (2, 3, 0)


def test_references_must_lead_somewhere(desk: Desk) -> None:
    report = desk.load("deals", DEALS.replace("D3,bob", "D3,zoe"))
    assert codes(report) == [(4, "owner", "E406")]


def test_a_row_refused_for_a_cell_is_told_at_once_that_its_references_lead_nowhere_too(desk: Desk) -> None:
    report = desk.load("deals", DEALS.replace("D3,bob", "D3,zoe").replace("50.25", "x"))
    assert codes(report) == [(3, "acv", "E403"), (4, "owner", "E406")]
    both = desk.load("deals", DEALS.replace("bob", "zoe").replace("50.25", "x").replace("ana", "zoe"))
    assert {(2, "owner", "E406"), (3, "acv", "E403"), (3, "owner", "E406"), (4, "owner", "E406")} == set(codes(both))


def test_a_reference_to_a_row_of_the_same_load_that_is_refused_is_no_further_fault_of_a_refused_row(
    tmp_path: Path,
) -> None:
    files = {
        "splits": "deal,payee,percent\nD1,ana,lots\n",
        "deals": DEALS.replace("D1,ana", "D1,zoe"),
        "payees": PAYEES,
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    reports, _ = load_files(WORLD, None, [Source(name, tmp_path / f"{name}.csv") for name in files])
    assert [codes(r) for r in reports] == [[(2, "percent", "E403")], [(2, "owner", "E406")], []]


def test_tables_loaded_together_are_checked_together(tmp_path: Path) -> None:
    files = {
        "splits": "deal,payee,percent\nD1,ana,60%\nD1,bob,0.4\nD9,ana,1\nD3,ana,100%\n",
        "deals": DEALS.replace("D3,bob", "D3,zoe"),
        "payees": PAYEES,
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    sources = [Source(name, tmp_path / f"{name}.csv") for name in files]
    reports, snapshot = load_files(WORLD, None, sources, allow_rejects=True)
    assert [codes(r) for r in reports] == [
        [(4, "deal", "E406"), (5, "deal", "E406")],
        [(4, "owner", "E406")],
        [],
    ]
    assert snapshot.frame("splits")["@key"].to_list() == ["D1/ana", "D1/bob"]


def messages(tmp_path: Path, files: dict[str, str]) -> list[list[str]]:
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    reports, _ = load_files(WORLD, None, [Source(name, tmp_path / f"{name}.csv") for name in files])
    return [[f"{r.line} {r.message}; {r.help}" for r in report.rejects if r.code == "E406"] for report in reports]


def test_a_row_that_refers_to_a_refused_one_says_that_it_was_refused(tmp_path: Path) -> None:
    splits = "deal,payee,percent\nD1,ana,100%\nD2,bob,100%\nD8,ana,100%\n"
    refused = DEALS.replace("D1,ana,100 EUR", "D1,ana,lots")
    assert messages(tmp_path, {"splits": splits, "deals": refused, "payees": PAYEES})[0] == [
        "2 row D1 of deals is in this load and was refused; put that row right: this one then follows",
        "4 there is no row D8 in deals; load deals first, or with it",
    ]
    narrow = DEALS.replace("D1,ana,100 EUR,,", "D1,ana,100 EUR,")
    help = "if it stands in a line of deals that was refused (2), put that right; else add it"
    assert messages(tmp_path, {"splits": splits, "deals": narrow, "payees": PAYEES})[0] == [
        f"2 no row D1 could be read in deals; {help}",
        f"4 no row D8 could be read in deals; {help}",
    ]


def test_an_unknown_column_does_not_hide_what_is_wrong_in_other_files(tmp_path: Path) -> None:
    files = {
        "splits": "deal,payee,percent\nD1,ana,lots\n",
        "deals": DEALS.replace("close_date", "Close Date"),
        "payees": PAYEES.replace("manager", "boss"),
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    with pytest.raises(Failed) as failed:
        load_files(WORLD, None, [Source(name, tmp_path / f"{name}.csv") for name in files])
    found = [(d.code, d.place.table) for d in failed.value.diagnostics]
    assert found == [("E401", "deals"), ("E402", "deals"), ("E401", "payees"), ("E403", "splits")]


def test_a_file_that_replaces_may_not_leave_others_without_their_row(desk: Desk) -> None:
    desk.load("deals", DEALS)
    before = desk.snapshot
    with pytest.raises(Failed, match="E406: there is no row bob in payees"):
        desk.load("payees", "id,manager,ramp,from,to\nana,,100%,2026-01-01,\n", replace=True)
    assert desk.snapshot is before


def test_versions_may_not_overlap(desk: Desk) -> None:
    report = desk.load("payees", "id,manager,ramp,from,to\nbob,ana,1,2026-12-31,\nana,,1,2025-01-01,2025-12-31\n")
    assert codes(report) == [(2, "", "E407")]
    report = desk.load("payees", "id,manager,ramp,from,to\nzoe,,1,2026-12-31,2026-01-01\n")
    assert codes(report) == [(2, "to", "E403")]
    ended = "id,manager,ramp,from,to\nbob,ana,1,2026-07-01,2026-12-30\nbob,ana,1,2026-12-31,\n"
    assert desk.load("payees", ended).loaded


def test_nobody_reports_to_themselves_on_any_day(desk: Desk) -> None:
    text = "id,manager,ramp,from,to\nana,,1,2026-01-01,2026-06-30\nana,bob,1,2026-07-01,\n"
    report = desk.load("payees", text)
    assert [(r.line, r.code) for r in report.rejects] == [(3, "E509")] or not report.loaded
    assert report.rejects[-1].code == "E509" and "2026-07-01" in report.rejects[-1].message
    report = desk.load("payees", "id,manager,ramp,from,to\ncy,cy,1,2026-01-01,\n")
    assert codes(report) == [(2, "manager", "E509")]


def test_two_who_manage_each_other_at_different_times_are_fine(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = ["a,b,1,2026-01-01,2026-06-30", "b,,1,2026-01-01,2026-06-30", "a,,1,2026-07-01,", "b,a,1,2026-07-01,"]
    assert desk.load("payees", "id,manager,ramp,from,to\n" + "\n".join(rows)).loaded


def test_quotas_are_money_or_numbers_as_declared(desk: Desk) -> None:
    head = "payee,quota,from,to,amount\n"
    good = "ana,bookings,2026-01-01,2026-12-31,100_000 EUR\nana,meetings,2026-01-01,2026-12-31,50\n"
    desk.load("quotas", head + good)
    assert desk.snapshot is not None
    frame = desk.snapshot.frame("quotas")
    assert frame["amount"].to_list() == [100_000, 50] and frame["amount@currency"].to_list() == ["EUR", None]
    bad = desk.load("quotas", head + "ana,meetings,2026-01-01,2026-12-31,50 USD\nana,booking,2026-01-01,2026-12-31,5\n")
    assert codes(bad) == [(2, "amount", "E403"), (3, "quota", "E406")]
    assert bad.rejects[1].help == "did you mean bookings?"


def test_a_quota_ends_on_the_day_it_starts_or_later(desk: Desk) -> None:
    head = "payee,quota,from,to,amount\n"
    report = desk.load("quotas", head + "ana,meetings,2026-03-31,2026-01-01,5\nana,meetings,2026-02-01,2026-02-01,5\n")
    assert codes(report) == [(2, "to", "E403")]
    assert "ends on 2026-01-01, before it starts on 2026-03-31" in report.rejects[0].message


def test_rates_are_above_zero(desk: Desk) -> None:
    report = desk.load("fx", "from,to,date,rate\nEUR,USD,2026-01-01,0\nEUR,USD,2026-01-02,1.1\n")
    assert codes(report) == [(2, "rate", "E403")]


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    rows = [f"D{i},ana,{i}.5 EUR,,,2026-01-{i % 28 + 1:02},no" for i in range(200)]
    digests = set()
    for seed in range(5):
        desk = Desk(tmp_path)
        desk.load("payees", PAYEES)
        random.Random(seed).shuffle(rows)
        desk.load("deals", HEADER + "\n".join(rows[:150]))
        digests.add(desk.load("deals", HEADER + "\n".join(rows)).snapshot)
    assert len(digests) == 1


def test_rejects_are_written_for_a_spreadsheet(desk: Desk) -> None:
    report = desk.load("deals", HEADER + "=cmd(),ana,x,,,2026-01-31,yes\n")
    assert rejects_csv(report.rejects).splitlines() == [
        "table,line,key,column,code,message,help",
        'deals,2,\'=cmd(),acv,E403,"""x"" is not an amount",write digits with a point for decimals: 1234.56',
    ]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1", '"=1', "＝1", "＋1", "\rx", "'=1"])
def test_formulas_are_guarded(text: str) -> None:
    assert guarded(text) == "'" + text
    written = rejects_csv([Reject("t", 1, text, "c", "E403", text)])
    assert "\n=" not in written and ",=" not in written


@pytest.mark.parametrize("text", ["", "x", "1=1", "Müller", " ", "'"])
def test_plain_texts_are_not(text: str) -> None:
    assert guarded(text) == text


def test_a_table_must_be_declared(desk: Desk) -> None:
    with pytest.raises(Failed, match="E412"):
        desk.load("deal", "id\n")


def test_measure_stands_for_quota(tmp_path: Path) -> None:
    declared = "  quotas: {row: quota, key: [payee, measure, from], columns: {payee: payee, measure: text, "
    w = world(WORKSPACE + declared + "from: date, to: date, amount: number}}\n")
    (tmp_path / "p.csv").write_text(PAYEES)
    for title in ("measure", "quota"):
        (tmp_path / "q.csv").write_text(f"payee,{title},from,to,amount\nana,bookings,2026-01-01,2026-12-31,5\n")
        sources = [Source("payees", tmp_path / "p.csv"), Source("quotas", tmp_path / "q.csv")]
        _, snapshot = load_files(w, None, sources)
        (row,) = snapshot.rows("quotas")
        assert (row["quota"], row["amount"], row["amount@currency"]) == ("bookings", 5, "USD")
