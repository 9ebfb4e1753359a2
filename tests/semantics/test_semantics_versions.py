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
earn:
  commission: {{per: credit of sold, of: credit.amount, rate: 10%{limit}}}
{clawback}settle: {{negative: carry}}
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


def outcome(folder: Path, case: str, limit: str = "", clawback: str = "") -> cases.Tested:
    """The case held against a version for each half of the year."""
    shutil.copy(HERE / "compengine.yaml", folder)
    for name, effective in (("first", "2026-01-01 to 2026-06-30"), ("second", "2026-07-01 to 2026-12-31")):
        (folder / name).mkdir()
        text = PLAN.format(effective=effective, limit=limit, clawback=clawback)
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
