"""Adjustments, holds and releases in case files: what they give, and what is said about mistakes in them."""

from pathlib import Path
from typing import Any

import pytest
from cli_world import call, edit

from compengine.actions import case_runs
from compengine.actions.independent import by_oracle
from compengine.values.decided import NOTHING

FILE = Path("plans/account-executive/cases/by-hand.yaml")
CASE = """\
case: By hand
plan: account-executive
given:
  payees: [{id: ann, title: Account Executive}]
  quotas: [{payee: ann, quota: bookings, from: 2026-01-01, to: 2026-12-31, amount: 100_000 USD}]
steps:
  - given:
      deals:
        - {id: D1, owner: ann, stage: Won, amount: 10_000 USD, close_date: 2026-01-12}
        - {id: D2, owner: ann, stage: Won, amount: 4_000 USD, close_date: 2026-01-13}
    adjustments:
      - {payee: ann, amount: 100.00 USD, for_period: 2026-01, kind: bonus, code: SPIF}
      - {id: late, payee: ann, amount: -20 USD, for_period: 2026-02, kind: recovery, code: EXPENSE}
    holds:
      - {payee: ann, component: commission, source: D1}
    close: 2026-01
    then:
      balances: {ann: {paid: 300.00 USD, held: 500.00 USD}}
      posted:
        - {payee: ann, component: adjustment, for: 2026-01, amount: 100.00 USD}
  - close: 2026-02
    then:
      rows: [{payee: ann, component: adjustment, source: late, amount: -20.00 USD}]
      balances: {ann: {paid: 0.00 USD, held: 500.00 USD, carried: 20.00 USD}}
  - releases: [H0001]
    close: 2026-03
    then:
      balances: {ann: {paid: 480.00 USD, held: 0.00 USD}}
"""


@pytest.fixture
def case(root: Path) -> Path:
    (root / FILE).write_text(CASE)
    return root


def place(text: str, nth: int = 0) -> str:
    """Line and column of the text in the case."""
    at = -1
    for _ in range(nth + 1):
        at = CASE.index(text, at + 1)
    line = CASE.count("\n", 0, at) + 1
    return f"{FILE}:{line}:{at - CASE.rfind(chr(10), 0, at)}"


def test_a_case_pays_what_was_decided_by_hand_and_holds_until_released(case: Path) -> None:
    done = call(case, "test", "-k", "By hand")
    assert (done.code, "1 case, 9 figures: all passed" in done.out) == (0, True), done.out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("paid: 300.00 USD", "paid: 800.00 USD", "paid of ann: expected 800.00 USD, got 300.00 USD"),
        (
            "held: 500.00 USD}}\n      posted",
            "held: 0.00 USD}}\n      posted",
            "held of ann: expected 0.00 USD, got 500",
        ),
        (
            "amount: 100.00 USD}\n  - close",
            "amount: 90.00 USD}\n  - close",
            "ann adjustment for 2026-01: expected 90.00",
        ),
        (
            "amount: -20.00 USD",
            "amount: 20.00 USD",
            "amount of ann adjustment late: expected 20.00 USD, got -20.00 USD",
        ),
        ("releases: [H0001]", "given: {}", "paid of ann: expected 480.00 USD, got 0.00 USD"),
    ],
)
def test_another_outcome_is_found(case: Path, old: str, new: str, said: str) -> None:
    edit(case / FILE, old, new)
    done = call(case, "test", "-k", "By hand")
    assert (done.code, said in done.out) == (1, True), done.out


@pytest.mark.parametrize(
    ("old", "new", "code", "said", "at"),
    [
        ("payee: ann, amount: 100", "payee: anne, amount: 100", "E512", "anne is not in payees", "ann, amount: 100"),
        ("payee: ann, component", "payee: bob, component", "E512", "bob is not in payees", "ann, component"),
        ("for_period: 2026-01", "for_period: 2026-13", "E704", "2026-13", "2026-01, kind"),
        ("kind: bonus", "kind: bonsu", "E107", "bonsu is not a kind of adjustment", "bonus"),
        ("code: SPIF", "code: spif", "E108", "spif is not a reason code", "SPIF"),
        ("amount: 100.00 USD, for", "amount: 100, for", "E108", "100 is not an amount", "100.00 USD, for"),
        ("amount: 100.00 USD, for", "amount: 0 USD, for", "E108", "0 USD cannot be paid", "100.00 USD, for"),
        ("amount: 100.00 USD, for", "amount: 100 EUR, for", "E213", "not in USD", "100.00 USD, for"),
        ("{payee: ann, amount", "{plan: nobodys, payee: ann, amount", "E705", "no plan nobodys", "payee: ann, amount"),
        ("component: commission, s", "component: comission, s", "E211", "no component comission", "commission, source"),
        ("id: late", "id: A0001", "E108", "there is an A0001 already", "late"),
        ("releases: [H0001]", "releases: [H0002]", "E606", "there is no hold H0002 in force", "H0001"),
    ],
)
def test_a_mistake_is_named_with_its_place(case: Path, old: str, new: str, code: str, said: str, at: str) -> None:
    expected = place(at)
    if "plan: nobodys" in new:
        line, _, column = expected.rpartition(":")
        expected = f"{line}:{int(column) + len('plan: ')}"
    edit(case / FILE, old, new)
    done = call(case, "test", "-k", "By hand")
    assert done.code == 1
    assert f"error[{code}]" in done.out and said in done.out, done.out
    assert f"--> {expected}" in done.out, (expected, done.out)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: bonus, ", "", "an entry of adjustments lacks the key kind"),
        ("for_period: 2026-01", "for: 2026-01", "an entry of adjustments has no key for"),
        ("source: D1}", "deal: D1}", "an entry of holds has no key deal"),
        ("releases: [H0001]", "releases: H0001", "releases takes a list, not a text"),
    ],
)
def test_a_wrong_shape_is_named(case: Path, old: str, new: str, said: str) -> None:
    edit(case / FILE, old, new)
    done = call(case, "test", "-k", "By hand")
    assert (done.code, said in done.out) == (1, True), done.out


def test_a_mistake_may_be_what_a_case_expects(case: Path) -> None:
    (case / FILE).write_text(CASE[: CASE.index("    then:")].replace("bonus", "gift") + "    then: {error: E107}\n")
    assert call(case, "test", "-k", "By hand").code == 0
    edit(case / FILE, "gift", "bonus")
    assert "expected error E107, and 2026-01 closed" in call(case, "test", "-k", "By hand").out


def test_both_engines_compute_what_was_decided(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(*args: Any) -> Any:
        return by_oracle(*args[:-1], NOTHING)

    monkeypatch.setattr(case_runs, "by_oracle", forgetful)
    done = call(case, "test", "-k", "By hand")
    assert (done.code, "the two engines differ in 2026-01" in done.out) == (1, True), done.out


def test_figures_are_filled_in(case: Path) -> None:
    bare = "\n".join(
        line for line in CASE.splitlines() if not line.startswith(("    then", "      balances", "      ro"))
    )
    bare = bare.replace(
        "      posted:\n        - {payee: ann, component: adjustment, for: 2026-01, amount: 100.00 USD}\n", ""
    )
    (case / FILE).write_text(bare + "\n")
    assert call(case, "test", "-k", "By hand", "--write").code == 0
    text = (case / FILE).read_text()
    assert "ann.adjustment: 100.00 USD" in text and "ann: {paid: 300.00 USD, held: 500.00 USD}" in text
    assert "ann: {paid: 480.00 USD}" in text
