"""Worked examples that others published, each as a plan and a case in the users' own format."""

from functools import cache
from pathlib import Path

import pytest

from compengine.actions import cases
from compengine.actions.opened import open_workspace
from compengine.source.render import render
from compengine.source.text import Text

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent.name for path in HERE.glob("*/plan.yaml"))


@cache
def all_cases() -> dict[str, cases.Tested]:
    """Every case by its folder; the plans are checked once, together."""
    return {Path(tested.path).parent.name: tested for tested in cases.run_cases(open_workspace(HERE))}


@pytest.mark.parametrize("folder", FOLDERS)
def test_published_figures_come_out(folder: str) -> None:
    tested = all_cases()[folder]
    assert tested.figures > 0
    text = Text(tested.path, (HERE / folder / "case.yaml").read_text(encoding="utf-8"))
    assert tested.passed, "\n\n".join(render(d, {text.path: text}) for d in tested.diagnostics)
