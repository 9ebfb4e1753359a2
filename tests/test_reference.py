"""The reference is true: generated pages are what their tables say now, and every example of the language runs."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from compengine.actions import cases
from compengine.actions.opened import open_workspace
from compengine.plan.functions import FUNCTIONS
from compengine.plan.keys import SECTIONS
from compengine.source.render import render
from compengine.source.text import Text
from markdown import ROOT
from reference_examples import Example, base, complete, examples, used, worked, write_base

EXAMPLES = examples()
FORMS = (
    "per credit", "per period", "per month", "per quarter", "per year", "per life", "per year from", "across plan",
    " by deal.", "period to date", "quarter to date", "year to date", "life to date", "previous month", "last year",
    "rolling 12 months", "rolling 60 days", "year from payee.hired_on to date", ", reports)", ", downline)", ", plan)",
    ", same payee.team)", " carry]", "2026-Q1", "otherwise:", "above: continue", "% whole", "payees where", "managers(",
    " default ", "is empty", "is not empty", "not in (", " between ", " not ", " or ", "other.",
)  # fmt: skip
"""Phrases of the language that are neither a key nor a function."""


def maker() -> ModuleType:
    place = ROOT / "scripts" / "reference.py"
    spec = importlib.util.spec_from_file_location("reference", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_up_to_date() -> None:
    made: dict[Path, str] = maker().pages()
    assert {path.name for path in made} == {"commands.md", "diagnostics.md", "statement.schema.json"}
    stale = [path.name for path, text in made.items() if path.read_text("utf-8") != text]
    assert not stale, f"run `make docs`: {', '.join(stale)}"


# --- the examples of the language


def outcome(folder: Path, case: Path) -> cases.Tested:
    (tested,) = cases.run_cases(open_workspace(folder), [case])
    return tested


def told(tested: cases.Tested, case: Path) -> str:
    text = Text(tested.path, case.read_text("utf-8"))
    return "\n\n".join(render(d, {text.path: text}) for d in tested.diagnostics)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_an_example_pays_what_it_prints(example: Example, tmp_path: Path) -> None:
    case = complete(example, tmp_path)
    tested = outcome(tmp_path, case)
    assert tested.figures > 0
    assert tested.passed, f"language.md, line {example.line}\n\n{told(tested, case)}"


def test_the_base_of_the_examples_runs_as_it_stands(tmp_path: Path) -> None:
    case = write_base(tmp_path)
    tested = outcome(tmp_path, case)
    assert tested.passed and tested.figures > 1, told(tested, case)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_what_is_worked_out_comes_to_the_figure(example: Example) -> None:
    wrong = [f"{calculation} is not {figure}" for calculation, figure, holds in worked(example.case) if not holds]
    assert not wrong, f"language.md, line {example.line}: {'; '.join(wrong)}"


def test_most_examples_work_their_figures_out() -> None:
    plain = [e.name for e in EXAMPLES if not any(worked(e.case))]
    assert len(plain) < len(EXAMPLES) / 3, plain


def needed() -> set[tuple[str, ...]]:
    """Every key, every word that stands for a choice, every function."""
    keys = {(section, key.name) for section, table in SECTIONS.items() for key in table}
    words = {(section, k.name, w) for section, table in SECTIONS.items() for k in table for w in k.words}
    return keys | words | {(name,) for name in FUNCTIONS}


def given(examples: list[Example]) -> set[tuple[str, ...]]:
    called = {(name,) for e in examples for plan in e.plans for name in re.findall(r"\b(\w+)\(", plan)}
    return called.union(*(used(e) for e in examples))


def test_every_key_and_function_has_an_example() -> None:
    missing = needed() - given(EXAMPLES)
    assert not missing, f"no example in language.md for: {', '.join(' '.join(m) for m in sorted(missing))}"


def test_what_has_no_example_is_found() -> None:
    left = [e for e in EXAMPLES if not any(w in p for p in e.plans for w in ("owed_limit", "share_of(", "overlay"))]
    missing = {("draw", "owed_limit"), ("share_of",), ("credits", "shares_total", "overlay")}
    assert missing <= needed() - given(left)


def test_every_phrase_has_an_example() -> None:
    written = "\n".join(plan for e in EXAMPLES for plan in e.plans)
    assert [form for form in FORMS if form not in written] == []


def test_a_wrong_figure_is_found(tmp_path: Path) -> None:
    base_case = base()["plans/cases/example.yaml"]
    assert "bob.commission: 2_500.00 USD" in base_case
    case = write_base(tmp_path)
    case.write_text(base_case.replace("bob.commission: 2_500.00 USD", "bob.commission: 2_500.01 USD"), "utf-8")
    assert not outcome(tmp_path, case).passed
    assert [ok for _, _, ok in worked("a: 2_500.01 USD   # 50,000 × 5%; D3\nb: 12.5%  # 1 ÷ 8\n")] == [False, True]
