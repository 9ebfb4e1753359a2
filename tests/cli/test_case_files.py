"""`compengine test`: what passes, what fails and where it says so, and what it writes."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from cli_world import call, edit

from compengine.actions import case_runs
from compengine.actions.independent import by_oracle
from compengine.values.exact import exact

CASES = Path("plans/account-executive/cases")
ABOVE = CASES / "above-quota.yaml"

PLAIN = """\
case: Two months   # to be filled in
plan: account-executive
given:
  payees: [{id: ann, title: Account Executive}]
  quotas:
    - {payee: ann, quota: bookings, from: 2026-01-01, to: 2026-12-31, amount: 100_000 USD}
steps:
  # the first deal
  - given:
      deals: [{id: D1, owner: ann, stage: Won, amount: 90_000 USD, close_date: 2026-01-12}]
    close: 2026-01

  - close: 2026-02   # nothing happens
"""


def test_wrong_figures_are_found_at_their_place(root: Path) -> None:
    edit(root / ABOVE, "4_500.00 USD", "4_500.01 USD")
    edit(root / ABOVE, "120%", "121%")
    done = call(root, "test")
    assert done.code == 1
    assert "ann.commission: expected 4_500.01 USD, got 4_500.00 USD" in done.out
    assert f"--> {ABOVE}:14:32" in done.out
    assert "ann.attainment: expected 121%, got 120%" in done.out
    assert "4 cases, 9 figures: 1 failed" in done.out


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("balances: {ann: {paid: 4_000.00 USD}}", "paid of ann: expected 4_000.00 USD, got 4_500.00 USD"),
        ("balances: {ann: {carried: 1.00 USD}}", "carried of ann: expected 1.00 USD, got 0.00 USD"),
        ("measures: {ann.quota_left: 3}", "ann.quota_left: expected 3, the measure is not there"),
        ("earned: {bob.commission: 1.00 USD}", "bob.commission: expected 1.00 USD, got 0.00 USD"),
        ("earned: {ann.commission: 4_500.00 EUR}", "got 4_500.00 USD"),
        (
            "rows: [{payee: ann, component: commission, source: D1, basis: 90_000 USD, rate: 4%}]",
            "rate of ann commission D1: expected 4%, got 5%",
        ),
        ("rows: [{payee: ann, component: commission, source: D9}]", "there is no row ann commission D9"),
        ("posted: [{payee: ann, component: commission, for: 2025-12, amount: 0.00 USD}]", "posted more than listed"),
        ("excluded: [{stream: bookings, source: D1}]", "D1 was not left out of bookings"),
        ("error: E502", "expected error E502, and 2026-01 closed"),
    ],
)
def test_every_section_can_fail(root: Path, then: str, said: str) -> None:
    (root / CASES / "new.yaml").write_text(
        PLAIN.replace("    close: 2026-01\n", f"    close: 2026-01\n    then:\n      {then}\n")
    )
    done = call(root, "test", "-k", "Two months")
    assert (done.code, said in done.out) == (1, True), done.out


def test_a_row_more_than_listed_fails(root: Path) -> None:
    edit(
        root / ABOVE,
        "      earned: {ann.commission: 2_100.00 USD}",
        "      rows: [{payee: ann, component: commission, rate: 5%}]",
    )
    done = call(root, "test", "-k", "crosses")
    assert "a row more than listed: ann commission D2, 20_000.00 USD × 8% = 1_600.00 USD" in done.out


def test_an_expected_error_passes_and_another_fails(root: Path) -> None:
    text = (
        PLAIN[: PLAIN.index("\n  - close")]
        .replace("  quotas:\n", "")
        .replace("    - {payee: ann, quota: bookings, from: 2026-01-01, to: 2026-12-31, amount: 100_000 USD}\n", "")
    )
    file = root / CASES / "new.yaml"
    file.write_text(text + "    then: {error: E502}\n")
    assert call(root, "test", str(CASES / "new.yaml")).code == 0
    file.write_text(text + "    then: {error: E503}\n")
    done = call(root, "test", str(CASES / "new.yaml"))
    assert (done.code, "expected error E503, got E502" in done.out) == (1, True)


def test_a_case_named_runs_while_another_plan_does_not_check(root: Path) -> None:
    (root / "plans" / "half.yaml").write_text("plan: half\n")
    assert call(root, "test", "-k", "crosses").code == 0
    assert call(root, "test").code == 2


def test_a_case_that_expects_nothing_fails(root: Path) -> None:
    (root / CASES / "new.yaml").write_text(PLAIN)
    done = call(root, "test", "-k", "Two months")
    assert (done.code, "E702" in done.out) == (1, True)


def test_write_fills_in_and_keeps_everything_else(root: Path) -> None:
    file = root / CASES / "new.yaml"
    file.write_text(PLAIN)
    done = call(root, "test", "-k", "Two months", "--write")
    assert done.code == 0, done.out
    text = file.read_text()
    added = [line for line in text.splitlines() if line not in PLAIN.splitlines()]
    assert [line for line in text.splitlines() if line not in added] == PLAIN.splitlines()
    assert "      earned:\n        ann.commission: 4_500.00 USD\n" in text
    assert "        ann: {paid: 4_500.00 USD}\n" in text
    assert "        ann.attainment: 0.9\n" in text
    assert call(root, "test", "-k", "Two months").code == 0


def test_write_replaces_a_wrong_figure_in_place(root: Path) -> None:
    before = (root / ABOVE).read_text()
    edit(root / ABOVE, "4_500.00 USD", "1.00 USD")
    edit(root / ABOVE, "120%", "7%")
    assert call(root, "test", "--write").code == 0
    assert (root / ABOVE).read_text() == before


def test_where_the_engines_differ_the_case_fails(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted difference of one cent in the second engine."""

    def wrong(*arguments: object) -> object:
        computed = by_oracle(*arguments)  # type: ignore[arg-type]
        return replace(computed, earnings=computed.earnings.with_columns(amount=pl.col("amount") + exact("0.01")))

    monkeypatch.setattr(case_runs, "by_oracle", wrong)
    done = call(root, "test", "-k", "crosses")
    assert (done.code, "the two engines differ in 2026-01: earnings" in done.out) == (1, True)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("plan: account-executive", "plan: nobody", "E705"),
        ("close: 2026-02", "close: 2026-04", "E601"),
        ("close: 2026-02", "close: yesterday", "E704"),
        ("owner: ann, stage", "ownr: ann, stage", "E401"),
        ("earned: {ann.commission: 2", "earnd: {ann.commission: 2", "E104"),
        ("4_500.00 USD", "much", "E108"),
    ],
)
def test_a_mistake_in_a_case_file_is_shown_with_its_place(root: Path, old: str, new: str, code: str) -> None:
    edit(root / ABOVE, old, new)
    done = call(root, "test", str(ABOVE))
    assert done.code == 1
    assert f"error[{code}]" in done.out
    assert f"--> {ABOVE}:" in done.out


def test_a_broken_plan_fails_its_own_cases_and_no_others(root: Path) -> None:
    edit(root / "plans" / "team-lead" / "plan.yaml", "deal.amount", "deal.amout")
    mine = call(root, "test", "plans/account-executive")
    assert mine.code == 0, mine.err
    theirs = call(root, "test", "plans/team-lead")
    assert (theirs.code, "deal has no column amout" in theirs.err + theirs.out) == (1, True)
    everything = call(root, "test")
    assert everything.code != 0


def test_a_row_that_names_another_that_is_not_given_is_told_at_its_place(root: Path) -> None:
    (root / CASES / "plain.yaml").write_text(PLAIN.replace("owner: ann", "owner: anna"), "utf-8")
    done = call(root, "test", "-k", "plain")
    assert done.code == 1
    assert "error[E406]: owner names anna, and payees has no such row" in done.out
    assert f"--> {CASES / 'plain.yaml'}:10:15" in done.out
    assert "help: did you mean ann?" in done.out
    (root / CASES / "plain.yaml").write_text(
        PLAIN.replace("owner: ann", "owner: anna").replace(
            "close: 2026-01\n", "close: 2026-01\n    then: {error: E512}\n"
        ),
        "utf-8",
    )
    assert "expected error" not in call(root, "test", "-k", "plain").out, "where an error is expected, nothing is added"


def test_a_component_that_no_plan_has_is_no_zero(root: Path) -> None:
    edit(root / ABOVE, "earned: {", "earned: {ann.nonsense: 0.00 USD, ")
    done = call(root, "test", str(ABOVE))
    assert (done.code, "no plan of the case has a component nonsense" in done.out + done.err) == (1, True)


def test_a_case_names_its_plan_once(root: Path) -> None:
    edit(root / ABOVE, "plan: account-executive\n", "plan: account-executive\nplans: [team-lead]\n")
    done = call(root, "test", str(ABOVE))
    assert (done.code, "a case names its plan once" in done.out + done.err) == (1, True)
