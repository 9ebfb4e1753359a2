"""A YAML file below plans/ that nothing reads is named: it may be a version that somebody believes to be in force."""

import shutil
from pathlib import Path

import pytest
from cli_world import call, edit

PLAN = Path("plans") / "account-executive" / "plan.yaml"


@pytest.mark.parametrize(
    "place",
    ["plans/account-executive/plan-from-april.yaml", "plans/account-executive/april/plan.yaml", "plans/new.yml"],
)
def test_a_plan_where_none_is_read_stops_check_and_calculate(root: Path, place: str) -> None:
    before = len(call(root, "check", "--format", "json").json["plans"])
    (root / place).parent.mkdir(exist_ok=True)
    shutil.copy(root / PLAN, root / place)
    for words in (("check",), ("calculate", "--period", "2026-01")):
        done = call(root, *words, who="olive")
        said = done.out + done.err
        assert (done.code != 0, "E710" in said, place in said) == (True, True, True), said
        assert "plans/NAME/plan.yaml or plans/NAME.yaml" in said
    assert call(root, "show", "2026-01").code != 0
    (root / place).rename(root / "plans" / "april.yaml")
    moved = call(root, "check", "--format", "json")
    assert (len(moved.json["plans"]), "E710" in moved.out) == (before + 1, False), moved.out


def test_another_file_that_nothing_reads_is_a_warning(root: Path) -> None:
    assert "E710" not in call(root, "check").out
    (root / "plans" / "account-executive" / "notes.yaml").write_text("a: 1\n", "utf-8")
    done = call(root, "check")
    assert (done.code, "warning[E710]" in done.out, "notes.yaml" in done.out) == (0, True, True), done.out
    done = call(root, "calculate", "--period", "2026-01", who="olive")
    assert (done.code, "notes.yaml: this file is not read" in done.err) == (0, True), done.err


def test_case_files_and_what_plans_use_are_read(root: Path) -> None:
    folder = root / "plans" / "account-executive" / "cases"
    folder.mkdir(exist_ok=True)
    (folder / "one.yaml").write_text("plan: account-executive\n", "utf-8")
    (root / "plans" / "shared").mkdir()
    (root / "plans" / "shared" / "rates.yaml").write_text("tables: {}\n", "utf-8")
    found = call(root, "check").out
    assert "one.yaml" not in found and "shared/rates.yaml" in found, found
    edit(root / PLAN, "effective:", "use: ../shared/rates.yaml\neffective:")
    assert "E710" not in call(root, "check").out
