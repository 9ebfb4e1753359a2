"""A late deal through a real ledger: posted in the open month, replayed by both engines, verified, printed."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cli_world import call, close, edit, starter

from compengine.actions.opened import open_workspace
from compengine.actions.pinned import pinned_program, pinned_snapshot
from compengine.actions.runs import find_run, the_ledger
from compengine.actions.source_facts import Sources
from compengine.inputs.objects import get_bytes
from compengine.ledger.closed import read_closed

PLAN = "plans/account-executive/plan.yaml"
HEAD = "id,owner,stage,amount,close_date\n"
MONTHS = ("2026-01", "2026-02", "2026-03")


def load(root: Path, name: str, *rows: str) -> None:
    (root / name).mkdir()
    (root / name / "deals.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), "utf-8")
    done = call(root, "load", name)
    assert done.code == 0, done.err


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ann has a quota of 100,000; the account executives' late deals are paid when they come, the team lead's not.
    A is of January, B of February; in March L of January becomes known, and that A was 65,000."""
    root = starter(tmp_path_factory.mktemp("late"), loaded=False)
    edit(root / PLAN, "pay_period: monthly\n", "pay_period: monthly\nlate: current_period\n")
    edit(root / PLAN, "100%: 8%", "100%: 10%")
    edit(root / "data/quotas.csv", "120000 USD", "100000 USD")
    (root / "data/deals.csv").write_text(HEAD + "A,ann,Won,60000.00 USD,2026-01-10\n", "utf-8")
    assert call(root, "load", "data").code == 0
    close(root, "2026-01")
    load(root, "february", "B,ann,Won,60000.00 USD,2026-02-10")
    close(root, "2026-02")
    load(root, "march", "L,ann,Won,20000.00 USD,2026-01-15", "A,ann,Won,65000.00 USD,2026-01-10")
    close(root, "2026-03")
    return root


def shown(root: Path, period: str) -> Any:
    return call(root, "show", period, "--format", "json").json


def test_the_late_deal_is_posted_in_march_at_what_march_pays(closed: Path) -> None:
    rows = [r for r in shown(closed, "2026-03")["rows"] if r["component"] == "commission"]
    told = [(r["payee"], r["for_period"], r["source"], r["amount"]["amount"]) for r in rows]
    assert told == [("ann", "2026-03", "A@2026-03", "500.00"), ("ann", "2026-03", "L", "2000.00")]


def test_a_plan_that_restates_does_so_beside_it(closed: Path) -> None:
    rows = [r for r in shown(closed, "2026-03")["rows"] if r["component"] != "commission"]
    assert {r["for_period"] for r in rows} == {"2026-01"}
    assert {r["source"] for r in rows} == {"A", "L"}


@pytest.mark.parametrize("period", MONTHS)
@pytest.mark.parametrize("words", [(), ("--independent",)])
def test_every_run_is_replayed(closed: Path, period: str, words: tuple[str, ...]) -> None:
    done = call(closed, "replay", period, *words)
    assert (done.code, done.out.splitlines()[-1]) == (0, "MATCH"), done.out + done.err


def test_a_bundle_holds_what_it_was_compared_with(closed: Path, tmp_path: Path) -> None:
    assert call(closed, "bundle", "2026-03", "-o", str(tmp_path / "march.zip")).code == 0
    done = call(tmp_path, "replay", "march.zip", "--independent")
    assert (done.code, done.out.splitlines()[-1]) == (0, "MATCH"), done.out + done.err


def test_the_ledger_verifies(closed: Path) -> None:
    done = call(closed, "verify")
    assert (done.code, "error" in done.out) == (0, False)


def test_each_run_says_what_it_was_compared_with(closed: Path) -> None:
    opened = open_workspace(closed)
    records = [find_run(opened, the_ledger(opened), period).record for period in MONTHS]
    assert records[0].posted == ""
    for before, record in pairwise(records):
        (named,) = read_closed(get_bytes(opened.objects, record.posted))
        assert (named.calendar, named.end, named.credits) == ("monthly", before.period.end, before.credits)


def test_the_same_month_again_and_the_month_after_give_nothing_new(closed: Path) -> None:
    for period in ("2026-04", "2026-05"):
        done = call(closed, "calculate", "--period", period, "--format", "json", who="olive")
        assert done.code == 0, done.err
        assert json.loads(done.out)["view"]["rows"] == []


def test_a_late_amount_is_explained(closed: Path) -> None:
    done = call(closed, "explain", "ann", "2026-03", "A@2026-03", "--format", "json")
    assert (done.code, done.json["agrees"]) == (0, True), done.err
    assert done.json["stored_total"] == {"amount": "500.00", "currency": "USD"}


def test_a_statement_says_which_deal_it_is(closed: Path) -> None:
    assert call(closed, "statements", "2026-03").code == 0
    opened = open_workspace(closed)
    record = find_run(opened, the_ledger(opened), "2026-03").record
    program = pinned_program(opened.objects, record)
    sources = Sources(program, pinned_snapshot(opened.objects, record, program.workspace))
    assert sources.about(["A", "A@2026-03", "Z@2026-03"]) == dict.fromkeys(("A", "A@2026-03"), (("Stage", "Won"),))
