"""Adjustments and holds over closed months: both engines agree, each is paid once, holds change no more than days."""

import pytest

from properties.by_hand import wrong
from properties.planted import Fault, planted
from properties.planted_by_hand import FAULTS
from properties.worlds import the_workspace, world

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_adjusted_and_held_months_hold(seed: int) -> None:
    found = wrong(world(the_workspace(), seed))
    assert not found, f"seed {seed}\n" + "\n".join(found[:6])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(fault: Fault) -> None:
    made = world(the_workspace(), fault.seed)
    with planted(fault):
        assert wrong(made)
