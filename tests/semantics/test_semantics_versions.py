"""What one version of a plan leaves to the next: two files of one plan, and a case over both."""

import shutil
from pathlib import Path

import pytest

from compengine.actions import cases
from compengine.actions.opened import open_workspace

HERE = Path(__file__).parent
PLAN = """\
plan: versions
currency: USD
effective: {effective}
pay_period: monthly
payees: payee.title == "versions"
credits:
  sold: {{from: deals, date: deal.close_date, amount: deal.value, to: deal.owner}}
  drawn: {{from: commission, date: earning.date, amount: earning.amount, to: earning.payee}}
earn:
  commission: {{per: credit of sold, of: credit.amount, rate: 10%{limit}{first}}}
{clawback}settle: {{negative: carry{settle}}}
"""
CLAWBACK = """\
clawback:
  cancelled:
    of: sold
    when: deal.cancelled_on is not empty
    date: deal.cancelled_on
    policy: original_lines
    attainment: kept
"""
CASE = """\
case: From June to July
plan: versions
given:
  payees: [{id: ann, title: versions}]
"""


HALVES = ("2026-01-01 to 2026-06-30", "2026-07-01 to 2026-12-31")
MIDDLE = ("2026-01-01 to 2026-06-14", "2026-06-15 to 2026-12-31")


def outcome(folder: Path, case: str, effective: tuple[str, str] = HALVES, **more: str) -> cases.Tested:
    """The case held against two versions, each with what is put in the place of `limit`, `clawback`, `settle`; `first`
    stands in the first alone."""
    shutil.copy(HERE / "compengine.yaml", folder)
    for name, days in zip(("first", "second"), effective, strict=True):
        (folder / name).mkdir()
        put = {"limit": "", "clawback": "", "settle": "", "first": "", **more}
        text = PLAN.format(effective=days, **(put if name == "first" else {**put, "first": ""}))
        (folder / name / "plan.yaml").write_text(text, encoding="utf-8")
    (folder / "first" / "case.yaml").write_text(CASE + case, encoding="utf-8")
    (one,) = cases.run_cases(open_workspace(folder))
    return one


@pytest.mark.parametrize(("taken", "passes"), [("-100.00 USD", True), ("-200.00 USD", False)])
def test_what_the_second_version_sees_cancelled_is_taken_back_once(tmp_path: Path, taken: str, passes: bool) -> None:
    case = f"""\
  deals: [{{id: D1, owner: ann, value: 1_000 USD, close_date: 2026-06-10, cancelled_on: 2026-07-10}}]
steps:
  - {{close: 2026-06, then: {{earned: {{ann.commission: 100.00 USD}}}}}}
  - {{close: 2026-07, then: {{earned: {{ann.commission: {taken}}}}}}}
"""
    assert outcome(tmp_path, case, clawback=CLAWBACK).passed is passes


def test_what_a_limit_carried_ends_with_its_version(tmp_path: Path) -> None:
    case = """\
  deals: [{id: D1, owner: ann, value: 9_000 USD, close_date: 2026-05-10}]
steps:
  - {close: 2026-05, then: {earned: {ann.commission: 400.00 USD}}}
  - {close: 2026-06, then: {earned: {ann.commission: 400.00 USD}, balances: {ann: {capped: 100.00 USD}}}}
  - {close: 2026-07, then: {earned: {ann.commission: 0.00 USD}, balances: {ann: {capped: 100.00 USD}}}}
"""
    result = outcome(tmp_path, case, limit=", limit: [at most 400 USD per month carry]")
    assert result.passed, [d.message for d in result.diagnostics]


def test_sums_over_a_component_and_its_limits_know_their_own_version(tmp_path: Path) -> None:
    """400 against 300 a year, then 100 and 250 against another 300."""
    case = """\
  deals:
    - {id: D1, owner: ann, value: 4_000 USD, close_date: 2026-05-10}
    - {id: D2, owner: ann, value: 1_000 USD, close_date: 2026-07-10}
    - {id: D3, owner: ann, value: 2_500 USD, close_date: 2026-07-20}
steps:
  - {close: 2026-06, then: {measures: {ann.so_far: 300 USD, ann.drawn_so_far: 300 USD}}}
  - close: 2026-07
    then:
      measures: {ann.so_far: 300 USD, ann.drawn_so_far: 300 USD, ann.sold_so_far: 7_500 USD}
      earned: {ann.commission: 300.00 USD}
"""
    measures = """\
measures:
  so_far: sum(commission, year to date)
  drawn_so_far: sum(drawn, year to date)
  sold_so_far: sum(sold, year to date)
"""
    result = outcome(tmp_path, case, limit=", limit: [at most 300 USD per year]", clawback=measures)
    assert result.passed, [d.message for d in result.diagnostics]


def test_a_plan_limit_looks_at_the_whole_period_in_which_versions_change(tmp_path: Path) -> None:
    """100 of the first version and 100 of the second, of which 150 are paid."""
    case = """\
  deals:
    - {id: D1, owner: ann, value: 1_000 USD, close_date: 2026-06-10}
    - {id: D2, owner: ann, value: 1_000 USD, close_date: 2026-06-20}
steps:
  - close: 2026-06
    then:
      settled: {ann: {due: 150.00 USD}}
      earned: {ann.commission: 200.00 USD, ann.settle: -50.00 USD}
"""
    result = outcome(tmp_path, case, MIDDLE, settle=", limit: [at most 150 USD per period]")
    assert result.passed, [d.message for d in result.diagnostics]


def test_a_measure_is_told_by_the_version_in_force_on_the_last_day(tmp_path: Path) -> None:
    case = """\
  deals: [{id: D1, owner: ann, value: 1_000 USD, close_date: 2026-06-10}]
steps:
  - {close: 2026-06, then: {measures: {ann.so_far: 1_000 USD}}}
"""
    result = outcome(tmp_path, case, MIDDLE, clawback="measures:\n  so_far: sum(sold, year to date)\n")
    assert result.passed, [d.message for d in result.diagnostics]


def test_what_one_version_shows_another_may_pay(tmp_path: Path) -> None:
    """Both versions earn 100, and only the second pays them."""
    case = """\
  deals:
    - {id: D1, owner: ann, value: 1_000 USD, close_date: 2026-06-10}
    - {id: D2, owner: ann, value: 1_000 USD, close_date: 2026-06-20}
steps:
  - {close: 2026-06, then: {earned: {ann.commission: 200.00 USD}, balances: {ann: {paid: 100.00 USD}}}}
"""
    both, second = tmp_path / "both", tmp_path / "second"
    both.mkdir()
    second.mkdir()
    assert not outcome(both, case, MIDDLE).passed
    result = outcome(second, case, MIDDLE, first=", paid: no")
    assert result.passed, [d.message for d in result.diagnostics]
