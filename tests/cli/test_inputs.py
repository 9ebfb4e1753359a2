"""What is wrong with a plan or a file is said with its place, and nothing is half done."""

from pathlib import Path

import pytest
from cli_world import call, edit, files, starter

PLAN = Path("plans/account-executive/plan.yaml")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("deal.amount", "deal.amout", "E210"),
        ("    of: credit.amount", "    of: credit.amount * credit.amount", "E203"),
        ("      mode: marginal\n", "", "E301"),
        ("sum(bookings, year to date)", "sum(bookings)", "E208"),
        ("currency: USD", "currency: DOLLAR", "E108"),
        ("pay_period: monthly", "pay_period: weekly", "E107"),
        ("title: Account Executive", "title: Account Executive\ntitle: Twice", "E102"),
    ],
)
def test_a_bad_plan_is_shown_with_its_place(root: Path, old: str, new: str, code: str) -> None:
    edit(root / PLAN, old, new)
    done = call(root, "check")
    assert done.code == 1
    assert f"error[{code}]" in done.out
    assert f"--> {PLAN}:" in done.out
    assert "^" in done.out
    before = files(root)
    refused = call(root, "calculate", "--period", "2026-01", who="olive")
    assert (refused.code, f"error[{code}]" in refused.err) == (2, True)
    assert files(root) == before


def test_all_mistakes_are_shown_at_once(root: Path) -> None:
    edit(root / PLAN, "deal.amount", "deal.amout")
    edit(root / "plans/team-lead/plan.yaml", "deal.stage", "deal.stag")
    done = call(root, "check", "--format", "json")
    assert {d["path"] for d in done.json["diagnostics"]} == {str(PLAN), "plans/team-lead/plan.yaml"}
    only = call(root, "check", str(PLAN), "--format", "json")
    assert {d["path"] for d in only.json["diagnostics"]} == {str(PLAN)}


def test_a_mistake_in_the_workspace_file_is_shown(root: Path) -> None:
    edit(root / "compengine.yaml", "America/New_York", "America/New_Yorck")
    done = call(root, "check")
    assert (done.code, "did you mean America/New_York?" in done.out) == (1, True)


def test_a_plan_is_checked_from_anywhere(root: Path, tmp_path: Path) -> None:
    assert call(tmp_path, "check", str(root / PLAN)).code == 0
    assert call(tmp_path, "-C", str(root), "check").code == 0


def test_without_a_workspace_the_help_says_how_to_make_one(tmp_path: Path) -> None:
    done = call(tmp_path, "check")
    assert (done.code, "E703" in done.err, "compengine init" in done.err) == (2, True, True)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("id,owner,stage,amount,close_date,region\nX,ann,Won,1 USD,2026-01-01,north\n", "E401"),
        ("id,owner,stage,amount\nX,ann,Won,1 USD\n", "E402"),
        ("id,owner,stage,amount,close_date\nX,ann,Won,a lot,2026-01-01\n", "E403"),
        ("id,owner,stage,amount,close_date\nX,ann,Won,,2026-01-01\n", "E404"),
        ("id,owner,stage,amount,close_date\nX,ann,Won,1 USD,2026-01-01\nX,ann,Won,2 USD,2026-01-01\n", "E405"),
        ("id,owner,stage,amount,close_date\nX,nobody,Won,1 USD,2026-01-01\n", "E406"),
        ("id,owner,stage,amount,close_date\nX,ann,Won,1 USD,01/02/2026\n", "E403"),
    ],
)
def test_a_bad_file_changes_nothing(root: Path, file: str, code: str) -> None:
    (root / "bad.csv").write_text(file)
    before = files(root)
    done = call(root, "load", "deals", "bad.csv")
    assert (done.code, code in done.err) == (2, True), done.err
    assert files(root) == before


def test_one_bad_row_keeps_a_whole_folder_out(tmp_path: Path) -> None:
    root = starter(tmp_path, loaded=False)
    edit(root / "data" / "deals.csv", "D07,ben", "D07,bob")
    before = files(root)
    done = call(root, "load", "data")
    assert (done.code, "nothing was loaded" in done.out, "bob" in done.err) == (2, True, True)
    assert files(root) == before
    (listed,) = (root / ".compengine" / "rejects").iterdir()
    assert "D07" in listed.read_text("utf-8")


def test_good_rows_alone_are_loaded_when_asked_for(tmp_path: Path) -> None:
    root = starter(tmp_path, loaded=False)
    edit(root / "data" / "deals.csv", "D07,ben", "D07,bob")
    done = call(root, "load", "data", "--allow-rejects", "--format", "json")
    assert done.code == 0
    deals = next(r for r in done.json["reports"] if r["table"] == "deals")
    assert (deals["read"], deals["new"], deals["rejected"]) == (20, 19, 1)


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    root = starter(tmp_path, loaded=False)
    before = files(root)
    assert call(root, "load", "data", "--dry-run").code == 0
    assert files(root) == before


def test_loading_the_same_again_finds_duplicates(root: Path) -> None:
    before = (root / ".compengine" / "current").read_text()
    done = call(root, "load", "data", "--format", "json").json
    assert {r["table"]: r["duplicates"] for r in done["reports"]} == {"deals": 20, "payees": 4, "quotas": 5}
    assert (root / ".compengine" / "current").read_text() == before


def test_a_missing_quota_stops_the_calculation(tmp_path: Path) -> None:
    root = starter(tmp_path, loaded=False)
    edit(root / "data" / "quotas.csv", "ben,bookings,2026-01-01,2026-12-31,400000 USD\n", "")
    call(root, "load", "data")
    done = call(root, "calculate", "--period", "2026-01", who="olive")
    assert (done.code, done.err.count("E502"), done.err.count("payee ben")) == (2, 1, 1)
    assert "no quota bookings for year, from 2026-01-01" in done.err
    assert call(root, "runs", "--format", "json").json == {"runs": []}


SPLITS = """\
  splits:
    row: split
    key: [deal, payee]
    columns: {deal: ref deals, payee: payee, percent: percent}
"""


def test_shares_of_ninety_percent_stop_the_calculation(tmp_path: Path) -> None:
    root = starter(tmp_path, loaded=False)
    with (root / "compengine.yaml").open("a") as file:
        file.write(SPLITS)
    edit(root / PLAN, "    from: deals\n", "    from: deals\n    each: deal.splits\n")
    edit(root / PLAN, "    to: deal.owner\n", "    to: split.payee\n    share: split.percent\n")
    deals = [line.split(",")[0] for line in (root / "data/deals.csv").read_text().splitlines()[1:]]
    rows = [f"{deal},ann,{'90%' if deal == 'D05' else '100%'}" for deal in deals]
    (root / "data" / "splits.csv").write_text("\n".join(["deal,payee,percent", *rows, ""]))
    assert call(root, "check").code == 0
    assert call(root, "load", "data").code == 0
    done = call(root, "calculate", "--period", "2026-01", who="olive")
    assert (done.code, "E506" in done.err, "D05" in done.err) == (2, True, True)


def test_a_period_the_calendar_does_not_have_is_refused(root: Path) -> None:
    done = call(root, "calculate", "--period", "2026-13", who="olive")
    assert (done.code, "E704" in done.err) == (2, True)


def test_before_anything_is_loaded_nothing_is_calculated(tmp_path: Path) -> None:
    root = starter(tmp_path, loaded=False)
    done = call(root, "calculate", "--period", "2026-01", who="olive")
    assert (done.code, "E706" in done.err) == (2, True)
    assert not (root / "ledger.db").exists()


def test_nothing_is_written_over(root: Path) -> None:
    before = files(root)
    done = call(root.parent, "init", "acme")
    assert (done.code, "E707" in done.err) == (2, True)
    assert files(root) == before
