"""What a plan means, question by question: each row of ROWS has its cases, and each choice a plan may make is taken."""

from functools import cache
from pathlib import Path

import pytest

from compengine.actions import cases
from compengine.actions.opened import open_workspace
from compengine.source.render import render
from compengine.source.text import Text

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent.name for path in HERE.glob("*/plan.yaml"))

ROWS = {
    "tier-mode": "Does a band rate only its own slice, or everything?",
    "interpolation": "Is it a line between points, or increments earned in part?",
    "boundary": "To which band does a value exactly on its bound belong?",
    "deal-across-boundary": "What becomes of a deal that crosses a bound?",
    "window": "Over which days is something added up?",
    "true-up": "Does a later month correct an earlier one?",
    "order": "In which order do deals climb the scale?",
    "late-deal": "What becomes of a deal of a closed period?",
    "rounding": "When is an amount rounded, and which way does half a cent go?",
    "split": "What must shares of a deal add up to, and who takes the odd cent?",
    "rollup": "Which managers are credited, and how often?",
    "mid-period": "What if somebody comes, leaves, moves, or gets another quota in between?",
    "quota": "How is a quota spread over its periods, and how much of it does a person carry?",
    "missing": "What if something that is needed is not there?",
    "condition": "What does the condition of a sum see?",
    "rule": "Which of several rules that fit decides, and as of which day?",
    "currency": "At which day's rate is foreign money converted?",
    "return": "What does a cancelled deal take back?",
    "clawback": "How much is taken back after so many days or months?",
    "cap": "What becomes of earnings above a cap?",
    "draw": "How is a draw paid, owed and recovered?",
    "negative": "What becomes of a result below zero?",
    "hold": "What does a hold delay?",
    "contest-tie": "What do tied people win?",
    "pool": "How is a pool divided?",
    "date": "What is a month after the 31st, and when is midnight?",
    "conservation": "Does everything earned turn up again?",
}
"""The questions in their order, by the beginning of the names of their folders."""


@cache
def all_cases() -> dict[str, cases.Tested]:
    """Every case by its folder; the plans are checked once, together."""
    return {Path(tested.path).parent.name: tested for tested in cases.run_cases(open_workspace(HERE))}


def row_of(folder: str) -> str:
    """The row whose name is the longest beginning of the folder's."""
    return max((row for row in ROWS if f"{folder}-".startswith(f"{row}-")), key=len, default="")


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_figures_worked_by_hand_come_out(folder: str) -> None:
    tested = all_cases()[folder]
    assert tested.figures > 0
    text = Text(tested.path, (HERE / folder / "case.yaml").read_text(encoding="utf-8"))
    assert tested.passed, "\n\n".join(render(d, {text.path: text}) for d in tested.diagnostics)


def test_no_question_is_without_a_case_and_no_case_without_a_question() -> None:
    answered = {folder: row_of(folder) for folder in FOLDERS}
    assert [folder for folder, row in answered.items() if not row] == []
    assert [row for row in ROWS if row not in answered.values()] == []
    assert set(all_cases()) == set(FOLDERS)
