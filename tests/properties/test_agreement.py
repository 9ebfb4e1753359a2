"""The two engines agree to the last digit, on plans and companies nobody wrote by hand."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compengine.inputs.schema import Workspace
from properties.agreement import differences
from properties.generated import generated, the_workspace
from properties.planted import FAULTS, Fault, planted

EXAMPLES = int(os.environ.get("COMPENGINE_EXAMPLES", "50"))
"""`make fuzz` raises it."""


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    return the_workspace()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_engine_and_oracle_agree_to_the_last_digit(workspace: Workspace, seed: int) -> None:
    made = generated(workspace, seed)
    found = differences(made.program, made.snapshot, made.period, made.opening)
    assert not found, f"seed {seed}\n" + "\n".join(found[:6])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_planted_in_the_engine_is_found(workspace: Workspace, fault: Fault) -> None:
    made = generated(workspace, fault.seed)
    assert not differences(made.program, made.snapshot, made.period, made.opening)
    with planted(fault):
        try:
            found = differences(made.program, made.snapshot, made.period, made.opening)
        except AssertionError as error:  # the engine's own checks may be first
            found = [str(error)]
    assert found
