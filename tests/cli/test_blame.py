"""Which change moved a number: the one that was planted, and no other."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_world import call, close, edit, starter
from hypothesis import given, settings
from hypothesis import strategies as st

from compengine.actions.blame import _joined, _steps
from compengine.actions.changes import RowChange, changes, in_order, inputs_of, made
from compengine.actions.opened import open_workspace
from compengine.actions.runs import find_run, the_ledger
from compengine.inputs.schema import Column, ColumnType

REF = ColumnType.REF
PLAN = "plans/account-executive/plan.yaml"


def deals(root: Path, *rows: str) -> None:
    (root / "more.csv").write_text("\n".join(["id,owner,stage,amount,close_date", *rows]) + "\n")
    assert call(root, "load", "deals", "more.csv").code == 0


def calculated(root: Path, period: str = "2026-01") -> str:
    done = call(root, "calculate", "--period", period, "--format", "json", who="olive")
    assert done.code == 0, done.err
    return str(done.json["view"]["run"])


def moved(root: Path, *words: str) -> list[tuple[list[str], str]]:
    """What moved the number: names of the changes, and by how much."""
    done = call(root, "blame", *words, "--format", "json")
    assert done.code == 0, done.err
    return [([_name(c) for c in m["changes"]], m["amount"]["amount"]) for p in done.json["periods"] for m in p["moved"]]


def by_period(root: Path, *words: str) -> dict[str, tuple[str, str, list[str]]]:
    """Before, after, and the amounts in between with their first change, for each period."""
    done = call(root, "blame", *words, "--format", "json")
    assert done.code == 0, done.err
    return {
        p["period"]: (
            p["before"]["amount"],
            p["after"]["amount"],
            [f"{m['amount']['amount']} {_name(m['changes'][0])}" for m in p["moved"]],
        )
        for p in done.json["periods"]
    }


def _name(change: Any) -> str:
    return f"{change.get('table') or change['kind']} {change.get('key') or change['name']} {change['verb']}"


NOISE = [f"N{n:02},ben,Won,10.00 USD,2026-01-{n:02}" for n in range(1, 29)]


def test_the_row_that_moved_a_line_is_found_among_others(root: Path) -> None:
    calculated(root)
    deals(root, *NOISE, "D01,ann,Won,7777.00 USD,2026-01-05")
    calculated(root)
    done = call(root, "blame", "2026-01", "ann", "D01", "--format", "json").json
    assert moved(root, "2026-01", "ann", "D01") == [(["deals D01 changed"], "-1711.15")]
    cells = {c["column"]: (c["before"], c["after"]) for c in done["periods"][0]["moved"][0]["changes"][0]["cells"]}
    assert cells["amount"] == ("42000 USD", "7777 USD")
    assert (done["looked_at"], done["computed"] < 20) == (29, True)
    assert "deals D01 changed" in call(root, "blame", "2026-01", "ann", "D01").out


def test_a_passage_of_a_plan_is_told_from_another_that_moves_nothing(root: Path) -> None:
    calculated(root)
    edit(root / PLAN, "# Numbers per person.", "# Numbers for each person.")
    edit(root / PLAN, "{0%: 5%", "{0%: 6%")
    calculated(root)
    assert [amount for _, amount in moved(root, "2026-01", "ben")] == ["495.00"]
    out = call(root, "blame", "2026-01", "ben").out
    assert "+      bands: {0%: 6%, 100%: 8%}" in out
    assert "for each person" not in "".join(x for x in out.splitlines() if x.strip().startswith("+"))


def test_the_parts_are_the_whole_way_from_one_number_to_the_other(root: Path) -> None:
    calculated(root)
    deals(root, "D01,ann,Won,7777.00 USD,2026-01-05", "D21,ann,Won,10000.00 USD,2026-01-30")
    edit(root / PLAN, "{0%: 5%", "{0%: 6%")
    calculated(root)
    done = call(root, "blame", "2026-01", "ann", "--format", "json").json
    (one,) = done["periods"]
    steps = [(m["before"]["amount"], m["after"]["amount"]) for m in one["moved"]]
    assert steps == [("3875.00", "2163.85"), ("2163.85", "2663.85"), ("2663.85", "3196.62")]
    assert (one["before"]["amount"], one["after"]["amount"]) == ("3875.00", "3196.62")
    given = [_name(c) for c in one["moved"][2]["given"]]
    assert given == ["deals D01 changed", "deals D21 added"]


def test_changes_that_can_only_be_made_together_stay_together(root: Path) -> None:
    """A deal of somebody who is no payee yet cannot be computed."""
    calculated(root)
    head, *_ = (root / "data" / "payees.csv").read_text().splitlines()
    line = next(x for x in (root / "data" / "payees.csv").read_text().splitlines() if x.startswith("ann,"))
    (root / "payees.csv").write_text(f"{head}\n{line.replace('ann,', 'zoe,', 1)}\n")
    quotas = (root / "data" / "quotas.csv").read_text().splitlines()
    (root / "quotas.csv").write_text("\n".join([quotas[0], *(q.replace("ann", "zoe") for q in quotas if "ann," in q)]))
    for table in ("payees", "quotas"):
        assert call(root, "load", table, f"{table}.csv").code == 0
    deals(root, "Z1,zoe,Won,1000.00 USD,2026-01-30")
    calculated(root)
    (only,) = call(root, "blame", "2026-01", "zoe", "--format", "json").json["periods"][0]["moved"]
    together = {_name(c).split()[0] for c in (*only["changes"], *only["given"])}
    assert together == {"deals", "payees", "quotas"}


def test_a_deal_comes_with_those_rows_that_refer_to_it(root: Path) -> None:
    """Otherwise half of all places between changes could not be computed."""
    opened = open_workspace(root)
    row = {"@key": "", "deal": None}

    def change(table: str, key: str, verb: str = "added", deal: str | None = None) -> RowChange:
        return RowChange(table, key, verb, (), ("@key",), (key,), None, {**row, "@key": key, "deal": deal})

    split = replace(
        opened.workspace.tables["deals"], name="splits", columns={"deal": Column("deal", REF, table="deals")}
    )
    workspace = replace(opened.workspace, tables={**opened.workspace.tables, "splits": split})
    found = [change("deals", "D1"), change("deals", "D2"), change("payees", "ann"), change("splits", "D1/a", deal="D1")]
    found += [change("deals", "D3", "taken out"), change("splits", "D3/a", "taken out", deal="D3")]
    told = [[f"{c.table} {c.key}" for c in group] for group in in_order(found, workspace)]
    assert told == [["payees ann"], ["deals D1", "splits D1/a"], ["deals D2"], ["splits D3/a", "deals D3"]]


def test_a_late_deal_is_what_changed_a_closed_month(root: Path) -> None:
    """February brings deals of its own; of what was said about January only the late one has moved anything."""
    text = (root / "data" / "deals.csv").read_text().splitlines()
    january = [x for x in text if "2026-01-" in x]
    (root / "deals.csv").write_text("\n".join([text[0], *january]))
    assert call(root, "load", "deals", "deals.csv", "--replace").code == 0
    close(root, "2026-01")
    deals(root, *(x for x in text[1:] if x not in january), "D99,ann,Won,10000.00 USD,2026-01-30")
    calculated(root, "2026-02")
    found = by_period(root, "2026-02", "ann")
    assert found["2026-01"] == ("3875.00", "4375.00", ["500.00 deals D99 added"])
    own = ["2805.00 deals D10 added", "1160.00 deals D15 added", "300.00 deals D99 added"]
    assert found["2026-02"] == ("0.00", "4265.00", own)
    assert by_period(root, "2026-02", "lou")["2026-01"][2] == ["100.00 deals D99 added"]


CLAWBACK = """
clawback:
  cancelled:
    of: bookings
    when: deal.cancelled_on is not empty
    date: deal.cancelled_on
    policy: original_lines
    attainment: kept

# How it is paid"""


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three closed months. In March a deal of February was cancelled, and one of January came late. Only looked at."""
    root = starter(tmp_path_factory.mktemp("quarter"), loaded=False)
    edit(root / "compengine.yaml", "close_date: date}", "close_date: date, cancelled_on: optional date}")
    edit(root / PLAN, "\n# How it is paid", CLAWBACK)
    head, *rows = (root / "data" / "deals.csv").read_text().splitlines()
    (root / "data" / "deals.csv").unlink()
    assert call(root, "load", "data").code == 0
    for month in ("2026-01", "2026-02", "2026-03"):
        mine = [f"{row}," for row in rows if f",{month}-" in row]
        if month == "2026-03":
            mine += ["D15,ann,Won,14500.00 USD,2026-02-26,2026-03-10", "D99,ann,Won,10000.00 USD,2026-01-30,"]
        (root / "deals.csv").write_text("\n".join([f"{head},cancelled_on", *mine]) + "\n")
        assert call(root, "load", "deals", "deals.csv").code == 0
        close(root, month)
    return root


def test_each_closed_month_is_set_beside_the_one_posted_before_it(quarter: Path) -> None:
    ids = [line.split()[0] for line in call(quarter, "runs").out.splitlines()[1:]]
    for month, run, before in (("2026-02", ids[1], ids[0]), ("2026-03", ids[2], ids[1])):
        done = call(quarter, "blame", month, "ann", "--format", "json").json
        assert (done["run"], done["against"], done["posted"]) == (run, before, True)
    assert by_period(quarter, "2026-02", "ann") == {
        "2026-02": ("0.00", "3965.00", ["2805.00 deals D10 added", "1160.00 deals D15 added"])
    }


def test_a_cancelled_deal_and_a_late_one_are_told_for_the_periods_that_they_moved(quarter: Path) -> None:
    """The claw stands in March, the late deal in January; it lifts February's rates, and what the claw takes back."""
    found = by_period(quarter, "2026-03", "ann")
    assert found["2026-01"] == ("3875.00", "4375.00", ["500.00 deals D99 added"])
    assert found["2026-02"] == ("3965.00", "4265.00", ["300.00 deals D99 added"])
    assert found["2026-03"] == ("0.00", "-536.00", ["-1160.00 deals D15 changed", "624.00 deals D18 added"])
    out = call(quarter, "blame", "2026-03", "ann").out
    assert "cancelled_on: (empty) → 2026-03-10" in out
    assert [line.split()[1] for line in out.splitlines() if line.startswith("For ")] == [
        "2026-01:",
        "2026-02:",
        "2026-03:",
    ]
    assert "For 2026-03: 0.00 USD, now -536.00 USD" in out


def test_a_line_narrows_it_to_one_deal(quarter: Path) -> None:
    assert by_period(quarter, "2026-03", "ann", "D15") == {
        "2026-03": ("0.00", "-1160.00", ["-1160.00 deals D15 changed"])
    }
    assert by_period(quarter, "2026-03", "ann", "D99")["2026-01"][1] == "500.00"


def test_another_run_can_be_set_beside_it(quarter: Path) -> None:
    done = call(quarter, "blame", "2026-03", "ann", "--against", "2026-01", "--format", "json").json
    assert done["against_period"] == "2026-01"
    assert "deals D10 added" in {_name(c) for p in done["periods"] for m in p["moved"] for c in m["changes"]}
    same = call(quarter, "blame", "2026-03", "ann", "--against", "2026-03")
    assert (same.code, "has earned the same" in same.err) == (2, True)


def test_an_adjustment_that_only_one_run_has_is_a_change_too(root: Path) -> None:
    close(root, "2026-01")
    words = ("--plan", "account-executive", "--kind", "bonus", "--code", "MISSED", "--because", "as agreed")
    asked = call(root, "adjust", "ann", "--for", "2026-01", "--amount", "333.33 USD", *words, who="olive")
    assert asked.code == 0, asked.err
    assert call(root, "decide", "A0001", "approve", "--because", "right", who="frank").code == 0
    calculated(root, "2026-02")
    assert by_period(root, "2026-02", "ann") == {"2026-01": ("3875.00", "4208.33", ["333.33 adjustment A0001 added"])}
    assert "333.33 USD on account-executive for 2026-01, MISSED" in call(root, "blame", "2026-02", "ann").out


def test_what_a_new_period_cannot_do_without_is_made_first(root: Path) -> None:
    """A deal of February is there in January, and its owner's quota comes later."""
    head, line = (root / "data" / "payees.csv").read_text().splitlines()[:2]
    ann = next(x for x in (root / "data" / "payees.csv").read_text().splitlines() if x.startswith("ann,"))
    assert line, "no payees"
    (root / "payees.csv").write_text(f"{head}\n{ann.replace('ann,', 'zoe,', 1)}\n")
    assert call(root, "load", "payees", "payees.csv").code == 0
    deals(root, "Z1,zoe,Won,1000.00 USD,2026-02-10")
    close(root, "2026-01")
    (root / "quotas.csv").write_text("payee,quota,from,to,amount\nzoe,bookings,2026-01-01,2026-12-31,120000 USD\n")
    assert call(root, "load", "quotas", "quotas.csv").code == 0
    deals(root, "D98,ann,Won,10000.00 USD,2026-01-30")
    calculated(root, "2026-02")
    done = call(root, "blame", "2026-02", "ann", "--format", "json").json
    assert [_name(c).split()[0] for c in done["first"]] == ["quotas"]
    assert by_period(root, "2026-02", "ann", "D98")["2026-01"][2] == ["500.00 deals D98 added"]
    assert "cannot be computed: quotas zoe" in call(root, "blame", "2026-02", "ann").out


def test_a_number_that_never_moved_has_nobody_to_blame(root: Path) -> None:
    calculated(root)
    deals(root, *NOISE)
    calculated(root)
    done = call(root, "blame", "2026-01", "ann")
    assert (done.code, "has had one value" in done.err) == (2, True)
    assert "E512" in call(root, "blame", "2026-01", "nobody").err


def test_few_calculations_leave_a_group_and_say_so(root: Path) -> None:
    calculated(root)
    deals(root, *NOISE)
    calculated(root)
    done = call(root, "blame", "2026-01", "ben", "--most", "4", "--format", "json").json
    (one,) = done["periods"]
    assert not all(m["whole"] for m in one["moved"])
    assert sum(len(m["changes"]) for m in one["moved"]) == 28
    assert "more calculations tell them apart" in call(root, "blame", "2026-01", "ben", "--most", "4").out


def test_all_changes_made_are_the_other_inputs(root: Path) -> None:
    first = calculated(root)
    deals(root, "D01,ann,Won,7777.00 USD,2026-01-05", "A0,ann,Won,10000.00 USD,2026-01-30")
    edit(root / PLAN, "{0%: 5%", "{0%: 6%")
    edit(root / PLAN, "# How it is paid", "# Paid")
    second = calculated(root)
    opened = open_workspace(root)
    one, other = (inputs_of(opened.objects, find_run(opened, the_ledger(opened), r).record) for r in (first, second))
    for before, after in ((one, other), (other, one)):
        found = changes(before, after)
        assert len(found) == 4
        whole = made(before, after, found)
        assert whole.texts == after.texts
        assert all(whole.tables[name].equals(after.tables[name]) for name in after.tables)
        none = made(before, after, ())
        assert none.texts == before.texts
        assert made(before, after, found[:1]).texts != after.texts


@given(st.lists(st.sampled_from([-2, 0, 0, 0, 1, 4]), min_size=1, max_size=40))
@settings(deadline=None)
def test_every_step_is_found_where_none_cancel(jumps: list[int]) -> None:
    """Of numbers that only grow, halving finds exactly the places where they do."""
    grown = [abs(j) for j in jumps]

    def value(at: int) -> Any:
        return sum(grown[:at])

    steps = _steps(0, len(grown), value, lambda: False)
    assert _joined(steps, value) == [(at, at + 1) for at, jump in enumerate(grown) if jump]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([0, None, None, 5, 5], [(0, 3)]),
        ([0, 0, None, 0, 1], [(3, 4)]),
        ([0, 1, 1, None, 3], [(0, 1), (2, 4)]),
    ],
)
def test_what_cannot_be_computed_in_between_joins_its_neighbours(
    values: list[int | None], found: list[tuple[int, int]]
) -> None:
    value: Callable[[int], Any] = values.__getitem__
    assert _joined(_steps(0, len(values) - 1, value, lambda: False), value) == found
