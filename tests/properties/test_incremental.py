"""Calculating only what changed gives what calculating everything gives, digest for digest."""

import pytest

from compengine.inputs.schema import Workspace
from properties.incremental import Again, again, told
from properties.planted import Fault, planted
from properties.planted_incremental import INCREMENTAL_FAULTS
from properties.planted_incremental_cases import CASES, Shown, case
from properties.seeds import blocks, place
from properties.worlds import the_workspace

PARTS, SOME = 20, 6
"""Of so many cases, in at least so many some payees are computed and some taken over."""


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return the_workspace()


@pytest.mark.parametrize("block", blocks(), ids=place)
def test_an_incremental_calculation_is_a_whole_one(workspace: Workspace, block: range) -> None:
    for seed in block:
        made = again(workspace, seed)
        found = told(made) if made is not None else None
        if made is not None and found is not None:
            assert not found.differing, f"COMPENGINE_SEED={seed} COMPENGINE_EXAMPLES=1, {made.changed}"


def test_cases_take_some_payees_over_and_compute_some(workspace: Workspace) -> None:
    both = 0
    for seed in range(PARTS):
        made = again(workspace, seed)
        found = told(made) if made is not None else None
        both += found is not None and found.taken > 0 and found.computed > 0
    assert both >= SOME


@pytest.mark.parametrize("fault", INCREMENTAL_FAULTS, ids=lambda fault: fault.name)
def test_a_coupling_that_is_left_out_is_found(workspace: Workspace, fault: Fault) -> None:
    made = again(workspace, fault.seed)
    assert made is not None
    found_by(made, fault)


@pytest.mark.parametrize("shown", CASES, ids=lambda shown: shown.fault.name)
def test_a_coupling_that_is_left_out_is_found_by_the_case_made_for_it(workspace: Workspace, shown: Shown) -> None:
    found_by(case(workspace, shown), shown.fault)


def found_by(made: Again, fault: Fault) -> None:
    sound = told(made)
    assert sound is not None and not sound.differing
    with planted(fault):
        wrong = told(made)
    assert wrong is not None and wrong.differing
