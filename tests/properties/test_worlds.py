"""Generated worlds, closed period by period: both engines agree, nothing is lost, and posting again posts nothing."""

import pytest

from compengine.inputs.schema import Workspace
from properties.closings import in_any_order, wrong
from properties.language import required, used
from properties.planted import Fault, planted
from properties.planted_worlds import WORLD_FAULTS
from properties.seeds import blocks, place
from properties.worlds import the_workspace, world

PLANS, AT_LEAST = 150, 2
"""Of so many generated programs, so many use each part of the language."""


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return the_workspace()


@pytest.mark.parametrize("block", blocks(), ids=place)
def test_a_world_closes_without_a_difference_or_a_loss(workspace: Workspace, block: range) -> None:
    for seed in block:
        found = wrong(world(workspace, seed))
        assert not found, f"COMPENGINE_SEED={seed} COMPENGINE_EXAMPLES=1\n" + "\n".join(found[:6])


@pytest.mark.parametrize("block", blocks(), ids=place)
def test_rows_in_any_order_and_in_parts_are_the_same_run(workspace: Workspace, block: range) -> None:
    seed = block[0]
    found = in_any_order(world(workspace, seed))
    assert not found, f"COMPENGINE_SEED={seed} COMPENGINE_EXAMPLES=1\n" + "\n".join(found[:6])


@pytest.mark.parametrize("fault", WORLD_FAULTS, ids=lambda fault: fault.name)
def test_a_fault_planted_in_engine_or_posting_is_found(workspace: Workspace, fault: Fault) -> None:
    made = world(workspace, fault.seed)
    assert wrong(made, closings=2) == []
    with planted(fault):
        try:
            found = wrong(made, closings=2)
        except AssertionError as error:  # checks of the program itself may be first
            found = [str(error)]
    assert found


def test_generated_plans_use_every_part_of_the_language(workspace: Workspace) -> None:
    times = dict.fromkeys(required(workspace), 0)
    for seed in range(PLANS):
        made = world(workspace, seed)
        for part in used(made.program, made.texts):
            times[part] = times.get(part, 0) + 1
    assert [f"{part}: {n}" for part, n in sorted(times.items()) if part in required(workspace) and n < AT_LEAST] == []
