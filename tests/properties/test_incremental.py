"""Calculating only what changed gives what calculating everything gives, digest for digest."""

import pytest

from compengine.inputs.schema import Workspace
from properties.incremental import again, told
from properties.planted import Fault, planted
from properties.planted_incremental import INCREMENTAL_FAULTS
from properties.seeds import blocks, place
from properties.worlds import the_workspace

PARTS, SOME = 40, 12
"""Of so many cases, in at least so many some payees are computed and some taken over."""


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return the_workspace()


@pytest.mark.parametrize("block", blocks(), ids=place)
def test_an_incremental_calculation_is_a_whole_one(workspace: Workspace, block: range) -> None:
    for seed in block:
        case = again(workspace, seed)
        found = told(case) if case is not None else None
        if case is not None and found is not None:
            assert not found.differing, f"COMPENGINE_SEED={seed} COMPENGINE_EXAMPLES=1, {case.changed}"


def test_cases_take_some_payees_over_and_compute_some(workspace: Workspace) -> None:
    both = 0
    for seed in range(PARTS):
        case = again(workspace, seed)
        found = told(case) if case is not None else None
        both += found is not None and found.taken > 0 and found.computed > 0
    assert both >= SOME


@pytest.mark.parametrize("fault", INCREMENTAL_FAULTS, ids=lambda fault: fault.name)
def test_a_coupling_that_is_left_out_is_found(workspace: Workspace, fault: Fault) -> None:
    case = again(workspace, fault.seed)
    assert case is not None
    sound = told(case)
    assert sound is not None and not sound.differing
    with planted(fault):
        wrong = told(case)
    assert wrong is not None and wrong.differing
