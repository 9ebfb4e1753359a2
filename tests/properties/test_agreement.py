"""The two engines agree to the last digit, on plans and companies nobody wrote by hand."""

import os
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compengine.inputs.given import from_rows
from compengine.inputs.schema import Workspace
from compengine.inputs.workspace import read_workspace
from compengine.plan.check import check
from compengine.source.render import render
from compengine.source.text import Text
from compengine.values.exact import exact
from compengine.values.rows import Balance
from properties.agreement import differences
from properties.companies import company
from properties.generated_plans import plan

EXAMPLES = int(os.environ.get("COMPENGINE_EXAMPLES", "60"))


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    path = Path(__file__).parent / "workspace.yaml"
    return read_workspace(Text("workspace.yaml", path.read_text(encoding="utf-8")))


def balances(random: Random) -> tuple[Balance, ...]:
    """What may stood before the period: debts, waiting sums, and what was released."""
    found = []
    for payee in ("p0", "p1", "p2", "p9"):
        for account, sign in (("owed", -1), ("carried", -1), ("waiting", 1), ("released", 1)):
            if random.random() < 0.4:
                amount = exact(sign * random.randint(0, 90_000)) / 100
                found.append(Balance(payee, "generated", account, "USD", exact(amount)))
    return tuple(found)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_engine_and_oracle_agree_to_the_last_digit(workspace: Workspace, seed: int) -> None:
    random = Random(seed)
    text = Text("generated.yaml", plan(random))
    program, diagnostics = check([text], workspace)
    if program is None:  # some combinations contradict themselves, and the checker says so
        assert {d.code for d in diagnostics} == {"E307"}, "\n".join(render(d, {text.path: text}) for d in diagnostics)
        return
    snapshot = from_rows(workspace, company(random))
    period = program.plans[0].calendar.window("period", random.choice((date(2026, 3, 31), date(2026, 5, 15))))
    found = differences(program, snapshot, period, balances(random))
    assert not found, f"seed {seed}\n" + "\n".join(found[:6])
