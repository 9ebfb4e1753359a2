"""Every shipped plan pays what its cases say, by both engines; the action itself can fail."""

from pathlib import Path

import pytest

from compengine.actions.cases import run_cases
from compengine.actions.demo import STARTER
from compengine.actions.opened import open_workspace
from compengine.actions.plans import check_workspace
from compengine.actions.shipped import shipped

PLACES = {"samples": shipped("plans"), "starter": STARTER}


@pytest.mark.parametrize("name", PLACES)
def test_shipped_plans_check(name: str) -> None:
    checked = check_workspace(open_workspace(PLACES[name]))
    assert checked.diagnostics == ()
    assert checked.program is not None


@pytest.mark.parametrize("name", PLACES)
def test_shipped_cases_pass(name: str) -> None:
    results = run_cases(open_workspace(PLACES[name]))
    assert all(result.figures > 0 for result in results)
    assert [d for result in results for d in result.diagnostics] == []


@pytest.mark.parametrize("name", PLACES)
def test_every_shipped_plan_has_a_case(name: str) -> None:
    root: Path = PLACES[name]
    plans = {p.parent for p in root.rglob("plan.yaml")}
    assert plans == {p.parents[1] for p in root.rglob("cases/*.yaml")}
